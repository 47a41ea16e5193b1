"""Measuring a patrol: its fixes cleaned, what they cover folded into the day, its track kept for a while.

A patrol is measured once it has ended, and again whenever a late fix arrives, from all of its fixes: so order and
repetition cannot matter. What one patrol saw is kept apart from the others' as long as its raw fixes are, so that it
can be measured again; the coverage of a street on a day is the union over all patrols, and knows none of them.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.contrib.gis.geos import LineString, Polygon
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from grids import outbox
from grids.models import Checkpoint, Street
from grids.models.places import NO_STREETS
from grids.splitting.crs import Plane
from patrols.folding import fold, lock_days
from patrols.models import Fix, LastPosition, Patrol, Sight, Track
from patrols.models.patrol import Mode, PatrolState
from patrols.posts.presence import note_track
from patrols.private_places import kept_shape
from patrols.tracks.cleaning import Cleaned, Gap, clean
from patrols.tracks.coverage import FARTHEST, SWATH, Streets, passed, walked
from patrols.tracks.fixes import BICYCLE, WALK, Fixes, Floats, Pace
from patrols.tracks.spans import Spans

MEASURE = "patrol.measure"
PACES: dict[str, Pace] = {Mode.WALK: WALK, Mode.BICYCLE: BICYCLE}
# Late batches of one patrol come close together: they are measured together.
REST = timedelta(seconds=15)
PARTS = 1_000_000


def promise_measure(patrol: UUID, after: timedelta = REST) -> None:
    """Let a patrol that has ended be measured soon, within the caller's transaction."""
    changed = Patrol.objects.filter(pk=patrol, state__in=[PatrolState.ENDED, PatrolState.MEASURED])
    if changed.update(state=PatrolState.ENDED):
        row = outbox.put(MEASURE, patrol=str(patrol))
        row.available_at = timezone.now() + after
        row.save(update_fields=["available_at"])


@outbox.handles(MEASURE)
def keep_promise(_promise: UUID, payload: dict[str, Any]) -> None:
    """Measure the patrol that was promised."""
    measure(UUID(payload["patrol"]))


def measure(identity: UUID) -> None:
    """Measure a patrol that has ended, within the caller's transaction; one that is gone or measured is left alone."""
    patrol = Patrol.objects.select_for_update().filter(pk=identity, state=PatrolState.ENDED).first()
    if patrol is None:
        return
    assert patrol.started_at
    assert patrol.ended_at
    _adopt(patrol)
    start, end = patrol.started_at.timestamp(), patrol.ended_at.timestamp()
    fixes = _fixes(patrol)
    pace = PACES[patrol.mode]
    cleaned = clean(fixes, start, end, pace, timezone.now().timestamp())
    sights = list(_sights(patrol, cleaned, fixes, pace) if cleaned.plane else _nothing_known(patrol))
    _replace(patrol, sights)
    _keep_track(patrol, cleaned)
    note_track(patrol, cleaned, fixes)
    LastPosition.objects.filter(patrol=patrol).delete()
    Patrol.objects.filter(pk=patrol.pk).update(state=PatrolState.MEASURED)


def _adopt(patrol: Patrol) -> None:
    """Give the patrol the fixes of its volunteer that came before it did."""
    time = Q(taken_at__gte=patrol.started_at, taken_at__lte=patrol.ended_at)
    Fix.objects.filter(time, person=patrol.person_id, patrol__isnull=True, quarantine="").update(patrol=patrol)


def _fixes(patrol: Patrol) -> Fixes:
    with connection.cursor() as cursor:
        cursor.execute(
            "select extract(epoch from taken_at)::float8, st_x(geom), st_y(geom), accuracy from patrols_fix"
            " where patrol_id = %s and taken_at between %s and %s and quarantine = ''",
            [patrol.pk, patrol.started_at, patrol.ended_at],
        )
        table = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 4)
    return Fixes(*table.T)


@dataclass(slots=True)
class _Day:
    """What of a patrol falls on one local day."""

    lines: list[Floats] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def _days(cleaned: Cleaned, fixes: Fixes) -> dict[date, _Day]:
    """Part segments at midnight; an edge over midnight and a gap belong to the day they begin on."""
    days: dict[date, _Day] = {}
    for segment in cleaned.segments:
        dates = [_local(moment) for moment in fixes.time[segment].tolist()]
        cuts = [0, *(n for n in range(1, len(dates)) if dates[n] != dates[n - 1]), len(dates)]
        for first, last in itertools.pairwise(cuts):
            line = cleaned.metres[segment[first : last + 1]]
            days.setdefault(dates[first], _Day()).lines.append(line)
    for gap in cleaned.gaps:
        days.setdefault(_local(gap.start), _Day()).gaps.append(gap)
    return days


