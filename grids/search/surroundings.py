"""In which grid and community the results of a search lie, read in one query when they are shown.

The index does not keep it: a community may be split anew on any day.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

_STATEMENT = """
    select grid.id, grid.code, grid.name, community.code, community.name, community.name_en
    from unnest(%(lons)s::float8[], %(lats)s::float8[]) with ordinality as asked (lon, lat, place)
    cross join lateral (select ST_SetSRID(ST_MakePoint(lon, lat), 4326) as geom) as point
    left join lateral (
        select g.id, g.code, g.name from grids_grid g
        where g.kind = 'service' and g.period @> %(today)s::date and ST_Covers(g.geom, point.geom)
        order by g.code limit 1
    ) as grid on true
    left join lateral (
        select r.code, r.name, r.name_en from grids_region r
        where r.level = 'community' and r.period @> %(today)s::date
              and (r.code = left(grid.code, 12) or grid.id is null and ST_Covers(r.geom, point.geom))
        order by r.code limit 1
    ) as community on true
    order by asked.place
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The grid and the community of a place; empty codes where there is none."""

    grid_id: int | None
    grid_code: str
    grid_name: str
    community_code: str
    community_name: str
    community_name_en: str


def surroundings(points: Sequence[tuple[float, float]]) -> list[Surroundings]:
    """Return what lies around each point (longitude, latitude in degrees), in their order; one query."""
    if not points:
        return []
    lons, lats = zip(*points, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"lons": list(lons), "lats": list(lats), "today": timezone.localdate()})
        return [Surroundings(row[0], *(text or "" for text in row[1:])) for row in cursor.fetchall()]
