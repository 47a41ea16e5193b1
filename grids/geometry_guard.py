"""The geometry guard: what untrusted geometry passes before it is stored or asked about.

Every function raises `BadInput` with one sentence in the reader's language that says what is wrong and where.
Coordinates are longitude and latitude in degrees, WGS-84 unless the caller converts them (`grids.shifts`).
"""

from collections.abc import Callable
from dataclasses import replace

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext
from shapely.geometry.base import BaseGeometry

from grids import geometry as core
from grids.geometry import DEFAULT, Fault, Limits
from grids.problems import BadInput

SRID = 4326


def check_geojson(value: object, limits: Limits = DEFAULT) -> BaseGeometry:
    """Return a valid geometry for a GeoJSON geometry object (parsed, or its text) within the limits."""
    return _answered(lambda: core.require_sound(core.read_geojson(value, limits)))


def check_sound(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry that passed the guard and was moved since, if it is still valid."""
    return _answered(lambda: core.require_sound(geometry))


def check_wkb(data: bytes, limits: Limits = DEFAULT) -> BaseGeometry:
    """Return a valid geometry for WKB or EWKB within the limits."""
    return _answered(lambda: core.require_sound(core.read_wkb(data, limits)))


def parse_point(lon: object, lat: object) -> BaseGeometry:
    """Return a point for two numbers or their decimal texts."""
    return _answered(lambda: core.read_point(lon, lat))


def only(*kinds: str, limits: Limits = DEFAULT) -> Limits:
    """Return limits that accept nothing but these GeoJSON types."""
    return replace(limits, kinds=frozenset(kinds))


def to_geos(geometry: BaseGeometry) -> GEOSGeometry:
    """Return a checked geometry as the ORM wants it; never call this with one that did not pass the guard."""
    return GEOSGeometry(memoryview(shapely.to_wkb(geometry)), srid=SRID)


def _answered(work: Callable[[], BaseGeometry]) -> BaseGeometry:
    try:
        return work()
    except Fault as fault:
        raise BadInput(fault.text(gettext)) from fault
