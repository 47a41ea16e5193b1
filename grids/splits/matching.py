"""Which new grid is which old one: what they share, whose code goes on, and who descends from whom. Pure.

A new grid keeps the code of the old grid that at least half of its households come from. An old grid's code goes on
once: to the one of such new grids with the most of the old one's households, among equals to the first. Where a new
grid has no households, its area speaks for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely

# Less common ground than this, in square degrees (about 1 m²), is where rounding meets.
LEAST_AREA = 1e-10
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Shared:
    """What an old and a new grid have in common."""

    old: int
    new: int
    households: int
    area: float


@dataclass(frozen=True, slots=True)
class Descent:
    """The share of an old grid's households, of its area where it has none, that is in a new grid."""

    old: int
    new: int
    share: float
    households: int


class Comparison:
    """Old and new grids, each by position in the order of precedence, laid upon each other."""

    def __init__(
        self,
        old: Sequence[shapely.Polygon],
        new: Sequence[shapely.Polygon],
        points: Iterable[tuple[shapely.Point, int]],
    ) -> None:
        self._old_areas = [float(one.area) for one in old]
        self._new_areas = [float(one.area) for one in new]
        self._old_loads, self._new_loads = [0] * len(old), [0] * len(new)
        common: dict[tuple[int, int], int] = {}
        spots = list(points)
        places, loads = [spot for spot, _load in spots], [load for _spot, load in spots]
        in_old, in_new = _located(old, places), _located(new, places)
        for index, load in enumerate(loads):
            one, two = in_old.get(index), in_new.get(index)
            if one is not None:
                self._old_loads[one] += load
            if two is not None:
                self._new_loads[two] += load
            if one is not None and two is not None:
                common[one, two] = common.get((one, two), 0) + load
        self.shared = [
            Shared(one, two, common.get((one, two), 0), area)
            for (one, two), area in sorted(_overlaps(old, new).items())
        ]

    def kept(self) -> dict[int, int]:
        """Return for each new grid that goes on with an old one's code that old one."""
        wishes = []
        for pair in self.shared:
            of_new = self._part(pair, self._new_loads[pair.new], self._new_areas[pair.new])
            if of_new >= HALF:
                of_old = self._part(pair, self._old_loads[pair.old], self._old_areas[pair.old])
                wishes.append((-of_old, -of_new, pair.new, pair.old))
        result: dict[int, int] = {}
        taken: set[int] = set()
        for _of_old, _of_new, new, old in sorted(wishes):
            if new not in result and old not in taken:
                result[new] = old
                taken.add(old)
        return result

    def descents(self) -> list[Descent]:
        """Return the lineage."""
        found = []
        for pair in self.shared:
            part = self._part(pair, self._old_loads[pair.old], self._old_areas[pair.old])
            found.append(Descent(pair.old, pair.new, min(1.0, part), pair.households))
        return [one for one in found if one.share > 0]

    @staticmethod
    def _part(pair: Shared, load: int, area: float) -> float:
        return pair.households / load if load else pair.area / area


def _located(polygons: Sequence[shapely.Polygon], points: Sequence[shapely.Point]) -> dict[int, int]:
    """Return in which polygon each point lies, the first of several."""
    if not polygons or not points:
        return {}
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    found: dict[int, int] = {}
    for one, two in zip(point.tolist(), polygon.tolist(), strict=True):
        found[one] = min(two, found.get(one, two))
    return found


def _overlaps(old: Sequence[shapely.Polygon], new: Sequence[shapely.Polygon]) -> Mapping[tuple[int, int], float]:
    if not old or not new:
        return {}
    one, two = shapely.STRtree(new).query(old, predicate="intersects")
    areas = shapely.area(shapely.intersection([old[index] for index in one], [new[index] for index in two]))
    return {(int(a), int(b)): float(area) for a, b, area in zip(one, two, areas, strict=True) if area > LEAST_AREA}
