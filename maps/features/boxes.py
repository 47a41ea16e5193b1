"""The parameter `bbox`: four or six numbers in CRS84, also across the antimeridian."""

from math import isfinite

from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon
from django.utils.translation import gettext as _

from grids.problems import Problem

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def read_area(text: str) -> GEOSGeometry:
    """Return what the box covers; raises Problem (400).

    The numbers are west,south,east,north in degrees, or with a lowest height after south and a highest at the end,
    which say nothing here. West of more than east is a box across the antimeridian. A box without width or height is
    the line or the point that is left of it.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        west, south, low, east, north, high = numbers
    elif len(numbers) == 4:
        (west, south, east, north), low, high = numbers, 0.0, 0.0
    else:
        raise _wrong()
    sound = all(map(isfinite, numbers)) and south <= north and low <= high
    if not (sound and all(-180 <= side <= 180 for side in (west, east)) and south >= -90 and north <= 90):
        raise _wrong()
    if west <= east:
        return _area(west, south, east, north)
    return _area(west, south, 180, north).union(_area(-180, south, east, north))


def _area(west: float, south: float, east: float, north: float) -> GEOSGeometry:
    if west == east and south == north:
        return Point(west, south, srid=4326)
    if west == east or south == north:
        return LineString((west, south), (east, north), srid=4326)
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = 4326
    return box


def _wrong() -> Problem:
    return Problem(_("bbox must be west,south,east,north in degrees, or six numbers with heights."))
