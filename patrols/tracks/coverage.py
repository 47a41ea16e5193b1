"""What of the streets a patrol has walked, and what of them nobody can know.

A stretch of a street is covered if it lies within the swath, a distance in metres, of a cleaned segment; the segment is
neither simplified nor trimmed, and nothing is assumed between two segments. The stretch is exact: what lies within a
distance of an edge is a rectangle between two half discs, and a straight street meets each of the three in an interval.

In a gap the volunteer may have been wherever both ends can be reached from in its time: an ellipse with the last and
the next believed fix as its foci (the potential path area of T. Hägerstrand, “What about people in regional science?”
(1970), and H. J. Miller, “Modelling accessibility using space-time prism concepts” (1991)). A stretch in there that is
not covered is unknown, which is not the same as not walked.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from patrols.tracks.cleaning import Gap
from patrols.tracks.fixes import Floats, Ints, Pace
from patrols.tracks.spans import Spans, union, without

SWATH = 15.0
# However long a gap is, no place further than this from its ends is called unknown for it, in metres.
FARTHEST = 1000.0
# A slope below this is none: along the longest street it makes less than a thousandth of a millimetre, and to divide by
# it may overflow.
FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class Streets:
    """The straight pieces of street lines in metres, with an index to find them by place.

    `start` and `end` are (n, 2), `street` tells which line a piece belongs to, `measure` at which metre of it the
    piece begins.
    """

    start: Floats
    end: Floats
    street: Ints
    measure: Floats
    tree: shapely.STRtree

    @classmethod
    def of(cls, lines: Sequence[Floats]) -> "Streets":
        """Take lines as (k, 2) arrays of metres, in their own order; pieces without length are left out."""
        starts = [line[:-1] for line in lines]
        ends = [line[1:] for line in lines]
        street = np.repeat(np.arange(len(lines)), [len(one) for one in starts])
        start = np.concatenate(starts) if lines else np.empty((0, 2))
        end = np.concatenate(ends) if lines else np.empty((0, 2))
        lengths = np.hypot(*(end - start).T)
        total = np.concatenate([np.cumsum(np.hypot(*(line[1:] - line[:-1]).T)) for line in lines] or [np.empty(0)])
        real = lengths > 0
        pieces = shapely.linestrings(np.stack([start[real], end[real]], 1))
        return cls(start[real], end[real], street[real], (total - lengths)[real], shapely.STRtree(pieces))


@dataclass(frozen=True, slots=True)
class Walked:
    """Covered and unknown stretches by the number of the street's line; a stretch is never both."""

    covered: dict[int, Spans]
    unknown: dict[int, Spans]


def walked(streets: Streets, lines: Sequence[Floats], gaps: Sequence[Gap], pace: Pace, swath: float = SWATH) -> Walked:
    """Return what the cleaned segments `lines`, (k, 2) arrays of metres, cover, and what the gaps leave unknown."""
    covered = _near_edges(streets, lines, swath)
    reached = _within_reach(streets, gaps, pace)
    unknown = {street: rest for street, spans in reached.items() if (rest := without(spans, covered.get(street, ())))}
    return Walked(covered, unknown)


def passed(places: Sequence[shapely.Geometry], lines: Sequence[Floats], within: float = 25.0) -> list[int]:
    """Return the numbers of the places, in metres, that a cleaned segment comes within so many metres of."""
    if not lines or not places:
        return []
    track = shapely.GeometryCollection([_shape(line) for line in lines])
    shapely.prepare(track)
    return np.flatnonzero(shapely.dwithin(track, np.array(places, object), within)).tolist()


def _shape(line: Floats) -> shapely.Geometry:
    return shapely.linestrings(line) if len(line) > 1 else shapely.points(line[0])


def _near_edges(streets: Streets, lines: Sequence[Floats], swath: float) -> dict[int, Spans]:
    if not lines:
        return {}
    # A segment of one fix is an edge without length.
    from_, to = (np.concatenate(ends) for ends in zip(*map(_edges, lines), strict=True))
    boxes = shapely.box(*(np.minimum(from_, to) - swath).T, *(np.maximum(from_, to) + swath).T)
    edge, piece = streets.tree.query(boxes)
    begin, way = streets.start[piece], streets.end[piece] - streets.start[piece]
    size = np.hypot(*way.T)
    along = way / size[:, None]
    one, two = from_[edge], to[edge]
    low, high = _capsule(begin, along, size, one, two, swath)
    return _by_street(streets, piece, low, high)


def _edges(line: Floats) -> tuple[Floats, Floats]:
    return (line[:-1], line[1:]) if len(line) > 1 else (line, line)


