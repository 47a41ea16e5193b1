"""The cleaned problem in the metric plane: boundary parts, lines with their rank, footprints that stand together."""

from dataclasses import dataclass

import numpy as np
import shapely

from grids.splitting.crs import Plane, plane_of
from grids.splitting.pieces import connected
from grids.splitting.problem import MAJOR_ROADS, Floats, Ints, Problem, Shapes, SplitError

# How far a border keeps from a building, in metres: beyond what rounding and projecting move it.
CLEARANCE = 0.2
# Footprints drawn over each other by more than this, in square metres, are one building for us.
OVERLAP = 0.004
PATH, STREET, BARRIER = 1, 2, 3
PATHS = frozenset({"track", "service", "alley"})
# Pavements run beside every street and paths through every yard: borders along them would be strips, not blocks.
_LEFT_OUT = "path footway steps cycleway bridleway corridor platform stream drain ditch subway tram monorail funicular"
LEFT_OUT = frozenset(_LEFT_OUT.split())


@dataclass(frozen=True, slots=True)
class Ground:
    """What the splitter stands on, in metres.

    `blobs` are unions of footprints that stand closer than two clearances, grown by the clearance; `blob_of` says of
    each house in which blob it stands, -1 for one outside; `weights` are the households that count.
    """

    plane: Plane
    boundary: shapely.Polygon | shapely.MultiPolygon
    lines: Shapes
    ranks: Ints
    kinds: np.ndarray
    footprints: Shapes
    weights: Floats
    inside: np.ndarray
    crossing: np.ndarray
    blobs: Shapes
    blob_of: Ints
    corners: dict[tuple[float, float], tuple[float, float]]

    def degrees(self, metres: Floats) -> Floats:
        """Return WGS-84 positions; the boundary's own corners come back exactly as they were given."""
        result = self.plane.inverse(metres)
        corners = self.corners
        for row, spot in enumerate(map(tuple, metres.tolist())):
            if spot in corners:
                result[row] = corners[spot]
        return result

    @property
    def area(self) -> float:
        """How many square metres it has."""
        return float(shapely.area(self.boundary))

    @property
    def major(self) -> np.ndarray:
        """Which lines are main roads."""
        return np.isin(self.kinds, sorted(MAJOR_ROADS))


def prepare(problem: Problem, most: float = np.inf) -> Ground:
    """Project and clean a problem; raise `SplitError` where nothing sensible can be done.

    Buildings that touch stay together unless they have more than `most` households between them.
    """
    boundary = area_only(problem.boundary)
    if boundary is None:
        raise SplitError("boundary_empty")
    centre = shapely.centroid(boundary)
    plane = plane_of(centre.x, centre.y)
    metric = area_only(shapely.transform(boundary, plane.forward))
    if metric is None:
        raise SplitError("boundary_empty")
    shapely.prepare(metric)
    lines, ranks, kinds = _lines(problem, plane, metric)
    footprints, weights = _footprints(problem, plane)
    points = shapely.point_on_surface(footprints)
    inside = shapely.intersects(metric, points) if len(points) else np.zeros(0, bool)
    touching = shapely.intersects(metric, footprints) if len(points) else np.zeros(0, bool)
    crossing = touching & ~shapely.covers(metric, footprints) if len(points) else touching
    blobs, blob_of = _blobs(footprints, touching, weights, most)
    return Ground(
        plane,
        metric,
        lines,
        ranks,
        kinds,
        footprints,
        np.where(inside, weights, 0.0),
        inside,
        crossing,
        blobs,
        blob_of,
        _corners(boundary, plane),
    )


def _corners(boundary: shapely.Geometry, plane: Plane) -> dict[tuple[float, float], tuple[float, float]]:
    degrees = shapely.get_coordinates(boundary)
    return dict(zip(map(tuple, plane.forward(degrees).tolist()), map(tuple, degrees.tolist()), strict=True))


