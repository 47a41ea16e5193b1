"""Who reads the rules of which regions, and who writes them."""

from django.db.models import Q
from django.utils.translation import gettext as _

from grids.models.people import Role
from grids.problems import NotAllowed, NotFound
from grids.scope import Scope

KEEPERS = (Role.PLANNER, Role.ADMIN)
READERS = (*KEEPERS, Role.DISPATCHER)


def codes_of(scope: Scope, roles: tuple[str, ...] = READERS) -> tuple[str, ...]:
    """Return the codes of the regions where somebody has one of the roles, without those inside another."""
    kept: list[str] = []
    for code in sorted({code for role in roles for code in scope.regions.get(role, ())}):
        if not kept or not code.startswith(kept[-1]):
            kept.append(code)
    return tuple(kept)


def readable(scope: Scope, field: str = "region_code") -> Q:
    """Return the condition that rules of a region concern somebody's own: those within it, and of what it lies in."""
    condition = Q(pk__in=[])
    for code in codes_of(scope):
        above = [code[:length] for length in (6, 9) if length < len(code)]
        condition |= Q(**{f"{field}__startswith": code}) | Q(**{f"{field}__in": above})
    return condition


def sees_rules(scope: Scope, code: str) -> bool:
    """Whether somebody is told what the rules say of what lies in a region."""
    return any(code.startswith(own) for own in codes_of(scope))


def keeps(scope: Scope, code: str) -> bool:
    """Whether somebody writes the rules of a region."""
    return any(code.startswith(own) for own in codes_of(scope, KEEPERS))


def check_keeper(scope: Scope, code: str) -> None:
    """Raise NotFound for who reads no rules of a region, NotAllowed for who only reads them."""
    if keeps(scope, code):
        return
    if any(code.startswith(own) or own.startswith(code) for own in codes_of(scope)):
        raise NotAllowed(_("The rules of this region are written by its planners."))
    raise NotFound(_("There is no such thing here."))
