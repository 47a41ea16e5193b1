"""The API of what may be the same report: looking it up before filing, and following instead of filing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids import geometry_guard, shifts
from grids.models.people import Role
from grids.problems import NotAllowed
from grids.rest import ANY_ID, once, read, read_query
from grids.scope import Scope, scope_of
from patrols.api import find
from patrols.duplicates import Found, category_of, handle_of, similar
from patrols.following import follow
from patrols.inputs import CRS, ReportInput, draft_of
from patrols.models import Follower, Report
from patrols.presentation import category_json, report_detail_json
from patrols.shapes import FollowedShape, SimilarListShape

WIDELY = 4  # so many times as far and as long a dispatcher looks for the original


class SimilarQuery(serializers.Serializer[Any]):
    """What is about to be filed."""

    category = serializers.CharField(max_length=5)
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    crs = serializers.ChoiceField(CRS, default="wgs84")
    stairwell = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False)


class FollowInput(ReportInput):
    """A report that would be filed, and the handle of the one that it is."""

    handle = serializers.CharField(max_length=500)


class SimilarReports(APIView):
    """Open reports near a place that may be the same."""

    @extend_schema(
        parameters=[
            OpenApiParameter("category", str, required=True),
            OpenApiParameter("lon", float, required=True),
            OpenApiParameter("lat", float, required=True),
            OpenApiParameter("crs", str, enum=CRS),
            OpenApiParameter("stairwell", int, description="The stairwell's id: then the entrance decides."),
        ],
        responses=SimilarListShape,
    )
    def get(self, request: Request) -> Response:
        """List at most five of the category, the nearest first.

        Of a report that is not the caller's to see, category, age, class of distance and state are all there is.
        """
        scope, now = scope_of(request.user), timezone.now()
        if not scope.roles:
            raise NotAllowed(_("You have no role here at present."))
        asked = read_query(SimilarQuery, request.query_params.dict())
        point = geometry_guard.parse_point(asked["lon"], asked["lat"])
        anchor = geometry_guard.to_geos(shifts.geometry_to_wgs84(point, asked["crs"]))
        assert isinstance(anchor, Point)
        found = similar(category_of(asked["category"]), anchor, asked.get("stairwell"), now)
        return Response({"results": similar_json(found, scope, now)})


class LikelyOriginals(APIView):
    """The reports that a report may repeat."""

    @extend_schema(operation_id="reports_originals_list", responses=SimilarListShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """List those of the category farther around and longer ago than where reports are filed, the nearest first.

        For the region's dispatchers.
        """
        scope, now = scope_of(request.user), timezone.now()
        report = find(request, identity)
        if not scope.reaches(Role.DISPATCHER, report.region_code):
            raise NotAllowed(_("Putting reports together is for the dispatchers of the region."))
        found = similar(
            report.category,
            report.anchor,
            report.stairwell_id,
            now,
            reports=Report.objects.visible_to(scope),
            besides=report.pk,
            widely=WIDELY,
        )
        return Response({"results": similar_json(found, scope, now)})


class FollowReport(APIView):
    """Following a report instead of filing another."""

    @extend_schema(request=FollowInput, responses={200: FollowedShape, 201: FollowedShape})
    def post(self, request: Request) -> HttpResponse:
        """Follow the report that a handle of the look-up stands for, with the draft's words.

        Give the whole draft: if that report is over by now, the draft is filed (201) as another case.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(FollowInput, request)
            done = follow(draft_of(data), data["handle"], scope)
            if isinstance(done, Follower):
                return 200, {"following": following_json(done), "report": None}
            return 201, {"following": None, "report": report_detail_json(done, scope, timezone.now())}

        return once(request, work)


def similar_json(found: list[Found], scope: Scope, now: datetime) -> list[dict[str, Any]]:
    """Return what somebody may know of reports: of those that are not theirs to see, category, age, distance and state.

    Two more queries say which they see and which they follow.
    """
    ids = [one.report.pk for one in found]
    if not ids:
        return []
    seen = set(Report.objects.visible_to(scope).filter(pk__in=ids).values_list("pk", flat=True))
    mine = set(Follower.objects.filter(person=scope.person, report__in=ids).values_list("report", flat=True))
    mine |= {one.report.pk for one in found if one.report.reporter_id == scope.person_id}
    return [_one_json(one, one.report.pk in seen, one.report.pk in mine, scope, now) for one in found]


def _one_json(one: Found, seen: bool, mine: bool, scope: Scope, now: datetime) -> dict[str, Any]:
    report = one.report
    return {
        "handle": handle_of(report, scope, now),
        "category": category_json(report.category),
        "state": report.state,
        "state_label": report.get_state_display(),
        "age_days": max(0, (now - report.recorded_at).days),
        "distance": one.closeness.value,
        "mine": mine,
        "report": {
            "id": str(report.pk),
            "number": report.number,
            "place": report.place,
            "description": report.description,
            "metres": round(one.metres),
            "reports": report.further + 1,
            "recorded_at": report.recorded_at.isoformat(),
        }
        if seen
        else None,
    }


def following_json(follower: Follower) -> dict[str, Any]:
    """Return what a follower may know of what they follow."""
    report = follower.report
    return {
        "id": str(follower.pk),
        "category": category_json(report.category),
        "state": report.state,
        "state_label": report.get_state_display(),
        "reports": report.further + 1,
        "since": follower.since.isoformat(),
    }


urlpatterns = [
    path("reports/similar", SimilarReports.as_view(), name="api-reports-similar"),
    path("reports/follow", FollowReport.as_view(), name="api-reports-follow"),
    path("reports/<uuid:identity>/similar", LikelyOriginals.as_view(), name="api-report-similar"),
]
