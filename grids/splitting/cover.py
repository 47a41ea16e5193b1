"""From a partition of atoms to polygons: one coverage, its rim exactly the boundary, straightened where it may be."""

import numpy as np
import shapely

from grids.splitting.blocks import Atoms
from grids.splitting.chains import Chain, chains, straightened
from grids.splitting.ground import Ground
from grids.splitting.linework import LATTICE
from grids.splitting.problem import Floats, Ints, Shapes
from grids.splitting.voronoi import segments


def cover(ground: Ground, atoms: Atoms, labels: Ints, count: int) -> Shapes:
    """Return the polygon of each grid in metres; neighbours share their vertices exactly.

    Falls back to borders that are not straightened should straightening ever break the coverage.
    """
    found = chains(atoms.mesh, labels[atoms.label])
    barriers = ground.lines[ground.ranks == 3]
    for attempt in (straightened(found, ground.footprints, barriers), found):
        shapes = _polygons(attempt, ground, atoms, labels, count)
        if shapes is not None and shapely.coverage_is_valid(shapes):
            return shapes
    raise AssertionError("the atoms are no coverage")


def _polygons(found: list[Chain], ground: Ground, atoms: Atoms, labels: Ints, count: int) -> Shapes | None:
    lines = np.array(
        [shapely.linestrings(_restored(chain.vertices, ground) if chain.rim else chain.vertices) for chain in found],
        object,
    )
    lines = _tied(lines, found, ground)
    shapes = shapely.get_parts(shapely.polygonize(lines))
    spots = shapely.point_on_surface(atoms.faces)
    face, shape = shapely.STRtree(shapes).query(spots, predicate="intersects")
    grid = labels[atoms.label[face]]
    area = shapely.area(atoms.faces)[face]
    # Of each shape the grid with most of it.
    votes, index = np.unique(shape * count + grid, return_inverse=True)
    order = np.lexsort((-np.bincount(index, area), votes // count))
    kept, first = np.unique(votes[order] // count, return_index=True)
    shapes, owner = shapes[kept], votes[order][first] % count
    if len(shapes) != count or len(np.unique(owner)) != count:
        return None
    result = np.empty(count, object)
    result[owner] = shapes
    return result


def _tied(lines: Shapes, found: list[Chain], ground: Ground) -> Shapes:
    """Move the ends of inner chains that lie on the rim to where the rim has been put."""
    rim = [index for index, chain in enumerate(found) if chain.rim]
    ends = {
        tuple(before): tuple(after)
        for index in rim
        for before, after in zip(
            found[index].vertices[[0, -1]], shapely.get_coordinates(lines[index])[[0, -1]], strict=True
        )
    }
    for index, chain in enumerate(found):
        if chain.rim:
            continue
        moved = [(place, ends[key]) for place in (0, -1) if (key := tuple(chain.vertices[place])) in ends]
        if moved:
            vertices = chain.vertices.copy()
            for place, spot in moved:
                vertices[place] = spot
            lines[index] = shapely.linestrings(vertices)
    return lines


def _restored(vertices: Floats, ground: Ground) -> Floats:
    """Put vertices of the rim, which noding moved to the lattice, back to the boundary's own or onto its edges."""
    from scipy.spatial import cKDTree

    corners = shapely.get_coordinates(ground.boundary)
    result = vertices.copy()
    distance, nearest = cKDTree(corners).query(vertices, distance_upper_bound=2 * LATTICE)
    exact = np.isfinite(distance)
    result[exact] = corners[nearest[exact]]
    if not exact.all():
        ends, _ring = segments(shapely.get_rings(shapely.get_parts(ground.boundary)))
        loose = np.flatnonzero(~exact)
        edge = shapely.STRtree(shapely.linestrings(ends)).nearest(shapely.points(vertices[loose]))
        base, along = ends[edge, 0], ends[edge, 1] - ends[edge, 0]
        share = np.clip(((vertices[loose] - base) * along).sum(1) / (along * along).sum(1), 0, 1)
        result[loose] = base + share[:, None] * along
    return result
