"""The API of patrol plans under /api/v1/patrol-plans."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.endpoints.fields import GeometryField, PlaceQuery, RegionField, chosen, outlined, placed
from grids.endpoints.zones import AreaInput, area_given
from grids.paging import Order, moment
from grids.rest import Input, ListView, once, one_of, read
from grids.scope import Scope, scope_of
from patrols import patrol_plans
from patrols.models import PatrolPlan
from patrols.patrol_plans import LONGEST_NAME, LONGEST_WHY, Draft
from patrols.plan_walks import DayState, Walks, walks_of

Shape = serializers.Serializer[Any]
RULE = "FREQ=WEEKLY;BYDAY=MO,TH or FREQ=MONTHLY;BYMONTHDAY=19, with INTERVAL=3 every quarter."


class PlanChangeInput(Input):
    """What of a plan can be another: its words, its last day, its hours."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    why = serializers.CharField(max_length=LONGEST_WHY)
    last_day = serializers.DateField(help_text="The last day, itself included.")
    starts = serializers.TimeField(required=False, allow_null=True, help_text="In the site's time zone.")
    ends = serializers.TimeField(required=False, allow_null=True)


class PlanInput(PlanChangeInput, AreaInput):
    """A plan, for an area given by cells or as an outline."""

    first_day = serializers.DateField()
    rule = serializers.CharField(max_length=80, help_text=RULE)


class PlanEndInput(Input):
    """The last day that a plan holds on, and why."""

    last_day = serializers.DateField(help_text="Yesterday at the earliest; before its first day it is withdrawn.")
    why = serializers.CharField(max_length=LONGEST_WHY)


class PlanQuery(PlaceQuery):
    """The filters of plans."""

    region = RegionField()
    on = serializers.DateField(required=False, help_text="What is in force on this day, whether or not it falls on it.")


class PatrolPlanShape(serializers.ModelSerializer[PatrolPlan]):
    """A plan of where is to be walked, when and why."""

    region = serializers.CharField(source="region.code", help_text="The smallest region that holds it.")
    geometry = GeometryField()

    class Meta:
        model = PatrolPlan
        fields = (
            "id", "name", "why", "region", "cells", "first_day", "last_day", "rule", "starts", "ends", "made_at",
            "changed_at", "ended_on", "ended_why", "geometry",
        )  # fmt: skip


class PlannedDayShape(Shape):
    """A planned day; shares of the streets' metres in the area, null where nothing was recorded."""

    day = serializers.DateField()
    state = serializers.ChoiceField([state.value for state in DayState])
    covered = serializers.FloatField(allow_null=True)
    unknown = serializers.FloatField(allow_null=True, help_text="What lies in gaps of patrols.")


class PlanWalksShape(Shape):
    """Planned against actual, by everybody together."""

    streets = serializers.IntegerField()
    metres = serializers.FloatField()
    days = PlannedDayShape(many=True)


class OnePlanShape(PatrolPlanShape):
    """A plan with its area and, for those who see its region as a whole, what came of it."""

    walks = PlanWalksShape(allow_null=True, help_text="Null for who sees only their own grids.")

    class Meta(PatrolPlanShape.Meta):
        fields = (*PatrolPlanShape.Meta.fields, "walks")  # type: ignore[assignment]


def _one(scope: Scope, identity: UUID) -> dict[str, Any]:
    plan = one_of(outlined(patrol_plans.plans_of(scope)), pk=identity)
    wide = any(plan.region.code.startswith(code) for code in scope.wide)
    walks: Walks | None = walks_of([plan], timezone.localdate())[plan.pk] if wide else None
    plan.walks = walks
    return dict(OnePlanShape(plan).data)


class PatrolPlanList(ListView):
    """Patrol plans, newest first: of the caller's regions, or touching their grids."""

    query = PlanQuery
    shape = PatrolPlanShape
    order = Order((("made_at", moment), ("pk", UUID)), newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return those asked for."""
        rows = chosen(patrol_plans.plans_of(scope), asked, region="region__code__startswith")
        if asked.get("on"):
            rows = patrol_plans.in_force(rows, asked["on"])
        return placed(rows, asked)

    @extend_schema(request=PlanInput, responses={201: OnePlanShape})
    def post(self, request: Request) -> HttpResponse:
        """Make one; the region's planners may. Who answers for the grids it touches is told."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(PlanInput, request)
            area = area_given(scope, data)
            return 201, _one(scope, patrol_plans.make(scope, Draft(**data), area).pk)

        return once(request, work)


class PatrolPlanDetail(APIView):
    """One patrol plan."""

    @extend_schema(responses=OnePlanShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return it with its area and, for the region's staff, what was walked on its days: no person is in it."""
        return Response(_one(scope_of(request.user), identity))

    @extend_schema(request=PlanChangeInput, responses=OnePlanShape)
    def patch(self, request: Request, identity: UUID) -> Response:
        """Change its words, last day or hours; where and on which weekdays it holds stays."""
        scope = scope_of(request.user)
        patrol_plans.change(scope, identity, read(PlanChangeInput, request, partial=True))
        return Response(_one(scope, identity))


class PatrolPlanEnd(APIView):
    """The end of a patrol plan."""

    @extend_schema(request=PlanEndInput, responses={200: OnePlanShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Let it hold until a day and no longer, with the reason."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(PlanEndInput, request)
            return 200, _one(scope, patrol_plans.end(scope, identity, data["last_day"], data["why"]).pk)

        return once(request, work)


urlpatterns = [
    path("patrol-plans", PatrolPlanList.as_view(), name="api-patrol-plans"),
    path("patrol-plans/<uuid:identity>", PatrolPlanDetail.as_view(), name="api-patrol-plan"),
    path("patrol-plans/<uuid:identity>/end", PatrolPlanEnd.as_view(), name="api-patrol-plan-end"),
]
