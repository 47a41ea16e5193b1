"""How good grids are, judged from their polygons and the inputs alone; so it judges grids from elsewhere as well.

Polsby–Popper is 4π area / perimeter² (D. D. Polsby and R. D. Popper, 1991), the mean over the grids; the coefficient
of variation is the standard deviation of all grids' households over their mean. A barrier or street counts as
followed where a border runs within five metres of it; what of a barrier lies further inside counts as inside.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from grids.splitting.carriageways import ALONG
from grids.splitting.ground import Ground, prepare
from grids.splitting.problem import UNIT_AREA, Problem, Shapes
from grids.splitting.straddling import barriers_inside
from grids.splitting.voronoi import samples, segments

_SPACING = 2.0
# A building counts as cut when more than this, in square metres, lies on either side.
_SHAVING = 0.01


def measure(
    problem: Problem,
    grids: Sequence[shapely.Geometry],
    target: float | None = None,
    units: Sequence[shapely.Geometry] = (),
) -> dict[str, Any]:
    """Measure grids given in WGS-84 against the problem they are an answer to; unit grids stand under `units`."""
    ground = prepare(problem)
    figures = judged(ground, _plane(ground, grids), target or problem.households)
    if units:
        figures["units"] = judged_units(ground, _plane(ground, units), problem.unit_area or UNIT_AREA)
    return figures


def _plane(ground: Ground, grids: Sequence[shapely.Geometry]) -> Shapes:
    shapes = np.empty(len(grids), object)
    shapes[:] = list(grids)
    plane: Shapes = shapely.transform(shapes, ground.plane.forward)
    return plane


def judged(ground: Ground, shapes: Shapes, target: float | None) -> dict[str, Any]:
    """Measure grids given in the metres of the ground."""
    loads = households(ground, shapes)
    area = float(shapely.area(ground.boundary))
    areas = shapely.area(shapes)
    compact = 4 * np.pi * areas / np.maximum(shapely.length(shapes), 1e-9) ** 2
    wanted = target or float(loads.mean())
    off = np.abs(loads - wanted) / wanted if wanted else np.zeros(len(loads))
    borders = _borders(shapes)
    near = shapely.STRtree(borders)
    barriers = ground.lines[ground.ranks == 3]
    roads = ground.lines[ground.major]
    return {
        "grids": len(shapes),
        "target": wanted,
        "households": {
            "total": int(loads.sum()),
            "min": int(loads.min()),
            "median": float(np.median(loads)),
            "max": int(loads.max()),
        },
        "variation": float(loads.std() / loads.mean()) if loads.sum() else 0.0,
        "within_10_percent": float((off <= 0.1 + 1e-9).mean()),
        "within_20_percent": float((off <= 0.2 + 1e-9).mean()),
        "area_m2": {"min": float(areas.min()), "median": float(np.median(areas)), "max": float(areas.max())},
        "polsby_popper": {"mean": float(compact.mean()), "min": float(compact.min())},
        **_cover(ground, shapes),
        "barrier_inside_km_per_km2": _away(barriers, near) / area * 1000,
        "barriers_inside": barriers_inside(ground, shapes),
        "major_road_inside_km_per_km2": _away(roads, near) / area * 1000,
        "buildings_cut": int(cut(ground, shapes).sum()),
        "single_part_share": float(np.mean([shapely.get_num_geometries(shape) == 1 for shape in shapes])),
        "border_along_streets": _followed(ground, shapes),
    }


def judged_units(ground: Ground, shapes: Shapes, area: float) -> dict[str, Any]:
    """Measure unit grids: their aim is an area, and not a number of households."""
    figures = judged(ground, shapes, None)
    for name in ("target", "variation", "within_10_percent", "within_20_percent"):
        del figures[name]
    off = np.abs(shapely.area(shapes) / area - 1)
    return {**figures, "target_area_m2": area, "area_within_half": float((off <= 0.5).mean())}


def households(ground: Ground, shapes: Shapes) -> np.ndarray:
    """Return the households of each grid: a building belongs to the grid that holds a point inside it."""
    inside = np.flatnonzero(ground.inside)
    loads = np.zeros(len(shapes))
    if len(inside):
        spots = shapely.point_on_surface(ground.footprints[inside])
        house, grid = shapely.STRtree(shapes).query(spots, predicate="intersects")
        house, first = np.unique(house, return_index=True)
        np.add.at(loads, grid[first], ground.weights[inside[house]])
    return loads


def cut(ground: Ground, shapes: Shapes) -> np.ndarray:
    """Return which buildings lie in several grids; the outer boundary cuts none of ours."""
    house, grid = shapely.STRtree(shapes).query(ground.footprints, predicate="intersects")
    several = np.bincount(house, minlength=len(ground.footprints))[house] > 1
    house, grid = house[several], grid[several]
    share = shapely.area(shapely.intersection(ground.footprints[house], shapes[grid]))
    return np.bincount(house[share > _SHAVING], minlength=len(ground.footprints)) > 1


def _cover(ground: Ground, shapes: Shapes) -> Mapping[str, float]:
    valid = bool(shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes))
    union = shapely.coverage_union_all(shapes) if valid else shapely.union_all(shapely.make_valid(shapes))
    total, joined = float(shapely.area(shapes).sum()), float(union.area)
    gap = shapely.area(shapely.difference(ground.boundary, union))
    # Areas below a thousandth of a square metre a kilometre of rim are rounding of the arithmetic itself.
    noise = 1e-6 * (shapely.length(ground.boundary) + 1)
    overlap = 0.0 if valid else max(0.0, total - joined)
    return {"gap_m2": 0.0 if gap < noise else float(gap), "overlap_m2": overlap, "coverage_valid": valid}


def _borders(shapes: Shapes) -> Shapes:
    ends, _line = segments(shapely.get_rings(shapely.get_parts(shapes)))
    return shapely.linestrings(ends)


def _away(lines: Shapes, near: shapely.STRtree) -> float:
    """Return the length of lines further than `ALONG` from any border, by samples every two metres."""
    if not len(lines):
        return 0.0
    ends, _line = segments(shapely.get_parts(shapely.union_all(lines)))
    lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    points, index = samples(ends, _SPACING)
    weight = (lengths / np.bincount(index, minlength=len(ends)))[index]
    close = near.query(shapely.points(points), predicate="dwithin", distance=ALONG)[0]
    weight[np.unique(close)] = 0
    return float(weight.sum())


def _followed(ground: Ground, shapes: Shapes) -> float:
    """Return the share of the borders between grids that runs along a street, railway or waterway."""
    ends, _line = segments(shapely.get_rings(shapely.get_parts(shapes)))
    points, index = samples(ends, _SPACING)
    lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    weight = (lengths / np.bincount(index, minlength=len(ends)))[index]
    spots = shapely.points(points)
    shapely.prepare(spots)
    rim = shapely.get_parts(shapely.boundary(ground.boundary))
    on_rim = np.zeros(len(points), bool)
    on_rim[shapely.STRtree(rim).query(spots, predicate="dwithin", distance=0.01)[0]] = True
    along = np.zeros(len(points), bool)
    if len(ground.lines):
        along[shapely.STRtree(ground.lines).query(spots, predicate="dwithin", distance=ALONG)[0]] = True
    inner = float(weight[~on_rim].sum())
    return float(weight[along & ~on_rim].sum() / inner) if inner else 1.0
