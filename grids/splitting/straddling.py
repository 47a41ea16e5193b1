"""Barriers left inside of grids: which kind, how far, and what they part off there."""

from typing import Any

import numpy as np
import shapely

from grids.splitting.carriageways import ALONG
from grids.splitting.ground import Ground
from grids.splitting.linework import faces, noded
from grids.splitting.problem import Floats, Shapes
from grids.splitting.voronoi import samples, segments

# Less of a barrier than this, in metres, is not worth a word.
LEAST = 30.0
# What a barrier parts off is a part when it has this share of the grid's area: else it only runs beside the border.
LEAST_PART = 0.01
_SPACING = 2.0


def barriers_inside(ground: Ground, shapes: Shapes) -> list[dict[str, Any]]:
    """Return where barriers lie further than `ALONG` from the borders of grids given in metres.

    Rows of `grid` (by place, from 1), `kind`, `metres`, and what lies on the smaller sides of all barriers of that
    grid: `households` and `area_m2`, or None for both where they end inside and part nothing. Sorted by grid and kind.
    """
    points, lengths, kinds = _away(ground, shapes)
    spot, grid = shapely.STRtree(shapes).query(shapely.points(points), predicate="intersects")
    spot, first = np.unique(spot, return_index=True)
    found: dict[tuple[int, str], float] = {}
    for place, index in zip(grid[first].tolist(), spot.tolist(), strict=True):
        found[place, kinds[index]] = found.get((place, kinds[index]), 0.0) + float(lengths[index])
    rows = {key: metres for key, metres in found.items() if metres >= LEAST}
    beyond = _beyond(ground, shapes, sorted({place for place, _kind in rows}))
    return [
        {"grid": place + 1, "kind": kind, "metres": round(metres), **beyond[place]}
        for (place, kind), metres in sorted(rows.items())
    ]


def _away(ground: Ground, shapes: Shapes) -> tuple[Floats, Floats, list[str]]:
    """Return samples of barriers away from borders, what length each stands for, and its kind."""
    barrier = ground.ranks == 3
    places, weights, names = [np.empty((0, 2))], [np.empty(0)], []
    for kind in sorted(set(ground.kinds[barrier].tolist())):
        lines = shapely.union_all(ground.lines[barrier & (ground.kinds == kind)])
        ends, _line = segments(shapely.get_parts(lines))
        points, index = samples(ends, _SPACING)
        lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
        places.append(points)
        weights.append((lengths / np.bincount(index, minlength=len(ends)))[index])
        names += [kind] * len(points)
    points = np.concatenate(places)
    ends, _ring = segments(shapely.get_rings(shapely.get_parts(shapes)))
    borders = shapely.STRtree(shapely.linestrings(ends))
    close = borders.query(shapely.points(points), predicate="dwithin", distance=ALONG)[0]
    away = np.setdiff1d(np.arange(len(points)), close)
    return points[away], np.concatenate(weights)[away], [names[index] for index in away]


def _beyond(ground: Ground, shapes: Shapes, places: list[int]) -> dict[int, dict[str, int | None]]:
    barriers = ground.lines[ground.ranks == 3]
    lines = shapely.STRtree(barriers)
    spots = shapely.point_on_surface(ground.footprints[ground.inside])
    weights = ground.weights[ground.inside]
    houses = shapely.STRtree(spots)
    result: dict[int, dict[str, int | None]] = {}
    for place in places:
        shape = shapes[place]
        near = barriers[lines.query(shape, predicate="intersects")]
        found = faces(noded(np.append(shapely.intersection(near, shape), shapely.boundary(shape))), shape)
        areas = shapely.area(found)
        if np.sort(areas)[:-1].sum() < LEAST_PART * shape.area:
            result[place] = {"households": None, "area_m2": None}
            continue
        face, house = houses.query(found, predicate="intersects")
        loads = np.bincount(face, weights[house], len(found))
        largest = int(np.lexsort((areas, loads))[-1])
        result[place] = {
            "households": int(loads.sum() - loads[largest]),
            "area_m2": round(float(areas.sum() - areas[largest])),
        }
    return result
