"""People and their roles within one's scope: names, never how to reach somebody."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from grids.endpoints.fields import DatedQuery, DatedShape, EndInput, IdField, RegionField, chosen, on_day
from grids.endpoints.places import NamedShape
from grids.models import Assignment, Membership, Person
from grids.models.people import Role
from grids.reach import find_person
from grids.rest import Input, ListView, OneView, Query, once, one_of, read
from grids.roles import Post, end_role, give_role
from grids.scope import Scope, scope_of


class PersonQuery(Query):
    """The filters of people: by the roles they hold today within the caller's regions."""

    region = RegionField()
    role = serializers.ChoiceField(Role.values, required=False)
    team = IdField()
    organisation = IdField()


class PersonShape(NamedShape):
    """Somebody who works with the system."""

    active = serializers.BooleanField(source="is_active", help_text="Whether they may sign in.")


def visible_people(scope: Scope) -> QuerySet[Person]:
    """Return oneself, who has a role in one's regions today, and who answers with one for a grid."""
    roles = Membership.objects.current().filter(scope.within("region__code"), person=OuterRef("pk"))
    condition = Q(pk=scope.person_id)
    if scope.wide:
        condition |= Q(Exists(roles))
    if scope.grids:
        condition |= Q(Exists(Assignment.objects.current().filter(grid__in=scope.grids, person=OuterRef("pk"))))
    return Person.objects.filter(condition).only("name", "name_en", "is_active")


class PersonList(ListView):
    """People within the caller's scope."""

    query = PersonQuery
    shape = PersonShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return them."""
        rows = visible_people(scope)
        if any(asked.get(name) for name in ("region", "role", "team", "organisation")):
            roles = chosen(
                visible_memberships(scope).current().filter(person=OuterRef("pk")),
                asked,
                region="region__code__startswith",
                role="role",
                team="team_id",
                organisation="organisation_id",
            )
            rows = rows.filter(Exists(roles))
        return rows


class PersonDetail(OneView):
    """One person."""

    shape = PersonShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return who is seen."""
        return visible_people(scope)


class MembershipQuery(DatedQuery):
    """The filters of roles."""

    person = IdField()
    region = RegionField()
    role = serializers.ChoiceField(Role.values, required=False)
    team = IdField()
    organisation = IdField()


class NamedRefShape(serializers.Serializer[Any]):
    """Somebody named."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")


class MembershipShape(DatedShape):
    """A role of a person in a region, in a team or in a body, for a time."""

    id = serializers.IntegerField()
    person = NamedRefShape()
    role = serializers.ChoiceField(Role.values)
    region = serializers.CharField(source="region_code", help_text="The region's code.")
    team = serializers.IntegerField(source="team_id", allow_null=True)
    organisation = serializers.IntegerField(source="organisation_id", allow_null=True)


class MembershipInput(Input):
    """A role to be given."""

    person = IdField(required=True)
    role = serializers.ChoiceField(Role.values)
    region = RegionField(required=True)
    team = IdField(allow_null=True)
    organisation = IdField(allow_null=True)
    since = serializers.DateField(required=False)
    last_day = serializers.DateField(required=False, allow_null=True)


def visible_memberships(scope: Scope) -> Any:
    """Return the roles in one's regions and one's own."""
    return Membership.objects.filter(scope.within("region__code") | Q(person=scope.person_id))


def _shown(rows: QuerySet[Any]) -> QuerySet[Any]:
    names = ("person__name", "person__name_en", "person__username")
    shown: QuerySet[Any] = rows.select_related("person").annotate(region_code=F("region__code"))
    return shown.only("role", "period", "team_id", "organisation_id", *names)


def _written(membership: Membership) -> dict[str, Any]:
    shown: dict[str, Any] = MembershipShape(_shown(Membership.objects.all()).get(pk=membership.pk)).data
    return shown


class MembershipList(ListView):
    """Roles within the caller's scope."""

    query = MembershipQuery
    shape = MembershipShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return those of a day."""
        return chosen(
            on_day(_shown(visible_memberships(scope)), asked),
            asked,
            person="person_id",
            region="region__code__startswith",
            role="role",
            team="team_id",
            organisation="organisation_id",
        )

    @extend_schema(request=MembershipInput, responses={201: MembershipShape})
    def post(self, request: Request) -> HttpResponse:
        """Give somebody a role.

        Planners and administrators do so within their region, nobody a role that is more than their own; the person
        is told.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(MembershipInput, request)
            return 201, _written(give_role(scope, find_person(scope, data.pop("person")), Post(**data)))

        return once(request, work)


class MembershipDetail(OneView):
    """One role."""

    shape = MembershipShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return what is seen, also what is over."""
        return _shown(visible_memberships(scope))


class MembershipEnd(APIView):
    """The end of a role."""

    @extend_schema(request=EndInput, responses={200: MembershipShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Let a role end with a day, at the earliest yesterday; the person is told."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            membership = one_of(visible_memberships(scope), pk=identity)
            return 200, _written(end_role(scope, membership.person_id, identity, read(EndInput, request)["last_day"]))

        return once(request, work)


urlpatterns = [
    path("people", PersonList.as_view(), name="api-people"),
    path("people/<int:identity>", PersonDetail.as_view(), name="api-person"),
    path("memberships", MembershipList.as_view(), name="api-memberships"),
    path("memberships/<int:identity>", MembershipDetail.as_view(), name="api-membership"),
    path("memberships/<int:identity>/end", MembershipEnd.as_view(), name="api-membership-end"),
]
