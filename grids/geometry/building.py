"""From checked numbers to a geometry, and the question whether it is valid."""

import math
import re
from typing import Any, NoReturn

import shapely
from shapely.geometry.base import BaseGeometry

from grids.geometry.faults import AREAS, LINE, MULTI, POINT, POLYGON, Fault, gettext_noop, refuse_heights

Position = tuple[float, float]
Ring = list[Position]
Parts = list[list[Ring]]

_DECIMAL = re.compile(r"\s*[+-]?[0-9]{1,20}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,3})?\s*", re.ASCII)
OUT_OF_RANGE = gettext_noop(
    "%(where)s: longitude %(lon)s must be from -180 to 180 and latitude %(lat)s from -90 to 90 degrees."
)
SWAPPED = gettext_noop("%(where)s: latitude %(lat)s is out of range; longitude and latitude seem to be swapped.")
REASONS = {
    "Self-intersection": gettext_noop("its outline crosses itself"),
    "Ring Self-intersection": gettext_noop("a ring touches itself"),
    "Hole lies outside shell": gettext_noop("a hole lies outside the outline"),
    "Nested holes": gettext_noop("one hole lies inside another"),
    "Nested shells": gettext_noop("one part lies inside another"),
    "Interior is disconnected": gettext_noop("holes cut it into pieces"),
    "Duplicate Rings": gettext_noop("the same ring appears twice"),
    "Too few points in geometry component": gettext_noop("a part has too few different points"),
}


def read_point(lon: object, lat: object) -> BaseGeometry:
    """Build a point from two numbers or their decimal texts, in degrees."""
    return shapely.Point(*checked_position((decimal(lon, "lon"), decimal(lat, "lat")), drop_heights=False))


def require_sound(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry built here if GEOS finds it valid, else raise a fault with the reason and the place."""
    if not shapely.is_valid(geometry):
        explained = shapely.is_valid_reason(geometry)
        words, _, place = explained.partition("[")
        where = ", ".join(f"{float(part):.6f}" for part in place.rstrip("]").split()[:2])
        reason = REASONS.get(words.strip(), words.strip())
        raise Fault(gettext_noop("The geometry is not valid at %(where)s: %(reason)s."), reason, where=where or "?")
    if geometry.geom_type in AREAS and not geometry.area > 0:
        raise Fault(gettext_noop("The area of the geometry is zero."))
    return geometry


def repaired(geometry: BaseGeometry) -> BaseGeometry:
    """Return a valid area for an invalid one, or raise a fault.

    Repairing can leave lines and points beside the area or instead of it: only the area is kept, and there must be
    one. Lines and points are not repaired.
    """
    if geometry.geom_type not in AREAS:
        return require_sound(geometry)
    whole = shapely.make_valid(geometry)
    areas = [
        part for part in shapely.get_parts(shapely.get_parts(whole)) if part.geom_type == POLYGON and part.area > 0
    ]
    if not areas:
        raise Fault(gettext_noop("The area of the geometry is zero."))
    return require_sound(areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas))


def checked_position(value: object, *, drop_heights: bool) -> Position:
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= 4:
        raise Fault(gettext_noop("%(where)s must be a pair of longitude and latitude."), where="coordinates")
    if len(value) > 2 and not drop_heights:
        refuse_heights()
    lon, lat = value[0], value[1]
    # A bool is an int for isinstance; only real numbers are coordinates.
    if type(lon) not in {int, float} or type(lat) not in {int, float}:
        raise Fault(gettext_noop("%(where)s must hold numbers only."), where="coordinates")
    if -180 <= lon <= 180 and -90 <= lat <= 90:
        return float(lon), float(lat)
    _out_of_range(lon, lat)


def _out_of_range(lon: float, lat: float) -> NoReturn:
    shown = {"where": "coordinates", "lon": _short(lon), "lat": _short(lat)}
    if not all(isinstance(number, int) or math.isfinite(number) for number in (lon, lat)):
        raise Fault(gettext_noop("%(where)s is not a finite number."), **shown)
    if -90 <= lon <= 90 and -180 <= lat <= 180:
        raise Fault(SWAPPED, **shown)
    raise Fault(OUT_OF_RANGE, **shown)


def _short(number: float) -> str:
    if isinstance(number, int):
        return str(number) if abs(number) < 10**15 else ("-" if number < 0 else "") + "1e15+"
    return f"{number:.10g}"


def decimal(value: object, name: str) -> float:
    if type(value) in {int, float}:
        return value  # type: ignore[return-value]
    if isinstance(value, str) and len(value) <= 80 and _DECIMAL.fullmatch(value):
        return float(value)
    shown = f"“{value[:40]}”" if isinstance(value, str) else "?"
    raise Fault(gettext_noop("%(name)s is not a number in degrees: %(value)s."), name=name, value=shown)


def build(kind: str, parts: Parts) -> BaseGeometry:
    base = MULTI.get(kind, kind)
    if not parts or not all(parts):
        raise Fault(gettext_noop("The geometry is empty (%(where)s)."), where="coordinates")
    for part in parts:
        for index, ring in enumerate(part):
            _check_ring(base, index, ring)
    if base == POINT:
        built = [shapely.Point(part[0][0]) for part in parts]
    elif base == LINE:
        built = [shapely.LineString(part[0]) for part in parts]
    else:
        built = [shapely.Polygon(part[0], part[1:]) for part in parts]
    return getattr(shapely, kind)(built) if kind in MULTI else built[0]


def _check_ring(base: str, index: int, ring: Ring) -> None:
    if base == LINE and len(set(ring)) < 2:
        raise Fault(gettext_noop("A line needs two different points."))
    if base != POLYGON:
        return
    lon, lat = ring[0] if ring else (0.0, 0.0)
    shown: dict[str, Any] = {"ring": index + 1, "lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}
    if len(ring) < 4:
        raise Fault(gettext_noop("Ring %(ring)s of the geometry has fewer than four points."), **shown)
    if ring[0] != ring[-1]:
        raise Fault(
            gettext_noop("Ring %(ring)s of the geometry is not closed (it starts at %(lon)s, %(lat)s)."), **shown
        )
