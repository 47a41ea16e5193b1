"""Who looks after whom: which people somebody may manage, and which roles they may give.

Administrators and planners look after the people of their regions. Nobody gives a role that is more than their own,
or in a region that is not theirs; nobody resets or changes the account of somebody who may do more than they.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from grids.models import Membership, Person
from grids.models.people import Role
from grids.problems import NotAllowed, NotFound
from grids.scope import Scope

MANAGERS: tuple[str, ...] = (Role.ADMIN, Role.PLANNER)
# What a role lets somebody do to others; equal ranks may replace each other.
RANK: dict[str, int] = {
    Role.VOLUNTEER: 1,
    Role.STEWARD: 1,
    Role.STAFF: 2,
    Role.LEADER: 2,
    Role.INSPECTOR: 3,
    Role.DISPATCHER: 3,
    Role.PLANNER: 4,
    Role.ADMIN: 5,
}


def managed(scope: Scope) -> tuple[str, ...]:
    """Return the codes of the regions whose people somebody looks after, without those inside another."""
    kept: list[str] = []
    for code in sorted({code for role in MANAGERS for code in scope.regions.get(role, ())}):
        if not kept or not code.startswith(kept[-1]):
            kept.append(code)
    return tuple(kept)


def lies_within(codes: tuple[str, ...], field: str) -> Q:
    """Return the condition that a region code lies in one of the regions (never true without any)."""
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(**{f"{field}__startswith": code})
    return condition


def manages(scope: Scope, code: str) -> bool:
    """Whether somebody looks after the people of a region."""
    return any(code.startswith(own) for own in managed(scope))


def check_manager(scope: Scope) -> tuple[str, ...]:
    """Return the managed regions; raises NotFound for somebody who looks after nobody."""
    codes = managed(scope)
    if not codes:
        raise NotFound(_("There is no such thing here."))
    return codes


def may_give(scope: Scope, role: str, code: str) -> bool:
    """Whether somebody may give a role in a region, or take it away."""
    return any(scope.reaches(own, code) and RANK[own] >= RANK[role] for own in MANAGERS)


def roles_to_give(scope: Scope) -> list[tuple[str, str]]:
    """Return the roles that somebody may give somewhere, with their names."""
    most = max((RANK[role] for role in MANAGERS if scope.has(role)), default=0)
    return [(role.value, str(role.label)) for role in Role if RANK[role] <= most]


def people_of(scope: Scope) -> QuerySet[Person]:
    """Return the people who have, had or will have a role in the regions that somebody looks after."""
    inside = Membership.objects.filter(lies_within(managed(scope), "region__code"), person=OuterRef("pk"))
    return Person.objects.filter(Exists(inside))


def neighbours_of(scope: Scope) -> QuerySet[Person]:
    """Return who works, or will, in the regions that somebody looks after, in the subdistricts around, or above."""
    near = Q(pk__in=[])
    for code in managed(scope):
        near |= Q(region__code__startswith=code[:9]) | Q(region__code=code[:6])
    return Person.objects.filter(Exists(Membership.objects.not_over().filter(near, person=OuterRef("pk"))))


def find_person(scope: Scope, identity: int, **more: Any) -> Person:
    """Return somebody whom a manager looks after, annotated with more if asked; raises NotFound."""
    person: Person | None = people_of(scope).annotate(**more).filter(pk=identity).first()
    if person is None:
        raise NotFound(_("There is nobody with that id here."))
    return person


def has_power_over(scope: Scope, person: Person, held: Iterable[tuple[str, str]] | None = None) -> bool:
    """Whether every present or coming role of a person is one that somebody could give; `held` where it is known."""
    if person.is_superuser or person.is_staff:
        return bool(scope.person and scope.person.is_superuser)
    return all(may_give(scope, role, code) for role, code in (standing(person) if held is None else held))


def standing(person: Person) -> list[tuple[str, str]]:
    """Return the roles that a person has or will have, each with its region's code."""
    rows = Membership.objects.not_over().filter(person=person)
    return list(rows.values_list("role", "region__code"))


def check_power(scope: Scope, person: Person) -> None:
    """Raise NotAllowed for oneself and for somebody with a role beyond one's own."""
    if person.pk == scope.person_id:
        raise NotAllowed(_("Your own account is changed on the page “My account”."))
    if not has_power_over(scope, person):
        raise NotAllowed(
            _("%(name)s has a role beyond yours: an administrator of the larger region has to do this.")
            % {"name": person}
        )
