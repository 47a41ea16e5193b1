"""Text tables: comma, tab, semicolon or bar between the cells, in whatever encoding."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from grids.lists import encodings
from grids.lists.tables import MOST_COLUMNS, MOST_ROWS, Cell, Grid
from grids.problems import BadInput

DELIMITERS = (",", "\t", ";", "|")
_LOOKED_AT = 60
_LONGEST_CELL = 1 << 17


@dataclass(frozen=True, slots=True)
class Text:
    """A text table that was read, and how."""

    grid: Grid
    encoding: str
    delimiter: str


def read(data: bytes, encoding: str = "", delimiter: str = "") -> Text:
    """Return a text as a grid; encoding and delimiter are found unless they are given. Nothing in it is computed."""
    encoding = encoding or encodings.guess(data)
    text = encodings.decode(data, encoding)
    if "\0" in text:
        raise BadInput(_("The file is not written in %(encoding)s: choose another encoding.") % {"encoding": encoding})
    delimiter = delimiter if delimiter in DELIMITERS else find_delimiter(text)
    rows: list[tuple[int, list[Cell]]] = []
    for number, cells in enumerate(_cells(text, delimiter), 1):
        if any(cells):
            rows.append((number, [cell.strip() or None for cell in cells]))
        if len(rows) > MOST_ROWS + 2_000 or len(cells) > MOST_COLUMNS * 10:
            raise BadInput(
                _("The list has more than %(most)s rows; the command import_places takes any number.")
                % {"most": f"{MOST_ROWS:,}"}
            )
    return Text(Grid(rows), encoding, delimiter)


def find_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most even rows."""
    sample = "\n".join(text[:200_000].splitlines()[:_LOOKED_AT])

    def evenness(delimiter: str) -> float:
        try:
            widths = [len(cells) for cells in csv.reader(io.StringIO(sample), delimiter=delimiter) if any(cells)]
        except csv.Error:
            return 0
        wide = [width for width in widths if width > 1]
        if not wide:
            return 0
        width, count = Counter(wide).most_common(1)[0]
        return count / len(widths) + min(width, 30) / 1000

    return max(DELIMITERS, key=evenness)


def _cells(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise BadInput(
            _("The table cannot be read at line %(line)s: a quotation mark is not closed there, or before.")
            % {"line": reader.line_num}
        ) from error
