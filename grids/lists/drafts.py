"""A row on its way from cells to a thing: what is known of it so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any

from shapely.geometry.base import BaseGeometry

from grids.lists.cells import Pair
from grids.lists.saying import NOTE, PROBLEM, Said, Unfit, at_cell
from grids.lists.tables import Cell, cell, shown
from grids.models.lists import RowState


@dataclass(slots=True)
class Draft:
    """One row. `said` is what its cells say by field; `wanted` is what would be written, by column of the table."""

    number: int
    cells: list[Cell]
    mapping: Mapping[str, int]
    pin: dict[str, Any] | None = None
    shape: BaseGeometry | None = None
    said: dict[str, Any] = having(default_factory=dict)
    wanted: dict[str, Any] = having(default_factory=dict)
    problems: list[Said] = having(default_factory=list)
    raw: Pair | None = None
    geom: BaseGeometry | None = None
    region: int | None = None
    region_code: str = ""
    grid_code: str = ""
    source_id: str = ""
    known_id: str = ""  # `source_id` as all rows together gave it, where only some are understood again
    identity: str = ""  # the same for rows that speak of the same thing
    target: int | None = None
    before: dict[str, Any] | None = None
    fate: str = ""
    needs_place: bool = False

    def cell(self, name: str) -> Cell:
        """Return the cell of a field; None without a column for it."""
        return cell(self.cells, self.mapping[name]) if name in self.mapping else None

    def text(self, name: str) -> str:
        """Return what was read for a field, or nothing."""
        return str(self.said.get(name) or "")

    def refuse(self, field: str, sentence: str, /, **more: object) -> None:
        """Say what is wrong at the cell of a field: the row cannot be brought in like this."""
        self.problems.append(at_cell(self.mapping.get(field), sentence, level=PROBLEM, **more))

    def note(self, field: str, sentence: str, /, **more: object) -> None:
        """Say something at the cell of a field that does not keep the row out."""
        self.problems.append(at_cell(self.mapping.get(field), sentence, level=NOTE, **more))

    def unfit(self, name: str, fault: Unfit, *, level: str = PROBLEM) -> None:
        """Say what reading a cell raised."""
        self.problems.append(at_cell(self.mapping.get(name), fault.sentence, level=level, **fault.shown))

    @property
    def skipped(self) -> bool:
        """Whether somebody left the row out."""
        return bool(self.pin and self.pin.get("by") == "skip")

    @property
    def state(self) -> str:
        """What has to be done about it."""
        if self.skipped:
            return RowState.SKIPPED
        if any(problem["level"] == PROBLEM for problem in self.problems):
            return RowState.PROBLEM
        return RowState.UNPLACED if self.needs_place else RowState.READY

    @property
    def name(self) -> str:
        """What a person calls the row."""
        own = self.text("name") or "".join(map(self.text, ("estate", "building", "label")))
        return own or next((shown(value) for value in self.cells if shown(value)), "")
