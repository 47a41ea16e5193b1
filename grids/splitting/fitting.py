"""Blocks for grids that have an outline only: cut along lines inside of them, so that parts can be moved by hand. Pure.

The outlines stay as they are but for vertices on their edges where a line meets them. Coordinates are degrees, WGS-84.
"""

from collections.abc import Iterable, Sequence
from math import hypot

import shapely
from shapely.geometry.base import BaseGeometry

from grids.splitting.plan import METRES_PER_DEGREE, Edge, edges_of

# Pieces smaller or narrower than this, in metres, stay with the piece beside them.
LEAST_AREA, LEAST_WIDTH = 100.0, 4.0


def blocks_along(
    outlines: Sequence[shapely.Polygon], lines: Iterable[BaseGeometry], obstacles: Sequence[BaseGeometry] = ()
) -> list[tuple[int, shapely.Polygon]]:
    """Return pieces of grids that form a valid coverage, each with the position of its grid.

    Lines are kept off obstacles (buildings). Where the pieces would be no coverage, the outlines are the pieces.
    """
    whole = list(enumerate(outlines))
    kept = _kept_off(list(lines), obstacles)
    if not kept:
        return whole
    noded = shapely.get_parts(shapely.union_all([*shapely.boundary(list(outlines)), *kept]))
    faces = [face for face in shapely.get_parts(shapely.polygonize(noded)) if face.area > 0]
    spots = [shapely.point_on_surface(face) for face in faces]
    grid_of = dict(shapely.STRtree(outlines).query(spots, predicate="within").T.tolist())
    pieces: list[tuple[int, shapely.Polygon]] = []
    for grid in range(len(outlines)):
        pieces += [(grid, piece) for piece in _joined([faces[one] for one, at in grid_of.items() if at == grid])]
    if not _same_ground(outlines, pieces):
        return whole
    return pieces


def _same_ground(outlines: Sequence[shapely.Polygon], pieces: list[tuple[int, shapely.Polygon]]) -> bool:
    shapes = [piece for _grid, piece in pieces]
    if not shapely.coverage_is_valid(shapes):
        return False
    for grid, outline in enumerate(outlines):
        union = shapely.coverage_union_all([piece for at, piece in pieces if at == grid])
        beside = shapely.symmetric_difference(union, outline).area * METRES_PER_DEGREE**2
        if union.geom_type != "Polygon" or beside > 1e-3:
            return False
    return True


def _kept_off(lines: list[BaseGeometry], obstacles: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    if not lines or not len(obstacles):
        return lines
    tree = shapely.STRtree(obstacles)
    kept = []
    for line in lines:
        near = tree.query(line, predicate="intersects")
        rest = shapely.difference(line, shapely.union_all([obstacles[one] for one in near])) if len(near) else line
        if not rest.is_empty:
            kept.append(rest)
    return kept


def _joined(faces: list[shapely.Polygon]) -> list[shapely.Polygon]:
    """Join slivers with the piece beside them with which they share the most border."""
    pieces = dict(enumerate(faces))
    edges = {index: edges_of(face) for index, face in pieces.items()}
    while len(pieces) > 1:
        small = [index for index, piece in pieces.items() if _is_sliver(piece)]
        joined = False
        for index in sorted(small, key=lambda one: pieces[one].area):
            shared = {other: _length(edges[index] & edges[other]) for other in pieces if other != index}
            best = max(shared, key=lambda one: (shared[one], -one))
            if not shared[best]:
                continue
            union = shapely.coverage_union(pieces[index], pieces[best])
            if union.geom_type == "MultiPolygon" and len(union.geoms) == 1:
                union = union.geoms[0]
            if union.geom_type != "Polygon":
                continue
            pieces[best], edges[best] = union, edges_of(union)
            del pieces[index], edges[index]
            joined = True
            break
        if not joined:
            break
    return list(pieces.values())


def _is_sliver(piece: shapely.Polygon) -> bool:
    area = piece.area * METRES_PER_DEGREE**2
    return area < LEAST_AREA or bool(shapely.buffer(piece, -LEAST_WIDTH / 2 / METRES_PER_DEGREE).is_empty)


def _length(edges: set[Edge]) -> float:
    return sum(hypot(x - to_x, y - to_y) for (x, y), (to_x, to_y) in edges)
