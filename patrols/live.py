"""Who is on patrol just now, and where: for the dispatchers of their region and nobody else.

The position is that of an active patrol of somebody who has consented (`patrols.intake.storing` writes no other), and
is deleted with the patrol's end or the consent. Whoever shows it to somebody notes the look (`grids.looks`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from grids.models import Membership
from grids.models.people import Role
from grids.scope import Scope
from patrols.models import LastPosition, Patrol
from patrols.models.patrol import PatrolState

SHOWN = timedelta(minutes=15)  # what is older is not shown any more: it says where somebody was
FRESH = timedelta(minutes=5)  # what is older says too little of who is nearest
MOST = 300


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody on an active patrol; `at` is None without a position of late. Degrees in WGS-84, accuracy in metres."""

    person: int
    name: str
    patrol: UUID
    grid: str
    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy: float | None = None


def patrols_under_way(scope: Scope) -> "QuerySet[Patrol]":
    """Return the active patrols of a dispatcher's regions: by the patrol's grid, or else by the volunteer's roles."""
    codes = scope.regions.get(Role.DISPATCHER, ())
    active = Patrol.objects.filter(state=PatrolState.ACTIVE, district__in={code[:6] for code in codes})
    roles = Membership.objects.current().filter(_within("region__code", codes), person=OuterRef("person"))
    return active.filter(_within("grid__region__code", codes) | Q(Exists(roles), grid__isnull=True))


def walkers(scope: Scope, now: datetime) -> list[Walker]:
    """Return who is on patrol in a dispatcher's regions, by name; two queries. At most 300."""
    rows = patrols_under_way(scope).select_related("person", "grid").defer("grid__geom")[:MOST]
    patrols = {row.pk: row for row in rows}
    late = LastPosition.objects.filter(patrol__in=patrols, taken_at__gt=now - SHOWN)
    positions = {row.patrol_id: row for row in late}
    found = [_walker(row, positions.get(key)) for key, row in patrols.items()]
    return sorted(found, key=lambda one: (one.name, one.person))


def _walker(row: Patrol, position: LastPosition | None) -> Walker:
    plain = Walker(row.person_id, str(row.person), row.pk, str(row.grid) if row.grid else "")
    if position is None:
        return plain
    place = position.geom
    return Walker(
        plain.person, plain.name, plain.patrol, plain.grid, position.taken_at, place.x, place.y, position.accuracy
    )


def _within(field: str, codes: Iterable[str]) -> Q:
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(**{f"{field}__startswith": code})
    return condition
