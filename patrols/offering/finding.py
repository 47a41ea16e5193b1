"""Who can be asked to go to a report, nearest first: whoever is on patrol close by, answers for its grid, or is next.

Everything that decides whether somebody can be asked is said once, in `conditions`, and decided by the database, so
that the nearest ten of a hundred thousand cost no more than finding the nearest ten.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from grids.expressions import GeographyDistance, Looked
from grids.models import Assignment, Availability, Grid, Membership, Person, Region, Skill
from grids.models.grid import GridKind, local_grid_name
from grids.models.people import AssignmentRole, Role
from grids.prepared import prepared
from patrols.live import FRESH
from patrols.models import LastPosition, Offer, Party, Patrol, Report
from patrols.models.parties import BUSY_STATES
from patrols.models.patrol import PatrolState
from patrols.offering.table import LIVE_STATES, WORKING_STATES, CallState, OfferState

FIELD_ROLES = (Role.LEADER, Role.STEWARD, Role.VOLUNTEER)
RADIUS = 2000  # metres: whoever is farther away is no neighbour
STEP = 50  # metres: who differs by less is equally near, since no phone knows better
MOST = 50
FIRST_GRIDS = 8  # are asked for who answers for them; farther ones only where those are not enough
ROLE_ORDER: dict[str, int] = {AssignmentRole.OWNER: 0, AssignmentRole.DEPUTY: 1, AssignmentRole.MEMBER: 2}
STRANGER = len(ROLE_ORDER)
METRES_PER_DEGREE = 111_000


@dataclass(slots=True)
class Found:
    """Somebody who can be asked. `away`: metres by a fresh position on a patrol; `beyond`: metres to their grid."""

    person: int
    name: str
    load: int
    away: float | None = None
    patrol: UUID | None = None
    role: str = ""  # in the report's own grid
    beyond: float | None = None
    grid: str = ""

    @property
    def rank(self) -> tuple[float, ...]:
        """Nearest first among those on patrol; then who answers for the grid; then the neighbours, nearest first."""
        role = ROLE_ORDER.get(self.role, STRANGER)
        if self.away is not None:
            return (0, self.away // STEP, role, self.load, self.away, self.person)
        if self.role:
            return (1, role, self.load, self.person)
        return (2, (self.beyond or 0) // STEP, self.load, self.person)


def find(report: Report, now: datetime, most: int = MOST, *, positions: bool = True) -> list[Found]:
    """Return who can be asked, best first: of the nearest so many on patrol and the nearest so many by their grids.

    Without `positions` nobody's is read.
    """
    found: dict[int, Found] = {}
    for row in _by_grid(report, now, most):
        known = found.setdefault(row["person"], Found(row["person"], "", row["load"]))
        if row["grid"] == report.grid_id:
            known.role, known.beyond = row["role"], 0
        elif known.beyond is None:
            known.beyond, known.grid = row["beyond"], local_grid_name(row["grid__name"], row["grid__code"])
    for row in prepared(on_patrol(report, now, most)) if positions else ():
        one = found.setdefault(row["person"], Found(row["person"], "", row["load"]))
        one.away, one.patrol = row["away"], row["patrol"]
    best = sorted(found.values(), key=lambda one: one.rank)[:most]
    people = Person.objects.only("name", "name_en", "username").in_bulk([one.person for one in best])
    for one in best:
        one.name = str(people[one.person])
    return best


def on_patrol(report: Report, now: datetime, most: int) -> "QuerySet[LastPosition, dict[str, Any]]":
    """Return the nearest who are on patrol within the radius and can be asked, nearest first; one index serves both."""
    rows = fitting(LastPosition.objects.filter(_on_patrol(report, now)), report, now)
    # By distance alone, or the index could not serve the order.
    nearest = rows.annotate(away=GeometryDistance("geom", report.anchor), load=_load()).order_by("away")
    found: QuerySet[LastPosition, dict[str, Any]] = nearest.values("person", "load", "away", "patrol")[:most]
    return found


def left_out(report: Report, now: datetime) -> dict[str, int]:
    """Return how many of those around lack a skill ("skills") and how many are not available just now ("free").

    Why somebody is not available, and whether they declined, is nobody's business: it is one number.
    """
    able, free = conditions(report, now)
    rows: list[QuerySet[Any]] = [
        LastPosition.objects.filter(_on_patrol(report, now), serves(report)),
        _assigned(_around(report)).filter(serves(report)),
    ]
    lacking: set[int] = set()
    busy: set[int] = set()
    for row in rows:
        lacking.update(row.exclude(able).values_list("person", flat=True)[:MOST] if report.category.skills else ())
        busy.update(row.filter(able).exclude(free).values_list("person", flat=True)[:MOST])
    return {"skills": len(lacking), "free": len(busy)}


def askable(report: Report, people: Collection[int], now: datetime) -> list[int]:
    """Return the ids of those of some people who can be asked, in the order given, wherever they are."""
    rows = fitting(Membership.objects.current().filter(person__in=people), report, now)
    able = set(rows.values_list("person", flat=True))
    return [person for person in people if person in able]


def fitting(rows: "QuerySet[Any]", report: Report, now: datetime) -> "QuerySet[Any]":
    """Keep the rows whose `person` serves there, has what the category asks for, and is available."""
    able, free = conditions(report, now)
    return rows.filter(serves(report), able, free)


def serves(report: Report) -> Q:
    """Return the condition that a row's person may act there at all: a role in the field, and no fix of their own."""
    roles = Membership.objects.current().filter(
        region__in=_regions(report), person=OuterRef("person"), role__in=FIELD_ROLES
    )
    active = Person.objects.filter(pk=OuterRef("person"), is_active=True, tombstoned_at=None)
    serving = Q(Looked(active)) & Q(Looked(roles))
    return serving & ~Q(person=report.handler_id) if report.handler_id else serving


