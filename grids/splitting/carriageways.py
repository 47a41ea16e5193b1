"""Two lines of one road, or the tracks of one railway, become one border half-way between them.

A border along one carriageway would leave the other inside a grid. So a face that is a strip between barriers,
nowhere wider than twice what counts as “along” a barrier, is parted along its middle between its neighbours.
"""

import numpy as np
import shapely

from grids.splitting import voronoi
from grids.splitting.mesh import OUTSIDE, Mesh
from grids.splitting.problem import Ints, Shapes

# A border within this many metres of a barrier runs along it.
ALONG = 5.0
_NARROW = 2 * ALONG - 0.4
_SPACING = 2.0


def middles(blocks: Shapes, mesh: Mesh, built: np.ndarray) -> Shapes:
    """Return the lines that part narrow strips between barriers."""
    found = [line for strip in _strips(blocks, mesh, built) for line in _middle(strip, blocks, mesh)]
    return np.array(found, object) if found else np.empty(0, object)


def _strips(blocks: Shapes, mesh: Mesh, built: np.ndarray) -> Ints:
    rims = shapely.length(blocks)
    barrier = np.zeros(len(blocks))
    for side in (0, 1):
        known = (mesh.sides[:, side] != OUTSIDE) & (mesh.ranks == 3)
        np.add.at(barrier, mesh.sides[known, side], mesh.lengths[known])
    thin = np.flatnonzero(~built & (2 * shapely.area(blocks) / rims < _NARROW) & (barrier > 0.5 * rims))
    wide = shapely.buffer(shapely.buffer(blocks[thin], -_NARROW / 2), _NARROW / 2)
    return thin[shapely.area(wide) < 0.3 * shapely.area(blocks[thin])]


def _middle(strip: int, blocks: Shapes, mesh: Mesh) -> Shapes:
    mine = np.flatnonzero((mesh.sides == strip).any(1))
    beyond = mesh.sides[mine].sum(1) - strip
    wanted = beyond != OUTSIDE
    points, segment = voronoi.samples(mesh.ends[mine[wanted]], _SPACING)
    owners = beyond[wanted][segment]
    if len(np.unique(owners)) < 2:
        return np.empty(0, object)
    return voronoi.between(points, owners, blocks[strip])
