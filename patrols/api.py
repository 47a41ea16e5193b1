"""The API of reports and categories under /api/v1/."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.idempotency import answer_once
from grids.models import Category, Organisation, Person, Team
from grids.models.people import Role
from grids.problems import BadInput, NotAllowed, NotFound
from grids.scope import scope_of
from patrols.candidates import candidates
from patrols.filing import file_report
from patrols.filters import read_cursor, read_filter, write_cursor
from patrols.history import Holder
from patrols.inputs import ReportInput, TransitionInput, draft_of
from patrols.models import Report
from patrols.presentation import category_json, report_detail_json, report_json
from patrols.transitions import Move, transition

PAGE = 50
LARGEST_PAGE = 200


def once(request: Request, work: Callable[[], tuple[int, dict[str, Any]]]) -> HttpResponse:
    """Answer a POST, giving the stored answer again when its Idempotency-Key was used already."""
    assert isinstance(request.user, Person)
    tied_to = f"{request.method} {request.path}\n".encode() + request.body

    def render() -> tuple[int, bytes]:
        status, data = work()
        return status, JSONRenderer().render(data)

    status, body = answer_once(request.user, request.headers.get("Idempotency-Key", ""), tied_to, render)
    return HttpResponse(body, status=status, content_type="application/json")


def read(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Validate a body; raises ValidationError, which becomes one sentence a field."""
    # The body is read here, under Django's size limit, before the parser streams it.
    _size_checked = request.body
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    data: dict[str, Any] = checked.validated_data
    return data


class CategoryList(APIView):
    """The categories of the present edition of the catalogue."""

    def get(self, request: Request) -> Response:
        """List them in the catalogue's order."""
        return Response({"results": [category_json(row) for row in Category.objects.filter(active=True)]})


class ReportList(APIView):
    """Reports within the caller's scope, newest first, and filing one."""

    def get(self, request: Request) -> Response:
        """Return a page by key."""
        query = request.query_params.dict()
        wanted = read_filter(query, ignore=("cursor", "limit"))
        size = _size(query.get("limit", ""))
        cursor = read_cursor(query.get("cursor", ""))
        reports = Report.objects.for_list()
        rows = list(reports.newest_visible(scope_of(request.user), wanted.apply, cursor, size))
        now = timezone.now()
        following = None
        if len(rows) > size:
            last = rows[size - 1]
            query["cursor"] = write_cursor(last.recorded_at, last.pk)
            following = request.build_absolute_uri("?" + urlencode(query))
        return Response({"results": [report_json(row, now) for row in rows[:size]], "next": following})

    def post(self, request: Request) -> HttpResponse:
        """File a report."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            report = file_report(draft_of(read(ReportInput, request)), scope)
            return 201, report_detail_json(report, scope, timezone.now())

        return once(request, work)


class ReportDetail(APIView):
    """One report with its history and the verbs the caller may use."""

    def get(self, request: Request, identity: UUID) -> Response:
        """Return it."""
        scope = scope_of(request.user)
        return Response(report_detail_json(find(request, identity), scope, timezone.now()))


class ReportTransitions(APIView):
    """Moving a report by the state table."""

    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Use a verb."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(TransitionInput, request)
            move = Move(
                expected=data.get("expected", ""),
                reason=data.get("reason", ""),
                holder=_holder(data),
                until=data.get("until"),
                original=data.get("original"),
            )
            report = transition(identity, data["verb"], scope, move)
            return 200, report_detail_json(report, scope, timezone.now())

        return once(request, work)


class ReportCandidates(APIView):
    """Who could be sent to a report."""

    def get(self, request: Request, identity: UUID) -> Response:
        """Return them best first, each with the reason: whom to send is the region's dispatchers' business."""
        report = find(request, identity)
        if not scope_of(request.user).reaches(Role.DISPATCHER, report.region_code):
            raise NotAllowed(_("Who could go is for the dispatchers of the region."))
        return Response(candidates(report))


def find(request: Request, identity: UUID) -> Report:
    """Return a report within the caller's scope; raises NotFound."""
    report = Report.objects.visible_to(scope_of(request.user)).for_list().filter(pk=identity).first()
    if report is None:
        raise NotFound(_("There is no such report here."))
    return report


def _holder(data: dict[str, Any]) -> Holder | None:
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


def _size(text: str) -> int:
    if not text:
        return PAGE
    if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= LARGEST_PAGE:
        raise BadInput(_("limit must be a whole number from 1 to %(most)d.") % {"most": LARGEST_PAGE})
    return int(text)


urlpatterns = [
    path("categories", CategoryList.as_view(), name="api-categories"),
    path("reports", ReportList.as_view(), name="api-reports"),
    path("reports/<uuid:identity>", ReportDetail.as_view(), name="api-report"),
    path("reports/<uuid:identity>/transitions", ReportTransitions.as_view(), name="api-report-transitions"),
    path("reports/<uuid:identity>/candidates", ReportCandidates.as_view(), name="api-report-candidates"),
]
