"""The borders of grids as chains of segments between junctions, straightened where nothing stands in the way."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from grids.splitting.linework import LATTICE
from grids.splitting.mesh import OUTSIDE, Mesh
from grids.splitting.problem import Floats, Ints, Shapes

# How far a border along a street may leave its line, in metres; across open ground only buildings hold it.
ALONG_STREET = 2.5


@dataclass(slots=True)
class Chain:
    """Vertices from junction to junction; for each segment whether a line runs along it; whether it is the rim."""

    vertices: Floats
    lined: np.ndarray
    rim: bool


def chains(mesh: Mesh, grid_of_face: Ints) -> list[Chain]:
    """Walk the borders between different grids; every segment is in exactly one chain."""
    sides = np.where(mesh.sides == OUTSIDE, OUTSIDE, grid_of_face[mesh.sides])
    border = np.flatnonzero(sides[:, 0] != sides[:, 1])
    rim = (sides[border] == OUTSIDE).any(1)
    ends = mesh.ends[border]
    keys = np.rint((ends - ends.reshape(-1, 2).min(0)) / LATTICE).astype(np.int64).reshape(-1, 2)
    _unique, node = np.unique(keys, axis=0, return_inverse=True)
    node = node.reshape(-1, 2)
    degree = np.bincount(node.ravel())
    rims = np.bincount(node[rim].ravel(), minlength=len(degree))
    junction = (degree != 2) | ((rims != 0) & (rims != 2))
    at: list[list[int]] = [[] for _ in range(len(degree))]
    for index, (one, two) in enumerate(node.tolist()):
        at[one].append(index)
        at[two].append(index)
    used = np.zeros(len(border), bool)
    # A path or brook holds no border.
    lined = mesh.ranks[border] > 1
    pairs, found = node.tolist(), []
    starts = [(index, here) for here in np.flatnonzero(junction).tolist() for index in at[here]]
    for index, here in [*starts, *((index, pairs[index][0]) for index in range(len(border)))]:
        if used[index]:
            continue
        walk, spots = [], [here]
        step, place = index, here
        while not used[step]:
            used[step] = True
            walk.append(step)
            place = pairs[step][1] if pairs[step][0] == place else pairs[step][0]
            spots.append(place)
            if junction[place]:
                break
            step = at[place][0] if at[place][0] != step else at[place][1]
        corners = [ends[one, pairs[one].index(spot)] for one, spot in zip(walk, spots, strict=False)]
        corners.append(ends[walk[-1], 1 - pairs[walk[-1]].index(spots[-2])])
        found.append(Chain(np.array(corners), lined[walk], bool(rim[index])))
    return found


def straightened(found: list[Chain], footprints: Shapes, barriers: Shapes) -> list[Chain]:
    """Return the chains with vertices left out where the border may run straight.

    A stretch becomes straight (after U. Ramer, 1972, and D. Douglas and T. Peucker, 1973) if its convex hull holds
    no building, no barrier and no other border: then no building and no border changes sides.
    """
    inner = [chain for chain in found if not chain.rim and len(chain.vertices) > 2]
    if not inner:
        return found
    everything = np.concatenate([np.stack([chain.vertices[:-1], chain.vertices[1:]], axis=1) for chain in found])
    first = np.cumsum([0] + [len(chain.vertices) - 1 for chain in found])
    obstacles = _Obstacles(everything, footprints, barriers)
    keep = [np.zeros(len(chain.vertices), bool) for chain in found]
    level = []
    for index, chain in enumerate(found):
        last = len(chain.vertices) - 1
        if chain.rim or last < 2:
            keep[index][:] = True
            continue
        keep[index][[0, last]] = True
        closed = bool((chain.vertices[0] == chain.vertices[-1]).all())
        cuts = [0, last // 3, 2 * last // 3, last] if closed and last > 3 else [0, last]
        keep[index][cuts] = True
        level += [(index, one, two) for one, two in pairwise(cuts) if two - one > 1]
    while level:
        following = []
        pieces = [found[index].vertices[one : two + 1] for index, one, two in level]
        ranges = np.array([(first[index] + one, first[index] + two) for index, one, two in level])
        lined = [found[index].lined[one:two] for index, one, two in level]
        free = obstacles.free(pieces, ranges, lined)
        for (index, one, two), piece, fine in zip(level, pieces, free, strict=True):
            if fine:
                continue
            middle = one + _farthest(piece)
            keep[index][middle] = True
            following += [(index, *pair) for pair in ((one, middle), (middle, two)) if pair[1] - pair[0] > 1]
        level = following
    return [
        Chain(chain.vertices[kept], np.zeros(int(kept.sum()) - 1, bool), chain.rim)
        for chain, kept in zip(found, keep, strict=True)
    ]


def _farthest(piece: Floats) -> int:
    return 1 + int(np.argmax(_offsets(piece)))


def _offsets(piece: Floats) -> Floats:
    """Return how far the inner vertices of a stretch are from its chord."""
    base, along = piece[0], piece[-1] - piece[0]
    rest = piece[1:-1] - base
    length = float(along @ along)
    if length == 0:
        return np.hypot(rest[:, 0], rest[:, 1])
    share = np.clip(rest @ along / length, 0, 1)[:, None]
    gap = rest - share * along
    return np.hypot(gap[:, 0], gap[:, 1])


class _Obstacles:
    def __init__(self, segments: Floats, footprints: Shapes, barriers: Shapes) -> None:
        self._segments = shapely.linestrings(segments)
        self._borders = shapely.STRtree(self._segments)
        self._footprints = shapely.STRtree(footprints)
        self._barriers = shapely.STRtree(barriers)

    def free(self, pieces: list[Floats], ranges: Ints, lined: list[np.ndarray]) -> np.ndarray:
        """Return which stretches may become straight."""
        result = np.ones(len(pieces), bool)
        open_ground = np.ones(len(pieces), bool)
        for index, (piece, along) in enumerate(zip(pieces, lined, strict=True)):
            if along.any():
                open_ground[index] = False
                held = along[1:] | along[:-1]
                result[index] = _offsets(piece)[held].max(initial=0) <= ALONG_STREET
        chosen = np.flatnonzero(result)
        if not len(chosen):
            return result
        lines = np.array([shapely.linestrings(pieces[index]) for index in chosen], object)
        hulls = shapely.convex_hull(lines)
        result[chosen[np.unique(self._footprints.query(hulls, predicate="intersects")[0])]] = False
        crossed = chosen[np.unique(self._barriers.query(hulls, predicate="intersects")[0])]
        result[crossed[open_ground[crossed]]] = False
        one, two = self._borders.query(hulls, predicate="intersects")
        own = (two >= ranges[chosen[one], 0]) & (two < ranges[chosen[one], 1])
        one, two = one[~own], two[~own]
        touch = shapely.intersection(hulls[one], self._segments[two])
        point = shapely.get_type_id(touch) == 0
        result[chosen[one[~point]]] = False
        one, touch = one[point], shapely.get_coordinates(touch[point])
        ends = np.array([(pieces[index][0], pieces[index][-1]) for index in chosen]).reshape(-1, 2, 2)
        at_end = (np.abs(touch[:, None] - ends[one]) < LATTICE / 4).all(2).any(1)
        result[chosen[one[~at_end]]] = False
        return result
