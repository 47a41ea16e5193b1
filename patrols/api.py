"""The API of reports and categories under /api/v1/."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.holders import Holder
from grids.models import Category, Organisation, Person, Team
from grids.models.people import Role
from grids.paging import next_address
from grids.problems import BadInput, NotAllowed, NotFound
from grids.rest import ListView, Query, once, one_of, read, read_query
from grids.scope import scope_of
from patrols.candidates import candidates
from patrols.filing import file_report
from patrols.filters import newest_page, read_cursor, read_filter, write_cursor
from patrols.inputs import ReportInput, TransitionInput, draft_of
from patrols.models import Report
from patrols.photos.showing import photo_json, photos_of
from patrols.presentation import category_json, event_json, history_of, report_detail_json, report_json
from patrols.shapes import (
    CandidatesShape,
    CategoriesShape,
    CategoryShape,
    EventsShape,
    ReportDetailShape,
    ReportQuery,
    ReportRowShape,
)
from patrols.transitions import Move, transition


class CategoryList(APIView):
    """The categories of the present edition of the catalogue."""

    @extend_schema(operation_id="categories_list", responses=CategoriesShape)
    def get(self, request: Request) -> Response:
        """List them all in the catalogue's order."""
        return Response({"results": [category_json(row) for row in Category.objects.filter(active=True)], "next": None})


class CategoryDetail(APIView):
    """One category in use."""

    @extend_schema(responses=CategoryShape)
    def get(self, request: Request, code: str) -> Response:
        """Return it by its code."""
        return Response(category_json(one_of(Category.objects.filter(active=True), code=code)))


class ReportList(ListView):
    """Reports within the caller's scope, newest first, and filing one."""

    query = ReportQuery
    shape = ReportRowShape

    def get(self, request: Request) -> Response:
        """Return a page of reports."""
        query = request.query_params.dict()
        wanted = read_filter(query, ignore=("cursor", "limit"))
        asked = read_query(Query, {name: query[name] for name in ("cursor", "limit") if name in query})
        cursor, size = read_cursor(asked["cursor"]), asked["limit"]
        scope, reports = scope_of(request.user), Report.objects.for_list()
        rows = list(newest_page(wanted, reports, scope, cursor, size))
        now, last = timezone.now(), rows[size - 1] if len(rows) > size else None
        following = write_cursor(last.recorded_at, last.pk) if last else ""
        photos = photos_of(rows[:size])
        results = [
            {**report_json(row, now), "photos": [photo_json(photo) for photo in photos[row.pk]]} for row in rows[:size]
        ]
        return Response({"results": results, "next": next_address(request._request, following)})

    @extend_schema(request=ReportInput, responses={201: ReportDetailShape})
    def post(self, request: Request) -> HttpResponse:
        """File a report.

        The place is `lon` and `lat`, or a `geometry` of GeoJSON, in the coordinates named by `crs`. An `id` of the
        client's own makes filing safe to repeat as well as an Idempotency-Key does: the same id again is 409.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            report = file_report(draft_of(read(ReportInput, request)), scope)
            return 201, report_detail_json(report, scope, timezone.now())

        return once(request, work)


class ReportDetail(APIView):
    """One report with its history and the verbs the caller may use."""

    @extend_schema(responses=ReportDetailShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return it."""
        scope = scope_of(request.user)
        return Response(report_detail_json(find(request, identity), scope, timezone.now()))


class ReportEvents(APIView):
    """The history of a report."""

    @extend_schema(responses=EventsShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return all events, oldest first."""
        return Response({"results": [event_json(event) for event in history_of(find(request, identity))], "next": None})


class ReportTransitions(APIView):
    """Moving a report by the state table."""

    @extend_schema(request=TransitionInput, responses={200: ReportDetailShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Use a verb.

        `expected` is the state that the caller saw: the report is left alone (409) when it moved meanwhile.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(TransitionInput, request)
            move = Move(
                expected=data.get("expected", ""),
                reason=data.get("reason", ""),
                holder=holder_given(data),
                until=data.get("until"),
                original=data.get("original"),
                by_hand=data["by_hand"],
            )
            report = transition(identity, data["verb"], scope, move)
            return 200, report_detail_json(report, scope, timezone.now())

        return once(request, work)


class ReportCandidates(APIView):
    """Who could be sent to a report."""

    @extend_schema(responses=CandidatesShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return them best first, each with the reason.

        Whom to send is the region's dispatchers' business.
        """
        report = find(request, identity)
        scope = scope_of(request.user)
        if not scope.reaches(Role.DISPATCHER, report.region_code):
            raise NotAllowed(_("Who could go is for the dispatchers of the region."))
        return Response(candidates(report, scope))


def find(request: Request, identity: UUID) -> Report:
    """Return a report within the caller's scope; raises NotFound."""
    report = Report.objects.visible_to(scope_of(request.user)).for_list().filter(pk=identity).first()
    if report is None:
        raise NotFound(_("There is no such report here."))
    return report


def holder_given(data: dict[str, Any]) -> Holder | None:
    """Return the person, team or body named by its id; raises BadInput for two of them, NotFound for none there."""
    kinds: dict[str, type[Person] | type[Team] | type[Organisation]] = {
        "person": Person,
        "team": Team,
        "organisation": Organisation,
    }
    given = [(kinds[name], data[name]) for name in kinds if data.get(name) is not None]
    if len(given) > 1:
        raise BadInput(_("Name one: a person, a team or a body."))
    for model, identity in given:
        holder: Holder | None = model._default_manager.filter(pk=identity).first()
        if holder is None:
            raise NotFound(_("There is nobody with that id here."))
        return holder
    return None


urlpatterns = [
    path("categories", CategoryList.as_view(), name="api-categories"),
    path("categories/<slug:code>", CategoryDetail.as_view(), name="api-category"),
    path("reports", ReportList.as_view(), name="api-reports"),
    path("reports/<uuid:identity>", ReportDetail.as_view(), name="api-report"),
    path("reports/<uuid:identity>/events", ReportEvents.as_view(), name="api-report-events"),
    path("reports/<uuid:identity>/transitions", ReportTransitions.as_view(), name="api-report-transitions"),
    path("reports/<uuid:identity>/candidates", ReportCandidates.as_view(), name="api-report-candidates"),
]
