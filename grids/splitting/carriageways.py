"""Two lines of one road, or the tracks of one railway, become one border.

A strip nowhere much wider than twice what counts as “along” a barrier is no place of its own: it is parted along its
middle, so that one border runs along both lines. A wider one is cut where the blocks on one of its sides meet, and
each part is a piece by itself, so that the search finds out to which side it goes.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from grids.splitting import voronoi
from grids.splitting.mesh import OUTSIDE, Mesh
from grids.splitting.pieces import connected
from grids.splitting.problem import Floats, Ints, Shapes

# A border within this many metres of a barrier runs along it.
ALONG = 5.0
_NARROW = 2 * ALONG - 0.1
_STRIP = 25.0
_SPACING = 2.0
# A neighbour with less border than this stands at the end of a strip.
_END = 12.0


@dataclass(frozen=True, slots=True)
class Strips:
    """The strips, the lines that part them, and the (n, 2, 2) segments across which their parts join a neighbour."""

    areas: Shapes
    cuts: Shapes
    joints: Floats


def strips(blocks: Shapes, mesh: Mesh, built: np.ndarray) -> Strips:
    """Find the strips between barriers among the blocks and how each is parted."""
    rims = shapely.length(blocks)
    barrier = np.zeros(len(blocks))
    for side in (0, 1):
        known = (mesh.sides[:, side] != OUTSIDE) & (mesh.ranks == 3)
        np.add.at(barrier, mesh.sides[known, side], mesh.lengths[known])
    thin = np.flatnonzero(~built & (2 * shapely.area(blocks) / rims < _STRIP) & (barrier > 0.5 * rims))
    wide = shapely.area(shapely.buffer(shapely.buffer(blocks[thin], -_NARROW / 2), _NARROW / 2))
    cuts: list[shapely.Geometry] = []
    joints = [np.empty((0, 2, 2))]
    parted: list[int] = []
    for place in np.argsort(-rims[thin], kind="stable").tolist():
        strip = int(thin[place])
        mine = np.flatnonzero((mesh.sides == strip).any(1))
        beyond = mesh.sides[mine].sum(1) - strip
        # Of three lines side by side two share a border: the strip beside one that is halved joins its other side.
        wanted = (beyond != OUTSIDE) & ~np.isin(beyond, parted)
        halved = wide[place] < 0.5 * shapely.area(blocks[strip]) and _contact(mesh, mine, beyond, parted) < _END
        if halved:
            parted.append(strip)
        else:
            outer = wanted & ~np.isin(beyond, thin)
            wanted = outer if float(mesh.lengths[mine[outer]].sum()) > _END else wanted
            wanted &= np.isin(beyond, _one_side(mesh, beyond[wanted], mesh.lengths[mine[wanted]]))
        if not wanted.any():
            continue
        if halved:
            joints.append(mesh.ends[mine[wanted]])
        points, segment = voronoi.samples(mesh.ends[mine[wanted]], _SPACING)
        owners = beyond[wanted][segment]
        if len(np.unique(owners)) > 1:
            cuts += list(voronoi.between(points, owners, blocks[strip]))
    return Strips(blocks[thin], np.array(cuts, object), np.concatenate(joints))


def _contact(mesh: Mesh, mine: Ints, beyond: Ints, others: list[int]) -> float:
    return float(mesh.lengths[mine[np.isin(beyond, others)]].sum())


def _one_side(mesh: Mesh, beyond: Ints, lengths: Floats) -> Ints:
    """Return the neighbours on the side of a strip that has more of its border: neighbours of one another."""
    around, index = np.unique(beyond, return_inverse=True)
    contact = np.bincount(index, lengths, len(around))
    around, contact = around[contact > _END], contact[contact > _END]
    if len(around) < 2:
        return around
    known = np.isin(mesh.sides, around).all(1)
    one, two = np.searchsorted(around, mesh.sides[known]).T
    count, label = connected(one, two, len(around))
    return around[label == np.argmax(np.bincount(label, contact, count))]
