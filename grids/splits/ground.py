"""What lies in a community, as splitting sees it: its boundary, buildings with households, and lines on the ground."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiLineString, Polygon
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce
from shapely.geometry.base import BaseGeometry

from grids.geometry_guard import SRID
from grids.models import Building, Region, Street
from grids.models.places import NO_STREETS
from grids.splitting import BARRIERS, MAJOR_ROADS
from grids.splitting.plan import Footprint, metres

UNKNOWN_HOUSEHOLDS = 1
EARTH_RADIUS_M = 6_371_000


def to_shapely(geometry: GEOSGeometry) -> BaseGeometry:
    """Return the very same coordinates as a geometry of the pure modules."""
    return shapely.from_wkb(bytes(geometry.wkb))


def to_django(geometry: BaseGeometry) -> Polygon:
    """Return the very same coordinates of a polygon as the ORM wants them."""
    polygon = GEOSGeometry(memoryview(shapely.to_wkb(geometry)), srid=SRID)
    assert isinstance(polygon, Polygon)
    return polygon


class Ground:
    """The ground of a community, read when asked for and once."""

    def __init__(self, region: Region, part: BaseGeometry | None = None, crossing: Collection[str] = ()) -> None:
        self.region, self._crossing = region, crossing
        self._reach = region.geom if part is None else GEOSGeometry(memoryview(shapely.to_wkb(part)), srid=SRID)

    def within(self, part: BaseGeometry, parameters: Mapping[str, Any]) -> "Ground":
        """Return the ground of a part of the community, which has the community's boundary all the same.

        Lines that would divide have all lines of their kind with them that cross them, wherever: so they are cut at the
        same places as in the whole.
        """
        return Ground(self.region, part, {*parameters.get("barriers", BARRIERS), *MAJOR_ROADS})

    def across(self, lines: BaseGeometry) -> list[BaseGeometry]:
        """Return the buildings that lie across lines."""
        near = GEOSGeometry(memoryview(shapely.to_wkb(lines)), srid=SRID)
        return [
            to_shapely(geom) for geom in Building.objects.filter(geom__intersects=near).values_list("geom", flat=True)
        ]

    @cached_property
    def boundary(self) -> BaseGeometry:
        """The boundary."""
        return to_shapely(self.region.geom)

    @cached_property
    def leeway(self) -> float:
        """By how many metres the longest straight edge of the boundary differs in degrees and on a metric plane.

        A vertex that the splitter, which works in metres, puts on such an edge lies beside it in degrees: by at most
        the height of a parallel's arc over its chord, L² tan φ / 8R.
        """
        scale = np.array(metres(self.boundary.centroid.y))
        longest = 0.0
        for ring in shapely.get_rings(shapely.get_parts(self.boundary)):
            steps = np.diff(shapely.get_coordinates(ring) * scale, axis=0)
            longest = max(longest, float(np.hypot(*steps.T).max()))
        return longest**2 * math.tan(math.radians(abs(self.boundary.centroid.y))) / (8 * EARTH_RADIUS_M)

    @cached_property
    def houses(self) -> dict[int, Footprint]:
        """The buildings that reach into the community, by id.

        Households are the building's own number, else the sum of its stairwells, else one. A building across the
        boundary counts where a point inside it lies, as the splitter has it: beyond the boundary it counts for nothing.
        """
        return self._footprints(Building.objects.filter(geom__intersects=self._reach))

    def standing(self, ids: Iterable[int]) -> dict[int, Footprint]:
        """Return some buildings by id, as `houses` has them."""
        return self._footprints(Building.objects.filter(pk__in=set(ids)))

    def _footprints(self, rows: QuerySet[Building]) -> dict[int, Footprint]:
        counted = (
            rows.order_by("pk")
            .annotate(counted=Coalesce(F("households"), Sum("stairwells__households"), UNKNOWN_HOUSEHOLDS))
            .values_list("pk", "geom", "counted")
        )
        found = [(pk, to_shapely(geom), households) for pk, geom, households in counted]
        if not found:
            return {}
        shapely.prepare(self.boundary)
        here = shapely.intersects(self.boundary, shapely.point_on_surface([shape for _pk, shape, _count in found]))
        return {
            pk: Footprint(shape, households if inside else 0)
            for (pk, shape, households), inside in zip(found, here.tolist(), strict=True)
        }

    @cached_property
    def ways(self) -> list[tuple[BaseGeometry, str]]:
        """Streets, railways and waterways on the ground that reach into the community or the part, each with its kind.

        One sort after the other, as files are read: the search answers the same question in the same way then.
        """
        rows = Street.objects.filter(tunnel=False).order_by("pk").values_list("pk", "geom", "kind")
        here = list(rows.filter(geom__intersects=self._reach))
        dividing = [geom for _pk, geom, kind in here if kind in self._crossing]
        if dividing:
            crossing = rows.filter(geom__intersects=MultiLineString(dividing, srid=SRID), kind__in=self._crossing)
            here += crossing.exclude(pk__in=[pk for pk, _geom, _kind in here])
        found = [(to_shapely(geom), kind) for _pk, geom, kind in here]
        return sorted(found, key=lambda way: NO_STREETS.index(way[1]) // 2 if way[1] in NO_STREETS else -1)

    def points(self) -> Iterator[tuple[shapely.Point, int]]:
        """Yield a point inside each building with its households: what decides to which grid the households belong."""
        for house in self.houses.values():
            yield shapely.point_on_surface(house.polygon), house.households
