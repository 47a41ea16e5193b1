"""An area that a planner chose, by cells of the map or drawn: checked, cut to their regions, with what it touches.

Nothing that a browser says of a hexagon's outline is believed: cells come as ids, and the ground follows from those.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids import geometry_guard
from grids.cell_areas import MOST_CELLS, ground_of, read_cells
from grids.expressions import EDGE
from grids.geometry import DEFAULT
from grids.models import Grid, Region
from grids.models.grid import GridKind
from grids.problems import BadInput, NotFound
from grids.reach import check_manager, lies_within
from grids.scope import Scope

MOST_KM2 = 10
MOST_VERTICES = 2000
DRAWN = replace(DEFAULT, kinds=frozenset({"Polygon", "MultiPolygon"}), vertices=MOST_VERTICES)
# An outline drawn along a region's border may run so many square metres beyond it.
BEYOND = 100.0
CUT = """
with given as (select st_geomfromwkb(%(wkb)s, 4326) as geom),
reach as (
  select st_union(r.geom) as geom from grids_region r, given
  where r.code = any(%(codes)s) and r.period @> %(today)s::date and r.geom && given.geom
),
cut as (
  select case when st_covers(reach.geom, given.geom) then given.geom
              else st_collectionextract(st_intersection(reach.geom, given.geom), 3) end as geom, given.geom as whole
  from given, reach
)
select st_asbinary(st_multi(geom)), st_area(geom::geography),
       st_area(whole::geography) - st_area(geom::geography), st_npoints(geom)
from cut where geom is not null and not st_isempty(geom)
"""


@dataclass(frozen=True, slots=True)
class PlannedArea:
    """An area in EPSG:4326, the cells it was chosen by, the grids it touches and the smallest region that holds them.

    `middle` is a point on it.
    """

    geom: MultiPolygon
    cells: tuple[str, ...]
    square_metres: float
    region: Region
    grids: tuple[int, ...]

    @property
    def middle(self) -> Point:
        """A point on the area."""
        point = self.geom.point_on_surface
        assert isinstance(point, Point)
        return point


def area_of_cells(scope: Scope, given: Iterable[str]) -> PlannedArea:
    """Return the ground of cells as far as it lies in the regions that somebody plans.

    Raises NotFound for who plans nowhere, BadInput for what is no area, too large, elsewhere, or touches no grid.
    """
    codes = check_manager(scope)
    cells = read_cells(given)
    return _area(codes, ground_of(cells), tuple(cells))


def area_of_grids(scope: Scope, given: Iterable[str]) -> PlannedArea:
    """Return the ground of service grids by their codes; raises as `area_of_cells` does, NotFound for one elsewhere."""
    codes = check_manager(scope)
    wanted = sorted({text.strip() for text in given if text.strip()})
    if not wanted:
        raise BadInput(_("Choose at least one grid."))
    if len(wanted) > MOST_CELLS:
        raise BadInput(_("Those are more than %(most)d grids.") % {"most": MOST_CELLS})
    rows = Grid.objects.current().filter(lies_within(codes, "region__code"), kind=GridKind.SERVICE, code__in=wanted)
    shapes = [shapely.from_wkb(bytes(grid.geom.wkb)) for grid in rows]
    if len(shapes) < len(wanted):
        raise NotFound(_("There is no such grid here."))
    return _area(codes, shapely.union_all(shapes), ())


def area_drawn(scope: Scope, given: object) -> PlannedArea:
    """Return an area that was drawn, a Polygon or MultiPolygon of GeoJSON; raises as `area_of_cells` does.

    It has to lie within the regions that somebody plans.
    """
    codes = check_manager(scope)
    return _area(codes, geometry_guard.check_geojson(given, DRAWN), (), within=True)


def grids_touched(geom: GEOSGeometry) -> Any:
    """Return the present service grids that an area touches by more than an edge."""
    core = geom.buffer(-EDGE)
    return Grid.objects.current().filter(kind=GridKind.SERVICE, geom__intersects=geom if core.empty else core)


def _area(codes: tuple[str, ...], shape: BaseGeometry, cells: tuple[str, ...], *, within: bool = False) -> PlannedArea:
    values = {"wkb": shapely.to_wkb(shape), "codes": list(codes), "today": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(CUT, values)
        row = cursor.fetchone()
    if row is None or (within and row[2] > BEYOND):
        raise BadInput(_("The area lies outside of your region."))
    wkb, square_metres, _beyond, vertices = row
    if square_metres > MOST_KM2 * 1e6:
        raise BadInput(_("The area is larger than %(most)d km²: choose a part of it.") % {"most": MOST_KM2})
    if vertices > DEFAULT.vertices:
        raise BadInput(_("The area has too many corners: choose a part of it."))
    geom = GEOSGeometry(memoryview(bytes(wkb)), srid=4326)
    assert isinstance(geom, MultiPolygon)
    touched = list(grids_touched(geom).values_list("pk", "region__code"))
    if not touched:
        raise BadInput(_("There is no grid in this area: nobody would answer for it."))
    region = _region_of({code for _pk, code in touched})
    return PlannedArea(geom, cells, square_metres, region, tuple(sorted(pk for pk, _code in touched)))


def _region_of(codes: set[str]) -> Region:
    """Return the smallest region that holds communities; raises BadInput for more than one district."""
    for length in (12, 9, 6):
        common = {code[:length] for code in codes}
        if len(common) == 1:
            region: Region | None = Region.objects.current().filter(code=common.pop()).defer("geom").first()
            if region is not None:
                return region
    raise BadInput(_("Choose an area within one district."))