def area_only(geometry: shapely.Geometry) -> shapely.Polygon | shapely.MultiPolygon | None:
    """Return the valid areal part of a geometry, or None if there is none."""
    if geometry is None or shapely.is_empty(geometry):
        return None
    if not shapely.is_valid(geometry):
        geometry = shapely.make_valid(geometry)
    parts = [part for part in _polygons(geometry) if part.area > 0]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _polygons(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [part for part in parts if part.geom_type == "Polygon"]


def _lines(problem: Problem, plane: Plane, metric: shapely.Geometry) -> tuple[Shapes, Ints, np.ndarray]:
    if not problem.ways:
        return np.empty(0, object), np.empty(0, np.int64), np.empty(0, str)
    ways = [way for way in problem.ways if way.kind in problem.barriers or way.kind not in LEFT_OUT]
    shapes = np.array([way.line for way in ways], object)
    kinds = np.array([way.kind for way in ways], str)
    ranks = np.array(
        [BARRIER if kind in problem.barriers else PATH if kind in PATHS else STREET for kind in kinds.tolist()],
        np.int64,
    )
    areal = shapely.get_dimensions(shapes) == 2
    shapes[areal] = shapely.boundary(shapes[areal])
    shapes, origin = shapely.get_parts(shapes, return_index=True)
    keep = (shapely.get_type_id(shapes) == 1) | (shapely.get_type_id(shapes) == 2)
    shapes, ranks, kinds = shapes[keep], ranks[origin][keep], kinds[origin][keep]
    shapes = shapely.transform(shapes, plane.forward)
    near = shapely.intersects(metric, shapes) & (shapely.length(shapes) > 0)
    shapes, ranks, kinds = shapes[near], ranks[near], kinds[near]
    out = ~shapely.covers(metric, shapes)
    shapes[out] = shapely.intersection(shapes[out], metric)
    shapes, origin = shapely.get_parts(shapes, return_index=True)
    keep = (shapely.get_type_id(shapes) == 1) & (shapely.length(shapes) > 0)
    return shapes[keep], ranks[origin][keep], kinds[origin][keep]


def _rank(kind: str, barriers: frozenset[str]) -> int:
    return BARRIER if kind in barriers else PATH if kind in PATHS else STREET


def _footprints(problem: Problem, plane: Plane) -> tuple[Shapes, Floats]:
    shapes = np.empty(len(problem.houses), object)
    shapes[:] = [house.footprint for house in problem.houses]
    weights = np.array([max(0, house.households) for house in problem.houses], np.float64)
    shapes = shapely.transform(shapes, plane.forward)
    for index in np.flatnonzero(~shapely.is_valid(shapes) | (shapely.get_dimensions(shapes) < 2)):
        # A building that is no area at all still has its people: it is kept as a spot of half a metre.
        shapes[index] = area_only(shapes[index]) or shapely.buffer(shapely.centroid(shapes[index]), 0.5, 2)
    return shapes, weights


def _blobs(footprints: Shapes, touching: np.ndarray, weights: Floats, most: float) -> tuple[Shapes, Ints]:
    blob_of = np.full(len(footprints), -1, np.int64)
    chosen = np.flatnonzero(touching)
    if not len(chosen):
        return np.empty(0, object), blob_of
    grown = shapely.buffer(footprints[chosen], CLEARANCE, join_style="mitre", mitre_limit=2.0)
    blobs, labels = _joined(_filled(grown), 0.0)
    heavy = np.bincount(labels, weights[chosen]) > most
    several = np.bincount(labels) > 1
    crowd = (heavy & several)[labels]
    if crowd.any():
        # A long terrace or a whole old town: here walls may become borders, and only what overlaps stays together.
        apart, within = _joined(_filled(footprints[chosen[crowd]]), OVERLAP)
        light = np.flatnonzero(~(heavy & several))
        number = np.full(len(blobs), -1, np.int64)
        number[light] = np.arange(len(light))
        blobs = np.concatenate([blobs[light], apart])
        labels = np.where(crowd, 0, number[labels])
        labels[crowd] = len(light) + within
    blob_of[chosen] = labels
    return blobs, blob_of


def _joined(shapes: Shapes, overlap: float) -> tuple[Shapes, Ints]:
    """Return the unions of shapes that touch, or overlap by more than an area, and the union of each shape."""
    labels = np.arange(len(shapes))
    while True:
        # A ring of buildings may close round another one: again until nothing touches any more.
        one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        if overlap:
            kept = one != two
            one, two = one[kept], two[kept]
            kept = shapely.area(shapely.intersection(shapes[one], shapes[two])) > overlap
            one, two = one[kept], two[kept]
        count, merged = connected(one, two, len(shapes))
        if count == len(shapes):
            return shapes, labels
        shapes = _filled(union_by(shapes, merged, count))
        labels = merged[labels]


def _filled(polygons: Shapes) -> Shapes:
    many = shapely.get_type_id(polygons) != 3
    polygons[many] = shapely.convex_hull(polygons[many])
    return shapely.polygons(shapely.get_exterior_ring(polygons))


def union_by(shapes: Shapes, labels: Ints, count: int) -> Shapes:
    """Return the union of the shapes of each label; only groups of several are computed."""
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count + 1))
    result = np.empty(count, object)
    for label in range(count):
        members = order[starts[label] : starts[label + 1]]
        result[label] = shapes[members[0]] if len(members) == 1 else shapely.union_all(shapes[members])
    return result
