"""What can be taken away from a list: its problems as CSV or XLSX, and an empty list of each kind to fill in.

Nothing in them is ever a formula: XLSX cells are written as text or number, CSV cells that a spreadsheet would run
get an apostrophe before them.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from grids.formulas import harmless
from grids.lists.kinds import FIELDS
from grids.lists.lookups import Types
from grids.lists.meaning.bodies import KIND_WORDS
from grids.lists.saying import speak
from grids.lists.tables import shown
from grids.models import ListImport
from grids.models.lists import ListKind, RowState
from grids.models.people import OrganisationKind
from grids.places_import.vocabulary import ROLES

ROWS_WITH_CHOICES = 2_000
# Chinese headings first: they are what a filled list is recognised by, whatever language its writer reads.
_ROLE_WORDS = ("网格长", "楼道长", "党员志愿者", "派遣员", "创建专员", "督查员", "管理员", "工作人员")


def problem_rows(listed: ListImport) -> Iterator[list[str]]:
    """Yield headings, then the rows that are not ready, each with what is wrong in words and its own cells."""
    yield [_("row"), _("state"), _("what is wrong"), *listed.headings]
    rows = listed.rows.exclude(state=RowState.READY, problems=[]).order_by("number")
    for row in rows.iterator(500):
        said = "; ".join(_placed(problem, listed) for problem in row.problems)
        if row.pin and row.pin.get("by") == "skip":
            said = "; ".join(filter(None, [row.pin.get("reason", ""), said]))
        yield [str(row.number), str(RowState(row.state).label), said, *map(shown, row.cells)]


def problems_csv(listed: ListImport) -> bytes:
    """Return the problems as CSV in UTF-8 with the mark that Excel wants."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in problem_rows(listed):
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig", "replace")


def problems_xlsx(listed: ListImport) -> bytes:
    """Return the problems as a workbook."""
    return workbook(_("problems"), problem_rows(listed))


def template(kind: str) -> bytes:
    """Return an empty list of a kind as a workbook: headings, required ones bold, choices where there are some."""
    fields = [field for field in FIELDS[kind] if field.name != "position"]
    import xlsxwriter

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet(str(ListKind(kind).label)[:31])
        bold, quiet = book.add_format({"bold": True, "bg_color": "#e4f0ee"}), book.add_format({"bg_color": "#f2f2ee"})
        as_text = book.add_format({"num_format": "@"})
        for column, field in enumerate(fields):
            sheet.write_string(0, column, field.headings[0], bold if field.required else quiet)
            sheet.set_column(column, column, 18, as_text)
            words = [str(field.label), _("required") if field.required else "", str(field.help), field.example]
            sheet.write_comment(0, column, "\n".join(word for word in words if word))
        sheet.freeze_panes(1, 0)
        _offer_choices(book, sheet, kind, [field.name for field in fields])
    return data.getvalue()


def _offer_choices(book: Any, sheet: Any, kind: str, names: list[str]) -> None:
    choices: dict[str, list[str]] = {}
    if kind == ListKind.CHECKPOINTS:
        choices["type"] = [label for _code, label in Types().labels]
    elif kind == ListKind.PEOPLE:
        choices["role"] = [word for word in _ROLE_WORDS if word in ROLES]
        choices["party_member"] = ["是", "否"]
    elif kind == ListKind.ORGANISATIONS:
        choices["kind"] = [_word_of(each) for each in OrganisationKind]
    if not choices:
        return
    hidden = book.add_worksheet(_("choices")[:31])
    for place, (name, words) in enumerate(choices.items()):
        hidden.write_column(0, place, words)
        letter = "ABC"[place]
        sheet.data_validation(
            1,
            names.index(name),
            ROWS_WITH_CHOICES,
            names.index(name),
            {"validate": "list", "source": f"='{hidden.get_name()}'!${letter}$1:${letter}${max(1, len(words))}"},
        )
    hidden.hide()


def _word_of(kind: str) -> str:
    return next(word for word, known in KIND_WORDS.items() if known == kind and not word.isascii())


def workbook(name: str, rows: Iterable[list[str]]) -> bytes:
    """Return rows of text as a workbook of one sheet, the first row bold."""
    import xlsxwriter

    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(data, options) as book:
        sheet = book.add_worksheet(name[:31])
        bold = book.add_format({"bold": True})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell[:32_767], bold if number == 0 else None)
        sheet.freeze_panes(1, 0)
    return data.getvalue()


def _placed(problem: dict[str, Any], listed: ListImport) -> str:
    column = problem.get("column")
    sentence = speak(problem)
    return f"{listed.headings[column]}: {sentence}" if column is not None else sentence
