"""Reads one sheet of a workbook in a process of its own: run as a script, with nothing of ours or Django's around it.

    python -I sheet_child.py FILE SHEET MOST_ROWS

SHEET is a number from 0, or -1 for the first visible sheet that holds anything. Writes JSON lines: first
`{"sheets": [...], "sheet": n, "merged": [[top, left, bottom, right], ...]}`, then `[row number, [cells]]`. A
workbook that cannot be read ends it with `{"error": "password" | "damaged"}`. A hostile one can make it eat memory
or spin: the limits are set before the file is opened, and whoever started it waits only so long.
"""

import datetime
import json
import resource
import sys
from typing import Any

MEMORY_BYTES = 2 << 30
CPU_SECONDS = 30
MOST_CELLS = 4_000_000


def limit() -> None:
    """Take from this process what reading does not need."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def plain(value: Any) -> str | int | float | bool | None:
    """Return a cell as JSON: a day as 2026-03-01, a whole number without its point, an empty cell as null."""
    if value == "":
        return None
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return None
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, (str, int)):
        return value
    return str(value)


def read(path: str, chosen: int, most_rows: int) -> None:
    """Write the sheet to standard output."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        visible = [
            number
            for number, sheet in enumerate(book.sheets_metadata)
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible
            and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        names = book.sheet_names
        if chosen >= 0:
            number = min(chosen, len(names) - 1)
            sheet = book.get_sheet_by_index(number)
        else:
            for number in [*visible, *range(len(names))]:
                sheet = book.get_sheet_by_index(number)
                if sheet.height:
                    break
    except python_calamine.PasswordError:
        print(json.dumps({"error": "password"}))
        return
    except Exception as error:
        # A library that is told nothing of passwords calls an encrypted sheet a broken one.
        words = str(error).lower()
        print(json.dumps({"error": "password" if "password" in words or "encrypt" in words else "damaged"}))
        return
    merged = [[*start, *end] for start, end in sheet.merged_cell_ranges or []]
    start = sheet.start or (0, 0)
    head = {"sheets": names, "sheet": number, "merged": merged[:50_000], "height": sheet.height}
    print(json.dumps(head, ensure_ascii=False))
    written = cells = 0
    for offset, row in enumerate(sheet.iter_rows()):
        values = [plain(value) for value in row]
        while values and values[-1] is None:
            values.pop()
        if not values:
            continue
        written += 1
        cells += len(values)
        if written > most_rows or cells > MOST_CELLS:
            print(json.dumps({"error": "rows"}))
            return
        index = start[0] + offset
        print(json.dumps([index + 1, [None] * start[1] + values], ensure_ascii=False))


if __name__ == "__main__":
    limit()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    read(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
