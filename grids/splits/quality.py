"""How good a proposal is, judged from its polygons and the ground it lies on, whatever made it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from django.db import connection

from grids.splits.ground import Ground
from grids.splitting import BARRIERS, UNIT_AREA, House, Problem, Remark, Way, gauge, inside
from grids.splitting.plan import METRES_PER_DEGREE, Plan

if TYPE_CHECKING:
    from grids.splitting.gauging import Gauge, Rows
    from grids.splitting.tallies import Loose

# What is narrower than this, beside what straight edges differ by in degrees and in metres, is no gap.
HAIR_M = 0.0005
_STAMP = """
    SELECT (SELECT max(pgh_id) FROM grids_streetevent), (SELECT max(pgh_id) FROM grids_buildingevent),
        (SELECT max(pgh_id) FROM grids_stairwellevent), (SELECT max(pgh_id) FROM grids_regionevent)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a plan's grids, and what each of them adds to these, as JSON."""

    figures: dict[str, Any]
    tallies: dict[str, Any]


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


def measured(plan: Plan, ground: Ground, parameters: Mapping[str, Any]) -> Measured:
    """Measure a plan's grids; with unit grids below service grids, the figures of those stand under `units`."""
    meter = gauge(problem_of(ground, parameters))
    rows: Rows = {}
    covers, loose = [], []
    for keys in levels(plan):
        outlines = {key: plan.outline(key) for key in keys}
        found, left = meter.tallies(outlines)
        covered = dict(meter.cover(outlines))
        gap = shapely.difference(ground.boundary, shapely.coverage_union_all(list(outlines.values())))
        if shapely.is_empty(shapely.buffer(gap, -(HAIR_M + ground.leeway) / METRES_PER_DEGREE)):
            covered["gap_m2"] = 0.0
        rows |= found
        covers.append(covered)
        loose.append(left)
    return together(plan, meter, rows, covers, loose, stamp())


def together(
    plan: Plan,
    meter: Gauge,
    rows: Rows,
    covers: Iterable[Mapping[str, Any]],
    loose: Iterable[Loose],
    now: list[int | None],
) -> Measured:
    """Return what tallies say together, for each level its cover and what lies in none of its grids."""
    parts = []
    for place, (keys, covered, left) in enumerate(zip(levels(plan), covers, loose, strict=True)):
        tell = meter.unit_figures if place else meter.figures
        parts.append(tell([rows[key] for key in keys], covered, left))
        _by_number(parts[-1], [plan.grids[key].number for key in keys])
    figures = parts[0] if len(parts) == 1 else {**parts[0], "units": parts[1]}
    return Measured(figures, {"stamp": now, "grids": {str(key): row.json() for key, row in rows.items()}})


def levels(plan: Plan) -> list[list[int]]:
    """Return the keys of the grids that are in no other one, and of those that are."""
    tops = [key for key, patch in plan.grids.items() if patch.parent is None]
    below = [key for key, patch in plan.grids.items() if patch.parent is not None]
    return [keys for keys in (tops, below) if keys]


def stamp() -> list[int | None]:
    """Return what changes with every street, building, stairwell and boundary: the last row of their histories."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        return list(cursor.fetchone() or ())


def remarks_of(remarks: Iterable[Mapping[str, Any]], figures: Mapping[str, Any] | None) -> list[Remark]:
    """Return what a planner should know of a proposal: what was stored with it, and what its present figures say."""
    stored = [Remark(row["code"], row.get("values", {})) for row in remarks]
    return [*stored, *inside(figures or {})]


def _by_number(figures: dict[str, Any], numbers: list[int]) -> None:
    """Call the grids in which barriers lie by their numbers rather than their places."""
    for row in figures.get("barriers_inside", []):
        row["grid"] = numbers[row["grid"] - 1]