def _local(moment: float) -> date:
    return timezone.localdate(datetime.fromtimestamp(moment, timezone.get_current_timezone()))


def _sights(patrol: Patrol, cleaned: Cleaned, fixes: Fixes, pace: Pace) -> Iterator[Sight]:
    """Yield what the patrol saw of streets and checkpoints, day by day."""
    plane = cleaned.plane
    assert plane
    days = _days(cleaned, fixes)
    box = _box(plane, days.values())
    rows = list(Street.objects.filter(geom__bboverlaps=box).exclude(kind__in=NO_STREETS).order_by("pk"))
    lines = [_metres(plane, row.geom) for row in rows]
    streets = Streets.of(lines)
    lengths = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines]
    theirs = _streets_of_grid(patrol)
    points = list(Checkpoint.objects.filter(geom__bboverlaps=box).order_by("pk"))
    shapes = [shapely.transform(shapely.from_wkb(bytes(row.geom.wkb)), plane.forward) for row in points]
    for day, part in sorted(days.items()):
        found = walked(streets, part.lines, part.gaps, pace)
        for number, row in enumerate(rows):
            covered = _parts(found.covered.get(number, ()), lengths[number])
            unknown = _parts(found.unknown.get(number, ()), lengths[number]) if row.pk in theirs else ()
            if covered or unknown:
                yield Sight(
                    patrol=patrol, district=patrol.district, day=day, street=row, covered=covered, unknown=unknown
                )
        for number in passed(shapes, part.lines):
            if day in points[number].period:
                whole = ((0, PARTS),)
                yield Sight(patrol=patrol, district=patrol.district, day=day, checkpoint=points[number], covered=whole)


def _nothing_known(patrol: Patrol) -> Iterator[Sight]:
    """Yield the sights of a patrol without a believed fix: all of its grid is unknown."""
    assert patrol.started_at
    day = timezone.localdate(patrol.started_at)
    for row in Street.objects.filter(pk__in=_streets_of_grid(patrol)).order_by("pk"):
        yield Sight(patrol=patrol, district=patrol.district, day=day, street=row, unknown=((0, PARTS),))


def _streets_of_grid(patrol: Patrol) -> set[int]:
    """Return the streets that a gap can leave unknown: those of the grid that was to be walked."""
    if patrol.grid is None:
        return set()
    inside = Street.objects.filter(geom__intersects=patrol.grid.geom).exclude(kind__in=NO_STREETS)
    return set(inside.values_list("pk", flat=True))


def _box(plane: Plane, days: Iterable[_Day]) -> Polygon:
    """Return the box in degrees around what can have been covered or reached."""
    points = [line for day in days for line in day.lines]
    reached = [np.array([place]) for day in days for gap in day.gaps for place in (gap.before, gap.after) if place]
    both = np.concatenate([*points, *reached])
    margin = FARTHEST if reached else SWATH + 25
    low, high = both.min(0) - margin, both.max(0) + margin
    west, south, east, north = low[0], low[1], high[0], high[1]
    corners = plane.inverse(np.array([(west, south), (west, north), (east, south), (east, north)]))
    return Polygon.from_bbox((*corners.min(0).tolist(), *corners.max(0).tolist()))


def _metres(plane: Plane, line: LineString) -> Floats:
    return plane.forward(np.array(line.coords, dtype=np.float64)[:, :2])


def _parts(spans: Spans, length: float) -> tuple[tuple[int, int], ...]:
    """Return spans in metres as millionths of a street's length."""
    parts = ((round(low / length * PARTS), min(round(high / length * PARTS), PARTS)) for low, high in spans)
    return tuple((low, high) for low, high in parts if high > low)


def _replace(patrol: Patrol, sights: list[Sight]) -> None:
    """Put what was measured in the place of what was measured before, and fold the days that it touches."""
    measured = Sight.objects.filter(patrol=patrol, told=False)
    before = list(measured)
    lock_days(patrol.district, {sight.day for sight in [*before, *sights]})
    measured.delete()
    Sight.objects.bulk_create(sights, batch_size=2000)
    fold(patrol.district, [*before, *sights])


def _keep_track(patrol: Patrol, cleaned: Cleaned) -> None:
    reasons = Counter(str(reason) for reason in cleaned.reasons if reason)
    Track.objects.update_or_create(
        patrol=patrol,
        defaults={
            "district": patrol.district,
            "geom": kept_shape(patrol.person_id, cleaned.plane, cleaned.lines()) if cleaned.plane else None,
            "reasons": dict(reasons),
            # Whole seconds: they say when nothing was known, and nothing of where.
            "gaps": [[round(gap.start), round(gap.end)] for gap in cleaned.gaps],
            "measured_at": timezone.now(),
        },
    )
