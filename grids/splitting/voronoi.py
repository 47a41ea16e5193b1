"""Lines half-way between things: the edges of a Voronoi diagram whose two sites belong to different owners."""

import numpy as np
import shapely

from grids.splitting.problem import Floats, Ints, Shapes


def samples(ends: Floats, spacing: float) -> tuple[Floats, Ints]:
    """Return points along (n, 2, 2) segments at most `spacing` apart, none at a corner, and the segment of each."""
    lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    counts = np.maximum(1, np.ceil(lengths / spacing)).astype(np.int64)
    index = np.repeat(np.arange(len(ends)), counts)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    share = ((place + 0.5) / counts[index])[:, None]
    return ends[index, 0] * (1 - share) + ends[index, 1] * share, index


def segments(lines: Shapes) -> tuple[Floats, Ints]:
    """Return the segments of lines or rings as (n, 2, 2), and the line of each."""
    vertices, index = shapely.get_coordinates(lines, return_index=True)
    same = index[1:] == index[:-1]
    return np.stack([vertices[:-1][same], vertices[1:][same]], axis=1), index[:-1][same]


def between(points: Floats, owners: Ints, area: shapely.Geometry) -> Shapes:
    """Return the edges between points of different owners, as far as they lie within the area."""
    from scipy.spatial import QhullError, Voronoi

    low, high = points.min(0), points.max(0)
    middle, reach = (low + high) / 2, 10 * float((high - low).max()) + 10
    # Four far sites close every cell that matters.
    far = middle + reach * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    try:
        diagram = Voronoi(np.concatenate([points, far]) - middle)
    except QhullError:
        return np.empty(0, object)
    one, two = diagram.ridge_points.T
    known = np.append(owners, [-1] * 4)
    ridges = np.array(diagram.ridge_vertices)
    wanted = (known[one] != known[two]) & (known[one] >= 0) & (known[two] >= 0) & (ridges >= 0).all(1)
    ends = diagram.vertices[ridges[wanted]] + middle
    ends = ends[np.hypot(*(ends[:, 1] - ends[:, 0]).T) > 0]
    if not len(ends):
        return np.empty(0, object)
    joined = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends)))
    inside = shapely.get_parts(shapely.intersection(shapely.get_parts(joined), area))
    inside = shapely.get_parts(inside)
    return inside[shapely.length(inside) > 0]
