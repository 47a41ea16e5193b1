"""Bodies with powers or duties, open to everybody who is signed in, and teams within one's scope."""

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from grids.endpoints.fields import (
    DatedPlaceQuery,
    DatedShape,
    GeometryField,
    IdField,
    RegionField,
    chosen,
    on_day,
    outlined,
    placed,
)
from grids.endpoints.places import NamedShape
from grids.models import Organisation, Team
from grids.models.people import OrganisationKind
from grids.rest import Input, ListView, OneView, Query, once, read
from grids.scope import Scope, scope_of
from grids.teams import change_team, found_team, visible_teams


class OrganisationQuery(DatedPlaceQuery):
    """The filters of bodies; `bbox` is about their jurisdiction."""

    region = RegionField()
    kind = serializers.ChoiceField(OrganisationKind.values, required=False)


class OrganisationShape(NamedShape, DatedShape):
    """A body; its geometry is its jurisdiction."""

    code = serializers.CharField()
    kind = serializers.ChoiceField(OrganisationKind.values)
    region = serializers.CharField(source="region_code", help_text="The region's code.")
    geometry = GeometryField()


def _organisations() -> QuerySet[Any]:
    return Organisation.objects.annotate(region_code=F("region__code"))


class OrganisationList(ListView):
    """Bodies with powers or duties."""

    query = OrganisationQuery
    shape = OrganisationShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return those of a day."""
        rows = chosen(on_day(_organisations(), asked), asked, region="region__code__startswith", kind="kind")
        return placed(rows, asked, "jurisdiction")


class OrganisationDetail(OneView):
    """One body."""

    shape = OrganisationShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return all."""
        return outlined(_organisations(), "jurisdiction")


class TeamQuery(Query):
    """The filters of teams."""

    region = RegionField()
    parent = IdField()  # type: ignore[assignment]


class TeamShape(NamedShape):
    """A team of volunteers in a tree of teams."""

    code = serializers.CharField()
    level = serializers.IntegerField()
    parent = serializers.IntegerField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    region = serializers.CharField(source="region_code", help_text="The region's code.")


class TeamInput(Input):
    """A team to be founded."""

    code = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=120)
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True, default="")
    region = RegionField(required=True)
    parent = IdField(allow_null=True)  # type: ignore[assignment]


class TeamChange(Input):
    """What is to change."""

    name = serializers.CharField(max_length=120, required=False)
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True)


def _teams(rows: QuerySet[Any]) -> QuerySet[Any]:
    shown: QuerySet[Any] = rows.annotate(region_code=F("region__code"))
    return shown


def _written(team: Team) -> dict[str, Any]:
    shown: dict[str, Any] = TeamShape(_teams(Team.objects.filter(pk=team.pk)).get()).data
    return shown


class TeamList(ListView):
    """Teams within the caller's scope."""

    query = TeamQuery
    shape = TeamShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return them."""
        return chosen(_teams(visible_teams(scope)), asked, region="region__code__startswith", parent="parent_id")

    @extend_schema(request=TeamInput, responses={201: TeamShape})
    def post(self, request: Request) -> HttpResponse:
        """Found a team.

        Planners and administrators do so within their region; its level is one below that of its parent.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            return 201, _written(found_team(scope, **read(TeamInput, request)))

        return once(request, work)


class TeamDetail(OneView):
    """One team."""

    shape = TeamShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return what is seen."""
        return _teams(visible_teams(scope))

    @extend_schema(request=TeamChange, responses=TeamShape)
    def patch(self, request: Request, identity: int) -> Response:
        """Rename it."""
        return Response(_written(change_team(scope_of(request.user), identity, **read(TeamChange, request))))


urlpatterns = [
    path("organisations", OrganisationList.as_view(), name="api-organisations"),
    path("organisations/<int:identity>", OrganisationDetail.as_view(), name="api-organisation"),
    path("teams", TeamList.as_view(), name="api-teams"),
    path("teams/<int:identity>", TeamDetail.as_view(), name="api-team"),
]
