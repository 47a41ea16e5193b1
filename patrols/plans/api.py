"""Dispatch plans under /api/v1/dispatch/plans."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.paging import Order, moment
from grids.problems import BadInput
from grids.rest import ANY_ID, Input, ListView, once, read
from grids.scope import Scope, scope_of
from patrols.models import DispatchPlan
from patrols.models.plans import Lacking, Origin, Outcome, PlanState
from patrols.plans.changing import KEEP, Change, change, choices
from patrols.plans.committing import commit, discard
from patrols.plans.making import URGENCIES, Wish, make
from patrols.plans.reach import find_plan, visible_plans
from patrols.plans.showing import able_json, plan_detail_json, plan_json
from patrols.shapes import CategoryShape

Shape = serializers.Serializer[Any]
WIDEST, MOST_CAP = 50_000, 20


class WishInput(Input):
    """What a plan is to keep to."""

    radius_m = serializers.IntegerField(min_value=100, max_value=WIDEST, default=3_000, help_text="In metres.")
    cap = serializers.IntegerField(
        min_value=1, max_value=MOST_CAP, default=3, help_text="Reports a person, with those in hand and of today."
    )
    urgency = serializers.ChoiceField(
        URGENCIES, default="due", help_text="By the time left until dispatch, or all alike."
    )


class PlanVersionInput(Input):
    """The version that was seen."""

    version = serializers.IntegerField(min_value=0, max_value=ANY_ID)


class ChangeInput(PlanVersionInput):
    """What changes of one report."""

    report = serializers.UUIDField(help_text="One of the plan, or one that waits for dispatch and is added.")
    person = serializers.IntegerField(
        min_value=1, max_value=ANY_ID, required=False, allow_null=True, help_text="Null takes off who is proposed."
    )
    left_out = serializers.BooleanField(required=False, help_text="Keeps the proposal, but does not send it.")
    as_offer = serializers.BooleanField(required=False, help_text="Asks the person instead of sending them.")


class SomebodyShape(Shape):
    """Somebody."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class PlanShape(Shape):
    """A plan as a list shows it."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(PlanState.values)
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    made_by = SomebodyShape()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = SomebodyShape(allow_null=True)
    job = serializers.UUIDField(allow_null=True, help_text="The job that makes it, where it is large.")
    wish = serializers.DictField(child=serializers.JSONField())
    figures = serializers.DictField(child=serializers.JSONField())

    def to_representation(self, instance: DispatchPlan) -> dict[str, Any]:
        """Return its JSON."""
        return plan_json(instance)


class PlanReportShape(Shape):
    """A report of a plan."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    place = serializers.CharField(allow_blank=True)
    category = CategoryShape()
    grid = serializers.CharField(allow_blank=True)
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    due = serializers.IntegerField(allow_null=True, help_text="Until when to be dispatched, in epoch seconds.")


class PlanRowShape(Shape):
    """Who goes to a report, or why nobody."""

    report = PlanReportShape()
    weight = serializers.IntegerField()
    person = SomebodyShape(allow_null=True)
    metres = serializers.IntegerField(allow_null=True, help_text="As the crow flies.")
    origin = serializers.ChoiceField(Origin.values, allow_blank=True)
    lacking = serializers.ChoiceField(Lacking.values, allow_blank=True)
    lacking_label = serializers.CharField(allow_blank=True)
    nearest = serializers.IntegerField(allow_null=True, help_text="Metres to the nearest who could, however far.")
    by_hand = serializers.BooleanField()
    left_out = serializers.BooleanField()
    as_offer = serializers.BooleanField()
    outcome = serializers.ChoiceField(Outcome.values, allow_blank=True)
    outcome_label = serializers.CharField(allow_blank=True)
    said = serializers.CharField(allow_blank=True)
    stop = serializers.IntegerField(
        allow_null=True, help_text="Of a dispatched plan: its place in the person's round, while it is to be done."
    )


class AbleShape(SomebodyShape):
    """A volunteer and from where they set out: once the plan is no proposal any more, at most from their grid."""

    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    origin = serializers.ChoiceField(Origin.values, required=False)
    origin_label = serializers.CharField(required=False)
    grid = serializers.CharField(required=False, allow_blank=True)
    in_hand = serializers.IntegerField(required=False)
    capacity = serializers.IntegerField(required=False)
    available = serializers.BooleanField(required=False)


