"""Geometries from untrusted input, checked before any geometry library sees them. Pure: no Django.

GEOS, whichever program calls it, can be made to abort the whole process: by coordinates beyond 1e200, by deep
nesting, by sizes that do not fit. So bytes, depth, type, counts, finiteness and range are checked here in plain
Python on the raw numbers, then the geometry is built from those numbers, then GEOS is asked whether it is valid.
Coordinates are longitude and latitude in degrees (EPSG:4326 axis order of GeoJSON), two-dimensional.
"""

from grids.geometry.building import read_point, repaired, require_sound
from grids.geometry.faults import AREAS, DEFAULT, KINDS, LINES, Fault, Limits
from grids.geometry.geojson import load_json, read_geojson
from grids.geometry.wkb import read_wkb

__all__ = [
    "AREAS",
    "DEFAULT",
    "KINDS",
    "LINES",
    "Fault",
    "Limits",
    "load_json",
    "read_geojson",
    "read_point",
    "read_wkb",
    "repaired",
    "require_sound",
]
