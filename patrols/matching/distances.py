"""Great circles on the mean sphere: short enough ways in a city differ from the ellipsoid's by less than 0.6 %."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RADIUS = 6_371_008.8  # metres; the mean radius R1 of the International Union of Geodesy and Geophysics (Moritz 2000)
Floats = NDArray[np.float64]


def unit_vectors(lons: Sequence[float] | Floats, lats: Sequence[float] | Floats) -> Floats:
    """Return places in degrees as unit vectors, one a row."""
    lon, lat = np.radians(np.asarray(lons, float)), np.radians(np.asarray(lats, float))
    return np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), axis=-1)


def chords(one: Floats, others: Floats) -> Floats:
    """Return the squares of the chords from one unit vector to each of others."""
    east, north, up = (others[:, axis] - one[axis] for axis in range(3))
    squares: Floats = east * east + north * north + up * up
    return squares


def metres_of(squares: Floats) -> Floats:
    """Return the metres along the sphere that squares of chords stand for.

    Twice the arcsine of half the chord, which is the haversine formula in space: exact for short ways too (Sinnott,
    Virtues of the haversine, Sky and Telescope 68, 1984).
    """
    metres: Floats = 2 * RADIUS * np.arcsin(np.minimum(np.sqrt(squares) / 2, 1.0))
    return metres


def chords_of(metres: Floats) -> Floats:
    """Return the squares of the chords that stand for metres along the sphere, at most half around it."""
    squares: Floats = (2 * np.sin(np.minimum(metres / (2 * RADIUS), np.pi / 2))) ** 2
    return squares


def table(lons: Sequence[float], lats: Sequence[float]) -> list[list[float]]:
    """Return the metres between each two of some places."""
    vectors = unit_vectors(lons, lats)
    return [[float(value) for value in metres_of(chords(one, vectors))] for one in vectors]