def _capsule(
    begin: Floats, along: Floats, size: Floats, one: Floats, two: Floats, swath: float
) -> tuple[Floats, Floats]:
    """Return where straight lines enter and leave what lies within the swath of edges; empty where low > high.

    Both discs and the rectangle between them are convex together, so their intervals have one hull without a hole.
    """
    low_1, high_1 = _disc(begin, along, one, swath)
    low_2, high_2 = _disc(begin, along, two, swath)
    edge = two - one
    length = np.hypot(*edge.T)
    unit = np.divide(edge, length[:, None], out=np.zeros_like(edge), where=length[:, None] > 0)
    # In the edge's own axes the rectangle is 0 ≤ u ≤ length, −swath ≤ v ≤ swath.
    offset = begin - one
    u, du = np.sum(offset * unit, 1), np.sum(along * unit, 1)
    v, dv = _cross(unit, offset), _cross(unit, along)
    low_u, high_u = _slab(u, du, 0.0, length)
    low_v, high_v = _slab(v, dv, -swath, np.full_like(length, swath))
    low_3, high_3 = np.maximum(low_u, low_v), np.minimum(high_u, high_v)
    empty = (low_3 > high_3) | (length == 0)
    low_3, high_3 = np.where(empty, np.inf, low_3), np.where(empty, -np.inf, high_3)
    low = np.minimum(np.minimum(low_1, low_2), low_3)
    high = np.maximum(np.maximum(high_1, high_2), high_3)
    return np.maximum(low, 0.0), np.minimum(high, size)


def _disc(begin: Floats, along: Floats, centre: Floats, radius: float) -> tuple[Floats, Floats]:
    offset = begin - centre
    half = np.sum(offset * along, 1)
    root = half * half - np.sum(offset * offset, 1) + radius * radius
    miss = root < 0
    root = np.sqrt(np.where(miss, 0.0, root))
    return np.where(miss, np.inf, -half - root), np.where(miss, -np.inf, -half + root)


def _slab(at: Floats, slope: Floats, low: float, high: Floats) -> tuple[Floats, Floats]:
    """Return where a coordinate that changes by `slope` a metre lies between two bounds."""
    flat = np.abs(slope) < FLAT
    inside = (at >= low) & (at <= high)
    safe = np.where(flat, 1.0, slope)
    one, two = (low - at) / safe, (high - at) / safe
    first, last = np.minimum(one, two), np.maximum(one, two)
    return (
        np.where(flat, np.where(inside, -np.inf, np.inf), first),
        np.where(flat, np.where(inside, np.inf, -np.inf), last),
    )


def _cross(a: Floats, b: Floats) -> Floats:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _within_reach(streets: Streets, gaps: Sequence[Gap], pace: Pace) -> dict[int, Spans]:
    """Return the stretches in the ellipses of the gaps; a gap at an end of the patrol reaches a disc."""
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for gap in gaps:
        foci = [place for place in (gap.before, gap.after) if place is not None]
        if not foci:
            continue
        one, two = np.array(foci[0]), np.array(foci[-1])
        apart = math.dist(foci[0], foci[-1])
        way = pace.usual * gap.seconds
        # An end of the patrol is no place to come back to: everything within the whole way can have been reached.
        reach = 2 * way if len(foci) == 1 else max(way, apart * 1.02)
        reach = min(reach, apart + 2 * FARTHEST)
        _ellipse(streets, one, two, reach, found)
    return {street: union(spans) for street, spans in found.items()}


def _ellipse(
    streets: Streets, one: Floats, two: Floats, reach: float, found: dict[int, list[tuple[float, float]]]
) -> None:
    """Add the stretches of streets whose distances from two foci sum up to `reach` at most."""
    middle, half = (one + two) / 2, reach / 2
    focal = float(np.hypot(*(two - one))) / 2
    minor = math.sqrt(max(half * half - focal * focal, 0.0))
    if minor == 0:
        return
    axis = (two - one) / (2 * focal) if focal else np.array([1.0, 0.0])
    # Scaled so that the ellipse is the unit disc.
    frame = np.array([axis / half, np.array([-axis[1], axis[0]]) / minor])
    piece = streets.tree.query(shapely.box(*(middle - half), *(middle + half)))
    begin, way = streets.start[piece], streets.end[piece] - streets.start[piece]
    size = np.hypot(*way.T)
    offset, direction = (begin - middle) @ frame.T, way / size[:, None] @ frame.T
    stretch = np.hypot(*direction.T)
    low, high = _disc(offset, direction / stretch[:, None], np.zeros(2), 1.0)
    low, high = np.maximum(low / stretch, 0.0), np.minimum(high / stretch, size)
    for street, spans in _by_street(streets, piece, low, high).items():
        found[street] += spans


def _by_street(streets: Streets, piece: Ints, low: Floats, high: Floats) -> dict[int, Spans]:
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    met = np.flatnonzero(low < high)
    at = streets.measure[piece[met]]
    for street, begin, end in zip(
        streets.street[piece[met]].tolist(), (at + low[met]).tolist(), (at + high[met]).tolist(), strict=True
    ):
        found[street].append((begin, end))
    return {street: union(spans) for street, spans in found.items()}
