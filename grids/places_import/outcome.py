"""What an import did, or would do: counts, refused rows with their reasons, repairs and warnings."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _

from grids.formulas import harmless

KEPT_REFUSALS = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not taken: its number in the file from 1, its id as far as known, and why."""

    row: int
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of a table are new, changed and unchanged."""

    table: str
    new: int
    changed: int
    unchanged: int


@dataclass(slots=True)
class Outcome:
    """The report of one run. `refusals` keeps the first ones; all of them go to `log` when one is given."""

    layer: str
    source: str
    log: IO[str] | None = None
    read: int = 0
    left_out: int = 0
    repaired: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown_words: Counter[str] = field(default_factory=Counter)
    not_in_file: int = 0
    written: bool = False
    seconds: float = 0.0

    def refuse(self, row: int, identity: str, reason: str) -> None:
        """Note a refused row."""
        if self.log is not None:
            if not self.refused:
                self._write("row", "id", "reason")
            self._write(row, identity, reason)
        self.refused += 1
        if len(self.refusals) < KEPT_REFUSALS:
            self.refusals.append(Refusal(row, identity, reason))

    def finish(self) -> None:
        """Turn what was counted on the way into sentences."""
        if self.unknown_words:
            words = ", ".join(f"“{word}” × {count}" for word, count in self.unknown_words.most_common(8))
            self.warnings.append(
                _("These kinds are not known and were taken as “other”: %(words)s.") % {"words": words}
            )
        if self.repaired:
            self.warnings.append(
                _("%(count)s areas were not valid and were repaired; look at them on the map.")
                % {"count": self.repaired}
            )

    def _write(self, *cells: Any) -> None:
        csv.writer(self.log or _nowhere()).writerow([harmless(str(cell)) for cell in cells])


def _nowhere() -> Any:
    raise AssertionError("there is no log")
