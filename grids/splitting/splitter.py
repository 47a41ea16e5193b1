"""From a problem to a proposal, step by step."""

import time
from dataclasses import dataclass, replace

import numpy as np
import shapely

from grids.splitting import blocks, nesting, numbering, quality
from grids.splitting.blocks import Atoms
from grids.splitting.counting import Counted, counted
from grids.splitting.cover import cover
from grids.splitting.cuts import Limits
from grids.splitting.graph import Graph
from grids.splitting.ground import Ground, prepare
from grids.splitting.nesting import Units, gathered, refined
from grids.splitting.problem import (
    LEAST_UNIT_AREA,
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
    inside,
)
from grids.splitting.solve import Effort, Tell, solve

# How many atoms a grid should have at least: enough to balance and shape it, few enough to search quickly.
GRAIN = 18


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
    most = Limits(target / GRAIN, ground.boundary.area / wanted / GRAIN)
    if problem.unit_area:
        most = replace(most, must=problem.unit_area / nesting.GRAIN)
    atoms = blocks.make(ground, most)
    fine = Graph.of(atoms)
    # Unit grids need finer pieces than service grids, which are found best among as few as there would be without.
    group = gathered(fine, most.load, most.area) if problem.unit_area else np.arange(fine.count)
    graph = fine.joined(group) if problem.unit_area else fine
    count = counted(graph, problem.households, problem.number)
    rest = 0.4 if problem.unit_area else 0.5
    labels = solve(
        graph,
        count.loads,
        count.counts,
        problem.setting,
        problem.seed,
        Effort(),
        lambda share: tell("partition", 0.3 + rest * share),
        count.slack,
    )[group]
    if problem.unit_area:
        loads = np.minimum(fine.loads, count.target) if fine.loads.sum() else fine.areas
        labels = refined(fine, loads, labels, problem.setting, problem.seed, float(count.slack.min()))
    units = _units(problem, fine, labels, lambda share: tell("units", 0.7 + 0.1 * share))
    tell("borders", 0.8)
    found = _drawn(ground, atoms, labels, units)
    tell("measure", 0.9)
    measured = quality.judged(ground, found.shapes, count.target)
    if found.units is not None and problem.unit_area:
        measured["units"] = quality.judged_units(ground, found.units, problem.unit_area)
    remarks = [*_crossing(ground), *count.remarks, *_unbalanced(ground, found.shapes, count), *inside(measured)]
    proposal = _proposal(ground, atoms, found, measured, remarks, count.target)
    measured["seconds"] = round(time.perf_counter() - began, 2)
    tell("done", 1.0)
    return proposal


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Grids as polygons in metres in the order of their numbers, with the grid of each atom; the same of unit grids."""

    shapes: Shapes
    labels: Ints
    units: Shapes | None = None
    nesting: Units | None = None


def _units(problem: Problem, graph: Graph, labels: Ints, tell: Tell) -> Units | None:
    if not problem.unit_area:
        return None
    return nesting.nested(graph, labels, problem.unit_area, problem.setting, problem.seed, tell)


def _drawn(ground: Ground, atoms: Atoms, labels: Ints, units: Units | None) -> _Drawn:
    count = int(labels.max()) + 1
    if units is None:
        shapes = cover(ground, atoms, labels, count)
        order, number = _order(shapes)
        return _Drawn(shapes[order], number[labels])
    below = cover(ground, atoms, units.labels, len(units.parents))
    shapes = np.empty(count, object)
    for label in range(count):
        shapes[label] = shapely.coverage_union_all(below[units.parents == label])
    order, number = _order(shapes)
    lower, place = _order(below)
    nested = Units(place[units.labels], number[units.parents[lower]])
    return _Drawn(shapes[order], number[labels], below[lower], nested)


def _order(shapes: Shapes) -> tuple[Ints, Ints]:
    """Return which shape comes at each place, and the place of each shape."""
    order = numbering.order(shapes)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return order, place


def _check(problem: Problem) -> None:
    if (problem.households is None) == (problem.number is None):
        raise SplitError("households_or_number")
    for name, value in (("households", problem.households), ("number", problem.number)):
        if value is not None and value < 1:
            raise SplitError("not_positive", name=name, value=value)
    if not 0 <= problem.setting <= 1:
        raise SplitError("setting_range", value=problem.setting)
    if problem.unit_area is not None and not problem.unit_area >= LEAST_UNIT_AREA:
        raise SplitError("unit_area_small", value=problem.unit_area, least=round(LEAST_UNIT_AREA))


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
    found: _Drawn,
    measured: dict[str, object],
    remarks: list[Remark],
    target: float,
) -> Proposal:
    grids = _numbered(ground, found.shapes, found.labels)
    units: tuple[Grid, ...] = ()
    if found.units is not None and found.nesting is not None:
        units = _numbered(ground, found.units, found.nesting.labels, found.nesting.parents)
    return Proposal(grids, _atoms(ground, atoms), measured, tuple(remarks), target, ground.plane.epsg, units)


def _numbered(ground: Ground, shapes: Shapes, labels: Ints, parents: Ints | None = None) -> tuple[Grid, ...]:
    outlines = shapely.orient_polygons(shapely.transform(shapes, ground.degrees))
    loads = quality.households(ground, shapes)
    rows = np.argsort(labels, kind="stable")
    members = np.split(rows, np.searchsorted(labels[rows], np.arange(1, len(shapes))))
    return tuple(
        Grid(
            index + 1,
            outlines[index],
            int(loads[index]),
            tuple(members[index].tolist()),
            None if parents is None else int(parents[index]) + 1,
        )
        for index in range(len(shapes))
    )


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
