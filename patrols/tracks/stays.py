"""Stays, where somebody remained for a while, and lines simplified for drawing. Neither changes what is covered."""

from dataclasses import dataclass

import numpy as np
import shapely

from patrols.tracks.fixes import Floats


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay from index `first` to `last` of a segment, both included, with its middle in metres."""

    first: int
    last: int
    middle: tuple[float, float]


def stays(time: Floats, metres: Floats, radius: float = 30.0, seconds: float = 180.0) -> list[Stay]:
    """Return the stays of one segment: (n,) epoch seconds in order and (n, 2) metres.

    A stay begins at a fix whose followers remain within `radius` metres of it for at least `seconds`; after Q. Li and
    others, “Mining user similarity based on location history” (2008), section 3.1.
    """
    found = []
    first, count = 0, len(time)
    while first < count:
        away = np.hypot(*(metres[first:] - metres[first]).T) > radius
        last = first + (int(away.argmax()) if away.any() else count - first) - 1
        if time[last] - time[first] >= seconds:
            middle = metres[first : last + 1].mean(0)
            found.append(Stay(first, last, (float(middle[0]), float(middle[1]))))
            first = last + 1
        else:
            first += 1
    return found


def drawn(metres: Floats, tolerance: float = 5.0) -> Floats:
    """Return a segment for display, without vertices that lie within `tolerance` metres of what is left.

    D. H. Douglas and T. K. Peucker, “Algorithms for the reduction of the number of points required to represent a
    digitized line or its caricature” (1973), as GEOS has it.
    """
    if len(metres) < 3:
        return metres
    return np.asarray(
        shapely.get_coordinates(shapely.simplify(shapely.linestrings(metres), tolerance, preserve_topology=False))
    )
