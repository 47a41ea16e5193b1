"""The metric plane of a place: CGCS2000 3° zones inside China, UTM zones of WGS-84 elsewhere. Pure: NumPy only.

Both are transverse Mercator projections; the formulas are the series to the sixth order in the third flattening of
C. F. F. Karney, “Transverse Mercator with an accuracy of a few nanometers”, Journal of Geodesy 85 (2011), equations
(7) to (12) and (35), (36). Coordinates in the plane are always easting, northing in metres, whatever order of axes the
register gives the zone (EPSG:4547 names the northing first).
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Coordinates = NDArray[np.float64]

_WGS84 = (6378137.0, 1 / 298.257223563)
_CGCS2000 = (6378137.0, 1 / 298.257222101)
# EPSG:4534 to 4554 are the CGCS2000 3° zones by central meridian, from 75° to 135°.
_FIRST_ZONE, _FIRST_MERIDIAN, _ZONES = 4534, 75, 21
# A coarse outline of China, within about 50 km: near a land border either plane measures well.
_OUTLINE = """
    73.4 39.3 74.9 40.5 80.1 42.2 80.3 45.1 82.6 45.4 83.1 47.2 85.6 47.1 85.8 48.5 87.8 49.2 91.0 46.9 90.9 45.2
    95.4 44.3 96.4 42.7 101.7 42.5 105.0 41.6 109.4 42.5 112.0 43.8 111.9 45.1 116.0 45.7 119.9 46.8 118.5 47.9
    115.5 47.7 116.7 49.8 119.3 50.1 120.0 52.6 123.6 53.6 126.9 51.3 127.6 49.8 130.9 48.9 131.0 47.7 134.8 48.4
    133.1 45.1 131.3 44.9 130.7 42.4 128.1 42.0 126.9 41.7 124.3 40.0 122.0 38.5 123.5 36.5 123.0 30.8 122.3 28.0
    123.0 25.3 122.0 21.5 117.5 21.0 112.0 17.0 109.0 17.5 107.9 21.5 106.6 22.0 106.5 22.9 105.3 23.3 102.5 22.6
    101.7 21.1 100.1 21.5 97.6 23.9 98.7 26.0 97.4 28.4 92.0 27.7 88.9 27.4 86.0 28.0 81.0 30.2 78.7 31.5
    79.2 32.5 78.0 35.5 74.5 37.3"""
_CHINA = np.array(_OUTLINE.split(), dtype=np.float64).reshape(-1, 2)


@dataclass(frozen=True)
class Plane:
    """A transverse Mercator plane: its EPSG code, central meridian in degrees, scale, shifts and ellipsoid."""

    epsg: int
    meridian: float
    scale: float
    north_shift: float
    axis: float
    flattening: float
    east_shift: float = 500_000.0

    def forward(self, degrees: Coordinates) -> Coordinates:
        """Return eastings and northings in metres of an (n, 2) array of longitudes and latitudes in degrees."""
        e = self._eccentricity
        lam = np.radians((degrees[:, 0] - self.meridian + 180) % 360 - 180)
        phi = np.radians(degrees[:, 1])
        tau = np.tan(phi)
        sigma = np.sinh(e * np.arctanh(e * np.sin(phi)))
        conformal = tau * np.hypot(1, sigma) - sigma * np.hypot(1, tau)
        xi = np.arctan2(conformal, np.cos(lam))
        eta = np.arcsinh(np.sin(lam) / np.hypot(conformal, np.cos(lam)))
        north, east = xi.copy(), eta.copy()
        for j, a in enumerate(self._alpha, 1):
            north += a * np.sin(2 * j * xi) * np.cosh(2 * j * eta)
            east += a * np.cos(2 * j * xi) * np.sinh(2 * j * eta)
        k = self.scale * self._rectifying
        return np.column_stack([self.east_shift + k * east, self.north_shift + k * north])

    def inverse(self, metres: Coordinates) -> Coordinates:
        """Return longitudes and latitudes in degrees of an (n, 2) array of eastings and northings in metres."""
        e, k = self._eccentricity, self.scale * self._rectifying
        north, east = (metres[:, 1] - self.north_shift) / k, (metres[:, 0] - self.east_shift) / k
        xi, eta = north.copy(), east.copy()
        for j, b in enumerate(self._beta, 1):
            xi -= b * np.sin(2 * j * north) * np.cosh(2 * j * east)
            eta -= b * np.cos(2 * j * north) * np.sinh(2 * j * east)
        conformal = np.sin(xi) / np.hypot(np.sinh(eta), np.cos(xi))
        tau = conformal / (1 - e * e)
        for _ in range(4):
            sigma = np.sinh(e * np.arctanh(e * tau / np.hypot(1, tau)))
            now = tau * np.hypot(1, sigma) - sigma * np.hypot(1, tau)
            slope = (1 + (1 - e * e) * tau * tau) / ((1 - e * e) * np.hypot(1, tau)) / np.hypot(1, now)
            tau = tau + (conformal - now) / slope
        lon = self.meridian + np.degrees(np.arctan2(np.sinh(eta), np.cos(xi)))
        return np.column_stack([(lon + 180) % 360 - 180, np.degrees(np.arctan(tau))])

    @cached_property
    def _eccentricity(self) -> float:
        return math.sqrt(self.flattening * (2 - self.flattening))

    @cached_property
    def _third(self) -> float:
        return self.flattening / (2 - self.flattening)

    @cached_property
    def _rectifying(self) -> float:
        n2 = self._third**2
        return self.axis / (1 + self._third) * (1 + n2 / 4 + n2**2 / 64 + n2**3 / 256)

    @cached_property
    def _alpha(self) -> tuple[float, ...]:
        return _series(_ALPHA, self._third)

    @cached_property
    def _beta(self) -> tuple[float, ...]:
        return _series(_BETA, self._third)


def plane_of(lon: float, lat: float) -> Plane:
    """Return the plane of a place: by the nearest central meridian in China, by the 6° zone elsewhere."""
    if _in_china(lon, lat):
        zone = min(max(round((lon - _FIRST_MERIDIAN) / 3), 0), _ZONES - 1)
        return Plane(_FIRST_ZONE + zone, _FIRST_MERIDIAN + 3 * zone, 1.0, 0.0, *_CGCS2000)
    zone = int((lon + 180) // 6) % 60 + 1
    south = lat < 0
    return Plane((32700 if south else 32600) + zone, zone * 6 - 183, 0.9996, 10_000_000.0 if south else 0.0, *_WGS84)


def _in_china(lon: float, lat: float) -> bool:
    # Even-odd rule: how many edges of the outline lie east of the point at its latitude.
    x, y = _CHINA[:, 0], _CHINA[:, 1]
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    crosses = (y > lat) != (y2 > lat)
    at = x + (lat - y) * (x2 - x) / np.where(y2 == y, 1.0, y2 - y)
    return bool(np.count_nonzero(crosses & (at > lon)) % 2)


def _series(table: tuple[tuple[float, ...], ...], n: float) -> tuple[float, ...]:
    return tuple(
        sum(factor * n ** (power + start) for power, factor in enumerate(row)) for start, row in enumerate(table, 1)
    )


# Row j holds the factors of n^j, n^(j+1), … n^6: Karney's equations (35) and (36).
_ALPHA = (
    (1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800),
    (13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360),
    (61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440),
    (49561 / 161280, -179 / 168, 6601661 / 7257600),
    (34729 / 80640, -3418889 / 1995840),
    (212378941 / 319334400,),
)
_BETA = (
    (1 / 2, -2 / 3, 37 / 96, -1 / 360, -81 / 512, 96199 / 604800),
    (1 / 48, 1 / 15, -437 / 1440, 46 / 105, -1118711 / 3870720),
    (17 / 480, -37 / 840, -209 / 4480, 5569 / 90720),
    (4397 / 161280, -11 / 504, -830251 / 7257600),
    (4583 / 161280, -108847 / 3991680),
    (20648693 / 638668800,),
)
