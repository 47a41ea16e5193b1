"""Tables of any length as files: written row by row, so that memory does not grow with them.

No cell is ever a formula: in XLSX text is written as text, in CSV what a spreadsheet would run has an apostrophe
before it.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grids.formulas import harmless
from maps.exports.columns import Cell

MOST_ROWS = 1_048_576  # of a sheet, headings included
LONGEST_CELL = 32_767
COLUMN_WIDTH = 18


def write_csv(path: Path, headings: list[str], rows: Iterable[list[Cell]]) -> int:
    """Write rows as CSV in UTF-8 with the mark that Excel wants, and return how many there were."""
    count = 0
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for row in rows:
            count += 1
            writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return count


def write_xlsx(path: Path, name: str, headings: list[str], rows: Iterable[list[Cell]]) -> int:
    """Write rows as a workbook, another sheet where one is full, and return how many there were."""
    import xlsxwriter

    count = 0
    options = {"constant_memory": True, "tmpdir": str(path.parent), "use_zip64": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})

        def begin(number: int) -> Any:
            sheet = book.add_worksheet(f"{name} {number}"[:31])
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, len(headings) - 1, COLUMN_WIDTH)
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading, bold)
            return sheet

        sheet, line = begin(1), 1
        for row in rows:
            count += 1
            if line == MOST_ROWS:
                sheet, line = begin(len(book.worksheets()) + 1), 1
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    if cell:
                        sheet.write_string(line, column, cell[:LONGEST_CELL])
                elif cell is not None:
                    sheet.write_number(line, column, cell)
            line += 1
    return count
