"""The tile of hotspots (问题高发区): the hexagons or grids of one run, for the planners of its region."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from grids.composed import Composed
from grids.models.people import Role
from grids.problems import NotFound, Problem
from grids.scope import Scope
from maps.hotspots.question import regions_of
from maps.models import HotspotRun
from maps.tiles.sql import BUFFER, EXTENT

CELLS = """
select ST_AsMVT(tile, 'hotspots', %(extent)s, 'mvt'), count(*) from (
  select ST_AsMVTGeom(
           ST_Transform(c.geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), %(extent)s, %(buffer)s, true
         ) as mvt,
         c.id, c.bin as class, c.count as n, case when c.effort_known then 'known' else 'unknown' end as effort,
         c.tested, c.emerging, round(c.rate::numeric, 3)::float8 as rate, round(c.ratio::numeric, 3)::float8 as ratio
  from maps_hotspotcell c
  where c.run_id = %(run)s and c.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
  order by c.rank limit %(most)s
) tile
"""


def read_run(query: Mapping[str, Any]) -> UUID:
    """Read from a URL's parameters which run is to be drawn; raises Problem (400)."""
    try:
        return UUID(str(query.get("run", "")))
    except ValueError as error:
        raise Problem(_("Say with run=… which run is to be drawn.")) from error


def cells_statement(scope: Scope, run: UUID, most: int) -> Composed:
    """Return the statement that writes any tile of a run; raises NotFound for one that is not the reader's to see."""
    if not HotspotRun.objects.filter(regions_of(scope.regions.get(Role.PLANNER, ())), pk=run).exists():
        raise NotFound(_("There is no such run here."))
    return Composed.named(CELLS, {"run": run, "extent": EXTENT, "buffer": BUFFER, "most": most})
