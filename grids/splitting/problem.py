"""What the splitter is asked, and what it answers. Everything public is in WGS-84, longitude before latitude."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Progress = Callable[[str, float], None]
Cancelled = Callable[[], bool]

# Kinds of streets that divide people unless the planner says otherwise: OpenStreetMap's words and the product's own.
_ROADS = ("motorway", "trunk", "primary", "secondary", "tertiary")
MAJOR_ROADS = frozenset(_ROADS) | {f"{road}_link" for road in _ROADS}
RAILS = frozenset({"rail", "light_rail", "narrow_gauge"})
RIVERS = frozenset({"river", "canal", "water"})
BARRIERS = MAJOR_ROADS | RAILS | RIVERS

# What is made: service grids alone, or service grids that consist of whole unit grids.
MODES = ("service", "nested")
# How large unit grids are usually, and may be at least, in square metres.
UNIT_AREA = 10_000.0
LEAST_UNIT_AREA = 1_000.0


class SplitError(ValueError):
    """The problem cannot be solved as it is: a code for the catalogue and the values that go into its sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(f"{code} {values}" if values else code)
        self.code, self.values = code, values


class SplitCancelled(Exception):  # noqa: N818
    """The caller asked to stop."""


@dataclass(frozen=True, slots=True)
class Way:
    """A street, railway or waterway: its line and its kind (a word such as `primary`, `rail` or `river`)."""

    line: BaseGeometry
    kind: str


@dataclass(frozen=True, slots=True)
class House:
    """A building: its footprint, its households (1 when unknown), and the caller's name for it."""

    footprint: BaseGeometry
    households: int = 1
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One area to split.

    Exactly one of `households` (wanted per grid) and `number` (of grids) is given.
    `setting` moves along the trade-off: 0 asks for compact grids, 1 for grids whose borders follow the barriers.
    With `unit_area`, in square metres, each service grid is parted into unit grids of about that area.
    The same problem with the same seed has the same answer.
    """

    boundary: BaseGeometry
    ways: Sequence[Way] = ()
    houses: Sequence[House] = ()
    households: int | None = None
    number: int | None = None
    barriers: frozenset[str] = BARRIERS
    setting: float = 0.5
    seed: int = 0
    unit_area: float | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the planner should know, as a code and values; whoever shows it has the sentence."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


def inside(figures: Mapping[str, Any]) -> list[Remark]:
    """Return what figures say of barriers left inside of grids, and of unit grids, as remarks; most metres first."""
    found = [
        Remark("barrier_inside", {**row, "target": figures.get("target")}) for row in figures.get("barriers_inside", ())
    ]
    found += [Remark("barrier_inside_unit", row) for row in figures.get("units", {}).get("barriers_inside", ())]
    return sorted(found, key=lambda said: (said.code, -int(str(said.values["metres"]))))


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest piece that may change its grid: a block or part of one, never part of a building."""

    polygon: BaseGeometry
    households: int
    houses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """One grid: its number from 1, west to east and north to south, its households and which atoms it consists of.

    `parent` is the number of a unit grid's service grid.
    """

    number: int
    polygon: BaseGeometry
    households: int
    atoms: tuple[int, ...]
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The answer: grids in a valid coverage, the atoms they are made of, their quality, and remarks.

    Where unit grids were asked for, each of the `grids` is the union of those `units` whose `parent` it is.
    """

    grids: tuple[Grid, ...]
    atoms: tuple[Atom, ...]
    quality: Mapping[str, Any]
    remarks: tuple[Remark, ...]
    target: float
    epsg: int
    units: tuple[Grid, ...] = ()


# What an array holds; shapely, which makes most of them, tells no types.
Ints = NDArray[Any]
Floats = NDArray[Any]
Shapes = NDArray[Any]
