"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS), read by python-calamine in a child process with limits."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from grids.lists import content
from grids.lists.tables import MOST_ROWS, Cell, Grid
from grids.problems import BadInput

CHILD = Path(__file__).with_name("sheet_child.py")
PATIENCE_SECONDS = 60
MOST_READ = MOST_ROWS + 2_000  # totals, titles and headings that are repeated are no rows


@dataclass(frozen=True, slots=True)
class Workbook:
    """A sheet that was read, and the names of all there are."""

    grid: Grid
    sheets: list[str]
    sheet: int


def read(data: bytes, sheet: int = -1) -> Workbook:
    """Return a sheet (-1: the first visible one that holds anything); one sentence if it cannot be read."""
    lines = _run(data, sheet)
    if not lines:
        _damaged()
    head = json.loads(lines[0])
    _refuse(head)
    rows: list[tuple[int, list[Cell]]] = []
    for line in lines[1:]:
        row = json.loads(line)
        if isinstance(row, dict):
            _refuse(row)
        rows.append((row[0], row[1]))
    _spread(rows, head["merged"])
    return Workbook(Grid(rows), [str(name) for name in head["sheets"]], head["sheet"])


def _run(data: bytes, sheet: int) -> list[bytes]:
    # Only told by its name that it is an old workbook does the library see that one is encrypted.
    suffix = ".xls" if data.startswith(content.OLE) else ""
    with tempfile.NamedTemporaryFile(prefix="list-", suffix=suffix) as file:
        file.write(data)
        file.flush()
        try:
            done = subprocess.run(  # noqa: S603 - our own script; the file is a temporary one of ours
                [sys.executable, "-I", str(CHILD), file.name, str(sheet), str(MOST_READ)],
                capture_output=True,
                env={"LC_ALL": "C.UTF-8"},
                timeout=PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BadInput(_("The workbook keeps the server busy too long; nothing of it was taken.")) from error
    if done.returncode:
        # Out of memory, out of time or a crash of the library: the file's doing in every case.
        raise BadInput(_("The workbook is damaged, or far too large for a list; nothing of it was taken."))
    return done.stdout.splitlines()


def _refuse(line: dict[str, Any]) -> None:
    match line.get("error"):
        case None:
            return
        case "password":
            raise BadInput(
                _("The workbook is protected by a password: open it, take the password off and save it again.")
            )
        case "rows":
            raise BadInput(
                _("The sheet has more than %(most)s rows; the command import_places takes any number.")
                % {"most": f"{MOST_ROWS:,}"}
            )
        case _:
            _damaged()


def _damaged() -> NoReturn:
    raise BadInput(_("The workbook is damaged: open it in Excel or WPS and save it again."))


def _spread(rows: list[tuple[int, list[Cell]]], merged: list[list[int]]) -> None:
    """Give every cell of a merged area the value of the area, as who reads the sheet understands it."""
    by_number = dict(rows)
    for top, left, bottom, right in merged:
        first = by_number.get(top + 1)
        value = first[left] if first and left < len(first) else None
        if value is None or (bottom - top + 1) * (right - left + 1) > 50_000:
            continue
        for number in range(top + 1, bottom + 2):
            cells = by_number.get(number)
            if cells is None:
                continue
            cells.extend([None] * (right + 1 - len(cells)))
            for column in range(left, right + 1):
                cells[column] = value
