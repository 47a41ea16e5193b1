"""Everything about me as a file: asking for it, following its job, fetching it; by page and by API."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from grids.endpoints.jobs import JobShape
from grids.models import Job, Person
from grids.rest import once
from maps.pages.asking import by_page
from maps.pages.jobs import row
from maps.pages.me import person_of
from maps.privacy import own_export

SHOWN = 3


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
@by_page
def export(request: HttpRequest) -> HttpResponse:
    """Show what the file holds and the last ones; a POST starts making one.

    Whoever finds a browser open cannot make one: they are asked again who they are.
    """
    person, now = person_of(request), timezone.now()
    if request.method == "POST":
        own_export.start(person)
        return HttpResponseRedirect(reverse("me-export"))
    made = Job.objects.filter(person=person, kind=own_export.KIND).order_by("-pk")[:SHOWN]
    rows = [row(job, now) for job in made]
    for shown in rows:
        if shown["url"] and not own_export.path_of(shown["id"]).exists():
            shown.update(url="", summary=_("The file was removed after 24 hours."))
    context = {"rows": rows, "under_way": any(not shown["over"] for shown in rows)}
    return render(request, "maps/me/export.html", context)


@require_safe
@login_required
@never_cache
def fetch(request: HttpRequest, identity: UUID) -> HttpResponseBase:
    """Answer with the file of one's own job; after a day there is none."""
    job = get_object_or_404(Job, pk=identity, person=person_of(request), kind=own_export.KIND)
    try:
        stream = own_export.path_of(job.pk).open("rb")
    except FileNotFoundError as error:
        raise Http404(_("The file was removed after 24 hours: make another.")) from error
    name = f"gridwarden-{timezone.localtime(job.created_at):%Y-%m-%d}.zip"
    return FileResponse(stream, content_type="application/zip", as_attachment=True, filename=name)


class MyExport(APIView):
    """Everything about oneself as a file."""

    @extend_schema(request=None, responses={201: JobShape})
    def post(self, request: Request) -> HttpResponse:
        """Start making it; the job's `url` is where to fetch it, signed in, for 24 hours."""
        person = request.user
        assert isinstance(person, Person)

        def work() -> tuple[int, dict[str, Any]]:
            return 201, dict(JobShape(own_export.start(person)).data)

        return once(request, work)


api_urlpatterns = [path("me/export", MyExport.as_view(), name="api-me-export")]
