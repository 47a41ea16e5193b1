"""The end of bringing in a list: what it would do, how far it is, what became of it, and back."""

import json
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.lists import committing, undoing
from grids.lists.assessing import assess
from grids.lists.kinds import PLACED
from grids.models import ListImport
from grids.models.lists import ListKind, ListState, RowState
from grids.problems import Problem
from grids.responsibility import vacant
from grids.scope import scope_of
from maps.pages import jobs as job_pages
from maps.pages.import_access import own
from maps.pages.import_columns import MOST_POINTS
from maps.pages.import_steps import frame


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def finish(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show what bringing the list in would do, and do it; then how far it is and what became of it."""
    listed = own(request, identity)
    problem, status = "", 200
    if request.method == "POST":
        try:
            committing.start(
                listed,
                leave_out=bool(request.POST.get("leave_out")),
                end_gone=bool(request.POST.get("end_gone")),
                confirmed=_confirmed(request),
            )
            return HttpResponseRedirect(reverse("import-finish", args=[listed.pk]))
        except Problem as caught:
            problem, status = str(caught.sentence), caught.status
    if listed.state == ListState.OPEN:
        assess(listed)
    counts = listed.result or {}
    job = listed.job
    context = {
        **frame(listed, "finish"),
        "problem": problem or (job.error if job and listed.state == ListState.OPEN else ""),
        "not_ready": counts.get(RowState.PROBLEM, 0) + counts.get(RowState.UNPLACED, 0),
        "confirmed": json.dumps(counts),
        "job": job_pages.row(job, timezone.now()) if job and listed.state == ListState.WRITING else None,
        "is_done": listed.state == ListState.DONE,
        "is_undone": listed.state == ListState.UNDONE,
        "summary": committing.summary(counts) if listed.state == ListState.DONE else "",
        "can_undo": undoing.can_be_taken_back(listed),
        "will_undo": listed.kind in PLACED,
    }
    if listed.state == ListState.DONE and listed.kind in PLACED:
        context["unowned"] = _unowned(request, listed)
        context["page"] = {
            "bounds": list(listed.region.geom.extent),
            "points": reverse("import-brought", args=[listed.pk]),
        }
    return render(request, "maps/imports/finish.html", context, status=status)


def _unowned(request: HttpRequest, listed: ListImport) -> int:
    """Return how many of the checkpoints of a list have no owner."""
    if listed.kind != ListKind.CHECKPOINTS:
        return 0
    return vacant(scope_of(request.user), "checkpoint").filter(pk__in=undoing.things_of(listed).values("pk")).count()


@require_safe
@login_required
@never_cache
def brought(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Return where the things are that a list brought in, to be looked at on the map."""
    listed = own(request, identity)
    if listed.kind not in PLACED:
        raise Http404
    rows = undoing.things_of(listed).order_by("pk").values_list("pk", "name", "geom")[:MOST_POINTS]
    centres = [(identity_, name, geom.centroid) for identity_, name, geom in rows]
    found = [{"id": one, "name": name, "lon": at.x, "lat": at.y} for one, name, at in centres]
    return JsonResponse({"points": found}, json_dumps_params={"ensure_ascii": False})


def _confirmed(request: HttpRequest) -> dict[str, int]:
    try:
        counts = json.loads(request.POST.get("confirmed", "")[:1000])
    except (ValueError, RecursionError):
        return {}
    return counts if isinstance(counts, dict) else {}


@require_POST
@login_required
def undo(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Take a list back."""
    listed = own(request, identity)
    try:
        count = undoing.take_back(listed)
        messages.success(request, _("Taken back: %(count)s things are as they were.") % {"count": count})
    except Problem as problem:
        messages.error(request, str(problem.sentence))
    return HttpResponseRedirect(reverse("import-finish", args=[listed.pk]))


urlpatterns: list[URLPattern] = [
    path("imports/<uuid:identity>/finish/", finish, name="import-finish"),
    path("imports/<uuid:identity>/brought.json", brought, name="import-brought"),
    path("imports/<uuid:identity>/undo/", undo, name="import-undo"),
]
