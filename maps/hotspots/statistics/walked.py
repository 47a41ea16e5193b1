"""How many metres were walked in each place and week, from streets, their stretches that were covered, and samples.

A street is cut into pieces of about 20 m; each lies where its middle does. Coverage is told in millionths of a street's
length, so whether a piece was covered on a day is one comparison with the millionth of its middle.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from maps.hotspots.statistics.types import Floats, Ints

PIECE = 20.0
WHOLE = 1_000_000


@dataclass(frozen=True)
class Pieces:
    """Pieces of streets in the order of streets and along each: index of the street, millionth, metres, lon and lat."""

    street: Ints
    middle: Ints
    metres: Floats
    lon: Floats
    lat: Floats


def pieces(lines: np.ndarray, metres: Floats) -> Pieces:
    """Cut lines in degrees, with their lengths on the ground in metres, into pieces of about 20 m."""
    counts = np.maximum(1, np.ceil(metres / PIECE)).astype(np.int64)
    street = np.repeat(np.arange(len(lines)), counts)
    within = np.arange(len(street)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (within + 0.5) / counts[street]
    points = shapely.line_interpolate_point(np.asarray(lines)[street], share, normalized=True)
    return Pieces(
        street,
        (share * WHOLE).astype(np.int64),
        (metres / counts)[street],
        shapely.get_x(points),
        shapely.get_y(points),
    )


@dataclass(frozen=True)
class Stretches:
    """What was covered: index of the street, of the week, and from which millionth up to which one, itself excluded."""

    street: Ints
    week: Ints
    low: Ints
    high: Ints


def walked(cut: Pieces, covered: Stretches, place: Ints, places: int, weeks: int) -> Floats:
    """Return the metres walked by week (row) and place (column), those of each day counted.

    `place` is the index of the place in which each piece lies, -1 for none; stretches of one street and day must not
    overlap.
    """
    # Where a stretch begins and ends among the pieces; in between it counts once.
    key = cut.street * (WHOLE + 1) + cut.middle
    first = np.searchsorted(key, covered.street * (WHOLE + 1) + covered.low)
    after = np.searchsorted(key, covered.street * (WHOLE + 1) + covered.high)
    lies = place >= 0
    table = np.zeros((weeks, places))
    for week in np.unique(covered.week):
        mine = covered.week == week
        steps = np.bincount(first[mine], minlength=len(key) + 1).astype(np.float64)
        steps -= np.bincount(after[mine], minlength=len(key) + 1)
        metres = cut.metres * np.cumsum(steps[:-1])
        table[week] = np.bincount(place[lies], weights=metres[lies], minlength=places)
    return table


def indexed(keys: Ints, values: Ints) -> Ints:
    """Return where each value stands among sorted keys, -1 where it does not."""
    if not len(keys):
        return np.full(len(values), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(keys, values), len(keys) - 1)
    return np.where(keys[at] == values, at, -1)
