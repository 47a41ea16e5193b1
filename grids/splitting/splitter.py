"""From a problem to a proposal, step by step."""

import time

import numpy as np
import shapely

from grids.splitting import blocks, numbering, quality
from grids.splitting.blocks import Atoms
from grids.splitting.counting import Counted, counted
from grids.splitting.cover import cover
from grids.splitting.graph import Graph
from grids.splitting.ground import Ground, prepare
from grids.splitting.problem import (
    Atom,
    Cancelled,
    Grid,
    Ints,
    Problem,
    Progress,
    Proposal,
    Remark,
    Shapes,
    SplitCancelled,
    SplitError,
)
from grids.splitting.solve import Effort, solve

# How many atoms a grid should have at least: enough to balance and shape it, few enough to search quickly.
GRAIN = 18
TOLERANCE = 0.08


def split(problem: Problem, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Proposal:
    """Split the area of a problem; raises `SplitError` if it cannot be, `SplitCancelled` when asked to stop."""
    began = time.perf_counter()
    _check(problem)

    def tell(step: str, share: float) -> None:
        if cancelled and cancelled():
            raise SplitCancelled
        if progress:
            progress(step, share)

    tell("clean", 0.0)
    target = _target(problem)
    ground = prepare(problem, 0.15 * target)
    tell("blocks", 0.1)
    wanted = max(1, round(float(ground.weights.sum()) / target)) if target < np.inf else problem.number or 1
    atoms = blocks.make(ground, target / GRAIN, ground.boundary.area / wanted / GRAIN)
    graph = Graph.of(atoms)
    count = counted(graph, problem.households, problem.number)
    labels = solve(
        graph,
        count.loads,
        count.counts,
        problem.setting,
        problem.seed,
        Effort(),
        lambda share: tell("partition", 0.3 + 0.5 * share),
        TOLERANCE,
    )
    tell("borders", 0.8)
    shapes = cover(ground, atoms, labels, int(count.counts.sum()))
    tell("measure", 0.9)
    measured = quality.judged(ground, shapes, count.target)
    remarks = [*_crossing(ground), *count.remarks, *_unbalanced(ground, shapes, count)]
    proposal = _proposal(ground, atoms, labels, shapes, measured, remarks, count.target)
    measured["seconds"] = round(time.perf_counter() - began, 2)
    tell("done", 1.0)
    return proposal


def _check(problem: Problem) -> None:
    if (problem.households is None) == (problem.number is None):
        raise SplitError("households_or_number")
    for name, value in (("households", problem.households), ("number", problem.number)):
        if value is not None and value < 1:
            raise SplitError("not_positive", name=name, value=value)
    if not 0 <= problem.setting <= 1:
        raise SplitError("setting_range", value=problem.setting)


def _target(problem: Problem) -> float:
    if problem.households:
        return float(problem.households)
    total = sum(max(0, house.households) for house in problem.houses)
    return total / (problem.number or 1) if total else float("inf")


def _crossing(ground: Ground) -> list[Remark]:
    crossing = np.flatnonzero(ground.crossing)
    return [Remark("crosses_boundary", {"count": len(crossing), "houses": crossing.tolist()})] if len(crossing) else []


def _unbalanced(ground: Ground, shapes: Shapes, count: Counted) -> list[Remark]:
    """Name grids that are off although the ground as a whole divides evenly."""
    loads = quality.households(ground, shapes)
    off = int((np.abs(loads - count.target) > 0.1 * count.target + 1e-9).sum())
    known = {"island", "tower", "uneven", "empty"} & {said.code for said in count.remarks}
    return [Remark("unbalanced", {"count": off, "target": round(count.target)})] if off and not known else []


def _proposal(
    ground: Ground,
    atoms: Atoms,
    labels: Ints,
    shapes: Shapes,
    measured: dict[str, object],
    remarks: list[Remark],
    target: float,
) -> Proposal:
    inverse = ground.degrees
    order = numbering.order(shapes)
    outlines = shapely.transform(shapes[order], inverse)
    loads = quality.households(ground, shapes)
    grids = tuple(
        Grid(
            place + 1,
            shapely.orient_polygons(outlines[place]),
            int(loads[index]),
            tuple(np.flatnonzero(labels == index).tolist()),
        )
        for place, index in enumerate(order.tolist())
    )
    return Proposal(grids, _atoms(ground, atoms), measured, tuple(remarks), target, ground.plane.epsg)


def _atoms(ground: Ground, atoms: Atoms) -> tuple[Atom, ...]:
    order = np.argsort(atoms.label, kind="stable")
    groups = np.split(atoms.faces[order], np.searchsorted(atoms.label[order], np.arange(1, atoms.count)))
    polygons = np.array(
        [group[0] if len(group) == 1 else shapely.coverage_union_all(group) for group in groups], object
    )
    home = np.where(ground.blob_of >= 0, atoms.blob_atom[ground.blob_of], -1)
    houses: list[list[int]] = [[] for _ in range(atoms.count)]
    for house in np.flatnonzero((home >= 0) & ground.inside):
        houses[home[house]].append(int(house))
    return tuple(
        Atom(polygon, int(load), tuple(inside))
        for polygon, load, inside in zip(shapely.transform(polygons, ground.degrees), atoms.loads, houses, strict=True)
    )
