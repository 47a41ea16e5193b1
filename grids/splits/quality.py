"""How good a proposal is, judged from its polygons and the ground it lies on, whatever made it."""

from collections.abc import Iterable, Mapping
from typing import Any

import shapely

from grids.splits.ground import Ground
from grids.splitting import BARRIERS, UNIT_AREA, House, Problem, Remark, Way, inside, measure
from grids.splitting.plan import METRES_PER_DEGREE, Plan

# What is narrower than this, beside what straight edges differ by in degrees and in metres, is no gap.
HAIR_M = 0.0005


def problem_of(ground: Ground, parameters: Mapping[str, Any]) -> Problem:
    """Return a community's ground as the splitter is asked about it."""
    return Problem(
        boundary=ground.boundary,
        ways=[Way(line, kind) for line, kind in ground.ways],
        houses=[House(house.polygon, house.households, str(key)) for key, house in ground.houses.items()],
        households=parameters.get("households"),
        number=parameters.get("number"),
        barriers=frozenset(parameters.get("barriers", BARRIERS)),
        setting=parameters.get("setting", 0.5),
        seed=parameters.get("seed", 0),
        unit_area=parameters.get("unit_area", UNIT_AREA) if parameters.get("mode") == "nested" else None,
    )


def measured(plan: Plan, ground: Ground, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a plan's grids; with unit grids below service grids, theirs stand under `units`."""
    problem = problem_of(ground, parameters)
    tops = [key for key, patch in plan.grids.items() if patch.parent is None]
    below = [key for key, patch in plan.grids.items() if patch.parent is not None]
    outlines = [plan.outline(key) for key in tops]
    units = [plan.outline(key) for key in below]
    figures = measure(problem, outlines, parameters.get("households"), units)
    _by_number(figures, [plan.grids[key].number for key in tops])
    _by_number(figures.get("units", {}), [plan.grids[key].number for key in below])
    gap = shapely.difference(ground.boundary, shapely.coverage_union_all(outlines))
    if shapely.is_empty(shapely.buffer(gap, -(HAIR_M + ground.leeway) / METRES_PER_DEGREE)):
        figures["gap_m2"] = 0.0
    return figures


def remarks_of(remarks: Iterable[Mapping[str, Any]], figures: Mapping[str, Any] | None) -> list[Remark]:
    """Return what a planner should know of a proposal: what was stored with it, and what its present figures say."""
    stored = [Remark(row["code"], row.get("values", {})) for row in remarks]
    return [*stored, *inside(figures or {})]


def _by_number(figures: dict[str, Any], numbers: list[int]) -> None:
    """Call the grids in which barriers lie by their numbers rather than their places."""
    for row in figures.get("barriers_inside", []):
        row["grid"] = numbers[row["grid"] - 1]
