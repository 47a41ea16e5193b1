"""What was walked in the grids of a region as a table to take away: CSV or XLSX, the same rows as on the page."""

import csv
import io
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.formulas import harmless
from grids.problems import NotFound
from grids.scope import scope_of
from maps.pages.asking import by_page
from maps.pages.imports import download
from maps.pages.planner_coverage import Found, Row, find

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | None


@require_safe
@login_required
@never_cache
@by_page
def coverage_table(request: HttpRequest, form: str) -> HttpResponse:
    """Return the table of what the page shows with the same address, as CSV that Excel reads or as XLSX."""
    found = find(scope_of(request.user), request.GET.dict())
    if found is None:
        raise NotFound(_("There is no such region here."))
    name = f"{found.region.code}-coverage-{found.period.since:%Y%m%d}-{found.period.until:%Y%m%d}"
    if form == "csv":
        return download(_csv(found), f"{name}.csv", "text/csv; charset=utf-8")
    return download(_xlsx(found), f"{name}.xlsx", XLSX)


def rows(found: Found) -> Iterator[list[Cell]]:
    """Yield headings, then the grids as they are sorted; what is not known is empty, never 0."""
    yield [
        _("Code"),
        _("Community"),
        _("Grid"),
        _("From day"),
        _("Until day"),
        _("Streets, m"),
        _("Walked, m"),
        _("of which told by hand, m"),
        _("Unknown, m"),
        _("Not walked, m"),
        _("Walked, share"),
        _("Streets"),
        _("Streets overdue"),
        _("Streets never walked"),
        _("Days between walks"),
        _("Last walk"),
        _("Checkpoints"),
        _("Checkpoints passed"),
        _("Patrols begun"),
    ]
    for row in found.rows:
        yield _row(row, found)


def _row(row: Row, found: Found) -> list[Cell]:
    one = row.summary
    known = one.recorded
    return [
        row.code,
        row.place,
        row.label,
        found.period.since.isoformat(),
        found.period.until.isoformat(),
        round(one.metres),
        round(one.covered) if known else None,
        round(one.told) if known else None,
        round(one.unknown) if known else None,
        round(one.not_covered) if known else None,
        None if one.share is None else round(one.share, 3),
        one.streets,
        one.overdue,
        one.never,
        one.revisit,
        one.last_walk.isoformat() if one.last_walk else None,
        one.checkpoints,
        one.passed,
        one.actual,
    ]


def _csv(found: Found) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows(found):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig", "replace")


def _xlsx(found: Found) -> bytes:
    """Text is written as text and numbers as numbers, so that nothing is ever a formula."""
    import xlsxwriter

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 3)
        sheet.set_column(0, 2, 18)
        for line, row in enumerate(rows(found)):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell)
                elif cell is not None:
                    sheet.write_number(line, column, cell)
    return data.getvalue()


urlpatterns: list[URLPattern] = [
    path("planner/coverage.csv", coverage_table, {"form": "csv"}, name="planner-coverage-csv"),
    path("planner/coverage.xlsx", coverage_table, {"form": "xlsx"}, name="planner-coverage-xlsx"),
]
