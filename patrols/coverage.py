"""Which streets of a grid were walked, which were not, and of which nobody knows, as `patrols.standing` has it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from grids.models import Grid
from patrols.standing import ENOUGH, FARTHEST_BACK, GROUND, INTERVAL, STATE, Walked, ground_values, state_values

__all__ = ["ENOUGH", "INTERVAL", "GridSeen", "StreetSeen", "Walked", "grid_seen"]

STREETS = """
with /*ground*/,
seen as (
  select g.street, c.day, c.told, c.covered * g.stretch as covered, c.unknown * g.stretch as unknown
  from ground g
  join patrols_coverage c
    on c.district = %(district)s and c.street_id = g.street and c.day between %(since)s and %(today)s
),
last as (
  select v.street,
         max(v.day) filter (
           where v.told or stretch_parts(v.covered) >= %(enough)s * stretch_parts(g.stretch)
         ) as walked,
         max(v.day) filter (where v.told) as told
  from ground g join seen v on v.street = g.street group by v.street
),
recent as (
  select street, range_agg(covered) as covered, range_agg(unknown) as unknown, bool_or(told) as told
  from seen where day > %(recent)s group by street
),
stands as (
  select g.street, g.metres, g.geom, l.walked, l.told as told_on, coalesce(r.told, false) as told,
         coalesce(stretch_parts(r.covered), 0)::float8 / stretch_parts(g.stretch) as covered,
         coalesce(stretch_parts(r.unknown - r.covered), 0)::float8 / stretch_parts(g.stretch) as unknown
  from ground g left join recent r on r.street = g.street left join last l on l.street = g.street
)
select s.id, s.name, s.name_en, s.kind, v.metres, v.covered, v.unknown, v.told, v.walked, v.told_on,
       /*state*/, array[st_xmin(v.geom), st_ymin(v.geom), st_xmax(v.geom), st_ymax(v.geom)]
from stands v join grids_street s on s.id = v.street
order by s.name, s.id
"""
STREETS = STREETS.replace("/*ground*/", GROUND).replace(
    "/*state*/", STATE.format(told="v.told", covered="v.covered", unknown="v.unknown", walked="v.walked")
)


@dataclass(frozen=True, slots=True)
class StreetSeen:
    """A street within a grid: metres, the shares covered and unknown in the interval, and the last days.

    `walked_on` is the last day on which enough of it was covered or it was ticked, `told_on` the last on which it was
    ticked by hand. `box` is what it takes up in the grid, west to north in degrees.
    """

    id: int
    name: str
    name_en: str
    kind: str
    metres: float
    covered: float
    unknown: float
    told: bool
    walked_on: date | None
    told_on: date | None
    state: Walked
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class GridSeen:
    """A grid's streets, and its metres by what is known of them in the interval; the three add up to all."""

    streets: tuple[StreetSeen, ...]
    covered: float
    unknown: float
    not_covered: float

    def of(self, state: Walked) -> tuple[StreetSeen, ...]:
        """Return the streets in a state."""
        return tuple(street for street in self.streets if street.state == state)


def grid_seen(grid: Grid, today: date, interval: timedelta = INTERVAL) -> GridSeen:
    """Return how a grid's streets stand on a day, in one query."""
    asked: dict[str, Any] = {
        **ground_values([grid.pk]),
        **state_values(today, interval),
        "district": grid.code[:6],
        "since": today - FARTHEST_BACK,
    }
    with connection.cursor() as cursor:
        cursor.execute(STREETS, asked)
        streets = tuple(_street(*row) for row in cursor.fetchall())
    covered = sum(street.metres * (1.0 if street.told else street.covered) for street in streets)
    unknown = sum(0.0 if street.told else street.metres * street.unknown for street in streets)
    whole = sum(street.metres for street in streets)
    return GridSeen(streets, covered, unknown, max(0.0, whole - covered - unknown))


def _street(*row: Any) -> StreetSeen:
    key, name, name_en, kind, metres, covered, unknown, told, walked_on, told_on, state, box = row
    return StreetSeen(
        key, name, name_en, kind, metres, covered, unknown, told, walked_on, told_on, Walked(state), tuple(box)
    )
