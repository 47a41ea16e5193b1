"""The demo city's patrols of four weeks and what they covered: some grids walked well, some streets left out, gaps."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.gis.db.models.functions import Centroid, ClosestPoint
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from grids.models import Checkpoint, Grid, Membership
from grids.models.grid import GridKind
from grids.models.people import Role
from maps.demo.people import ACCOUNTS
from patrols import grid_streets
from patrols.folding import fold, lock_days
from patrols.models import GridStreet, Patrol, Sight
from patrols.models.fields import Stretches
from patrols.models.patrol import PatrolState

DAYS = 28
# How often a grid is walked, in walks a day: most are looked after, some hardly, one in ten not at all.
CARE = (0.9, 0.7, 0.7, 0.5, 0.5, 0.3, 0.3, 0.15, 0.1, 0.0)
# Of the streets of a grid, how willingly each is walked; the last ones nobody goes to.
LIKED = (0.9, 0.9, 0.8, 0.7, 0.6, 0.4, 0.2, 0.0)
LONGEST_WALK = timedelta(minutes=70)
SIGHTS_KEPT = timedelta(days=7)
NOTHING: Stretches = ()


@dataclass(frozen=True, slots=True)
class _Beat:
    """A grid with what can be seen in it; `care` is how many walks a day it gets."""

    grid: Grid
    care: float
    people: list[int]
    streets: list[tuple[GridStreet, float]]
    checkpoints: list[int]


def load_walks(now: datetime, seed: int = 7) -> int:
    """Write the patrols of the last four weeks as measured, and return how many; streets and people must be there."""
    grid_streets.lay_all()
    rng = random.Random(f"{seed}:walks")  # noqa: S311 - an invented city
    patrols: list[Patrol] = []
    sights: list[Sight] = []
    for beat in _beats(rng):
        for patrol in _patrols(rng, beat, now):
            patrols.append(patrol)
            sights += _sights(rng, beat, patrol)
    Patrol.objects.bulk_create(patrols, batch_size=1000)
    Sight.objects.bulk_create(sights, batch_size=2000)
    districts: dict[str, list[Sight]] = defaultdict(list)
    for sight in sights:
        districts[sight.district].append(sight)
    for district, seen in districts.items():
        lock_days(district, {sight.day for sight in seen})
        fold(district, seen)
    # As the nightly retention would have left them.
    Sight.objects.filter(day__lt=timezone.localdate(now - SIGHTS_KEPT)).delete()
    return len(patrols)


def _beats(rng: random.Random) -> Iterator[_Beat]:
    people = defaultdict(list)
    volunteers = Membership.objects.current().filter(role=Role.VOLUNTEER).exclude(person__username__in=ACCOUNTS)
    for person, code in volunteers.order_by("person").values_list("person", "region__code"):
        people[code].append(person)
    streets = defaultdict(list)
    for row in GridStreet.objects.defer("geom").order_by("grid", "street"):
        streets[row.grid_id].append((row, rng.choice(LIKED)))
    checkpoints = defaultdict(list)
    middle = ClosestPoint("geom", Centroid("geom"))
    inside = Grid.objects.current().filter(kind=GridKind.SERVICE, geom__covers=OuterRef("middle")).order_by("code")
    points = Checkpoint.objects.current().annotate(middle=middle).annotate(home=Subquery(inside.values("pk")[:1]))
    for key, home in points.order_by("pk").values_list("pk", "home"):
        checkpoints[home].append(key)
    grids = Grid.objects.current().filter(kind=GridKind.SERVICE).select_related("region").order_by("code")
    for number, grid in enumerate(grids):
        theirs = people[grid.region.code] or people[grid.region.code[:9]]
        if theirs:
            yield _Beat(grid, CARE[number * 7 % len(CARE)], theirs, streets[grid.pk], checkpoints[grid.pk])


def _patrols(rng: random.Random, beat: _Beat, now: datetime) -> Iterator[Patrol]:
    for ago in range(DAYS, -1, -1):
        day: date = timezone.localdate(now) - timedelta(days=ago)
        begun = timezone.make_aware(datetime(day.year, day.month, day.day, 7 + rng.randrange(11), rng.randrange(60)))
        over = begun + timedelta(minutes=20 + rng.randrange(50))
        if rng.random() >= beat.care or over > now:
            continue
        yield Patrol(
            district=beat.grid.code[:6],
            person_id=rng.choice(beat.people),
            grid=beat.grid,
            state=PatrolState.MEASURED,
            started_at=begun,
            ended_at=over,
            heard_at=over,
        )


def _sights(rng: random.Random, beat: _Beat, patrol: Patrol) -> Iterator[Sight]:
    assert patrol.started_at
    day = timezone.localdate(patrol.started_at)
    for row, liked in beat.streets:
        if rng.random() >= liked * 0.6:
            continue
        kind = rng.random()
        covered, unknown, told = row.stretch, NOTHING, False
        if kind < 0.12:
            covered, unknown = _halves(row.stretch)  # the phone lost its signal on the way
        elif kind < 0.2:
            covered, _rest = _halves(row.stretch)
        elif kind < 0.24:
            covered, told = NOTHING, True
        yield Sight(
            patrol=patrol,
            district=patrol.district,
            day=day,
            street_id=row.street_id,
            covered=covered,
            unknown=unknown,
            told=told,
        )
    for key in beat.checkpoints:
        if rng.random() < 0.5:
            yield Sight(patrol=patrol, district=patrol.district, day=day, checkpoint_id=key, covered=((0, 1_000_000),))


def _halves(stretch: Stretches) -> tuple[Stretches, Stretches]:
    """Cut the first part of a street in two."""
    low, high = stretch[0]
    middle = (low + high) // 2
    return ((low, middle),), ((middle, high),)
