"""Cutting blocks that are too large: straight between buildings where a gap lets a line through, else round them.

A straight cut never touches a building: footprints are projected on the normal of each direction, and only offsets
that no footprint's interval covers are candidates (a sweep over the sorted intervals). Where no gap lets a straight
line through, groups of buildings are parted by the edges of the Voronoi diagram of their outlines.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from grids.splitting.problem import Floats, Ints, Shapes
from grids.splitting.voronoi import between, samples

DIRECTIONS = 12
# How uneven a cut may be: the smaller side's share of the load.
LEAST_SHARE = 0.2
_LEVELS = 24
_SPACING = 1.5


@dataclass(frozen=True, slots=True)
class Stock:
    """Blobs as arrays: their outlines' vertices in one array, where each begins, loads and places."""

    vertices: Floats
    starts: Ints
    loads: Floats
    places: Floats

    @classmethod
    def of(cls, blobs: Shapes, loads: Floats) -> "Stock":
        """Collect the vertices of blobs."""
        vertices, index = shapely.get_coordinates(blobs, return_index=True)
        starts = np.searchsorted(index, np.arange(len(blobs) + 1))
        return cls(vertices, starts, loads, shapely.get_coordinates(shapely.point_on_surface(blobs)))

    def spans(self, members: Ints, normals: Floats) -> tuple[Floats, Floats]:
        """Return the least and largest offset of each member along each normal, as (normals, members) arrays."""
        counts = self.starts[members + 1] - self.starts[members]
        begins = np.concatenate(([0], np.cumsum(counts)[:-1]))
        rows = np.repeat(self.starts[members] - begins, counts) + np.arange(counts.sum())
        offsets = normals @ self.vertices[rows].T
        return np.minimum.reduceat(offsets, begins, axis=1), np.maximum.reduceat(offsets, begins, axis=1)


@dataclass(slots=True)
class Piece:
    """A block or part of one, with the blobs that stand in it."""

    shape: shapely.Polygon
    members: Ints
    load: float
    area: float


def subdivide(blocks: Shapes, members: list[Ints], stock: Stock, most_load: float, most_area: float) -> Shapes:
    """Return the lines that cut the blocks into pieces of at most the given load and area, where possible."""
    level = [
        Piece(block, inside, float(stock.loads[inside].sum()), block.area)
        for block, inside in zip(blocks, members, strict=True)
    ]
    cuts: list[shapely.Geometry] = []
    for _ in range(_LEVELS):
        level = [piece for piece in level if piece.load > most_load or piece.area > most_area]
        if not level:
            break
        level, stuck = _halve(level, stock, most_load, cuts)
        for piece in stuck:
            cuts += _round(piece, stock, most_load)
    return np.array(cuts, object) if cuts else np.empty(0, object)


def _halve(
    level: list[Piece], stock: Stock, most_load: float, cuts: list[shapely.Geometry]
) -> tuple[list[Piece], list[Piece]]:
    """Return the halves of the pieces that a straight line can cut, and the pieces that none can."""
    following: list[Piece] = []
    chosen: list[tuple[Piece, Floats, float]] = []
    candidates = [_candidates(piece, stock, most_load) for piece in level]
    owner = np.repeat(np.arange(len(level)), [len(found) for found in candidates])
    stuck = [piece for piece, found in zip(level, candidates, strict=True) if not len(found)]
    if not len(owner):
        return [], stuck
    table = np.concatenate([found for found in candidates if len(found)])
    shapes = np.array([piece.shape for piece in level], object)
    chords = shapely.intersection(_line(table, shapes[owner]), shapes[owner])
    # Short cuts, even halves: the length weighs against the imbalance of the sides.
    scores = shapely.length(chords) * (1 + 1.5 * table[:, 3])
    order = np.lexsort((scores, owner))
    first = np.ones(len(order), bool)
    first[1:] = owner[order][1:] != owner[order][:-1]
    for row in order[first]:
        chosen.append((level[owner[row]], table[row], row))
        cuts.append(chords[row])
    halves = _sides(chosen)
    for (piece, choice, _row), (left, right) in zip(chosen, halves, strict=True):
        normal, offset = choice[:2], choice[2]
        side = stock.places[piece.members] @ normal < offset
        for parts, members in ((left, piece.members[side]), (right, piece.members[~side])):
            following += _pieces(parts, members, stock)
    return following, stuck


