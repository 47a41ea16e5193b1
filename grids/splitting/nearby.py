"""What of a plan an edit touches: grids with another outline, where borders ran or run, and who lies near. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import shapely

from grids.splitting.plan import Plan, edges_of, metres


@dataclass(frozen=True, slots=True)
class Touched:
    """Keys of grids whose outline is another one, and the edges, in degrees, that left or joined an outline."""

    changed: frozenset[int]
    moved: shapely.MultiLineString


def touched(before: Plan, after: Plan, keys: Collection[int]) -> Touched:
    """Compare the outlines of some grids, of one kind all of them, in two plans; those that are gone count as well."""
    known = [key for key in keys if key in before.grids or key in after.grids]
    differing = [key for key in known if _ground(before, key) != _ground(after, key)]
    edges = set()
    changed = set()
    for key in differing:
        one = edges_of(before.outline(key)) if key in before.grids else set()
        two = edges_of(after.outline(key)) if key in after.grids else set()
        if one != two:
            edges |= one ^ two
            changed.add(key)
    lines = shapely.MultiLineString(sorted(edges))
    return Touched(frozenset(changed), lines)


def _ground(plan: Plan, key: int) -> dict[int, int]:
    """Return what a grid consists of; a block that stayed has the very same polygon."""
    return {block.key: id(block.polygon) for block in plan.members(key)} if key in plan.grids else {}


class Neighbours:
    """Which grids of a plan lie near something."""

    def __init__(self, plan: Plan, latitude: float) -> None:
        self._plan = plan
        self._scale = min(metres(latitude))
        self._blocks = list(plan.blocks.values())
        self._tree = shapely.STRtree([block.polygon for block in self._blocks])

    def within(self, shapes: Iterable[shapely.Geometry], reach: float, keys: Collection[int]) -> set[int]:
        """Return those of the grids with ground within a reach in metres of shapes in degrees; perhaps a few more."""
        given = np.array(list(shapes), object)
        if not len(given):
            return set()
        found = self._tree.query(given, predicate="dwithin", distance=reach / self._scale)[1]
        own = {self._blocks[index].grid for index in np.unique(found).tolist()}
        return self._plan.lineage(own) & set(keys)
