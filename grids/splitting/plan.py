"""A proposal as it is edited: blocks that no building straddles, and the grids that consist of them. Pure.

Coordinates are longitude and latitude in degrees, WGS-84. The blocks are an exact coverage: where two of them meet
they have the same vertices, so the grids, which are unions of blocks, meet just as exactly.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import shapely
from shapely.geometry.base import BaseGeometry

Point = tuple[float, float]
Edge = tuple[Point, Point]
METRES_PER_DEGREE = 111_320.0


class EditError(ValueError):
    """An edit that cannot be: a code for the catalogue and the values that go into its sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(f"{code} {values}" if values else code)
        self.code, self.values = code, values


@dataclass(frozen=True, slots=True)
class Footprint:
    """A building as far as splitting is concerned: its outline and its households."""

    polygon: BaseGeometry
    households: int


@dataclass(frozen=True, slots=True)
class Block:
    """The smallest piece that changes its grid: `grid` is the key of the smallest grid it belongs to."""

    key: int
    grid: int
    polygon: shapely.Polygon
    households: int
    buildings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """One grid of a proposal: its number, its kind, the service grid of a unit grid, and what a file called it."""

    key: int
    number: int
    kind: str
    parent: int | None = None
    name: str = ""
    code: str = ""


@dataclass(frozen=True)
class Plan:
    """Blocks and grids by key. It never changes: every edit returns another one."""

    blocks: Mapping[int, Block]
    grids: Mapping[int, Patch]

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for patch in self.grids.values():
            if patch.parent is not None:
                found.setdefault(patch.parent, []).append(patch.key)
        return found

    @cached_property
    def _blocks_of(self) -> dict[int, list[Block]]:
        found: dict[int, list[Block]] = {}
        for block in self.blocks.values():
            found.setdefault(block.grid, []).append(block)
        return found

    def grid(self, key: int) -> Patch:
        """Return a grid; raises EditError for a key that is not there."""
        if key not in self.grids:
            raise EditError("no_such_grid", grid=key)
        return self.grids[key]

    def children(self, key: int) -> list[int]:
        """Return the keys of the unit grids of a service grid."""
        return self._children.get(key, [])

    def members(self, key: int) -> list[Block]:
        """Return the blocks of a grid, through its unit grids where it has some."""
        own = self._blocks_of.get(key, [])
        return [*own, *(block for child in self.children(key) for block in self.members(child))]

    def outline(self, key: int) -> shapely.Polygon:
        """Return a grid's polygon; raises EditError when it has no block or is not one piece."""
        blocks = self.members(key)
        if not blocks:
            raise EditError("grid_vanishes", grid=self.grids[key].number)
        merged = shapely.coverage_union_all([block.polygon for block in blocks])
        parts = shapely.get_parts(merged)
        if len(parts) != 1 or not shapely.is_valid(parts[0]):
            raise EditError("grid_falls_apart", grid=self.grids[key].number)
        polygon: shapely.Polygon = parts[0]
        return polygon

    def households(self, key: int) -> int:
        """Return the households of a grid."""
        return sum(block.households for block in self.members(key))

    def lineage(self, keys: Iterable[int]) -> set[int]:
        """Return grids together with the service grids they belong to."""
        found = set(keys)
        return found | {parent for key in found if (parent := self.grids[key].parent) is not None}

    def with_blocks(self, blocks: Iterable[Block], gone: Collection[int] = ()) -> "Plan":
        """Return the plan with other blocks in place of those of the same keys, and without some."""
        kept = {key: block for key, block in self.blocks.items() if key not in gone}
        return Plan({**kept, **{block.key: block for block in blocks}}, self.grids)

    def checked(self, keys: Iterable[int]) -> "Plan":
        """Return itself if these grids and their service grids are whole; raises EditError."""
        for key in sorted(self.lineage(keys)):
            self.outline(key)
        return self


def rings_of(polygon: shapely.Polygon) -> list[list[Point]]:
    """Return the rings of a polygon, the outer one first, each closed."""
    return [[(x, y) for x, y in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]


def edges_of(polygon: shapely.Polygon) -> set[Edge]:
    """Return the edges of a polygon, each with its lower end first."""
    return {edge(one, two) for ring in rings_of(polygon) for one, two in pairwise(ring)}


def edge(one: Point, two: Point) -> Edge:
    """Return an edge whichever way it is walked."""
    return (one, two) if one <= two else (two, one)


def border(blocks: Iterable[Block]) -> set[Edge]:
    """Return the edges that belong to one of the blocks only: the border of their union."""
    found: set[Edge] = set()
    for block in blocks:
        found ^= edges_of(block.polygon)
    return found


def adjoin(one: Iterable[Block], two: Iterable[Block]) -> bool:
    """Whether two sets of blocks share an edge; a corner does not count."""
    return bool(border(one) & border(two))


def metres(latitude: float) -> tuple[float, float]:
    """Return how many metres a degree of longitude and of latitude measure, near enough for tolerances."""
    return METRES_PER_DEGREE * math.cos(math.radians(latitude)), METRES_PER_DEGREE


def housed(pieces: list[Block], buildings: Iterable[int], stock: Mapping[int, Footprint]) -> list[Block]:
    """Return pieces of ground with the buildings that stand on them, each on the piece that holds most of it."""
    found: dict[int, list[int]] = {piece.key: [] for piece in pieces}
    for identity in buildings:
        if identity in stock:
            areas = [shapely.area(shapely.intersection(stock[identity].polygon, piece.polygon)) for piece in pieces]
            found[pieces[areas.index(max(areas))].key].append(identity)
    return [
        replace(
            piece,
            buildings=tuple(found[piece.key]),
            households=sum(stock[identity].households for identity in found[piece.key]),
        )
        for piece in pieces
    ]