def _candidates(piece: Piece, stock: Stock, most_load: float) -> Floats:
    """Return rows of normal, offset and imbalance: the most even gap of each direction."""
    angles = _angles(piece.shape)
    normals = np.column_stack([np.cos(angles), np.sin(angles)])
    loaded = piece.load > most_load
    if not len(piece.members) or not loaded:
        corners = shapely.get_coordinates(piece.shape.exterior)
        reach = normals @ corners.T
        middles = (reach.min(1) + reach.max(1)) / 2
        if not len(piece.members):
            return np.column_stack([normals, middles, np.zeros(len(normals))])
    low, high = stock.spans(piece.members, normals)
    loads = stock.loads[piece.members]
    rows = []
    for index in range(len(normals)):
        order = np.argsort(low[index], kind="stable")
        ends = np.maximum.accumulate(high[index][order])
        gaps = np.flatnonzero(low[index][order][1:] > ends[:-1])
        if loaded:
            share = np.cumsum(loads[order])[:-1][gaps] / piece.load
            uneven = np.abs(share - 0.5) * 2
            fine = uneven <= 1 - 2 * LEAST_SHARE
            if not fine.any():
                continue
            best = gaps[fine][np.argmin(uneven[fine])]
            rows.append((*normals[index], (ends[best] + low[index][order][best + 1]) / 2, uneven[fine].min()))
            continue
        # Only the area is too large: the free offset nearest to the middle.
        edges = [(ends[gap] + low[index][order][gap + 1]) / 2 for gap in gaps]
        if middles[index] < low[index].min() or middles[index] > ends[-1]:
            edges.append(middles[index])
        if edges:
            best_edge = min(edges, key=lambda offset: abs(offset - middles[index]))
            width = reach[index].max() - reach[index].min()
            uneven_edge = abs(best_edge - middles[index]) * 2 / width
            if uneven_edge <= 1 - 2 * LEAST_SHARE:
                rows.append((*normals[index], best_edge, uneven_edge))
    return np.array(rows, np.float64).reshape(-1, 4)


def _angles(shape: shapely.Polygon) -> Floats:
    """Return directions to try: along the longest edge of the outline and turned from it in even steps."""
    ring = shapely.get_coordinates(shape.exterior)
    edges = np.diff(ring, axis=0)
    longest = edges[np.argmax(np.hypot(edges[:, 0], edges[:, 1]))]
    return np.arctan2(longest[1], longest[0]) + np.arange(DIRECTIONS) * np.pi / DIRECTIONS


def _line(table: Floats, shapes: Shapes) -> Shapes:
    """Return long lines at offsets along normals, long enough to cross the shapes."""
    bounds = shapely.bounds(shapes)
    centres = (bounds[:, :2] + bounds[:, 2:]) / 2
    reach = np.hypot(*(bounds[:, 2:] - bounds[:, :2]).T) + 1
    normals, offsets = table[:, :2], table[:, 2]
    foot = centres + normals * (offsets - (centres * normals).sum(1))[:, None]
    along = np.column_stack([-normals[:, 1], normals[:, 0]]) * reach[:, None]
    return shapely.linestrings(np.stack([foot - along, foot + along], axis=1))


def _sides(chosen: list[tuple[Piece, Floats, float]]) -> list[tuple[shapely.Geometry, shapely.Geometry]]:
    shapes = np.array([piece.shape for piece, _choice, _row in chosen], object)
    table = np.array([choice for _piece, choice, _row in chosen])
    ends = shapely.get_coordinates(_line(table, shapes)).reshape(-1, 2, 2)
    bounds = shapely.bounds(shapes)
    deep = (table[:, :2] * (np.hypot(*(bounds[:, 2:] - bounds[:, :2]).T) + 1)[:, None])[:, None, :]
    left = shapely.polygons(np.concatenate([ends, (ends - deep)[:, ::-1]], axis=1))
    right = shapely.polygons(np.concatenate([ends, (ends + deep)[:, ::-1]], axis=1))
    return list(zip(shapely.intersection(shapes, left), shapely.intersection(shapes, right), strict=True))


def _pieces(parts: shapely.Geometry, members: Ints, stock: Stock) -> list[Piece]:
    areas = [part for part in shapely.get_parts(parts) if part.geom_type == "Polygon"]
    if len(areas) == 1:
        return [Piece(areas[0], members, float(stock.loads[members].sum()), areas[0].area)]
    found = []
    points = shapely.points(stock.places[members]) if len(members) else np.empty(0, object)
    for area in areas:
        mine = members[shapely.intersects(area, points)] if len(members) else members
        found.append(Piece(area, mine, float(stock.loads[mine].sum()), area.area))
    return found


def _round(piece: Piece, stock: Stock, most_load: float) -> list[shapely.Geometry]:
    """Return lines between groups of blobs, half-way from outline to outline."""
    groups = _groups(piece, stock, most_load)
    if groups.max(initial=0) == 0:
        return []
    rings = [stock.vertices[stock.starts[member] : stock.starts[member + 1]] for member in piece.members]
    ends = np.concatenate([np.stack([ring[:-1], ring[1:]], axis=1) for ring in rings])
    points, segment = samples(ends, _SPACING)
    owner = np.repeat(groups, [len(ring) - 1 for ring in rings])
    return list(between(points, owner[segment], piece.shape))


def _groups(piece: Piece, stock: Stock, most_load: float) -> Ints:
    """Halve the blobs of a piece along their longer spread until no group has more than the load."""
    groups = np.zeros(len(piece.members), np.int64)
    work, following = [np.arange(len(piece.members))], 1
    while work:
        mine = work.pop()
        load = stock.loads[piece.members[mine]]
        if len(mine) < 2 or load.sum() <= most_load:
            continue
        places = stock.places[piece.members[mine]]
        axis = np.linalg.eigh(np.cov(places.T) + np.eye(2) * 1e-9)[1][:, 1]
        order = np.argsort(places @ axis, kind="stable")
        at = int(np.clip(np.searchsorted(np.cumsum(load[order]), load.sum() / 2), 1, len(mine) - 1))
        groups[mine[order[at:]]] = following
        following += 1
        work += [mine[order[:at]], mine[order[at:]]]
    return groups
