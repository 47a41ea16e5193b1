"""How many problems were recorded on each day, or in each week or month, within a box: what a time slider shows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.contrib.gis.geos import Polygon
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.composed import Composed
from grids.problems import Problem
from grids.scope import Scope
from maps.cells.asking import Asked, Window
from maps.cells.hexagons import AREA_KM2, RESOLUTIONS, square_km
from maps.cells.listing import box_values
from maps.cells.reading import chosen, reach_of, values

MOST_SPANS = 1_100
# Of a box so many cells are read at most: the days of each of their years lie in arrays.
CELLS_OF_A_BOX = 400
DAYS = """
select k.year, of_day.day, sum(of_day.n)::int
from maps_cell c
join maps_cellcount k on k.district = c.district and k.cell = c.cell
cross join lateral (
  select v >> 22 as day, (v & 4194303) - lag(v & 4194303, 1, 2097152) over (order by v) as n from unnest(k.days) v
) of_day
where c.resolution = %(resolution)s::smallint /*box*/ and k.year between %(now_first)s and %(now_last)s
  and /*chosen*/
group by 1, 2
"""
# Of a box the cells whose middle lies in it.
BOX = """
and c.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)
and c.lon between %(left)s and %(right)s and c.lat between %(low)s and %(high)s
"""


class Step(StrEnum):
    """How long a span is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Series:
    """Spans in order, each with its first day and how many were recorded in it within the window."""

    resolution: int
    spans: list[tuple[date, int]]

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(n for _day, n in self.spans)


def series(scope: Scope, asked: Asked, box: Polygon | None, step: Step) -> Series:
    """Return the spans of a window, empty ones included; without a first day from the first that has something.

    One query. Raises Problem for a window of too many spans.
    """
    until = asked.window.until or timezone.localdate()
    if asked.window.since:
        _refuse_many(asked.window.since, until, step)
    resolution = _resolution(box)
    found = _by_day(scope, asked, box, resolution)
    inside = {day: n for day, n in found.items() if Window(asked.window.since, until).holds(day)}
    if not inside and asked.window.since is None:
        return Series(resolution, [])
    since = asked.window.since or min(inside)
    _refuse_many(since, until, step)
    sums: Counter[date] = Counter()
    for day, n in inside.items():
        sums[first_day(day, step)] += n
    return Series(resolution, [(day, sums[day]) for day in _spans(since, until, step)])


def first_day(day: date, step: Step) -> date:
    """Return the first day of the span in which a day lies; weeks begin on Monday."""
    if step == Step.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == Step.MONTH else day


def _spans(since: date, until: date, step: Step) -> Iterator[date]:
    day = first_day(since, step)
    while day <= until:
        yield day
        longest = {Step.DAY: 1, Step.WEEK: 7, Step.MONTH: 31}[step]
        day = first_day(day + timedelta(days=longest), step)


def _refuse_many(since: date, until: date, step: Step) -> None:
    length = {Step.DAY: 1, Step.WEEK: 7, Step.MONTH: 30}[step]
    if (until - since).days / length > MOST_SPANS:
        raise Problem(
            _("That is more than %(most)s spans: choose a shorter time or longer spans.") % {"most": f"{MOST_SPANS:,}"}
        )


def _resolution(box: Polygon | None) -> int:
    """The smallest cells of which few enough lie in a box; everything together lies in the largest."""
    if box is None:
        return RESOLUTIONS[0]
    area = square_km(box.extent)
    return max((size for size in RESOLUTIONS if area / AREA_KM2[size] <= CELLS_OF_A_BOX), default=RESOLUTIONS[0])


def _by_day(scope: Scope, asked: Asked, box: Polygon | None, resolution: int) -> dict[date, int]:
    reach = reach_of(scope)
    if reach is None:
        return {}
    text = DAYS.replace("/*box*/", BOX if box else "").replace("/*chosen*/", chosen(asked))
    given = {**values(asked), "reach": reach, "resolution": resolution}
    if box:
        left, low, right, high = box.extent
        given |= {**box_values(box), "left": left, "low": low, "right": right, "high": high}
    rows = Composed.named(text, given).rows({})
    return {date(year, 1, 1) + timedelta(days=day - 1): n for year, day, n in rows}
