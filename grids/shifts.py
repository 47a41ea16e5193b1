"""Shifted coordinates of Chinese map providers, turned into WGS-84 at the edge and back for drawing.

GCJ-02 (Amap, Tencent, public maps of China) displaces WGS-84 by 100 to 700 m; BD-09 (Baidu) displaces GCJ-02 again.
Neither is published by its owner. The formula is the one the community recovered and published as the “Mars
coordinates” transformation (2010), restated in the article “Restrictions on geographic data in China” of the English
Wikipedia with the constants of the Krasovsky 1940 ellipsoid; the code is our own.

All coordinates are longitude and latitude in degrees. Outside the box of China nothing is shifted. The inverses are
found by fixed-point iteration: exact to far below a millimetre where the forward formula is.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Crs = Literal["wgs84", "gcj02", "bd09"]
Degrees = NDArray[np.float64]

CRS: tuple[Crs, ...] = ("wgs84", "gcj02", "bd09")
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
_SEMI_MAJOR_AXIS = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_TURN = np.pi * 3000 / 180
# The displacement changes by less than 0.2 % over its own length: every step gains more than two digits.
_STEPS = 8


def to_wgs84(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """Return the WGS-84 position of a position given in `crs`."""
    return _single(lon, lat, _INVERSE[crs])


def from_wgs84(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """Return the position in `crs` of a WGS-84 position."""
    return _single(lon, lat, _FORWARD[crs])


def geometry_to_wgs84(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    """Return a geometry given in `crs` with every vertex in WGS-84; the caller checks validity afterwards."""
    return geometry if crs == "wgs84" else shapely.transform(geometry, _INVERSE[crs])


def geometry_from_wgs84(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    """Return a WGS-84 geometry with every vertex in `crs`."""
    return geometry if crs == "wgs84" else shapely.transform(geometry, _FORWARD[crs])


def gcj02_of_wgs84(positions: Degrees) -> Degrees:
    """Shift an (n, 2) array of WGS-84 positions to GCJ-02."""
    return np.where(_in_china(positions), positions + _displacement(positions), positions)


def bd09_of_gcj02(positions: Degrees) -> Degrees:
    """Shift an (n, 2) array of GCJ-02 positions to BD-09."""
    lon, lat = positions[:, 0], positions[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    shifted = np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))
    return np.where(_in_china(positions), shifted, positions)


def _displacement(positions: Degrees) -> Degrees:
    lon, lat = positions[:, 0], positions[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root, product = 0.1 * np.sqrt(np.abs(x)), 0.1 * x * y
    fine = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + product + root
    east += (fine + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + product + 2.0 * root
    north += (fine + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * 2.0 / 3.0
    latitude = np.radians(lat)
    w = 1.0 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    prime_vertical = _SEMI_MAJOR_AXIS / np.sqrt(w)
    meridian = _SEMI_MAJOR_AXIS * (1.0 - _ECCENTRICITY_SQUARED) / w**1.5
    return np.column_stack((np.degrees(east / (prime_vertical * np.cos(latitude))), np.degrees(north / meridian)))


def _waves(value: Degrees, *terms: tuple[float, float]) -> Degrees:
    total = np.zeros_like(value)
    for amplitude, divisor in terms:
        total += amplitude * np.sin(value * np.pi / divisor)
    return total


def _in_china(positions: Degrees) -> NDArray[np.bool_]:
    lon, lat = positions[:, :1], positions[:, 1:2]
    return (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)


def _inverse(forward: Callable[[Degrees], Degrees]) -> Callable[[Degrees], Degrees]:
    def solve(positions: Degrees) -> Degrees:
        guess = positions
        for _ in range(_STEPS):
            guess = guess + (positions - forward(guess))
        return guess

    return solve


def _same(positions: Degrees) -> Degrees:
    return positions


def _bd09_of_wgs84(positions: Degrees) -> Degrees:
    return bd09_of_gcj02(gcj02_of_wgs84(positions))


def _single(lon: float, lat: float, shift: Callable[[Degrees], Degrees]) -> tuple[float, float]:
    (position,) = shift(np.array([[lon, lat]], dtype=np.float64)).tolist()
    return position[0], position[1]


_FORWARD: dict[Crs, Callable[[Degrees], Degrees]] = {
    "wgs84": _same,
    "gcj02": gcj02_of_wgs84,
    "bd09": _bd09_of_wgs84,
}
_INVERSE: dict[Crs, Callable[[Degrees], Degrees]] = {
    "wgs84": _same,
    "gcj02": _inverse(gcj02_of_wgs84),
    "bd09": _inverse(_bd09_of_wgs84),
}
