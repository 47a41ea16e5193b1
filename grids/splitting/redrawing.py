"""Redrawing the border between two grids along a line that somebody drew. Pure.

    ┌────┬────┐       ┌────┬────┐
    │ A  │ B  │       │ A ┌┘    │      The line replaces the border where it leaves and meets it again (right), or
    │    │    │  →    │   │  B  │      all of it where it leads through both grids from side to side.
    │    │    │       │   └┐    │
    └────┴────┘       └────┴────┘

The line is cut at every edge of the two grids' blocks. A crossing becomes a vertex of every polygon that has the edge,
also of those beyond, so that the coverage stays exact; blocks that the line runs through become pieces.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely

from grids.splitting.editing import refuse_cuts
from grids.splitting.plan import (
    Block,
    Edge,
    EditError,
    Footprint,
    Plan,
    Point,
    adjoin,
    border,
    edge,
    edges_of,
    housed,
    metres,
    rings_of,
)

SNAP_M = 0.05  # what lies nearer to a vertex is meant to be the vertex
ROUNDED_M = 1e-6  # what two computations of the same crossing may differ by
DECIMALS = 9  # of a degree that a drawn line has: finer ones would put it beside a border that it runs along
REACH_M = 10.0  # how far before a border a drawn line may stop


def redraw(plan: Plan, one: int, two: int, line: list[Point], stock: Mapping[int, Footprint]) -> Plan:
    """Return the plan with the border of two neighbouring grids along a line.

    `one` and `two` are of the smallest kind. Refused: a line that crosses itself, changes nothing, cuts a building, or
    would leave a grid without ground or in pieces.
    """
    first, second = plan.grid(one), plan.grid(two)
    if plan.children(one) or plan.children(two) or first.kind != second.kind:
        raise EditError("other_kind")
    own = [*plan.members(one), *plan.members(two)]
    if one == two or not adjoin(plan.members(one), plan.members(two)):
        raise EditError("no_neighbours", one=first.number, two=second.number)
    cut = _Cut(own, _drawn(line, plan.members(one), plan.members(two)))
    rim = [
        replace(block, polygon=cut.noded(block.polygon))
        for block in plan.blocks.values()
        if block.grid not in {one, two} and cut.meets(block.polygon)
    ]
    pieces = [piece for block in own for piece in cut.pieces(block)]
    targets = _sides(pieces, cut.path, one, two)
    fresh, gone = _renamed(plan, own, pieces, targets, cut, stock)
    result = plan.with_blocks([*rim, *fresh], gone)
    near = [block.polygon for block in result.blocks.values() if block.grid in {one, two}] + [b.polygon for b in rim]
    if not shapely.coverage_is_valid(near):
        raise EditError("line_breaks_cover")
    return result.checked([one, two])


def _drawn(line: list[Point], one: list[Block], two: list[Block]) -> list[Point]:
    """Return the drawn line with its ends led to the nearest border and its vertices put on those they nearly meet."""
    line = [(round(x, DECIMALS), round(y, DECIMALS)) for x, y in line]
    corners = sorted({point for block in (*one, *two) for ring in rings_of(block.polygon) for point in ring})
    scale = np.array(metres(line[0][1]))
    grid = np.array(corners) * scale
    ground = shapely.union_all([block.polygon for block in (*one, *two)])
    ends = [end for end in (0, -1) if ground.covers(shapely.Point(line[end]))]
    path = _led(line, ends, border(one) | border(two), scale)
    snapped: list[Point] = []
    for point in path:
        distances = np.hypot(*(grid - np.array(point) * scale).T)
        meant = corners[int(distances.argmin())] if distances.min() <= SNAP_M else point
        if not snapped or snapped[-1] != meant:
            snapped.append(meant)
    if len(snapped) < 2:
        raise EditError("line_changes_nothing")
    if not shapely.is_simple(shapely.LineString(snapped)) or snapped[0] == snapped[-1]:
        raise EditError("line_crosses_itself")
    return snapped


def _led(line: list[Point], ends: list[int], edges: set[Edge], scale: np.ndarray) -> list[Point]:
    rim = shapely.multilinestrings([np.array(one) * scale for one in sorted(edges)])
    path = list(line)
    for end in ends:
        spot = shapely.Point(np.array(path[end]) * scale)
        reach = shapely.shortest_line(spot, rim)
        length = shapely.length(reach)
        if 0 < length <= REACH_M and not _passes(path[1 if end == 0 else -2], reach, scale):
            (x, y), (near_x, near_y) = reach.coords
            # A little beyond: the nearest point itself lies beside the border by what a number is rounded.
            over = 1 + SNAP_M / length
            beyond = (x + (near_x - x) * over) / scale[0], (y + (near_y - y) * over) / scale[1]
            path.insert(0, beyond) if end == 0 else path.append(beyond)
    return path


def _passes(inner: Point, reach: shapely.LineString, scale: np.ndarray) -> bool:
    """Whether the line itself leads from its end over the nearest border: led on, it would run back over itself."""
    start, near = np.array(reach.coords)
    leg = np.array(inner) * scale - start
    ahead = float(np.dot(near - start, leg)) > 0
    return ahead and shapely.distance(shapely.LineString([start, start + leg]), shapely.Point(near)) <= SNAP_M


@dataclass(frozen=True, slots=True)
class _Crossing:
    share: float
    point: Point


class _Cut:
    """A line cut at the edges of blocks, and those edges cut by the line."""

    def __init__(self, blocks: list[Block], line: list[Point]) -> None:
        edges = sorted(set[Edge]().union(*(edges_of(block.polygon) for block in blocks)))
        segments = list(pairwise(line))
        self._on_edge: dict[Edge, list[_Crossing]] = {}
        on_line: list[list[_Crossing]] = [[] for _segment in segments]
        tree = shapely.STRtree([shapely.linestrings(one) for one in edges])
        found = tree.query([shapely.linestrings(one) for one in segments], predicate="intersects")
        scale = np.array(metres(line[0][1]))
        for number, index in found.T:
            shared = shapely.intersection(shapely.linestrings(segments[number]), shapely.linestrings(edges[index]))
            for raw in shapely.get_coordinates(shared):
                point = _meant(raw, edges[index], segments[number], scale)
                _add(on_line[number], segments[number], point)
                if point not in edges[index]:
                    _add(self._on_edge.setdefault(edges[index], []), edges[index], point)
        path: list[Point] = []
        for (start, end), crossings in zip(segments, on_line, strict=True):
            for point in (start, *(one.point for one in sorted(crossings, key=lambda one: one.share)), end):
                if not path or path[-1] != point:
                    path.append(point)
        there = set[Edge]().union(*(edges_of(self.noded(block.polygon)) for block in blocks))
        self.path = {edge(*one) for one in pairwise(path)}
        self.inner = self.path - there
        self._inner = sorted(self.inner)
        self._middles = [shapely.Point((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in self._inner]

    def meets(self, polygon: shapely.Polygon) -> bool:
        """Whether an edge of a polygon gets a vertex."""
        return bool(self._on_edge) and not self._on_edge.keys().isdisjoint(edges_of(polygon))

    def noded(self, polygon: shapely.Polygon) -> shapely.Polygon:
        """Return a polygon with the line's crossings among its vertices."""
        rings = []
        for ring in rings_of(polygon):
            path = ring[:1]
            for start, end in pairwise(ring):
                crossings = sorted(self._on_edge.get(edge(start, end), ()), key=lambda one: one.share)
                points = [one.point for one in crossings]
                path += [*(points if start <= end else reversed(points)), end]
            rings.append(path)
        return shapely.Polygon(rings[0], rings[1:])

    def pieces(self, block: Block) -> list[Block]:
        """Return the pieces into which the line cuts a block, at least the block itself."""
        whole = self.noded(block.polygon)
        shapely.prepare(whole)
        through = [one for one, middle in zip(self._inner, self._middles, strict=True) if whole.contains(middle)]
        if not through:
            return [replace(block, polygon=whole)]
        lines = [shapely.linestrings(one) for one in (*edges_of(whole), *through)]
        faces = shapely.get_parts(shapely.polygonize(lines))
        kept = [face for face in faces if whole.contains(shapely.point_on_surface(face))]
        if len(kept) < 2:
            return [replace(block, polygon=whole)]
        kept.sort(key=lambda face: (-shapely.area(face), face.bounds))
        return [replace(block, polygon=face) for face in kept]


