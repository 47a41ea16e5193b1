"""Other ways to split an area, for comparison: polygons in metres."""

import numpy as np
import shapely
from scipy.spatial import Voronoi

from grids.splitting import blocks
from grids.splitting.cuts import Limits
from grids.splitting.graph import Graph
from grids.splitting.ground import Ground

Polygons = np.ndarray


def squares(ground: Ground, count: int) -> Polygons:
    """Return square cells of the size that makes about `count` of them."""
    west, south, east, north = ground.boundary.bounds
    side = float(np.sqrt(ground.boundary.area / count))
    x, y = np.meshgrid(np.arange(west, east, side), np.arange(south, north, side))
    return _within(ground, shapely.box(x.ravel(), y.ravel(), x.ravel() + side, y.ravel() + side))


def hexagons(ground: Ground, count: int) -> Polygons:
    """Return H3 cells of the resolution whose cells are nearest in area."""
    import h3

    area = ground.boundary.area / count
    resolution = min(range(5, 12), key=lambda level: abs(np.log(h3.average_hexagon_area(level, unit="m^2") / area)))
    corners = ground.degrees(shapely.get_coordinates(shapely.box(*ground.boundary.bounds).buffer(np.sqrt(area))))
    cells = h3.geo_to_cells(shapely.Polygon(corners), resolution)
    rings = [[(lon, lat) for lat, lon in h3.cell_to_boundary(cell)] for cell in sorted(cells)]
    return _within(ground, shapely.transform(np.array([shapely.Polygon(ring) for ring in rings]), ground.plane.forward))


def means(ground: Ground, count: int, rounds: int = 60) -> Polygons:
    """Return unions of the Voronoi cells of buildings, grouped by k-means of equal loads (greedy by distance)."""
    chance = np.random.default_rng(1)
    spots = shapely.get_coordinates(shapely.centroid(ground.footprints[ground.inside]))
    spots = spots + chance.normal(0, 1e-3, spots.shape)
    weight = ground.weights[ground.inside]
    centres = spots[chance.choice(len(spots), count, replace=False)]
    group = np.zeros(len(spots), np.int64)
    for _ in range(rounds):
        group = _assigned(spots, weight, centres)
        centres = np.array([np.average(spots[group == label], axis=0) for label in range(count)])
    reach = 10 * float(np.ptp(spots, axis=0).max()) + 1e3
    diagram = Voronoi(np.concatenate([spots, spots.mean(0) + reach * np.array([[-1, 0], [1, 0], [0, -1], [0, 1]])]))
    cells = [shapely.Polygon(diagram.vertices[diagram.regions[diagram.point_region[row]]]) for row in range(len(spots))]
    return _within(
        ground, np.array([shapely.union_all(np.array(cells)[group == label]) for label in range(count)], object)
    )


def metis(ground: Ground, count: int, target: float) -> Polygons:
    """Return METIS’ partition of our atoms, edges weighted by the length of the common border."""
    import pymetis

    atoms = blocks.make(ground, Limits(target / 18, ground.boundary.area / count / 18))
    graph = Graph.of(atoms)
    near: list[list[int]] = [[] for _ in range(graph.count)]
    cost: list[list[int]] = [[] for _ in range(graph.count)]
    for (one, two), length in zip(graph.pairs.tolist(), graph.lengths.sum(1), strict=True):
        for here, there in ((one, two), (two, one)):
            near[here].append(there)
            cost[here].append(max(1, round(length)))
    starts = np.cumsum([0, *map(len, near)])
    answer = pymetis.part_graph(
        count,
        xadj=starts.tolist(),
        adjncy=[there for row in near for there in row],
        vweights=graph.loads.astype(int).tolist(),
        eweights=[price for row in cost for price in row],
    )
    labels = np.asarray(answer[1])[atoms.label]
    return np.array([shapely.coverage_union_all(atoms.faces[labels == label]) for label in range(count)], object)


def _assigned(spots: np.ndarray, weight: np.ndarray, centres: np.ndarray) -> np.ndarray:
    room = np.full(len(centres), weight.sum() / len(centres))
    distance = np.hypot(*(spots[:, None] - centres[None]).transpose(2, 0, 1))
    ranked = np.sort(distance, axis=1)
    group = np.zeros(len(spots), np.int64)
    # Who has most to lose by being sent elsewhere chooses first.
    for spot in np.argsort(ranked[:, 0] - ranked[:, 1]):
        choices = np.argsort(distance[spot])
        free = choices[room[choices] > 0]
        group[spot] = free[0] if len(free) else choices[0]
        room[group[spot]] -= weight[spot]
    return group


def _within(ground: Ground, shapes: Polygons) -> Polygons:
    clipped = shapely.intersection(shapes, ground.boundary)
    return clipped[shapely.area(clipped) > 1]
