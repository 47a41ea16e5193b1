"""What is taken away from lists: never a formula, and templates that are read as what they are."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from grids.formulas import harmless
from grids.lists import exports
from grids.lists.guessing import columns_of, guess
from grids.lists.kinds import FIELDS
from grids.lists.reading import read
from grids.models.lists import ListKind
from tests.grids.list_files import workbook
from tests.grids.list_town import NAMED, row, take_in
from tests.town import Town

EVIL = "=cmd|'/c calc'!A1"


@pytest.mark.parametrize("text", [EVIL, "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_the_problems_hold_the_rows_that_are_not_ready_and_run_nowhere(town: Town) -> None:
    listed = take_in(town, [row("好"), row(EVIL, kind="?"), row("=HYPERLINK(1)", None)])
    lines = list(csv.reader(io.StringIO(exports.problems_csv(listed).decode("utf-8-sig"))))
    assert lines[0][3:] == list(NAMED)
    assert [line[0] for line in lines[1:]] == ["3", "4"]
    assert lines[1][3] == f"'{EVIL}"
    assert lines[1][2].startswith("点位类型: ")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(exports.problems_xlsx(listed))).get_sheet_by_index(0)
    assert sheet.to_python()[1][3] == EVIL
    assert b"<f>" not in exports.problems_xlsx(listed)


@pytest.mark.parametrize("kind", ListKind.values)
def test_a_filled_template_is_understood_column_by_column(town: Town, kind: str) -> None:
    data = exports.template(kind)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    headings = [str(cell) for cell in sheet.to_python()[0]]
    wanted = [field.name for field in FIELDS[kind] if field.name != "position"]
    filled = [[FIELDS[kind][[f.name for f in FIELDS[kind]].index(name)].example or "甲" for name in wanted]]
    table = read(workbook([headings, *filled])).table
    found = guess(kind, columns_of(table.headings, [cells for _number, cells in table.rows]))
    assert {name for name, index in found.items() if headings[index]} >= {
        field.name for field in FIELDS[kind] if field.required
    }
    assert all(wanted[index] == name for name, index in found.items())
