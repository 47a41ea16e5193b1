"""Who answers for which place, within one's scope."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from grids.endpoints.fields import DatedQuery, DatedShape, EndInput, IdField, chosen, on_day
from grids.holders import HOLDERS
from grids.models import Assignment
from grids.models.people import AssignmentRole
from grids.problems import BadInput, NotAllowed
from grids.reach import managed
from grids.responsibility import PLACES, Task, assign, release
from grids.rest import Input, ListView, OneView, once, one_of, read
from grids.scope import Scope, scope_of

PLACE_KINDS = tuple(PLACES)
# What is shown of holder and place: their names, and no outline of any of them.
NAMES = (
    *(f"{kind}__{name}" for kind in (*HOLDERS, "checkpoint", "zone") for name in ("name", "name_en")),
    *("person__username", "grid__name", "grid__code", "stairwell__label"),
    *("stairwell__building__name", "stairwell__building__name_en"),
)


class AssignmentQuery(DatedQuery):
    """The filters of assignments."""

    person = IdField()
    team = IdField()
    organisation = IdField()
    grid = IdField()
    checkpoint = IdField()
    stairwell = IdField()
    zone = IdField()
    role = serializers.ChoiceField(AssignmentRole.values, required=False)


class AnsweringShape(serializers.Serializer[Any]):
    """Who answers."""

    kind = serializers.ChoiceField(HOLDERS)
    id = serializers.IntegerField()
    name = serializers.CharField()


class AnsweredShape(serializers.Serializer[Any]):
    """What is answered for."""

    kind = serializers.ChoiceField(PLACE_KINDS)
    id = serializers.IntegerField()
    name = serializers.CharField()


class AssignmentShape(DatedShape):
    """Who answers for a place, and when."""

    id = serializers.IntegerField()
    role = serializers.ChoiceField(AssignmentRole.values)
    holder = serializers.SerializerMethodField()
    place = serializers.SerializerMethodField()

    @extend_schema_field(AnsweringShape)
    def get_holder(self, row: Assignment) -> dict[str, Any]:
        """Return who answers."""
        return _named(row, HOLDERS)

    @extend_schema_field(AnsweredShape)
    def get_place(self, row: Assignment) -> dict[str, Any]:
        """Return the place."""
        return _named(row, PLACE_KINDS)


class AssignmentInput(Input):
    """A place to be answered for: exactly one of person, team and organisation, and exactly one place."""

    person = IdField(help_text="Somebody with a role in the community, its subdistrict or above.")
    team = IdField(help_text="A team of the community, its subdistrict or above.")
    organisation = IdField(help_text="A body whose jurisdiction reaches the place.")
    grid = IdField(help_text="A service grid.")
    checkpoint = IdField()
    stairwell = IdField()
    zone = IdField()
    role = serializers.ChoiceField(AssignmentRole.values, default=AssignmentRole.OWNER)
    since = serializers.DateField(required=False)


def visible_assignments(scope: Scope) -> QuerySet[Any]:
    """Return what is answered for in one's regions and grids, and by oneself, one's teams and bodies."""
    condition = Q(person=scope.person_id) | Q(team__in=scope.teams) | Q(organisation__in=scope.organisations)
    condition |= Q(grid__in=scope.grids)
    if scope.wide:
        for place in ("grid__region", "checkpoint__region", "stairwell__building__region", "zone__region"):
            condition |= scope.within(f"{place}__code")
    return Assignment.objects.filter(condition)


def _named(row: Assignment, kinds: tuple[str, ...]) -> dict[str, Any]:
    kind = next(kind for kind in kinds if getattr(row, f"{kind}_id"))
    return {"kind": kind, "id": getattr(row, f"{kind}_id"), "name": str(getattr(row, kind))}


def _shown(rows: QuerySet[Any]) -> QuerySet[Any]:
    rows = rows.select_related(*HOLDERS, "grid", "checkpoint", "zone", "stairwell__building")
    columns = [f"{kind}_id" for kind in (*HOLDERS, *PLACE_KINDS)]
    return rows.only("role", "period", *columns, "stairwell__building_id", *NAMES)


def _written(assignment: Assignment) -> dict[str, Any]:
    shown: dict[str, Any] = AssignmentShape(_shown(Assignment.objects.all()).get(pk=assignment.pk)).data
    return shown


class AssignmentList(ListView):
    """Who answers for what within the caller's scope."""

    query = AssignmentQuery
    shape = AssignmentShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return what holds on a day."""
        filters = {kind: f"{kind}_id" for kind in (*HOLDERS, *PLACE_KINDS)}
        return chosen(on_day(_shown(visible_assignments(scope)), asked), asked, role="role", **filters)

    @extend_schema(request=AssignmentInput, responses={201: AssignmentShape})
    def post(self, request: Request) -> HttpResponse:
        """Let a person, a team or a body answer for a grid, a checkpoint, a stairwell or a zone.

        Planners and administrators do so within their region; the person, the team's members or the body's staff are
        told. A place has one owner at a time: a second one is 409.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(AssignmentInput, request)
            kind, place = _only(data, PLACE_KINDS, _("Name one place: a grid, a checkpoint, a stairwell or a zone."))
            by, holder = _only(data, HOLDERS, _("Name one who answers: a person, a team or an organisation."))
            task = Task(kind, place, holder, data.get("since"), data["role"], holder_kind=by)
            return 201, _written(assign(_manager(scope), task))

        return once(request, work)


class AssignmentDetail(OneView):
    """One assignment."""

    shape = AssignmentShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return what is seen, also what is over."""
        return _shown(visible_assignments(scope))


class AssignmentEnd(APIView):
    """The end of an assignment."""

    @extend_schema(request=EndInput, responses={200: AssignmentShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Let it end with a day, at the earliest yesterday; nobody takes over by this."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            one_of(visible_assignments(scope), pk=identity)
            return 200, _written(release(_manager(scope), identity, read(EndInput, request)["last_day"]))

        return once(request, work)


def _only(data: dict[str, Any], kinds: tuple[str, ...], sentence: str) -> tuple[str, int]:
    given = [(kind, data[kind]) for kind in kinds if data.get(kind) is not None]
    if len(given) != 1:
        raise BadInput(sentence)
    return given[0]


def _manager(scope: Scope) -> Scope:
    """Return the scope of somebody who looks after people somewhere; raises NotAllowed."""
    if not managed(scope):
        raise NotAllowed(_("Who answers for what is decided by the planners and administrators of the region."))
    return scope


urlpatterns = [
    path("assignments", AssignmentList.as_view(), name="api-assignments"),
    path("assignments/<int:identity>", AssignmentDetail.as_view(), name="api-assignment"),
    path("assignments/<int:identity>/end", AssignmentEnd.as_view(), name="api-assignment-end"),
]
