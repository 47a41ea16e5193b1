"""Lines into faces: noding on a fine lattice, so that every face shares its vertices with its neighbours exactly."""

import numpy as np
import shapely

from grids.splitting.problem import Shapes

# The lattice on which lines are noded, in metres: a wall that becomes a border moves by half of it at most, so that a
# wall of 80 m stays below the 0.01 m² that count as a cut building. A power of two: exact in binary at any easting.
LATTICE = 2.0**-12


def noded(lines: Shapes) -> Shapes:
    """Return the lines cut at every crossing, each piece once, vertices on the lattice (snap rounding)."""
    return shapely.get_parts(shapely.union_all(lines, grid_size=LATTICE))


def faces(lines: Shapes, within: shapely.Geometry) -> Shapes:
    """Return the faces between noded lines that lie within an area; ends that enclose nothing drop out.

    A line that runs along the boundary leaves faces between both that are thinner than the lattice, so that a point in
    one may lie beyond the boundary. They belong to the area, since lines beyond it have been left out.
    """
    found = shapely.get_parts(shapely.polygonize(lines))
    inside = shapely.intersects(within, shapely.point_on_surface(found))
    thin = np.flatnonzero(~inside & (shapely.area(found) < LATTICE * shapely.length(found)))
    inside[thin] = shapely.dwithin(within, found[thin], LATTICE)
    return found[inside]


def outlines(areas: Shapes) -> Shapes:
    """Return the rings of areas as lines."""
    return shapely.get_parts(shapely.boundary(shapely.get_parts(areas)))


def covered(lines: Shapes, areas: Shapes) -> np.ndarray:
    """Return for each line whether it enters one of the areas."""
    hit = np.zeros(len(lines), bool)
    if len(lines) and len(areas):
        hit[np.unique(shapely.STRtree(areas).query(lines, predicate="intersects")[0])] = True
    return hit
