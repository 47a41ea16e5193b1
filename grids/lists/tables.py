"""A table as it was read, and what of it is heading, row, total or remark."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids.lists.saying import Said, gettext_noop, said
from grids.problems import BadInput

Cell = str | int | float | bool | None
MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 20_000, 200, 2_000
_UNFIT = re.compile("[\0\ud800-\udfff]")
_LOOKED_AT = 20  # titles and notes above the headings are never longer
_TOTAL = re.compile(r"(合|总|小|共|累)\s*计\s*[:：]?|(grand |sub)?total\s*:?|sum\s*:?", re.IGNORECASE)
_REMARK = re.compile(
    r"(制表|填表|填报|审核|备\s*注|注|说明|联系人|单位盖章|note)\s*[人日单位时间]*\s*[:：]", re.IGNORECASE
)


@dataclass(slots=True)
class Grid:
    """The cells of a sheet or text, with the number that each row has in its program."""

    rows: list[tuple[int, list[Cell]]]
    shapes: dict[int, BaseGeometry] = field(default_factory=dict)
    notes: list[Said] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """Headings, and the rows below them with their numbers."""

    headings: list[str]
    heading_rows: list[int]
    rows: list[tuple[int, list[Cell]]]
    notes: list[Said]
    shapes: dict[int, BaseGeometry]


def plain(heading: str) -> str:
    """Return a heading as it is compared: without case, width, spaces, brackets, stars and colons."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    text = re.sub(r"[(\[【〔{].*?[)\]】〕}]", "", text)
    return re.sub(r"[\s_\-*:/、.]+", "", text)


