"""The list of reports as a file: asking for it, following its job, fetching it; by page and by API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from grids.endpoints.jobs import JobShape
from grids.models import Job, Person
from grids.paging import Order
from grids.problems import NotFound
from grids.rest import Input, ListView, once, read
from grids.scope import Scope, scope_of
from maps.exports import layers, report_table
from maps.pages.asking import by_page
from maps.pages.jobs import row
from maps.pages.me import person_of
from patrols.filters import ALLOWED

SHOWN = 5
NAMES = {"csv": "CSV", "xlsx": "XLSX", "geojson": "GeoJSON", "gpkg": "GeoPackage"}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def export(request: HttpRequest) -> HttpResponse:
    """Show the last files and how far they are; a POST with a form and the list's filters begins one."""
    person, now = person_of(request), timezone.now()
    if request.method == "POST":
        filters = {name: request.POST.get(name, "") for name in ALLOWED}
        layer = request.POST.get("layer", layers.REPORTS)
        job = report_table.start(person, request.POST.get("form", ""), filters, layer)
        return HttpResponseRedirect(f"{reverse('report-export')}#job-{job.pk}")
    rows = [_row(job, now) for job in own(scope_of(person)).order_by("-pk")[:SHOWN]]
    others = [one for name, one in layers.LAYERS.items() if name != layers.REPORTS]
    return render(request, "maps/report_export.html", {"rows": rows, "others": others})


@require_safe
@login_required
@never_cache
@by_page
def fetch(request: HttpRequest, identity: UUID) -> HttpResponseBase:
    """Answer with the file of one's own job; after a day, or when one sees something else by now, there is none."""
    return _file(own(scope_of(request.user)), identity)


def own(scope: Scope) -> QuerySet[Job]:
    """Return the exports that somebody began: nobody sees another's."""
    return Job.objects.filter(person=scope.person_id, kind=report_table.KIND)


def _row(job: Job, now: datetime) -> dict[str, Any]:
    title = layers.LAYERS[report_table.layer_of(job)].title
    shown = {**row(job, now), "form": f"{title} · {NAMES[job.parameters['form']]}"}
    if shown["url"] and not report_table.path_of(job).exists():
        shown.update(url="", summary=_("The file was removed after 24 hours."))
    return shown


def _file(jobs: QuerySet[Job], identity: UUID) -> FileResponse:
    job = jobs.select_related("person").filter(pk=identity).first()
    if job is None:
        raise NotFound(_("There is no such thing here."))
    if job.result and not report_table.may_fetch(job):
        raise NotFound(_("What you may see has changed since this file was made: make another."))
    try:
        stream = report_table.path_of(job).open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("There is no such file, or no longer: it is kept for 24 hours.")) from error
    form = job.parameters["form"]
    layer = report_table.layer_of(job).replace("_", "-")
    name = f"{layer}-{timezone.localtime(job.created_at):%Y-%m-%d-%H%M}.{form}"
    response = FileResponse(stream, content_type=TYPES[form], as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


class FiltersInput(serializers.Serializer[Any]):
    """The filters of the list of reports, as in its address."""

    state = serializers.CharField(required=False, max_length=200, help_text="One or more states by comma, or `open`.")
    category = serializers.CharField(required=False, max_length=40)
    grid = serializers.CharField(required=False, max_length=15)
    late = serializers.CharField(
        required=False, max_length=5, help_text="1: only what is past its time; risk: what soon will be."
    )
    recurrent = serializers.CharField(required=False, max_length=5, help_text="1: only what is back at its place.")
    source = serializers.CharField(required=False, max_length=10)  # type: ignore[assignment]
    kind = serializers.CharField(required=False, max_length=10)
    since = serializers.CharField(required=False, max_length=40)
    until = serializers.CharField(required=False, max_length=40)
    bbox = serializers.CharField(required=False, max_length=100, help_text="west,south,east,north in degrees.")
    q = serializers.CharField(required=False, max_length=60)


class ExportInput(Input):
    """Which file is wanted."""

    form = serializers.ChoiceField(report_table.FORMS)
    layer = serializers.ChoiceField(list(layers.LAYERS), default=layers.REPORTS)
    filters = FiltersInput(required=False, help_text="The same as of GET /reports; for reports only.")


class ExportList(ListView):
    """Files of reports and layers that one asked for, newest first."""

    shape = JobShape
    order = Order((("pk", UUID),), newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Job]:
        """Return them."""
        return own(scope)

    @extend_schema(request=ExportInput, responses={201: JobShape})
    def post(self, request: Request) -> HttpResponse:
        """Begin writing what one may see of a layer as CSV, XLSX, GeoJSON or GeoPackage.

        Follow the job under /jobs; when it is done the file is under /exports/{id}/file for 24 hours.
        """
        person = request.user
        assert isinstance(person, Person)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(ExportInput, request)
            return 201, dict(JobShape(_started(person, data)).data)

        return once(request, work)


def _started(person: Person, data: dict[str, Any]) -> Job:
    return report_table.start(person, data["form"], data.get("filters", {}), data["layer"])


class ExportFile(APIView):
    """The file of an export."""

    @extend_schema(
        responses={
            (200, TYPES["xlsx"]): OpenApiTypes.BINARY,
            (200, TYPES["gpkg"]): OpenApiTypes.BINARY,
            (200, TYPES["geojson"]): OpenApiTypes.OBJECT,
            (200, "text/csv"): OpenApiTypes.STR,
        }
    )
    def get(self, request: Request, identity: UUID) -> FileResponse:
        """Return it; 404 before the job is done, after 24 hours, and when one may see something else by now."""
        return _file(own(scope_of(request.user)), identity)


api_urlpatterns = [
    path("exports", ExportList.as_view(), name="api-exports"),
    path("exports/<uuid:identity>/file", ExportFile.as_view(), name="api-export-file"),
]
urlpatterns: list[URLPattern] = [
    path("reports/export/", export, name="report-export"),
    path("reports/export/<uuid:identity>/", fetch, name="report-export-file"),
]
