"""What places are called, many at once: the nearest named place or street, and whose community it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from grids.models import Grid
from grids.models.places import NO_STREETS, RegionLevel
from maps.hotspots.statistics.types import Ints

Names = dict[int, tuple[str, str]]
# How far away, in degrees, something still gives a hexagon its name: about 250 m.
NEAR = 0.0025
NAMES = """
select coalesce(c.name, ''), coalesce(nullif(c.name_en, ''), c.name, ''), coalesce(n.name, ''),
       coalesce(nullif(n.name_en, ''), n.name, '')
from unnest(%(lon)s::float8[], %(lat)s::float8[]) with ordinality as u(lon, lat, number)
cross join lateral (select st_setsrid(st_makepoint(u.lon, u.lat), 4326) as point) p
left join lateral (
  select r.name, r.name_en from grids_region r
  where r.level = %(community)s and r.period @> %(today)s::date and st_covers(r.geom, p.point) order by r.code limit 1
) c on true
left join lateral (
  select * from (
    (select o.name, o.name_en, o.geom <-> p.point as away from grids_place o
     where o.name <> '' and o.geom && st_expand(p.point, %(near)s) order by o.geom <-> p.point limit 1)
    union all
    (select s.name, s.name_en, s.geom <-> p.point from grids_street s
     where s.name <> '' and not s.kind = any(%(no_streets)s) and s.geom && st_expand(p.point, %(near)s)
     order by s.geom <-> p.point limit 1)
  ) both_kinds order by away, name limit 1
) n on true
order by u.number
"""


def names_of_points(points: Sequence[Sequence[float]]) -> list[tuple[str, str]]:
    """Return the Chinese and the English name of places, each given as longitude and latitude, in one query."""
    if not points:
        return []
    values: dict[str, Any] = {
        "lon": [float(lon) for lon, _lat in points],
        "lat": [float(lat) for _lon, lat in points],
        "community": RegionLevel.COMMUNITY,
        "today": timezone.localdate(),
        "near": NEAR,
        "no_streets": list(NO_STREETS),
    }
    with connection.cursor() as cursor:
        cursor.execute(NAMES, values)
        rows = cursor.fetchall()
    return [(_joined(region, name), _joined(region_en, name_en)) for region, region_en, name, name_en in rows]


def names_of_grids(ids: Ints) -> Names:
    """Return the names of grids by their place in a list of ids: the community's, then the grid's."""
    rows = Grid.objects.filter(pk__in=ids.tolist()).select_related("region")
    known = {row.pk: row for row in rows}
    names: Names = {}
    for index, pk in enumerate(np.asarray(ids).tolist()):
        grid = known[pk]
        region_en = grid.region.name_en or grid.region.name
        name = grid.name.removeprefix(grid.region.name)
        name_en = f"Grid {grid.number}" if grid.name.endswith(f"第{grid.number}网格") else grid.name
        names[index] = (_joined(grid.region.name, name), _joined(region_en, name_en))
    return names


def _joined(region: str, name: str) -> str:
    return " · ".join(part for part in (region, name) if part)[:120]
