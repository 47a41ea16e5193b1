"""The rows of a list with each problem at its cell, to be corrected or left out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from grids.lists import exports, staging
from grids.lists.kinds import fields_of
from grids.lists.lookups import Types, people_to_offer
from grids.lists.remembering import Corrected
from grids.lists.saying import NOTE, speak
from grids.lists.tables import cell, shown
from grids.models import ListImport, ListRow
from grids.models.lists import Fate, ListKind, ListState, RowState
from grids.problems import Problem
from maps.pages.import_access import own
from maps.pages.import_steps import frame
from maps.pages.imports import XLSX, download

PAGE_SIZE = 50
ONLY: dict[str, dict[str, Any]] = {
    "problem": {"state": RowState.PROBLEM},
    "unplaced": {"state": RowState.UNPLACED},
    "skipped": {"state": RowState.SKIPPED},
    "new": {"state": RowState.READY, "fate": Fate.NEW},
    "changed": {"state": RowState.READY, "fate": Fate.CHANGED},
    "unchanged": {"state": RowState.READY, "fate": Fate.UNCHANGED},
}


@require_safe
@login_required
@never_cache
def rows(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show the rows with each problem at its cell."""
    listed = own(request, identity)
    return render(request, "maps/imports/rows.html", _rows_context(request, listed))


def _rows_context(request: HttpRequest, listed: ListImport) -> dict[str, Any]:
    counts = listed.result or {}
    only = request.GET.get("only", "problem" if counts.get(RowState.PROBLEM) and "page" not in request.GET else "")
    chosen = listed.rows.order_by("number").defer("file_geom", "geom", "before")
    if only == "noted":
        chosen = chosen.exclude(problems=[])
    elif only == "corrected":
        chosen = chosen.exclude(corrected={})
    elif only in ONLY:
        chosen = chosen.filter(**ONLY[only])
    page = Paginator(chosen, PAGE_SIZE).get_page(request.GET.get("page"))
    fields = fields_of(listed.kind)
    order = [(field, listed.mapping[name]) for name, field in fields.items() if name in listed.mapping]
    labels = {
        "": _("all"),
        "problem": _("with a problem"),
        "unplaced": _("without a place"),
        "skipped": _("left out"),
        "new": _("new"),
        "changed": _("changed"),
        "unchanged": _("unchanged"),
        "corrected": _("corrected"),
    }
    shown_rows = [row_of(row, [(field.name, index) for field, index in order]) for row in page.object_list]
    unknown_owner = any(each["field"] == "owner" and each["problems"] for row in shown_rows for each in row["cells"])
    counts = {**counts, "corrected": listed.rows.exclude(corrected={}).count()}
    return {
        **frame(listed, "rows"),
        "only": only,
        "page": page,
        "filters": [
            {"key": key, "label": label, "count": counts.get(key or "rows", 0), "current": key == only}
            for key, label in labels.items()
            if not key or counts.get(key)
        ],
        "headings": [{"label": field.label, "heading": listed.headings[index]} for field, index in order],
        "rows": shown_rows,
        "owners": people_to_offer(listed.region) if unknown_owner and listed.state == ListState.OPEN else [],
        "types": [label for _code, label in Types().labels] if listed.kind == ListKind.CHECKPOINTS else [],
    }


def row_of(row: ListRow, order: list[tuple[str, int]]) -> dict[str, Any]:
    """Return a row as the table shows it: each problem at its cell, the others at the row."""
    at: dict[int, list[dict[str, Any]]] = {}
    loose = []
    columns_shown = {index for _name, index in order}
    for problem in row.problems:
        entry = {
            "text": speak(problem),
            "tone": "warn" if problem["level"] == NOTE else "bad",
            "better": problem.get("with", {}).get("nearest", ""),
        }
        if problem.get("column") in columns_shown:
            at.setdefault(problem["column"], []).append(entry)
        else:
            loose.append(entry)
    pinned = row.pin or {}
    return {
        "number": row.number,
        "state": row.state,
        "state_label": RowState(row.state).label,
        "tone": {"problem": "bad", "unplaced": "warn", "ready": "ok"}.get(row.state, "soft"),
        "fate": Fate(row.fate).label if row.fate and row.state == RowState.READY else "",
        "loose": loose,
        "last_place": bool(pinned.get("last")),
        "pinned": pinned.get("label") or (_("pinned by hand") if pinned.get("by") == "hand" else ""),
        "reason": pinned.get("reason", ""),
        "skipped": pinned.get("by") == "skip",
        "cells": [
            {
                "field": name,
                "column": index,
                "text": shown(cell(row.cells, index)),
                "problems": at.get(index, []),
                "corrected": Corrected.of(row, index),
            }
            for name, index in order
        ],
    }


@require_POST
@login_required
def change_row(request: HttpRequest, identity: UUID, number: int) -> HttpResponse:
    """Correct a cell, take a correction back, leave a row out, or take it in again."""
    listed = own(request, identity)
    do = request.POST.get("do")
    try:
        if do == "correct":
            everywhere = bool(request.POST.get("everywhere"))
            value = request.POST.get("value", "")
            count = staging.correct(listed, number, _column(request), value, everywhere=everywhere)
            messages.success(request, _("%(count)s cells corrected.") % {"count": count})
        elif do == "take-back":
            count = staging.uncorrect(listed, number, _column(request))
            messages.success(request, _("%(count)s cells say again what the file says.") % {"count": count})
        elif do == "leave-out":
            staging.leave_out(listed, number, request.POST.get("reason", ""))
            messages.success(request, _("Row %(number)s is left out.") % {"number": number})
        elif do == "take-in":
            staging.unpin(listed, number)
        else:
            raise Http404
    except Problem as problem:
        messages.error(request, str(problem.sentence))
    back = request.POST.get("only", "")
    known = back in ONLY or back == "corrected"
    return HttpResponseRedirect(f"{reverse('import-rows', args=[listed.pk])}?only={back if known else ''}")


def _column(request: HttpRequest) -> int:
    column = request.POST.get("column", "")
    if not (column.isascii() and column.isdigit() and len(column) < 5):
        raise Http404
    return int(column)


@require_safe
@login_required
def problems(request: HttpRequest, identity: UUID, ending: str) -> HttpResponse:
    """Hand out the rows that are not ready, with what is wrong in words."""
    listed = own(request, identity)
    if ending == "csv":
        return download(exports.problems_csv(listed), "problems.csv", "text/csv; charset=utf-8")
    return download(exports.problems_xlsx(listed), "problems.xlsx", XLSX)


urlpatterns: list[URLPattern] = [
    path("imports/<uuid:identity>/rows/", rows, name="import-rows"),
    path("imports/<uuid:identity>/rows/<int:number>/", change_row, name="import-row"),
    path("imports/<uuid:identity>/problems.csv", problems, {"ending": "csv"}, name="import-problems-csv"),
    path("imports/<uuid:identity>/problems.xlsx", problems, {"ending": "xlsx"}, name="import-problems-xlsx"),
]
