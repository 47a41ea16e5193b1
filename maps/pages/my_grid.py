"""A patch and what is wrong in it: the page of grid leaders, stewards and volunteers."""

import json
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Case, F, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Category, Checkpoint, Grid
from grids.models.catalogue import Kind
from grids.scope import Scope, scope_of
from grids.zones import campaigns_in
from maps.pages.holding import holding, is_yours
from maps.pages.patch import Answering, answering_for, bodies_of, checkpoints_of, grids_of
from maps.pages.planned import areas_of, campaign_row, planned_in
from maps.pages.rows import row_of
from maps.pages.sentence import Standing, sentence
from maps.pages.streets import left_of, streets_of
from maps.pages.wording import day_words
from patrols.models import Report
from patrols.presentation import report_json
from patrols.workflow import WAITING_STATES

TABS = ("now", "checkpoints", "streets", "people")
MOST = 200  # rows of the list of open reports; more are said to be there and are found on the page of reports


@require_safe
@login_required
@never_cache
def my_grid(request: HttpRequest) -> HttpResponse:
    """Show one grid: ?grid= its code, ?tab=, and what is selected by ?report=, ?checkpoint= or ?street=."""
    scope = scope_of(request.user)
    code = request.GET.get("grid")
    grids = grids_of(scope, code)
    if code and code not in {grid.code for grid in grids}:
        raise Http404(_("You do not answer for a grid with this code."))
    if not grids:
        return render(request, "maps/my_grid_none.html", {"title": _("My grid")})
    grid = next((grid for grid in grids if grid.code == code), grids[0])
    return render(request, "maps/my_grid.html", _context(request, scope, grids, grid))


def _context(request: HttpRequest, scope: Scope, grids: list[Grid], grid: Grid) -> dict[str, Any]:
    now = timezone.now()
    answering = answering_for(grid)
    reports = _open_reports(scope, grid, now)
    checkpoints = [_checkpoint(row, answering) for row in checkpoints_of(grid)]
    streets = streets_of(grid)
    bodies = bodies_of(grid)
    left = left_of(streets)
    plans = planned_in(grid, timezone.localdate(now))
    campaigns = campaigns_in(grid.campaigns)  # type: ignore[attr-defined]
    tab = request.GET.get("tab")
    standing = Standing(
        open=min(len(reports), MOST),
        late=sum(row["clock"]["late"] for row in reports),
        risk=sum(row["clock"]["at_risk"] for row in reports),
        yours=sum(row["yours"] for row in reports),
        checkpoints=len(checkpoints),
        owned=bool(answering.owner),
        more=len(reports) > MOST,
        left=left,
        plans=sum(not plan.done for plan in plans),
    )
    return {
        "grid": grid,
        "grids": [{"code": row.code, "pk": row.pk, "label": grid_label(row)} for row in grids],
        "mine": grid.pk in scope.grids,
        "here": _place_line(grid, answering),
        "sentence": sentence(standing),
        "now": now,
        "tab": tab if tab in TABS else "now",
        "counts": {
            "now": len(reports) if len(reports) <= MOST else f"{MOST}+",
            "checkpoints": len(checkpoints),
            "streets": len(streets),
            "people": len(answering) + len(bodies),
        },
        "reports": reports[:MOST],
        "more": len(reports) > MOST,
        "checkpoints": checkpoints,
        "streets": streets,
        "plans": plans,
        "campaigns": [campaign_row(zone) for zone in campaigns],
        "areas": areas_of([planned.plan for planned in plans], campaigns),
        "left": left,
        "answering": answering,
        "bodies": bodies,
        "selected": next(filter(None, map(request.GET.get, ("report", "checkpoint", "street"))), ""),
        "categories": categories_for(grid),
        "page": {
            "grid": {"id": str(grid.pk), "code": grid.code, "name": grid.local_name, "box": list(grid.geom.extent)},
            "mine": [str(row.pk) for row in grids if row.pk in scope.grids],
            "now": now.timestamp(),
        },
    }


def grid_label(grid: Grid) -> str:
    """Return what a grid is called within its community."""
    return _("Grid %(number)s") % {"number": grid.number}


def _place_line(grid: Grid, answering: Answering) -> str:
    return " · ".join(filter(None, [grid.region.local_name, grid_label(grid), answering.owner or _("no owner")]))


def _open_reports(scope: Scope, grid: Grid, now: datetime) -> list[dict[str, Any]]:
    due = Case(When(state__in=WAITING_STATES, then="dispatch_due_at"), default="due_at")
    rows = (
        Report.objects.visible_to(scope)
        .open()
        .filter(grid=grid)
        .for_list()
        .annotate(until=due)
        .order_by(F("until").asc(nulls_last=True), "recorded_at", "id")
    )
    listed = [_row(report, scope, now) for report in rows[: MOST + 1]]
    return sorted(listed, key=lambda row: (not row["yours"], not row["clock"]["due"], row["clock"]["due"] or 0))


def _row(report: Report, scope: Scope, now: datetime) -> dict[str, Any]:
    row = row_of(report_json(report, now), now)
    return {
        **row,
        "symbol": json.dumps(row["symbol"], ensure_ascii=False),
        "holding": holding(report, scope),
        "yours": is_yours(report, scope),
    }


def _checkpoint(checkpoint: Checkpoint, answering: Answering) -> dict[str, Any]:
    middle = checkpoint.middle  # type: ignore[attr-defined]
    zero = checkpoint.zero  # type: ignore[attr-defined]
    passed = checkpoint.passed  # type: ignore[attr-defined]
    return {
        "id": str(checkpoint.pk),
        "name": checkpoint.local_name,
        "type": checkpoint.type.local_name,
        "zero": zero,
        "owner": answering.checkpoints.get(checkpoint.pk, ""),
        "passed": day_words(passed, timezone.localdate()) if passed else "",
        "lon": middle.x,
        "lat": middle.y,
        # No inspection can be recorded yet: nobody knows how a checkpoint stands.
        "symbol": json.dumps({"status": "unknown", "zero": zero}),
    }


def categories_for(grid: Grid) -> list[Category]:
    """Return the categories in use, those most reported in this grid first."""
    used: list[str] = grid.used  # type: ignore[attr-defined]
    rank = {code: place for place, code in enumerate(used)}
    rows = Category.objects.filter(active=True, kind=Kind.PROBLEM)
    return sorted(rows, key=lambda row: (rank.get(row.code, len(rank)), row.sort, row.code))


urlpatterns: list[URLPattern] = [path("my-grid/", my_grid, name="my-grid")]