def shown(cell: Cell) -> str:
    """Return a cell as one line of text."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    return " ".join(str(cell).split())


def tabulate(grid: Grid, known: Callable[[str], bool], heading_row: int | None = None) -> Table:
    """Find the headings of a grid and leave out what is no row; raise one sentence if nothing is left.

    `known` tells whether a heading is one that we understand; `heading_row` says where they stand, in file numbers.
    """
    rows = [(number, [_clipped(cell) for cell in cells]) for number, cells in grid.rows if any(map(shown, cells))]
    if not rows:
        raise BadInput(_("The file is empty."))
    if max(len(cells) for _number, cells in rows) > MOST_COLUMNS:
        raise BadInput(_("The table has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    first, last = _headings(rows, known, heading_row)
    headings = _joined([cells for _number, cells in rows[first : last + 1]])
    body = rows[last + 1 :]
    notes = list(grid.notes)
    kept = _kept(body, headings, notes)
    if not kept:
        raise BadInput(_("There is no row below the headings."))
    if len(kept) > MOST_ROWS:
        raise BadInput(
            _("The list has %(count)s rows; the browser takes %(most)s, the command import_places any number.")
            % {"count": len(kept), "most": MOST_ROWS}
        )
    columns = [
        column
        for column in range(max(len(headings), *(len(cells) for _number, cells in kept)))
        if (column < len(headings) and headings[column]) or any(shown(cell(cells, column)) for _number, cells in kept)
    ]
    names = [headings[column] if column < len(headings) else "" for column in columns]
    return Table(
        _distinct(names),
        [number for number, _cells in rows[first : last + 1]],
        [(number, [cell(cells, column) for column in columns]) for number, cells in kept],
        notes,
        grid.shapes,
    )


def cell(cells: Sequence[Cell], column: int) -> Cell:
    """Return a cell of a row that may be shorter than its headings."""
    return cells[column] if column < len(cells) else None


def _clipped(value: Cell) -> Cell:
    """Return a cell that can be kept: neither endless nor with what no text of the database may hold."""
    return _UNFIT.sub("\ufffd", value[:MOST_CHARACTERS]) if isinstance(value, str) else value


def _headings(
    rows: Sequence[tuple[int, list[Cell]]], known: Callable[[str], bool], chosen: int | None
) -> tuple[int, int]:
    """Return the first and last index of the heading rows."""
    top = rows[:_LOOKED_AT]
    if chosen is not None:
        at = next((index for index, (number, _cells) in enumerate(rows) if number == chosen), None)
        if at is None:
            raise BadInput(_("There is nothing in row %(number)s.") % {"number": chosen})
    else:
        scores = [_score(cells, known) for _number, cells in top]
        best = max(scores)
        at = scores.index(best) if best > 0 else 0
    last = at
    while last + 1 < min(at + 3, len(rows) - 1) and _continues(rows[last][1], rows[last + 1][1], known):
        last += 1
    first = at
    if chosen is None and first and _spans(rows[first - 1][1], rows[first][1], known):
        first -= 1
    return first, last


def _score(cells: Sequence[Cell], known: Callable[[str], bool]) -> float:
    texts = [shown(value) for value in cells if shown(value)]
    different = set(texts)
    if len(different) < 2 and len(texts) > 1:
        return 0.0  # a title, merged over the table
    words = sum(1 for text in different if known(text))
    numbers = sum(1 for value in cells if isinstance(value, int | float) and not isinstance(value, bool))
    long = sum(1 for text in different if len(text) > 20)
    return 10 * words + 0.1 * len(different) - 3 * numbers - 2 * long


def _continues(above: Sequence[Cell], below: Sequence[Cell], known: Callable[[str], bool]) -> bool:
    """Whether the headings go on in the row below: a merged heading is divided there into ones we know."""
    texts = [shown(value) for value in below if shown(value)]
    if not texts or any(isinstance(value, int | float) for value in below):
        return False
    repeated = [shown(value) for value in above if shown(value)]
    divided = len(repeated) > len(set(repeated)) or len([t for t in above if not shown(t)]) > 0
    fresh = {text for text in texts if text not in repeated}
    return divided and len(fresh) >= 1 and sum(1 for text in fresh if known(text)) * 2 >= len(fresh)


def _spans(above: Sequence[Cell], below: Sequence[Cell], known: Callable[[str], bool]) -> bool:
    """Whether the row above holds the headings of which the best row has only the lower halves."""
    texts = [shown(value) for value in above if shown(value)]
    return len(set(texts)) >= 2 and any(known(text) for text in texts)


def _joined(rows: Sequence[Sequence[Cell]]) -> list[str]:
    width = max(len(cells) for cells in rows)
    names = []
    for column in range(width):
        parts: list[str] = []
        for cells in rows:
            text = shown(cell(cells, column))
            if text and text not in parts:
                parts.append(text)
        names.append(" / ".join(parts)[:120])
    return names


def _distinct(names: list[str]) -> list[str]:
    filled = [name or _("Column %(number)s") % {"number": index + 1} for index, name in enumerate(names)]
    counts, seen = Counter(filled), Counter[str]()
    result = []
    for name in filled:
        seen[name] += 1
        result.append(f"{name} ({seen[name]})" if counts[name] > 1 else name)
    return result


def _kept(
    body: Sequence[tuple[int, list[Cell]]], headings: Sequence[str], notes: list[Said]
) -> list[tuple[int, list[Cell]]]:
    kept, totals, again, remarks = [], [], [], []
    for number, cells in body:
        texts = [shown(value) for value in cells if shown(value)]
        if any(_TOTAL.fullmatch(text) for text in texts[:2]):
            totals.append(number)
        elif len(texts) > 1 and all(text in part for text, part in zip(texts, _named(headings), strict=False)):
            again.append(number)
        elif len(set(texts)) == 1 and len(headings) > 2 and _REMARK.match(texts[0]):
            remarks.append(number)
        else:
            kept.append((number, cells))
    for numbers, sentence in (
        (totals, gettext_noop("Left out as totals: row %(rows)s.")),
        (again, gettext_noop("Left out as headings that are repeated: row %(rows)s.")),
        (remarks, gettext_noop("Left out as remarks below the table: row %(rows)s.")),
    ):
        if numbers:
            notes.append(said(sentence, rows=", ".join(map(str, numbers[:20]))))
    return kept


def _named(headings: Sequence[str]) -> list[list[str]]:
    return [name.split(" / ") for name in headings if name]
