"""The ledger of erasures as a file: it outlives the database, so that no restore brings anybody back.

One JSON object a line, appended and synced: the person's id and when that account was made, which together mean nobody
else, and when they were erased. No name.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from grids.models import Erasure

NAME = "erasures.jsonl"


@dataclass(frozen=True, order=True)
class Entry:
    """That the person with this id, whose account was made at this moment, was erased."""

    person: int
    created: datetime
    erased: datetime

    @property
    def key(self) -> tuple[int, datetime]:
        """Who it is."""
        return self.person, self.created


class UnreadableLedgerError(Exception):
    """A line of a ledger that is none; its text is one sentence."""


def path() -> Path:
    """Where the ledger lies."""
    return Path(settings.VAR) / NAME


def stored() -> list[Entry]:
    """The erasures that the database knows of."""
    rows = Erasure.objects.order_by("erased_at").values_list("person_id", "person__created_at", "erased_at")
    return [Entry(*row) for row in rows]


def read(file: Path) -> list[Entry]:
    """Read a ledger; one that is not there is empty. Raises UnreadableLedgerError."""
    out = []
    if not file.exists():
        return []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            row: dict[str, Any] = json.loads(line)
            created, erased = (datetime.fromisoformat(row[name]) for name in ("created", "erased"))
            out.append(Entry(int(row["person"]), created, erased))
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableLedgerError(f"Line {number} of {file} is no entry of a ledger of erasures.") from error
    return out


def append(entries: Iterable[Entry]) -> None:
    """Add entries and sync them to the disk."""
    lines = "".join(
        json.dumps({"person": e.person, "created": e.created.isoformat(), "erased": e.erased.isoformat()}) + "\n"
        for e in entries
    )
    if not lines:
        return
    path().parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, lines.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def reconcile() -> int:
    """Add what the database knows and the file does not, as after a crash between the two; return how many."""
    known = {entry.key for entry in read(path())}
    missing = [entry for entry in stored() if entry.key not in known]
    append(missing)
    return len(missing)
