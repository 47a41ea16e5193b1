"""The cells with most, with what they are called."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Polygon
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from grids.composed import Composed
from grids.models.places import NO_STREETS
from grids.problems import Problem
from grids.scope import Scope
from maps.cells.asking import Asked
from maps.cells.hexagons import AREA_KM2, mercator, square_km
from maps.cells.reading import counted, reach_of, values
from maps.models import CellCursor

MOST_LOOKED_AT = 20_000
# Up to this size of cell a street is a fair name; larger ones are called after their community, and so on.
NAMED_BY_STREET, OF_COMMUNITY, OF_SUBDISTRICT = 9, 8, 6
TOP = """
with top as (
  select c.cell, (array_agg(c.geom))[1] as geom, max(c.hectares) as hectares, max(c.lon) as lon, max(c.lat) as lat,
         coalesce(sum(now.n), 0)::int as n, /*compared*/ as was
  from maps_cell c
  cross join lateral (/*now*/) now
  /*was*/
  where c.resolution = %(resolution)s::smallint
    and c.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)
  group by c.cell
  having sum(now.n) > 0 /*or*/
  order by n desc, c.cell
  limit %(limit)s
)
select top.cell, top.n, top.was, top.hectares, top.lon, top.lat,
       ST_XMin(shape.geom), ST_YMin(shape.geom), ST_XMax(shape.geom), ST_YMax(shape.geom),
       coalesce(place.name, ''), coalesce(street.name, ''), coalesce(region.name, '')
from top
cross join lateral (
  select ST_Transform(top.geom, 4326) as geom, ST_SetSRID(ST_MakePoint(top.lon, top.lat), 4326) as centre
) shape
left join lateral (
  select /*name*/ as name from grids_place p
  where %(streets)s and p.geom && shape.geom and p.name <> '' order by p.geom <-> shape.centre, p.id limit 1
) place on true
left join lateral (
  select /*name*/ as name from grids_street p
  where %(streets)s and p.geom && shape.geom and p.name <> '' and not p.kind = any(%(no_streets)s)
  order by p.geom <-> shape.centre, p.id limit 1
) street on true
left join lateral (
  select /*name*/ as name from grids_region p
  where p.level = %(level)s and p.period @> %(today)s::date and p.geom && shape.geom
  order by p.geom <-> shape.centre, p.code limit 1
) region on true
order by top.n desc, top.cell
"""
OWN_NAME = "p.name"
IN_ENGLISH = "coalesce(nullif(p.name_en, ''), p.name)"


@dataclass(frozen=True, slots=True)
class Top:
    """A cell with how many lie in it and did before, its hectares, centre, bounds (EPSG:4326) and names around it.

    `place` and `street` are empty for large cells, `region` is the community, subdistrict or district of the centre,
    or the nearest one that the cell touches.
    """

    cell: int
    n: int
    was: int | None
    hectares: float
    lon: float
    lat: float
    bounds: tuple[float, float, float, float]
    place: str
    street: str
    region: str

    @property
    def name(self) -> str:
        """What people would call it: a place in it, the street nearest to its middle, or the region."""
        return self.place or self.street or self.region


def top_cells(scope: Scope, asked: Asked, box: Polygon, resolution: int, limit: int) -> list[Top]:
    """Return the cells of a size in a box (EPSG:4326) with most problems, in one query.

    Raises Problem for a box that holds more cells than are looked through.
    """
    if square_km(box.extent) / AREA_KM2[resolution] > MOST_LOOKED_AT:
        raise Problem(
            _("The box holds more than %(most)s cells of this size: choose a smaller box or zoom.")
            % {"most": f"{MOST_LOOKED_AT:,}"}
        )
    reach = reach_of(scope)
    if reach is None:
        return []
    text = TOP.replace("/*now*/", counted(asked, "now", asked.window))
    text = text.replace("/*name*/", IN_ENGLISH if (get_language() or "").startswith("en") else OWN_NAME)
    if asked.versus:
        text = text.replace("/*was*/", f"cross join lateral ({counted(asked, 'was', asked.versus)}) was")
        text = text.replace("/*compared*/", "coalesce(sum(was.n), 0)::int").replace("/*or*/", "or sum(was.n) > 0")
    else:
        text = text.replace("/*compared*/", "null::int")
    given = {
        **values(asked),
        **box_values(box),
        "reach": reach,
        "resolution": resolution,
        "limit": limit,
        "streets": resolution >= NAMED_BY_STREET,
        "no_streets": list(NO_STREETS),
        "level": _level(resolution),
        "today": timezone.localdate(),
    }
    rows = Composed.named(text, given).rows({})
    return [
        Top(cell, n, was, hectares, lon, lat, (left, low, right, high), place, street, region)
        for cell, n, was, hectares, lon, lat, left, low, right, high, place, street, region in rows
    ]


def box_values(box: Polygon) -> dict[str, float]:
    """Return the sides of a box in EPSG:3857."""
    (west, south), (east, north) = mercator(*box.extent[:2]), mercator(*box.extent[2:])
    return {"west": west, "south": south, "east": east, "north": north}


def counted_until() -> datetime | None:
    """Return the moment up to which the counts know everything, None before they were made."""
    return CellCursor.objects.values_list("counted_until", flat=True).first()


def _level(resolution: int) -> str:
    if resolution >= OF_COMMUNITY:
        return "community"
    return "subdistrict" if resolution >= OF_SUBDISTRICT else "district"


def shown(one: Top) -> dict[str, Any]:
    """Return a cell as JSON shows it."""
    return {
        "id": f"{one.cell:x}",
        "n": one.n,
        "was": one.was,
        "ha": round(one.hectares, 3),
        "per_ha": round(one.n / one.hectares, 3),
        "centre": [round(one.lon, 6), round(one.lat, 6)],
        "bounds": [round(side, 6) for side in one.bounds],
        "name": one.name,
        "place": one.place,
        "street": one.street,
        "region": one.region,
    }
