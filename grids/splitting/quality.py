"""How good grids are, judged from their polygons and the inputs alone; so it judges grids from elsewhere as well.

Polsby–Popper is 4π area / perimeter² (D. D. Polsby and R. D. Popper, 1991), the mean over the grids; the coefficient
of variation is the standard deviation of all grids' households over their mean. A barrier or street counts as
followed where a border runs within five metres of it; what of a barrier lies further inside counts as inside.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from grids.splitting.ground import Ground, prepare
from grids.splitting.problem import UNIT_AREA, Problem, Shapes
from grids.splitting.tallies import Loose, Tally, households, rows_inside, tallied

__all__ = [
    "cover",
    "figures_of",
    "figures_of_units",
    "households",
    "judged",
    "judged_units",
    "measure",
    "plane_shapes",
]


def measure(
    problem: Problem,
    grids: Sequence[shapely.Geometry],
    target: float | None = None,
    units: Sequence[shapely.Geometry] = (),
) -> dict[str, Any]:
    """Measure grids given in WGS-84 against the problem they are an answer to; unit grids stand under `units`."""
    ground = prepare(problem)
    figures = judged(ground, plane_shapes(ground, grids), target or problem.households)
    if units:
        figures["units"] = judged_units(ground, plane_shapes(ground, units), problem.unit_area or UNIT_AREA)
    return figures


def plane_shapes(ground: Ground, grids: Sequence[shapely.Geometry]) -> Shapes:
    """Return grids given in WGS-84 in the metres of the ground."""
    shapes = np.empty(len(grids), object)
    shapes[:] = list(grids)
    plane: Shapes = shapely.transform(shapes, ground.plane.forward)
    return plane


def judged(ground: Ground, shapes: Shapes, target: float | None) -> dict[str, Any]:
    """Measure grids given in the metres of the ground."""
    tallies, loose = tallied(ground, shapes)
    return figures_of(tallies, ground.area, target, cover(ground, shapes), loose)


def judged_units(ground: Ground, shapes: Shapes, area: float) -> dict[str, Any]:
    """Measure unit grids: their aim is an area, and not a number of households."""
    tallies, loose = tallied(ground, shapes)
    return figures_of_units(tallies, ground.area, area, cover(ground, shapes), loose)


def figures_of(
    tallies: Sequence[Tally],
    area: float,
    target: float | None,
    covered: Mapping[str, Any],
    loose: Loose = Loose(),  # noqa: B008 - it never changes
) -> dict[str, Any]:
    """Return the figures of grids from the tally of each, on ground of an area in square metres."""
    alone, across = [tally.outline for tally in tallies], [tally.crossed for tally in tallies]
    loads, areas, rims = (np.array([getattr(one, name) for one in alone]) for name in ("households", "area", "rim"))
    compact = 4 * np.pi * areas / np.maximum(rims, 1e-9) ** 2
    wanted = target or float(loads.mean())
    off = np.abs(loads - wanted) / wanted if wanted else np.zeros(len(loads))
    inner, along = sum(one.inner for one in alone), sum(one.along for one in alone)
    return {
        "grids": len(tallies),
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
        **covered,
        "barrier_inside_km_per_km2": (sum(one.barrier for one in across) + loose.barrier) / area * 1000,
        "barriers_inside": rows_inside(tallies),
        "major_road_inside_km_per_km2": (sum(one.road for one in across) + loose.road) / area * 1000,
        "buildings_cut": sum(one.cut for one in across),
        "single_part_share": float(np.mean([one.pieces == 1 for one in alone])),
        "border_along_streets": along / inner if inner else 1.0,
    }


def figures_of_units(
    tallies: Sequence[Tally],
    area: float,
    target: float,
    covered: Mapping[str, Any],
    loose: Loose = Loose(),  # noqa: B008 - it never changes
) -> dict[str, Any]:
    """Return the figures of unit grids, which aim at an area in square metres."""
    figures = figures_of(tallies, area, None, covered, loose)
    for name in ("target", "variation", "within_10_percent", "within_20_percent"):
        del figures[name]
    off = np.abs(np.array([tally.outline.area for tally in tallies]) / target - 1)
    return {**figures, "target_area_m2": target, "area_within_half": float((off <= 0.5).mean())}


def cover(ground: Ground, shapes: Shapes) -> Mapping[str, Any]:
    """Return how much of the ground grids leave open and cover twice, and whether neighbours share their vertices."""
    valid = bool(shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes))
    union = shapely.coverage_union_all(shapes) if valid else shapely.union_all(shapely.make_valid(shapes))
    total, joined = float(shapely.area(shapes).sum()), float(union.area)
    gap = shapely.area(shapely.difference(ground.boundary, union))
    # Areas below a thousandth of a square metre a kilometre of rim are rounding of the arithmetic itself.
    noise = 1e-6 * (shapely.length(ground.boundary) + 1)
    overlap = 0.0 if valid else max(0.0, total - joined)
    return {"gap_m2": 0.0 if gap < noise else float(gap), "overlap_m2": overlap, "coverage_valid": valid}
