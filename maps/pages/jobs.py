"""My jobs (我的任务进度): what I started, how far it is, what came of it; and a job as other pages embed it."""

import contextlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from grids import jobs
from grids.endpoints.jobs import own
from grids.models import Job
from grids.models.platform import JobState
from grids.problems import Conflict
from grids.scope import scope_of
from maps.pages.wording import moment

PAGE_SIZE = 30
TONES = {JobState.DONE: "ok", JobState.FAILED: "bad"}


@require_safe
@login_required
@never_cache
def job_list(request: HttpRequest) -> HttpResponse:
    """Show a page of one's own jobs, newest first."""
    now = timezone.now()
    page = list(_before(request).order_by("-pk")[: PAGE_SIZE + 1])
    context = {
        "rows": [row(job, now) for job in page[:PAGE_SIZE]],
        "older": f"{reverse('jobs')}?before={page[PAGE_SIZE - 1].pk}" if len(page) > PAGE_SIZE else "",
        "newest": reverse("jobs") if request.GET.get("before") else "",
    }
    return render(request, "maps/jobs.html", context)


@require_POST
@login_required
def cancel(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Stop a job for a browser without scripts; what is over meanwhile is simply shown."""
    job = get_object_or_404(own(scope_of(request.user)), pk=identity)
    with contextlib.suppress(Conflict):
        jobs.cancel(job)
    return HttpResponseRedirect(f"{reverse('jobs')}#job-{job.pk}")


def row(job: Job, now: datetime) -> dict[str, Any]:
    """Return what `maps/_job.html` shows of a job; other pages embed it with `{% include "maps/_job.html" %}`.

    The page brings `maps/css/components/job.css` and follows the job with `follow` of `maps/js/ui/job.js`.
    """
    return {
        "id": job.pk,
        "title": jobs.title_of(job.kind),
        "state": job.state,
        "state_label": JobState(job.state).label,
        "tone": TONES.get(JobState(job.state), "soft"),
        "over": job.over,
        # A progress without a value says that it is not known, which is so while a job waits.
        "percent": round(job.share * 100) if job.state == JobState.RUNNING else None,
        "step": job.step if job.state == JobState.RUNNING else "",
        "cancel_asked": job.cancel_asked and not job.over,
        "summary": jobs.summary_of(job),
        "url": jobs.url_of(job),
        "error": job.error,
        "when": moment(job.created_at, now),
        "exactly": timezone.localtime(job.created_at).isoformat(timespec="seconds"),
        "address": reverse("api-job", args=[job.pk]),
    }


def _before(request: HttpRequest) -> Any:
    mine, before = own(scope_of(request.user)), request.GET.get("before")
    if not before:
        return mine
    try:
        return mine.filter(pk__lt=UUID(before))
    except ValueError as error:
        raise Http404(_("There is no such page of jobs.")) from error


urlpatterns: list[URLPattern] = [
    path("jobs/", job_list, name="jobs"),
    path("jobs/<uuid:identity>/cancel/", cancel, name="job-cancel"),
]
