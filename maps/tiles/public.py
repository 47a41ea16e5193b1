"""The tile of problems that anybody may see: how many are open and closed in a cell, joined at lower zooms.

Read from the kept counts (`patrols.public_cells`): what is drawn grows with the cells in view, never with the reports.
"""

from django.utils.translation import gettext as _

from grids.composed import Composed
from grids.problems import Problem
from grids.scope import Scope
from maps.tiles.sql import BUFFER, EXTENT
from patrols.filters import ReportFilter
from patrols.public import CELLS_A_DEGREE
from patrols.workflow import OPEN_STATES, State

FULL_ZOOM = 15  # of the tile: from here on every cell stands by itself
BOTH, OPEN, CLOSED = "", "open", "closed"
# Every joined cell of which a part lies in the tile is counted as a whole, so that its neighbour says the same of it.
PROBLEMS = """
with joined as (select (2 ^ greatest(0, /*full*/ - %(z)s))::bigint as side),
around as (
  select side,
         floor(%(west)s::float8 * /*cells*/ / side)::bigint * side as west,
         (floor(%(east)s::float8 * /*cells*/ / side)::bigint + 1) * side as east,
         floor(%(south)s::float8 * /*cells*/ / side)::bigint * side as south,
         (floor(%(north)s::float8 * /*cells*/ / side)::bigint + 1) * side as north
  from joined
),
counted as (
  select floor(c.column / a.side::float8)::bigint as east, floor(c.row / a.side::float8)::bigint as north,
         sum(c.open) as open, sum(c.closed) as closed
  from patrols_publiccell c, around a
  where c.shown and c.column >= a.west and c.column < a.east and c.row >= a.south and c.row < a.north
    and c.open + c.closed > 0 and (%(all)s or c.category_id = any(%(categories)s))
  group by 1, 2
)
select ST_AsMVT(tile, 'problems', %(extent)s, 'mvt'), count(*) from (
  select ST_AsMVTGeom(
           ST_Transform(ST_SetSRID(ST_MakePoint(
             (east + 0.5) * side / /*cells*/, (north + 0.5) * side / /*cells*/), 4326), 3857),
           ST_TileEnvelope(%(z)s, %(x)s, %(y)s), %(extent)s, %(buffer)s, true
         ) as mvt,
         side || '/' || east || '/' || north as id, side::int as cells,
         case when %(state)s = 'closed' then 0 else open end::int as open,
         case when %(state)s = 'open' then 0 else closed end::int as closed
  from counted, joined
  where case %(state)s when 'open' then open when 'closed' then closed else open + closed end > 0
  limit %(most)s
) tile
where mvt is not null
"""
PROBLEMS = PROBLEMS.replace("/*full*/", str(FULL_ZOOM)).replace("/*cells*/", str(CELLS_A_DEGREE))


def problems_statement(_scope: Scope, wanted: ReportFilter, most: int) -> Composed:
    """Return the statement that writes any tile of public problems; raises Problem for a state that is not public."""
    named = {
        "all": not wanted.category,
        "categories": list(wanted.categories),
        "state": state_of(wanted),
        "extent": EXTENT,
        "buffer": BUFFER,
        "most": most,
    }
    return Composed.named(PROBLEMS, named)


def state_of(wanted: ReportFilter) -> str:
    """Return which problems a filter wants: the open ones, the closed ones, or both; raises Problem for any other."""
    known: dict[tuple[str, ...], str] = {(): BOTH, OPEN_STATES: OPEN, (State.CLOSED,): CLOSED}
    if wanted.states not in known:
        raise Problem(
            _("“%(value)s” is no state here; there are open and closed.") % {"value": ",".join(wanted.states)}
        )
    return known[wanted.states]
