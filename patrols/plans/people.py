"""Who could be sent just now: the volunteers of a dispatcher's regions, where they are, and what they still take.

Somebody on patrol with a position of the last five minutes is measured from there, which is a look at them and noted;
everybody else from the grid they answer for. Whoever has neither cannot be measured, and is only counted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from grids import looks
from grids.expressions import PointOnSurface
from grids.models import Assignment, Availability, LookLog, Membership, Person, Region, Skill
from grids.models.people import AssignmentRole, Role
from grids.quiet import is_quiet
from grids.scope import Scope
from patrols.live import FRESH, patrols_under_way
from patrols.matching import Volunteer
from patrols.models import LastPosition, Party
from patrols.models.parties import BUSY_STATES, PRESENT_STATES
from patrols.models.plans import Origin

FIELD_ROLES = (Role.LEADER, Role.STEWARD, Role.VOLUNTEER)
NEAREST_FIRST = {AssignmentRole.OWNER: 0, AssignmentRole.DEPUTY: 1, AssignmentRole.MEMBER: 2}


@dataclass(frozen=True, slots=True)
class Able:
    """A volunteer who can be measured: from where, in degrees of WGS-84, what they have, and whether now."""

    id: int
    name: str
    lon: float
    lat: float
    origin: Origin
    grid: str
    skills: frozenset[str]
    in_hand: int
    capacity: int
    available: bool

    def volunteer(self, radius: float) -> Volunteer:
        """Return them as matching wants them; the radius is in metres."""
        return Volunteer(self.id, self.lon, self.lat, self.capacity, radius, self.skills, self.available)


@dataclass(frozen=True, slots=True)
class Home:
    """A place inside of the grid that somebody answers for, in degrees of WGS-84, and what the grid is called."""

    lon: float
    lat: float
    grid: str


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody who can be measured, by id, and how many others there are."""

    able: dict[int, Able]
    without_place: int


def crew_of(scope: Scope, codes: Collection[str], cap: int, now: datetime, only: Collection[int] | None = None) -> Crew:
    """Return the volunteers within regions or right above them; `cap` is how many reports a person takes a day.

    Five queries at most, however many they are; `only` some of them. The look at those whose position counts is noted
    for the person of the scope.
    """
    people = {row.pk: row for row in _people(codes, now, only)}
    wide = _subdistricts(code for row in people.values() for code in row.served if len(code) < 9)
    positions = _positions(scope, people, now)
    known = homes(people, timezone.localdate(now))
    found = {}
    for key, person in sorted(people.items()):
        seen, home = positions.get(key), known.get(key)
        if seen is None and home is None:
            continue
        lon, lat = seen or (home.lon, home.lat)  # type: ignore[union-attr]
        found[key] = Able(
            key,
            str(person),
            lon,
            lat,
            Origin.POSITION if seen else Origin.GRID,
            "" if seen or home is None else home.grid,
            frozenset(person.able) | frozenset(_served(person.served, wide)),
            person.taken,
            max(0, cap - person.taken),
            bool(seen) or (person.in_hours and not _quiet(person, now)),
        )
    return Crew(found, len(people) - len(found))


def area(code: str) -> str:
    """Return what matching takes for a skill: serving in a subdistrict, since nobody is sent beyond their own."""
    return f"in:{code[:9]}"


def _people(codes: Collection[str], now: datetime, only: Collection[int] | None) -> Iterable[Any]:
    """Return whoever serves in the regions, each with `served` (codes of regions), `able` (skills), `taken` (reports in
    hand or of today) and `in_hours` (whether they are to be asked now by the hours they gave, if any).
    """
    local = timezone.localtime(now)
    morning = timezone.make_aware(datetime.combine(local.date(), time.min))
    above = {code[:length] for code in codes for length in (6, 9, 12) if length <= len(code)}
    within = Q(region__code__in=above)
    for code in codes:
        within |= Q(region__code__startswith=code)
    serving = Membership.objects.filter(within, period__contains=local.date(), role__in=FIELD_ROLES)
    parts = Party.objects.filter(Q(state__in=BUSY_STATES) | Q(state__in=PRESENT_STATES, since__gte=morning))
    taken = parts.filter(person=OuterRef("pk")).order_by().values("person").annotate(count=Count("pk")).values("count")
    hours = Availability.objects.filter(person=OuterRef("pk"))
    now_too = hours.filter(weekday=local.isoweekday(), starts__lte=local.time(), ends__gt=local.time())
    rows = Person.objects.filter(pk__in=serving.values("person"), is_active=True, tombstoned_at__isnull=True)
    if only is not None:
        rows = rows.filter(pk__in=only)
    return rows.annotate(
        served=ArraySubquery(serving.filter(person=OuterRef("pk")).order_by("region__code").values("region__code")),
        able=ArraySubquery(Skill.objects.filter(person=OuterRef("pk")).order_by("code").values("code")),
        taken=Coalesce(Subquery(taken, output_field=IntegerField()), Value(0)),
        in_hours=Exists(now_too) | ~Exists(hours),
    )


def _subdistricts(short: Iterable[str]) -> dict[str, list[str]]:
    """Return the subdistricts by the code of the district that they are in."""
    wanted = set(short)
    if not wanted:
        return {}
    within = reduce(or_, (Q(code__startswith=code) for code in sorted(wanted)))
    rows = Region.objects.current().filter(within, level="subdistrict").values_list("code", flat=True)
    return {code: [row for row in rows if row.startswith(code)] for code in wanted}


def _served(own: Iterable[str], wide: dict[str, list[str]]) -> Iterable[str]:
    for code in own:
        if len(code) < 9:
            yield from map(area, wide[code])
        else:
            yield area(code)


def _positions(scope: Scope, people: Collection[int], now: datetime) -> dict[int, tuple[float, float]]:
    fresh = LastPosition.objects.filter(
        person__in=people, taken_at__gt=now - FRESH, patrol__in=patrols_under_way(scope).values("pk")
    )
    rows = list(fresh)
    looks.note(
        scope.person_id, Role.DISPATCHER, LookLog.What.DISTANCE, [(row.person_id, row.patrol_id) for row in rows], now
    )
    return {row.person_id: (row.geom.x, row.geom.y) for row in rows}


def homes(people: Collection[int], today: date) -> dict[int, Home]:
    """Return by person a place inside of the grid that they answer for, before one they belong to."""
    rows = (
        Assignment.objects.filter(period__contains=today, person__in=people, grid__isnull=False)
        .filter(grid__period__contains=today)
        .annotate(inner=PointOnSurface("grid__geom"))
        .select_related("grid")
        .defer("grid__geom")
    )
    best: dict[int, tuple[tuple[int, str], Home]] = {}
    for row in rows:
        rank = (NEAREST_FIRST[AssignmentRole(row.role)], row.grid.code)
        if row.person_id not in best or rank < best[row.person_id][0]:
            best[row.person_id] = (rank, Home(row.inner.x, row.inner.y, row.grid.local_name))
    return {key: place for key, (_rank, place) in best.items()}


def _quiet(person: Person, now: datetime) -> bool:
    if person.quiet_from is None or person.quiet_until is None:
        return False
    return is_quiet(timezone.localtime(now).time(), person.quiet_from, person.quiet_until)
