"""Where somebody may administer: the regions for which they hold one of some roles today."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.contrib.gis.db.models import Union
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Q
from django.http import HttpRequest

from grids.models import Region
from grids.models.people import Role
from grids.scope import Scope, scope_of

ADMIN = (Role.ADMIN,)
PLANNER_TOO = (Role.ADMIN, Role.PLANNER)
DISTRICT_DIGITS = 6


@dataclass(frozen=True)
class Territory:
    """Some regions by their codes, none of them inside another; false when there are none."""

    codes: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.codes)

    def within(self, field: str) -> Q:
        """Return the condition that a region's code lies in the territory; never true of an empty one."""
        condition = Q(pk__in=[])
        for code in self.codes:
            condition |= Q(**{f"{field}__startswith": code})
        return condition

    def covers(self, code: str) -> bool:
        """Whether a region lies in the territory."""
        return any(code.startswith(own) for own in self.codes)

    @property
    def whole_district(self) -> bool:
        """Whether it holds a whole district: what is the same everywhere is decided there."""
        return any(len(code) <= DISTRICT_DIGITS for code in self.codes)

    @cached_property
    def area(self) -> GEOSGeometry | None:
        """The territory on the ground in EPSG:4326, as it is today; one query."""
        regions = Region.objects.current().filter(code__in=self.codes)
        found: GEOSGeometry | None = regions.aggregate(area=Union("geom"))["area"]
        return found


NOWHERE = Territory(())


def territory_of(scope: Scope, roles: Iterable[str]) -> Territory:
    """Return where somebody holds one of the roles."""
    kept: list[str] = []
    for code in sorted({code for role in roles for code in scope.regions.get(role, ())}):
        if not kept or not code.startswith(kept[-1]):
            kept.append(code)
    return Territory(tuple(kept))


def territory(request: HttpRequest, roles: tuple[str, ...]) -> Territory:
    """Return where the person of a request holds one of the roles, kept for the request."""
    known: dict[tuple[str, ...], Territory] = request.__dict__.setdefault("_territories", {})
    if roles not in known:
        known[roles] = territory_of(scope_of(request.user), roles)
    return known[roles]
