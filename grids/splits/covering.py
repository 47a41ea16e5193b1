"""Whether the present grids of a community still cover it: its boundary may have been drawn anew since."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from django.contrib.gis.geos import GEOSGeometry

from grids.splits.findings import TOLERANCE_M
from grids.splits.ground import to_shapely
from grids.splitting.plan import METRES_PER_DEGREE, metres


@dataclass(frozen=True, slots=True)
class Beside:
    """How many square metres of a community lie in no grid, and how many of its grids beyond its boundary."""

    open: int
    beyond: int


def beside(boundary: GEOSGeometry, grids: Iterable[GEOSGeometry]) -> Beside | None:
    """Compare grids with a boundary; None where they differ by less than hand-drawn grids may, or there are none."""
    shapes = [to_shapely(one) for one in grids]
    if not shapes:
        return None
    together = shapely.coverage_union_all if shapely.coverage_is_valid(shapes) else shapely.union_all
    area, ground = together(shapes), to_shapely(boundary)
    left, over = shapely.difference(ground, area), shapely.difference(area, ground)
    if all(shapely.is_empty(shapely.buffer(one, -TOLERANCE_M / 2 / METRES_PER_DEGREE)) for one in (left, over)):
        return None
    scale = math.prod(metres(ground.centroid.y))
    return Beside(round(left.area * scale), round(over.area * scale))