def _regions(report: Report) -> list[int]:
    """Return the ids of the regions whose volunteers serve there; kept with the report, looked up once."""
    known: list[int] | None = report.__dict__.get("regions_around")
    if known is None:
        place = report.region_code
        near = Q(code__in=[place[:6], place[:9], place]) | Q(code__startswith=place[:9])
        known = list(Region.objects.filter(near).order_by("pk").values_list("pk", flat=True))
        report.__dict__["regions_around"] = known
    return known


def conditions(report: Report, now: datetime) -> tuple[Q, Q]:
    """Return the conditions that a row's person has the skills that the category asks for, and is available now.

    Available is who said so for this hour or, having said nothing, has no quiet hours (a hazard does not wait for
    their end); who has not as much in hand, and has not done as much today, as anybody may be asked for; and whom this
    report has not been offered to in vain.
    """
    able = Q()
    for code in report.category.skills:
        able &= Q(Looked(Skill.objects.filter(person=OuterRef("person"), code=code)))
    return able, _in_time(report, now) & _not_tired(now) & ~Q(Looked(_asked_before(report)))


def _in_time(report: Report, now: datetime) -> Q:
    local = timezone.localtime(now)
    hours = Availability.objects.filter(person=OuterRef("person"))
    said = hours.filter(weekday=local.isoweekday(), starts__lte=local.time(), ends__gt=local.time())
    unsaid = ~Q(Looked(hours))
    if not report.category.hazard:
        unsaid &= ~Q(Looked(Person.objects.filter(_quiet(local), pk=OuterRef("person"))))
    return Q(Looked(said)) | unsaid


def _quiet(local: datetime) -> Q:
    """Return the condition of `grids.quiet.is_quiet` for a person's quiet hours."""
    at = local.time()
    by_day = Q(quiet_from__lt=F("quiet_until"), quiet_from__lte=at, quiet_until__gt=at)
    over_midnight = Q(quiet_until__lt=F("quiet_from")) & (Q(quiet_from__lte=at) | Q(quiet_until__gt=at))
    return by_day | over_midnight


def _not_tired(now: datetime) -> Q:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    own = Offer.objects.filter(person=OuterRef("person"))
    in_hand = own.filter(state__in=WORKING_STATES)
    today = own.filter(offered_at__gte=midnight - timedelta(days=1), accepted_at__gte=midnight)
    # Whether there is a row after the last that may be: nothing is counted further than that.
    return ~Q(_as_many(in_hand, settings.OFFERS_AT_ONCE)) & ~Q(_as_many(today, settings.OFFERS_A_DAY))


def _as_many(rows: "QuerySet[Any]", count: int) -> Exists:
    return Looked(rows) if count == 1 else Exists(rows.order_by()[count - 1 : count])


def _asked_before(report: Report) -> "QuerySet[Offer]":
    """Return a row's person's offers for this report that keep them from being asked: live, refused, or just asked."""
    refused = [OfferState.DECLINED, OfferState.RELEASED, *LIVE_STATES]
    of_this = Q(state__in=refused) | Q(call__state=CallState.OPEN)
    return Offer.objects.filter(of_this, report=report, person=OuterRef("person"))


def _on_patrol(report: Report, now: datetime) -> Q:
    active = Patrol.objects.filter(pk=OuterRef("patrol"), state=PatrolState.ACTIVE)
    return Q(Looked(active), taken_at__gt=now - FRESH, geom__dwithin=(report.anchor, D(m=RADIUS)))


def _around(report: Report) -> dict[int, float]:
    """Return the ids of the grids within the radius, nearest first, with how many metres away each begins.

    Kept with the report, looked up once.
    """
    known: dict[int, float] | None = report.__dict__.get("grids_around")
    if known is None:
        here = Grid.objects.on(timezone.localdate()).filter(kind=GridKind.SERVICE, geom__bboverlaps=_box(report.anchor))
        rows = here.annotate(beyond=GeographyDistance("geom", report.anchor)).order_by("beyond", "pk")
        known = {grid: beyond for grid, beyond in rows.values_list("pk", "beyond") if beyond <= RADIUS}
        report.__dict__["grids_around"] = known
    return known


def _assigned(grids: Collection[int]) -> "QuerySet[Assignment]":
    """Return the people who answer for some grids."""
    return Assignment.objects.current().filter(person__isnull=False, grid__in=list(grids))


def _by_grid(report: Report, now: datetime, most: int) -> list[dict[str, Any]]:
    """Return the nearest so many who answer for a grid around and can be asked, with how many metres away it begins."""
    around = _around(report)
    grids = list(around)
    columns = ("person", "load", "role", "grid", "grid__name", "grid__code")
    found: list[dict[str, Any]] = []
    for part in (grids[:FIRST_GRIDS], grids[FIRST_GRIDS:]):
        if part and len(found) < most:
            rows = fitting(_assigned(part), report, now).annotate(load=_load()).values(*columns)
            found += [{**row, "beyond": around[row["grid"]]} for row in rows]
    return sorted(found, key=lambda row: (row["beyond"], row["person"]))[:most]


def _load() -> Coalesce:
    """Return how many parts a row's person still has to do."""
    busy = Party.objects.filter(person=OuterRef("person"), state__in=BUSY_STATES).order_by()
    counted = busy.values("person").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _box(anchor: Point) -> Any:
    """Return a box of degrees that holds the radius at any latitude that people live at."""
    return anchor.buffer(2.5 * RADIUS / METRES_PER_DEGREE).envelope
