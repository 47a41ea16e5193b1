"""Walks as arrays: metres east and north of a corner of the little town, second by second."""

import numpy as np

from grids.splitting.crs import plane_of
from patrols.tracks.fixes import Fixes, Floats

CORNER = (111.67, 40.82)
PLANE = plane_of(*CORNER)
ORIGIN = PLANE.forward(np.array([CORNER]))[0]
START = 1_790_000_000.0


def degrees(metres: Floats) -> Floats:
    """Return longitudes and latitudes of (n, 2) metres from the corner."""
    return PLANE.inverse(np.asarray(metres, float) + ORIGIN)


def fixes(rows: list[tuple[float, float, float]], accuracy: float | list[float] = 5.0) -> Fixes:
    """Return fixes for rows of seconds after the start, metres east and metres north."""
    table = np.array(rows, float).reshape(-1, 3)
    places = degrees(table[:, 1:])
    return Fixes(
        START + table[:, 0], places[:, 0], places[:, 1], np.broadcast_to(np.array(accuracy, float), len(table)).copy()
    )


def straight(seconds: int, speed: float = 1.4, every: int = 5) -> list[tuple[float, float, float]]:
    """Rows of a walk to the east."""
    return [(float(t), t * speed, 0.0) for t in range(0, seconds + 1, every)]


def taken(fixes: Fixes, order: list[int]) -> Fixes:
    """Return the fixes at these indices, in this order."""
    return Fixes(fixes.time[order], fixes.lon[order], fixes.lat[order], fixes.accuracy[order])