def _meant(raw: np.ndarray, ends: Edge, drawn: Edge, scale: np.ndarray) -> Point:
    """Return a crossing, or the vertex of the edge that it nearly meets, or the drawn vertex that it is."""
    for candidates, most in ((ends, SNAP_M), (drawn, ROUNDED_M)):
        for end in candidates:
            if np.hypot(*((raw - np.array(end)) * scale)) <= most:
                return end
    return float(raw[0]), float(raw[1])


def _add(crossings: list[_Crossing], along: Edge, point: Point) -> None:
    (x, y), (to_x, to_y) = along
    share = (point[0] - x) / (to_x - x) if abs(to_x - x) >= abs(to_y - y) else (point[1] - y) / (to_y - y)
    if all(one.point != point for one in crossings):
        crossings.append(_Crossing(share, point))


def _sides(pieces: list[Block], path: set[Edge], one: int, two: int) -> list[int]:
    """Return the grid of each piece: on which side of the line it lies, or with whom its part of a grid goes."""
    areas = [float(shapely.area(piece.polygon)) for piece in pieces]
    side = _components(pieces, path, apart=False)
    if max(side) == 1:
        straight = sum(
            area if (piece.grid == one) == (here == 0) else -area
            for piece, here, area in zip(pieces, side, areas, strict=True)
        )
        here_is_one = 0 if straight >= 0 else 1
        result = [one if here == here_is_one else two for here in side]
    else:
        part = _components(pieces, path, apart=True)
        size = np.bincount(part, areas)
        grids = {here: piece.grid for here, piece in zip(part, pieces, strict=True)}
        kept = {max((here for here in grids if grids[here] == key), key=lambda here: size[here]) for key in (one, two)}
        other = {one: two, two: one}
        result = [piece.grid if here in kept else other[piece.grid] for here, piece in zip(part, pieces, strict=True)]
    if result == [piece.grid for piece in pieces]:
        raise EditError("line_changes_nothing")
    return result


