"""Which streets of a grid were walked, which were not, and of which nobody knows.

A street is looked at as far as it lies within the grid. It counts as walked on a day if `ENOUGH` of that was covered on
it or was ticked by hand; over the revisit interval, what several days covered adds up. Of a street that was not walked
but whose rest lies largely in gaps of patrols nothing is known, and that is said: unknown is not "not walked".
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from grids.models import Grid
from grids.models.places import StreetKind

ENOUGH = 0.6
INTERVAL = timedelta(days=7)
# Due for another walk from this share of the interval on.
DUE = 0.7
# How far back a last walk is looked for.
FARTHEST_BACK = timedelta(days=400)
NO_STREETS = (StreetKind.RAIL, StreetKind.WATER)
# A street on a border belongs to the grids on both sides, in metres from a grid.
BESIDE = 5.0

STREETS = """
with area as (
  select st_buffer(geom::geography, %(beside)s)::geometry as geom from grids_grid where id = %(grid)s
),
piece as (
  select s.id, s.name, s.name_en, s.kind, p.stretch, p.metres
  from area
  join grids_street s on s.geom && area.geom and st_intersects(s.geom, area.geom)
  cross join lateral (
    select int4range(0, 1000000) as stretch, st_length(s.geom::geography) as metres
    where st_coveredby(s.geom, area.geom)
    union all
    select int4range(round(1e6 * least(e.one, e.two))::int, round(1e6 * greatest(e.one, e.two))::int),
           st_length(part.geom::geography)
    from st_dump(st_intersection(s.geom, area.geom)) part
    cross join lateral (
      select st_linelocatepoint(s.geom, st_startpoint(part.geom)) as one,
             st_linelocatepoint(s.geom, st_endpoint(part.geom)) as two
    ) e
    where not st_coveredby(s.geom, area.geom) and st_dimension(part.geom) = 1
  ) p
  where not s.kind = any(%(no_streets)s) and not isempty(p.stretch)
),
street as (
  select id, name, name_en, kind, range_agg(stretch) as mine, sum(metres) as metres
  from piece group by id, name, name_en, kind
),
seen as (
  select s.id, c.day, c.told, c.covered * s.mine as covered, c.unknown * s.mine as unknown
  from street s
  join patrols_coverage c on c.district = %(district)s and c.street_id = s.id and c.day between %(since)s and %(today)s
),
day as (
  select s.id, v.day, v.told or stretch_parts(v.covered) >= %(enough)s * stretch_parts(s.mine) as walked, v.told
  from street s join seen v on v.id = s.id
),
last as (
  select id, max(day) filter (where walked) as walked, max(day) filter (where told) as told,
         max(day) as ever
  from day group by id
),
recent as (
  select id, range_agg(covered) as covered, range_agg(unknown) as unknown, bool_or(told) as told
  from seen where day > %(recent)s group by id
)
select s.id, s.name, s.name_en, s.kind, s.metres,
       coalesce(stretch_parts(r.covered), 0)::float8 / stretch_parts(s.mine),
       coalesce(stretch_parts(r.unknown - r.covered), 0)::float8 / stretch_parts(s.mine),
       coalesce(r.told, false), l.walked, l.told, l.ever
from street s left join recent r on r.id = s.id left join last l on l.id = s.id
order by s.name, s.id
"""


class Walked(StrEnum):
    """How a street stands."""

    WALKED = "walked"
    DUE = "due"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class StreetSeen:
    """A street within a grid: metres, the shares covered and unknown in the interval, and the last days.

    `walked_on` is the last day on which enough of it was covered or it was ticked, `told_on` the last on which it was
    ticked by hand.
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
        "grid": grid.pk,
        "district": grid.code[:6],
        "beside": BESIDE,
        "no_streets": list(NO_STREETS),
        "enough": ENOUGH,
        "today": today,
        "recent": today - interval,
        "since": today - FARTHEST_BACK,
    }
    with connection.cursor() as cursor:
        cursor.execute(STREETS, asked)
        rows = cursor.fetchall()
    streets = tuple(_street(row, today, interval) for row in rows)
    covered = sum(street.metres * (1.0 if street.told else street.covered) for street in streets)
    unknown = sum(0.0 if street.told else street.metres * street.unknown for street in streets)
    whole = sum(street.metres for street in streets)
    return GridSeen(streets, covered, unknown, max(0.0, whole - covered - unknown))


def _street(row: tuple[object, ...], today: date, interval: timedelta) -> StreetSeen:
    key, name, name_en, kind, metres, covered, unknown, told, walked_on, told_on, ever = row
    last = walked_on if isinstance(walked_on, date) else None
    state = _state(float(covered), float(unknown), bool(told), last, ever is not None, today, interval)  # type: ignore[arg-type]
    return StreetSeen(
        int(key),  # type: ignore[call-overload]
        str(name),
        str(name_en or ""),
        str(kind),
        float(metres),  # type: ignore[arg-type]
        float(covered),  # type: ignore[arg-type]
        float(unknown),  # type: ignore[arg-type]
        bool(told),
        last,
        told_on if isinstance(told_on, date) else None,
        state,
    )


def _state(
    covered: float, unknown: float, told: bool, last: date | None, ever: bool, today: date, interval: timedelta
) -> Walked:
    if told or covered >= ENOUGH:
        # Several days that only together cover it are as old as the interval allows.
        age = today - last if last else interval * DUE
        return Walked.DUE if age >= interval * DUE else Walked.WALKED
    if covered + unknown >= ENOUGH:
        return Walked.UNKNOWN
    return Walked.OVERDUE if ever and last else Walked.NEVER
