"""Who is whose neighbour: binary symmetric matrices with everybody being their own neighbour."""

from collections.abc import Sequence

import h3.api.basic_int as h3
import numpy as np
import shapely

from maps.hotspots.statistics.types import Ints, Sparse

# Outlines that were drawn twice meet only nearly, in degrees (about 20 cm).
TOUCH = 0.000002


def of_cells(cells: Ints) -> Sparse:
    """Return the matrix of H3 cells, sorted and of one resolution: neighbours share an edge (a disk of one ring)."""
    rings = [h3.grid_disk(cell, 1) for cell in cells.tolist()]
    near = np.fromiter((one for ring in rings for one in ring), dtype=np.int64)
    rows = np.repeat(np.arange(len(cells)), [len(ring) for ring in rings])
    columns = np.minimum(np.searchsorted(cells, near), max(0, len(cells) - 1))
    known = cells[columns] == near
    return binary(rows[known], columns[known], len(cells))


def of_polygons(polygons: Sequence[shapely.Geometry]) -> Sparse:
    """Return the matrix of polygons in degrees: neighbours share an edge or a corner (queen)."""
    tree = shapely.STRtree(polygons)
    rows, columns = tree.query(polygons, predicate="dwithin", distance=TOUCH)
    return binary(rows, columns, len(polygons))


def binary(rows: Ints, columns: Ints, size: int) -> Sparse:
    """Return the matrix that has 1 at these places, at the places across, and on the diagonal."""
    from scipy import sparse

    every = np.arange(size)
    ones = np.ones(2 * len(rows) + size)
    at = (np.concatenate([rows, columns, every]), np.concatenate([columns, rows, every]))
    matrix = sparse.csr_matrix((ones, at), shape=(size, size))
    matrix.data[:] = 1.0
    return matrix