def _components(pieces: list[Block], path: set[Edge], *, apart: bool) -> list[int]:
    """Number the parts into which the pieces fall where the line runs and, `apart`, where the old border ran."""
    holders: dict[Edge, list[int]] = {}
    for index, piece in enumerate(pieces):
        for one in edges_of(piece.polygon) - path:
            holders.setdefault(one, []).append(index)
    pairs = [(held[0], held[1]) for held in holders.values() if len(held) == 2]
    pairs = [(a, b) for a, b in pairs if not apart or pieces[a].grid == pieces[b].grid]
    label = list(range(len(pieces)))
    for a, b in pairs:
        if label[a] != label[b]:
            label = [label[b] if one == label[a] else one for one in label]
    names = {one: number for number, one in enumerate(dict.fromkeys(label))}
    return [names[one] for one in label]


def _renamed(
    plan: Plan,
    own: list[Block],
    pieces: list[Block],
    targets: list[int],
    cut: _Cut,
    stock: Mapping[int, Footprint],
) -> tuple[list[Block], list[int]]:
    """Return the blocks as they are now and the keys of those that are no more; a block whose pieces agree stays."""
    free = max(plan.blocks) + 1
    fresh: list[Block] = []
    gone: list[int] = []
    for block in own:
        mine = [(piece, grid) for piece, grid in zip(pieces, targets, strict=True) if piece.key == block.key]
        grids = {grid for _piece, grid in mine}
        if len(grids) == 1:
            fresh.append(replace(block, grid=grids.pop(), polygon=cut.noded(block.polygon)))
            continue
        gone.append(block.key)
        parts = [replace(piece, key=free + offset, grid=grid) for offset, (piece, grid) in enumerate(mine)]
        free += len(parts)
        through = [one for one in cut.inner if sum(one in edges_of(part.polygon) for part in parts) == 2]
        refuse_cuts(shapely.multilinestrings([np.array(one) for one in through]), block.buildings, stock)
        fresh += housed(parts, block.buildings, stock)
    return fresh, gone
