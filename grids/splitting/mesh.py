"""Faces as a mesh: every segment of their borders once, with the faces on its two sides and what runs along it."""

from dataclasses import dataclass

import numpy as np
import shapely

from grids.splitting.linework import LATTICE
from grids.splitting.problem import Floats, Ints, Shapes
from grids.splitting.voronoi import samples, segments

OUTSIDE = -1


@dataclass(frozen=True, slots=True)
class Mesh:
    """Segments as rows: ends (n, 2, 2), the face on either side (`OUTSIDE` beyond the boundary), length and rank."""

    ends: Floats
    sides: Ints
    lengths: Floats
    ranks: Ints

    @classmethod
    def of(cls, faces: Shapes, lines: Shapes, ranks: Ints) -> "Mesh":
        """Match the borders of faces that were polygonized together; vertices must be shared exactly."""
        rings, owner = shapely.get_rings(faces, return_index=True)
        vertices, ring = shapely.get_coordinates(rings, return_index=True)
        same = ring[1:] == ring[:-1]
        ends = np.stack([vertices[:-1][same], vertices[1:][same]], axis=1)
        face = owner[ring[:-1][same]]
        keys = np.rint((ends - ends.reshape(-1, 2).min(0)) / LATTICE).astype(np.int64)
        flip = (keys[:, 0, 0] > keys[:, 1, 0]) | ((keys[:, 0, 0] == keys[:, 1, 0]) & (keys[:, 0, 1] > keys[:, 1, 1]))
        keys[flip] = keys[flip][:, ::-1]
        flat = keys.reshape(-1, 4)
        order = np.lexsort(flat.T)
        flat, face, ends = flat[order], face[order], ends[order]
        fresh = np.ones(len(flat), bool)
        fresh[1:] = (flat[1:] != flat[:-1]).any(1)
        firsts = np.flatnonzero(fresh)
        sides = np.full((len(firsts), 2), OUTSIDE, np.int64)
        sides[:, 0] = face[firsts]
        paired = np.flatnonzero(np.append(~fresh[1:], False) & fresh)
        sides[np.searchsorted(firsts, paired), 1] = face[paired + 1]
        ends = ends[firsts]
        return cls(ends, sides, np.hypot(*(ends[:, 1] - ends[:, 0]).T), _ranks(ends, lines, ranks))


def _ranks(ends: Floats, lines: Shapes, ranks: Ints) -> Ints:
    """Return the highest rank of the lines along which each segment runs, 0 for none."""
    found = np.zeros(len(ends), np.int64)
    if len(lines):
        middles = shapely.points((ends[:, 0] + ends[:, 1]) / 2)
        one, two = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=20 * LATTICE)
        np.maximum.at(found, one, ranks[two])
    return found


def pairs(mesh: Mesh, labels: Ints, values: Floats | None = None) -> tuple[Ints, Floats]:
    """Sum up the segments between faces of different labels.

    Returns (m, 2) pairs of labels, lower first with `OUTSIDE` as it is, and (m, 4) lengths by rank 0 to 3, or (m,)
    sums of `values`, one a segment.
    """
    sides = np.where(mesh.sides == OUTSIDE, OUTSIDE, labels[mesh.sides])
    low, high = sides.min(1), sides.max(1)
    apart = low != high
    size = int(labels.max(initial=0)) + 2
    keys, inverse = np.unique((low[apart] + 1) * size + high[apart] + 1, return_inverse=True)
    found = np.column_stack([keys // size - 1, keys % size - 1])
    if values is not None:
        return found, np.bincount(inverse, values[apart], len(keys))
    lengths = np.zeros((len(keys), 4))
    np.add.at(lengths, (inverse, mesh.ranks[apart]), mesh.lengths[apart])
    return found, lengths


def credits(mesh: Mesh, labels: Ints, barriers: Shapes, along: float) -> Floats:
    """Return for each segment the length of barrier for which it is the nearest possible border within `along`."""
    result = np.zeros(len(mesh.lengths))
    sides = np.where(mesh.sides == OUTSIDE, OUTSIDE, labels[mesh.sides])
    usable = np.flatnonzero(sides[:, 0] != sides[:, 1])
    if not len(barriers) or not len(usable):
        return result
    ends, _line = segments(barriers)
    lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    points, index = samples(ends, 2 * along)
    weight = (lengths / np.bincount(index, minlength=len(ends)))[index]
    tree = shapely.STRtree(shapely.linestrings(mesh.ends[usable]))
    # A little less than `along`, since only the middles of pieces are looked at.
    sample, nearest = tree.query_nearest(shapely.points(points), max_distance=along - 0.1, all_matches=False)
    np.add.at(result, usable[nearest], weight[sample])
    return result
