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
# How far beside all buildings a line runs that cuts off open ground, in metres.
BESIDE = 1.0
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


@dataclass(frozen=True, slots=True)
class Limits:
    """How large pieces may be: more households or area than `load` and `area` is cut where a gap lets a line through.

    An area above `must` is cut at any rate, if only open ground is cut off beside all buildings.
    """

    load: float
    area: float
    must: float = np.inf


def subdivide(blocks: Shapes, members: list[Ints], stock: Stock, most: Limits) -> Shapes:
    """Return the lines that cut the blocks into pieces within the limits, where possible."""
    level = [
        Piece(block, inside, float(stock.loads[inside].sum()), block.area)
        for block, inside in zip(blocks, members, strict=True)
    ]
    cuts: list[shapely.Geometry] = []
    for _ in range(_LEVELS):
        level = [piece for piece in level if piece.load > most.load or piece.area > min(most.area, most.must)]
        if not level:
            break
        level, stuck = _halve(level, stock, most, cuts)
        for piece in stuck:
            lines = _round(piece, stock, most)
            cuts += lines
            if piece.area > most.must:
                level += _along(piece, lines, stock)
    return np.array(cuts, object) if cuts else np.empty(0, object)


def _halve(
    level: list[Piece], stock: Stock, most: Limits, cuts: list[shapely.Geometry]
) -> tuple[list[Piece], list[Piece]]:
    """Return the halves of the pieces that a straight line can cut, and the pieces that none can."""
    following: list[Piece] = []
    chosen: list[tuple[Piece, Floats, float]] = []
    candidates = [_candidates(piece, stock, most) for piece in level]
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


def _candidates(piece: Piece, stock: Stock, most: Limits) -> Floats:
    """Return rows of normal, offset and imbalance: the most even gap of each direction.

    The load decides where it is too large, else the area; where the load cannot be halved, an area that must be cut.
    """
    angles = _angles(piece.shape)
    normals = np.column_stack([np.cos(angles), np.sin(angles)])
    spans = stock.spans(piece.members, normals) if len(piece.members) else None
    rows: list[tuple[float, ...]] = []
    loaded, must = spans is not None and piece.load > most.load, piece.area > most.must
    if spans is not None and loaded:
        rows = _even_loads(normals, *spans, stock.loads[piece.members])
    if must or not loaded:
        rows = rows or _even_areas(normals, spans, piece.shape, beside=must)
    return np.array(rows, np.float64).reshape(-1, 4)


def _even_loads(normals: Floats, low: Floats, high: Floats, loads: Floats) -> list[tuple[float, ...]]:
    rows = []
    for index in range(len(normals)):
        order = np.argsort(low[index], kind="stable")
        ends = np.maximum.accumulate(high[index][order])
        gaps = np.flatnonzero(low[index][order][1:] > ends[:-1])
        share = np.cumsum(loads[order])[:-1][gaps] / loads.sum()
        uneven = np.abs(share - 0.5) * 2
        fine = uneven <= 1 - 2 * LEAST_SHARE
        if fine.any():
            best = gaps[fine][np.argmin(uneven[fine])]
            rows.append((*normals[index], (ends[best] + low[index][order][best + 1]) / 2, uneven[fine].min()))
    return rows


def _even_areas(
    normals: Floats, spans: tuple[Floats, Floats] | None, shape: shapely.Polygon, *, beside: bool
) -> list[tuple[float, ...]]:
    """Return the free offset of each direction that is nearest to the middle, if need be `beside` all buildings."""
    reach = normals @ shapely.get_coordinates(shape.exterior).T
    middles, widths = (reach.min(1) + reach.max(1)) / 2, np.ptp(reach, axis=1)
    if spans is None:
        return [(*normal, middle, 0.0) for normal, middle in zip(normals, middles, strict=True)]
    rows = []
    for index, middle in enumerate(middles):
        low, high = (span[index] for span in spans)
        order = np.argsort(low, kind="stable")
        ends = np.maximum.accumulate(high[order])
        gaps = np.flatnonzero(low[order][1:] > ends[:-1])
        edges = [(ends[gap] + low[order][gap + 1]) / 2 for gap in gaps]
        if beside:
            edges += [min(middle, float(low.min()) - BESIDE), max(middle, float(ends[-1]) + BESIDE)]
        elif middle < low.min() or middle > ends[-1]:
            edges.append(middle)
        if not edges:
            continue
        best = min(edges, key=lambda offset: abs(offset - middle))
        uneven = abs(best - middle) * 2 / widths[index]
        if uneven <= 1 - 2 * LEAST_SHARE:
            rows.append((*normals[index], best, uneven))
    return rows


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


def _round(piece: Piece, stock: Stock, most: Limits) -> list[shapely.Geometry]:
    """Return lines between groups of blobs, half-way from outline to outline."""
    if piece.load > most.load:
        groups = _groups(piece, stock, stock.loads[piece.members], most.load)
    else:
        # Only the area is too large: each blob stands for its share of it.
        share = piece.area / max(len(piece.members), 1)
        groups = _groups(piece, stock, np.full(len(piece.members), share), most.must)
    if groups.max(initial=0) == 0:
        return []
    rings = [stock.vertices[stock.starts[member] : stock.starts[member + 1]] for member in piece.members]
    ends = np.concatenate([np.stack([ring[:-1], ring[1:]], axis=1) for ring in rings])
    points, segment = samples(ends, _SPACING)
    owner = np.repeat(groups, [len(ring) - 1 for ring in rings])
    return list(between(points, owner[segment], piece.shape))


def _along(piece: Piece, lines: list[shapely.Geometry], stock: Stock) -> list[Piece]:
    """Return the parts of a piece between lines."""
    if not lines:
        return []
    faces = shapely.polygonize(shapely.get_parts(shapely.union_all([shapely.boundary(piece.shape), *lines])))
    parts = shapely.get_parts(faces)
    return _pieces(parts[shapely.intersects(piece.shape, shapely.point_on_surface(parts))], piece.members, stock)


def _groups(piece: Piece, stock: Stock, loads: Floats, most_load: float) -> Ints:
    """Halve the blobs of a piece along their longer spread until no group has more than the load."""
    groups = np.zeros(len(piece.members), np.int64)
    work, following = [np.arange(len(piece.members))], 1
    while work:
        mine = work.pop()
        load = loads[mine]
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