class TotalsShape(Shape):
    """What a plan comes to."""

    reports = serializers.IntegerField()
    served = serializers.IntegerField()
    unserved = serializers.IntegerField()
    left_out = serializers.IntegerField()
    people = serializers.IntegerField()
    metres = serializers.IntegerField()
    weighted = serializers.IntegerField(help_text="Urgency times metres.")
    longest = serializers.IntegerField()
    dispatched = serializers.IntegerField()
    offered = serializers.IntegerField()
    moved = serializers.IntegerField()


class PlanDetailShape(PlanShape):
    """A plan with all that it proposes."""

    totals = TotalsShape()
    rows = PlanRowShape(many=True)
    people = AbleShape(many=True)


class CommittedShape(PlanDetailShape):
    """A plan that was dispatched, or the job that dispatches it."""

    commit_job = serializers.UUIDField(allow_null=True)


class ChoiceShape(AbleShape):
    """Somebody who could go."""

    metres = serializers.IntegerField()


class ChoicesShape(Shape):
    """Who could go, the nearest first."""

    results = ChoiceShape(many=True)
    next = serializers.URLField(allow_null=True)


class PlanList(ListView):
    """Plans of the regions in which one dispatches, newest first, and making one."""

    shape = PlanShape
    order = Order((("made_at", moment), ("pk", UUID)), newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> Any:
        """Return all of them."""
        return visible_plans(scope)

    @extend_schema(request=WishInput, responses={201: PlanDetailShape, 202: PlanDetailShape})
    def post(self, request: Request) -> HttpResponse:
        """Match all that waits for dispatch to whoever is available, and return the proposal.

        Nobody is sent before it is committed. Where it is much, the answer is 202 and names a job.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            plan = make(scope, Wish(**read(WishInput, request)))
            return 202 if plan.job else 201, plan_detail_json(plan, scope)

        return once(request, work)


class PlanDetail(APIView):
    """One dispatch plan."""

    @extend_schema(responses=PlanDetailShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return it with a row a report."""
        scope = scope_of(request.user)
        return Response(plan_detail_json(find_plan(scope, identity), scope))

    @extend_schema(request=ChangeInput, responses=PlanDetailShape)
    def patch(self, request: Request, identity: UUID) -> Response:
        """Change one report of it: another volunteer, nobody, left out, or a report that came since."""
        scope = scope_of(request.user)
        find_plan(scope, identity)
        data = read(ChangeInput, request)
        if not {"person", "left_out", "as_offer"} & data.keys():
            raise BadInput(_("Say what is to change: person, left_out or as_offer."))
        wanted = Change(data["report"], data.get("person", KEEP), data.get("left_out"), data.get("as_offer"))
        return Response(plan_detail_json(change(scope, identity, data["version"], wanted), scope))


class PlanChoices(APIView):
    """Who could go to one report of a plan."""

    @extend_schema(responses=ChoicesShape)
    def get(self, request: Request, identity: UUID, report: UUID) -> Response:
        """Return the nearest twelve, whoever is not to be asked now last."""
        found = choices(scope_of(request.user), identity, report)
        return Response({"results": [{**able_json(able), "metres": metres} for able, metres in found], "next": None})


class PlanCommit(APIView):
    """Dispatching what a plan proposes."""

    @extend_schema(request=PlanVersionInput, responses={200: CommittedShape, 202: CommittedShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Dispatch it; what moved meanwhile is left out and says so.

        A plan that was committed already is answered as it is. Where it is much, the answer is 202 and names a job.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            find_plan(scope, identity)
            plan, job = commit(scope, identity, read(PlanVersionInput, request)["version"])
            return 202 if job else 200, {**plan_detail_json(plan, scope), "commit_job": str(job) if job else None}

        return once(request, work)


class PlanDiscard(APIView):
    """Giving a plan up."""

    @extend_schema(request=PlanVersionInput, responses={200: PlanDetailShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Give it up; nobody is sent."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            find_plan(scope, identity)
            plan = discard(scope, identity, read(PlanVersionInput, request)["version"])
            return 200, plan_detail_json(plan, scope)

        return once(request, work)


_ONE = "dispatch/plans/<uuid:identity>"
urlpatterns = [
    path("dispatch/plans", PlanList.as_view(), name="api-plans"),
    path(_ONE, PlanDetail.as_view(), name="api-plan"),
    path(f"{_ONE}/commit", PlanCommit.as_view(), name="api-plan-commit"),
    path(f"{_ONE}/discard", PlanDiscard.as_view(), name="api-plan-discard"),
    path(f"{_ONE}/choices/<uuid:report>", PlanChoices.as_view(), name="api-plan-choices"),
]
