"""Edits of a proposal by hand, as pure functions from plan to plan. The cover stays exact after each.

An edit either returns a plan whose blocks are a valid coverage of the same ground, whose grids are in one piece each
and whose borders cut no building that they did not cut before, or raises `EditError`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import shapely

from grids.splitting.plan import (
    Block,
    EditError,
    Footprint,
    Plan,
    Point,
    adjoin,
    edges_of,
    housed,
    rings_of,
)

# A vertex is meant when it lies this near, in degrees: a centimetre.
NEAR = 1e-7


def merge(plan: Plan, one: int, two: int) -> Plan:
    """Make two neighbouring grids one; it keeps the lower number. Of unit grids, only within one service grid."""
    first, second = sorted((plan.grid(one), plan.grid(two)), key=lambda patch: (patch.number, patch.key))
    if first.key == second.key:
        raise EditError("same_grid")
    if first.kind != second.kind:
        raise EditError("other_kind")
    if first.parent != second.parent:
        raise EditError("other_parent", one=first.number, two=second.number)
    if not adjoin(plan.members(first.key), plan.members(second.key)):
        raise EditError("no_neighbours", one=first.number, two=second.number)
    blocks = {
        key: replace(block, grid=first.key) if block.grid == second.key else block for key, block in plan.blocks.items()
    }
    grids = {
        key: replace(patch, parent=first.key) if patch.parent == second.key else patch
        for key, patch in plan.grids.items()
        if key != second.key
    }
    return Plan(blocks, grids).checked([first.key])


def move_block(plan: Plan, block: int, to: int) -> Plan:
    """Give a block to a grid next to it; refused if its own grid would vanish or fall apart."""
    target = plan.grid(to)
    if block not in plan.blocks:
        raise EditError("no_such_block", block=block)
    moved = plan.blocks[block]
    if plan.children(target.key) or target.kind != plan.grids[moved.grid].kind:
        raise EditError("other_kind")
    if moved.grid == target.key:
        raise EditError("same_grid")
    if not adjoin([moved], plan.members(target.key)):
        raise EditError("block_not_beside", grid=target.number)
    return plan.with_blocks([replace(moved, grid=target.key)]).checked([moved.grid, target.key])


def move_unit(plan: Plan, unit: int, to: int) -> Plan:
    """Give a whole unit grid to a service grid next to it."""
    moved, target = plan.grid(unit), plan.grid(to)
    if moved.parent is None or target.parent is not None or target.kind == moved.kind:
        raise EditError("other_kind")
    if moved.parent == target.key:
        raise EditError("same_grid")
    if not adjoin(plan.members(moved.key), plan.members(target.key)):
        raise EditError("no_neighbours", one=moved.number, two=target.number)
    grids = {**plan.grids, moved.key: replace(moved, parent=target.key)}
    return Plan(plan.blocks, grids).checked([moved.parent, target.key])


def drag(plan: Plan, start: Point, end: Point, stock: Mapping[int, Footprint]) -> Plan:
    """Move a vertex that neighbours share; every polygon that has it follows.

    Refused on the outer boundary, and where the cover would break or a building would be cut.
    """
    vertex = _vertex(plan, start)
    touched = [block for block in plan.blocks.values() if _has(block.polygon, vertex)]
    _refuse_outer(touched, vertex)
    moved = [replace(block, polygon=_moved(block.polygon, vertex, end)) for block in touched]
    polygons = [block.polygon for block in moved]
    if not shapely.is_valid(polygons).all() or not shapely.coverage_is_valid(polygons):
        raise EditError("vertex_too_far")
    # The vertex lies inside of the blocks around it, so their union may not change by as much as a bit.
    if not shapely.equals_exact(_union(touched), _union(moved), 0):
        raise EditError("vertex_too_far")
    buildings = [identity for block in touched for identity in block.buildings]
    refuse_cuts(_lines_at(moved, end), buildings, stock, _lines_at(touched, vertex))
    return plan.with_blocks(housed(moved, buildings, stock)).checked({block.grid for block in touched})


def blocks_at(plan: Plan, place: Point) -> list[Block]:
    """Return the blocks that have ground or a border at a place."""
    blocks = list(plan.blocks.values())
    near = shapely.dwithin([block.polygon for block in blocks], shapely.Point(place), 2 * NEAR)
    return [block for block, meets in zip(blocks, near.tolist(), strict=True) if meets]


def refuse_cuts(
    lines: shapely.Geometry, buildings: Iterable[int], stock: Mapping[int, Footprint], before: shapely.Geometry = None
) -> None:
    """Raise EditError if lines run through a building, unless lines did before."""
    cut = []
    for identity in buildings:
        if identity not in stock or not _runs_through(lines, stock[identity].polygon):
            continue
        if before is None or not _runs_through(before, stock[identity].polygon):
            cut.append(identity)
    if cut:
        raise EditError("cuts_buildings", buildings=cut)


def _runs_through(lines: shapely.Geometry, footprint: shapely.Geometry) -> bool:
    return bool(shapely.relate_pattern(lines, footprint, "T********"))


def _vertex(plan: Plan, start: Point) -> Point:
    coordinates = shapely.get_coordinates([block.polygon for block in plan.blocks.values()])
    distances = np.hypot(*(coordinates - np.array(start)).T)
    if not len(distances) or distances.min() > NEAR:
        raise EditError("no_vertex")
    x, y = coordinates[distances.argmin()]
    return float(x), float(y)


def _has(polygon: shapely.Polygon, vertex: Point) -> bool:
    return bool((shapely.get_coordinates(polygon) == np.array(vertex)).all(axis=1).any())


def _refuse_outer(touched: list[Block], vertex: Point) -> None:
    seen: dict[object, int] = {}
    for block in touched:
        for one in edges_of(block.polygon):
            if vertex in one:
                seen[one] = seen.get(one, 0) + 1
    if len(touched) < 2 or 1 in seen.values():
        raise EditError("vertex_on_boundary")


def _moved(polygon: shapely.Polygon, vertex: Point, end: Point) -> shapely.Polygon:
    rings = [[end if point == vertex else point for point in ring] for ring in rings_of(polygon)]
    return shapely.Polygon(rings[0], rings[1:])


def _union(blocks: list[Block]) -> shapely.Geometry:
    return shapely.normalize(shapely.coverage_union_all([block.polygon for block in blocks]))


def _lines_at(blocks: list[Block], vertex: Point) -> shapely.Geometry:
    found = {one for block in blocks for one in edges_of(block.polygon) if vertex in one}
    return shapely.multilinestrings([shapely.linestrings(one) for one in sorted(found)])
