"""How a street stands: which streets a grid has, and from when on one counts as walked. Shared by all who ask in SQL.

A street is looked at as far as it lies within the grid or beside its border. It counts as walked on a day if `ENOUGH`
of that was covered on it or was ticked by hand; over the revisit interval, what several days covered adds up. Of a
street that was not walked but whose rest lies largely in gaps of patrols nothing is known, and that is said: unknown is
not "not walked".
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from grids.models.places import NO_STREETS

ENOUGH = 0.6
INTERVAL = timedelta(days=7)
# Due for another walk from this share of the interval on.
DUE = 0.7
# How far back a last walk is looked for.
FARTHEST_BACK = timedelta(days=400)
# A street on a border belongs to the grids on both sides, in metres from a grid.
BESIDE = 5.0
# What only just reaches over a border is no street of the grid: less than so many metres and than half of the street.
LEAST = 25.0

# The streets as far as they lie in areas: `area` has id and geom, and `ground` has grid, which is that id, street,
# stretch, metres and geom.
PIECES = """
piece as (
  select area.id as grid, s.id, p.stretch, p.metres, p.geom
  from area
  join grids_street s on s.geom && area.geom and st_intersects(s.geom, area.geom)
  cross join lateral (
    select int4range(0, 1000000) as stretch, st_length(s.geom::geography) as metres, s.geom as geom
    where st_coveredby(s.geom, area.geom)
    union all
    select int4range(round(1e6 * least(e.one, e.two))::int, round(1e6 * greatest(e.one, e.two))::int),
           st_length(part.geom::geography), part.geom
    from st_dump(st_intersection(s.geom, area.geom)) part
    cross join lateral (
      select st_linelocatepoint(s.geom, st_startpoint(part.geom)) as one,
             st_linelocatepoint(s.geom, st_endpoint(part.geom)) as two
    ) e
    where not st_coveredby(s.geom, area.geom) and st_dimension(part.geom) = 1
  ) p
  where not s.kind = any(%(no_streets)s) and not isempty(p.stretch)
),
ground as (
  select grid, id as street, range_agg(stretch) as stretch, sum(metres) as metres, st_multi(st_collect(geom)) as geom
  from piece group by grid, id
  having sum(metres) >= %(least)s or stretch_parts(range_agg(stretch)) >= 500000
)
"""
# The streets of grids: %(grids)s are their ids.
GROUND = f"""
area as (
  select id, st_buffer(geom::geography, %(beside)s)::geometry as geom from grids_grid where id = any(%(grids)s)
),
{PIECES}"""  # noqa: S608 - constants only

# Of `covered` and `unknown` shares of the interval, whether it was `told` in it, and `walked`, the last day of a walk.
# Several days that only together cover it are as old as the interval allows.
STATE = """
case when {told} or {covered} >= %(enough)s
     then case when coalesce(%(today)s::date - {walked}, 1000000) >= %(due)s then 'due' else 'walked' end
     when {covered} + {unknown} >= %(enough)s then 'unknown'
     when {walked} is not null then 'overdue'
     else 'never' end
"""


class Walked(StrEnum):
    """How a street stands."""

    WALKED = "walked"
    DUE = "due"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"
    NEVER = "never"


def ground_values(grids: list[int]) -> dict[str, Any]:
    """Return the values that `GROUND` needs."""
    return {"grids": grids, "beside": BESIDE, **piece_values()}


def piece_values() -> dict[str, Any]:
    """Return the values that `PIECES` needs."""
    return {"no_streets": list(NO_STREETS), "least": LEAST}


def state_values(today: date, interval: timedelta = INTERVAL) -> dict[str, Any]:
    """Return the values that `STATE` needs, and `recent`, the day before the interval that ends today."""
    return {"enough": ENOUGH, "today": today, "due": interval.days * DUE, "recent": today - interval}
