"""From the bytes of a file to a table, and how it was read: shown to people, and said otherwise by them."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from grids.lists import content, delimited, encodings, geodata, workbooks
from grids.lists.guessing import known
from grids.lists.tables import Grid, Table, tabulate
from grids.problems import BadInput


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody says about a file; nothing said is found out. `sheet` counts from 0, `heading_row` as the file."""

    sheet: int = -1
    encoding: str = ""
    delimiter: str = ""
    heading_row: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A table, and what was found out about its file (JSON)."""

    table: Table
    facts: dict[str, Any] = field(default_factory=dict)


def read(data: bytes, choices: Choices | None = None) -> Read:
    """Read a file of any kind that holds a list; raise one sentence if it does not."""
    chosen = choices or Choices()
    kind = content.recognise(data)
    facts: dict[str, Any] = {"format": kind}
    grid: Grid
    heading_row = chosen.heading_row
    if kind == "workbook":
        book = workbooks.read(data, chosen.sheet)
        grid = book.grid
        facts |= {"sheets": book.sheets, "sheet": book.sheet}
    elif kind == "text":
        text = delimited.read(data, chosen.encoding, chosen.delimiter)
        grid = text.grid
        facts |= {"encoding": text.encoding, "delimiter": text.delimiter, "encodings": _offered(text.encoding)}
    else:
        features = geodata.read(data, kind, chosen.sheet, chosen.encoding)
        grid = features.grid
        facts |= {"sheets": features.layers, "sheet": features.layer}
        if kind == "shapefile":
            facts |= {"encoding": features.encoding, "encodings": _offered(features.encoding)}
        heading_row = 0
    if not grid.rows:
        # An empty sheet of several is no reason to give up: another may be chosen.
        raise BadInput(_empty(facts))
    table = tabulate(grid, known, heading_row)
    facts["heading_rows"] = table.heading_rows
    return Read(table, facts)


def _offered(found: str) -> list[str]:
    return list(dict.fromkeys([found, *encodings.OFFERED])) if found else list(encodings.OFFERED)


def _empty(facts: dict[str, Any]) -> str:
    if len(facts.get("sheets", [])) > 1:
        return _("The sheet “%(sheet)s” is empty.") % {"sheet": facts["sheets"][facts["sheet"]]}
    return _("The file is empty.")
