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
    within: list[list[shapely.Polygon]] = [[] for _ in outlines]
    for one, grid in grid_of.items():
        within[grid].append(faces[one])
    pieces = [(grid, piece) for grid, mine in enumerate(within) for piece in _joined(mine)]
    if not _same_ground(outlines, pieces):
        return whole
    return pieces


def _same_ground(outlines: Sequence[shapely.Polygon], pieces: list[tuple[int, shapely.Polygon]]) -> bool:
    shapes = [piece for _grid, piece in pieces]
    if not shapely.coverage_is_valid(shapes):
        return False
    within: list[list[shapely.Polygon]] = [[] for _ in outlines]
    for grid, piece in pieces:
        within[grid].append(piece)
    for outline, mine in zip(outlines, within, strict=True):
        union = shapely.coverage_union_all(mine)
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
    """Join slivers, the smallest first, with the piece beside them with which they share the most border."""
    beside = _beside(faces)
    groups = {index: [index] for index in range(len(faces))}
    areas = {index: float(face.area) for index, face in enumerate(faces)}
    slivers = {index for index, face in enumerate(faces) if _is_sliver(face)}
    while slivers:
        small = min(slivers, key=lambda one: (areas[one], one))
        slivers.discard(small)
        if not beside[small]:
            continue
        into = max(sorted(beside[small]), key=lambda one: beside[small][one])
        groups[into] += groups.pop(small)
        areas[into] += areas.pop(small)
        for other, length in beside.pop(small).items():
            del beside[other][small]
            if other != into:
                beside[into][other] = beside[other][into] = beside[into].get(other, 0.0) + length
        if into in slivers and not _is_sliver(_union(faces, groups[into])):
            slivers.discard(into)
    return [_union(faces, group) for group in groups.values()]


def _beside(faces: list[shapely.Polygon]) -> dict[int, dict[int, float]]:
    holders: dict[Edge, list[int]] = {}
    for index, face in enumerate(faces):
        for one in edges_of(face):
            holders.setdefault(one, []).append(index)
    result: dict[int, dict[int, float]] = {index: {} for index in range(len(faces))}
    for ((x, y), (to_x, to_y)), held in holders.items():
        if len(held) == 2:
            for here, there in (held, held[::-1]):
                result[here][there] = result[here].get(there, 0.0) + hypot(x - to_x, y - to_y)
    return result


def _union(faces: list[shapely.Polygon], group: list[int]) -> shapely.Polygon:
    if len(group) == 1:
        return faces[group[0]]
    return shapely.get_parts(shapely.coverage_union_all([faces[one] for one in group]))[0]


def _is_sliver(piece: shapely.Polygon) -> bool:
    area = piece.area * METRES_PER_DEGREE**2
    return area < LEAST_AREA or bool(shapely.buffer(piece, -LEAST_WIDTH / 2 / METRES_PER_DEGREE).is_empty)
