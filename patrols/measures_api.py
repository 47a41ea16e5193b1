"""The API of measures under /api/v1/measures."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.paging import Order, moment
from grids.rest import ANY_ID, Input, ListView, Query, once, one_of, read
from grids.scope import Scope, scope_of
from patrols import measures
from patrols.models.measures import Measure, MeasureState
from patrols.presentation import holder_json

Shape = serializers.Serializer[Any]


class MeasureChangeInput(Input):
    """What a measure is; what is left out stays."""

    title = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    body = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)


class MeasureInput(MeasureChangeInput):
    """A measure for some reports."""

    reports = serializers.ListField(child=serializers.UUIDField(), max_length=measures.MOST_AT_ONCE)


class LinkInput(Input):
    """More reports for a measure."""

    reports = serializers.ListField(child=serializers.UUIDField(), max_length=measures.MOST_AT_ONCE)


class UnlinkInput(LinkInput):
    """Reports that a measure does not answer any more, and why."""

    reason = serializers.CharField(max_length=measures.LONGEST_WHY)


class NoneInput(LinkInput):
    """Reports that need no measure, and why."""

    reason = serializers.CharField(max_length=500)


class StateInput(Input):
    """How far a measure is."""

    state = serializers.ChoiceField(MeasureState.values)


class MeasureBodyShape(Shape):
    """The body that answers for a measure."""

    kind = serializers.ChoiceField(["organisation"])
    id = serializers.IntegerField()
    name = serializers.CharField()


class MeasureShape(Shape):
    """A measure."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    region = serializers.CharField(source="region_code")
    body = serializers.SerializerMethodField()
    due_on = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(MeasureState.values)
    state_label = serializers.CharField(source="get_state_display")
    made_at = serializers.DateTimeField()
    report_count = serializers.IntegerField()

    @extend_schema_field(MeasureBodyShape(allow_null=True))
    def get_body(self, measure: Measure) -> dict[str, Any] | None:
        """Return the body by id and name."""
        return holder_json(measure.body)


class CountShape(Shape):
    """How many reports it was said of."""

    count = serializers.IntegerField()


def _counted(scope: Scope) -> QuerySet[Measure]:
    return measures.measures_of(scope).annotate(report_count=Count("links"))


def _json(identity: UUID, scope: Scope) -> dict[str, Any]:
    return dict(MeasureShape(one_of(_counted(scope), pk=identity)).data)


class MeasureList(ListView):
    """The measures of the caller's regions, newest first, and making one."""

    shape = MeasureShape
    query = Query
    order = Order((("made_at", moment), ("pk", UUID)), newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return them with how many reports each has."""
        return _counted(scope)

    @extend_schema(request=MeasureInput, responses={201: MeasureShape})
    def post(self, request: Request) -> HttpResponse:
        """Make a measure for some reports; the region's planners and dispatchers may."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(MeasureInput, request)
            draft = measures.Draft(data["title"], data["description"], data.get("body"), data.get("due_on"))
            return 201, _json(measures.make(draft, data["reports"], scope).pk, scope)

        return once(request, work)


class MeasureDetail(APIView):
    """One measure."""

    @extend_schema(responses=MeasureShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return it."""
        return Response(_json(identity, scope_of(request.user)))

    @extend_schema(request=MeasureChangeInput, responses=MeasureShape)
    def patch(self, request: Request, identity: UUID) -> Response:
        """Change what it is; its reports and how far it is stay."""
        scope = scope_of(request.user)
        measure = one_of(measures.measures_of(scope), pk=identity)
        known = {"title": measure.title, "description": measure.description}
        known |= {"body": measure.body_id, "due_on": measure.due_on}
        given = known | read(MeasureChangeInput, request, partial=True)
        measures.change(measure, measures.Draft(**given), scope)
        return Response(_json(identity, scope))


class MeasureReports(APIView):
    """The reports of a measure."""

    @extend_schema(request=LinkInput, responses={200: MeasureShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Link more of them."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            measures.link(one_of(measures.measures_of(scope), pk=identity), read(LinkInput, request)["reports"], scope)
            return 200, _json(identity, scope)

        return once(request, work)


class MeasureUnlinked(APIView):
    """Reports that a measure does not answer any more."""

    @extend_schema(request=UnlinkInput, responses={200: MeasureShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Take some of them out, with the reason; what has no other measure is not answered any more."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            measure = one_of(measures.measures_of(scope), pk=identity)
            data = read(UnlinkInput, request)
            measures.unlink(measure, data["reports"], data["reason"], scope)
            return 200, _json(identity, scope)

        return once(request, work)


class MeasureStates(APIView):
    """How far a measure is."""

    @extend_schema(request=StateInput, responses={200: MeasureShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Say it."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            measures.move(one_of(measures.measures_of(scope), pk=identity), read(StateInput, request)["state"], scope)
            return 200, _json(identity, scope)

        return once(request, work)


class NoMeasures(APIView):
    """Reports that need no measure."""

    @extend_schema(request=NoneInput, responses={200: CountShape})
    def post(self, request: Request) -> HttpResponse:
        """Say so of some, with the reason."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(NoneInput, request)
            return 200, {"count": measures.say_none(data["reports"], data["reason"], scope)}

        return once(request, work)


urlpatterns = [
    path("measures", MeasureList.as_view(), name="api-measures"),
    path("measures/none", NoMeasures.as_view(), name="api-no-measures"),
    path("measures/<uuid:identity>", MeasureDetail.as_view(), name="api-measure"),
    path("measures/<uuid:identity>/reports", MeasureReports.as_view(), name="api-measure-reports"),
    path("measures/<uuid:identity>/unlink", MeasureUnlinked.as_view(), name="api-measure-unlink"),
    path("measures/<uuid:identity>/state", MeasureStates.as_view(), name="api-measure-state"),
]
