"""The tile of coverage (巡查覆盖): how each street of the grids that somebody answers for stands today.

What is drawn reads neither geometry nor history: the streets lie laid out by grid with their last walks
(`patrols.grid_streets`), and of coverage only the days of the revisit interval are looked at: at most seven rows a
street.
"""

from django.core.exceptions import EmptyResultSet
from django.db.models import Q
from django.utils import timezone

from grids.composed import Composed
from grids.models import Grid
from grids.models.grid import GridKind
from grids.scope import Scope
from maps.tiles.sql import BUFFER, EXTENT
from patrols.filters import ReportFilter
from patrols.standing import FARTHEST_BACK, STATE, state_values

STREETS = """
select ST_AsMVT(tile, 'coverage', %(extent)s, 'mvt'), count(*) from (
  select ST_AsMVTGeom(
           ST_Transform(p.geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), %(extent)s, %(buffer)s, true
         ) as mvt,
         p.street_id as id, s.name, s.name_en, round(p.metres)::int as metres,
         /*state*/ as state,
         round(v.covered::numeric, 3)::float8 as covered, round(v.unknown::numeric, 3)::float8 as unknown, v.told,
         %(today)s::date - v.walked as days
  from (
    select g.* from patrols_gridstreet g
    where g.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) and g.grid_id in (/*grids*/)
    limit %(most)s
  ) p
  join grids_street s on s.id = p.street_id
  cross join lateral (
    select coalesce(stretch_parts(r.covered)::float8 / p.parts, 0) as covered,
           coalesce(stretch_parts(r.unknown - r.covered)::float8 / p.parts, 0) as unknown,
           coalesce(r.told, false) as told,
           case when p.walked_on >= %(since)s and p.walked_on <= %(today)s then p.walked_on end as walked
    from (
      select range_agg(c.covered * p.stretch) as covered, range_agg(c.unknown * p.stretch) as unknown,
             bool_or(c.told) as told
      from patrols_coverage c
      where c.district = p.district and c.street_id = p.street_id and c.day > %(recent)s and c.day <= %(today)s
    ) r
  ) v
) tile
""".replace("/*state*/", STATE.format(told="v.told", covered="v.covered", unknown="v.unknown", walked="v.walked"))


def streets_statement(scope: Scope, wanted: ReportFilter, most: int) -> Composed | None:
    """Return the statement that writes any tile of the streets of grids in somebody's reach; None without any."""
    grids = Grid.objects.current().filter(Q(pk__in=scope.grids) | scope.within("region__code"), kind=GridKind.SERVICE)
    if wanted.grid:
        grids = grids.filter(code=wanted.grid)
    try:
        of_grids, values = grids.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return None
    today = timezone.localdate()
    # The ORM's values stand without names.
    places = [f"of_grids_{number}" for number in range(len(values))]
    named = {
        **state_values(today),
        **dict(zip(places, values, strict=True)),
        "since": today - FARTHEST_BACK,
        "extent": EXTENT,
        "buffer": BUFFER,
        "most": most,
    }
    of_grids = of_grids % tuple(f"%({place})s" for place in places)
    return Composed.named(STREETS.replace("/*grids*/", of_grids), named)
