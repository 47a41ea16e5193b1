"""What the grids of a region can be shaded by on the analysis page: how far they were walked, and who carries much.

It compares grids, never people: no name is in it.
"""

import statistics
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Assignment, Grid
from grids.models.grid import GridKind
from grids.models.people import AssignmentRole
from grids.problems import NotFound, Problem
from grids.reach import manages
from grids.scope import Scope, scope_of
from maps.pages import analysis_filters
from maps.pages.analysis_filters import Days
from maps.pages.planner_coverage import find, shade_words
from patrols.coverage_summary import LONGEST_PERIOD
from patrols.models import Report
from patrols.workflow import OPEN_STATES

# Where nothing else is said, and where a period is longer than coverage is summed up over.
USUAL_DAYS = 30
# Up to how many times the median of all owners each step of shade goes; the last has no end.
TIMES = (0.5, 1.0, 1.5, 2.0)
LEAST_MEDIAN = 2.0


@dataclass(frozen=True, slots=True)
class Shading:
    """Steps of shade of grids by id, None for what is not known or has no owner, and the words of the legend."""

    title: str
    lines: list[str]
    unknown: str
    note: str
    grids: list[tuple[int, int | None]]


@require_safe
@login_required
@never_cache
def shades(request: HttpRequest) -> JsonResponse:
    """Return how to shade the grids of ?region= by ?by=coverage or load, over the page's ?period=, as JSON.

    Raises Problem (400) for anything else to shade by, NotFound for a region that one does not plan.
    """
    query = request.GET.dict()
    by, code = query.pop("by", ""), query.get("region", "")
    scope = scope_of(request.user)
    if not code or not manages(scope, code):
        raise NotFound(_("There is no such region here."))
    if by not in ("coverage", "load"):
        raise Problem(_("Grids are shaded by coverage or by load."))
    days = analysis_filters.read(query, timezone.localdate()).days
    found = by_load(code) if by == "load" else by_coverage(scope, code, days)
    return JsonResponse(
        {
            "title": found.title,
            "lines": found.lines,
            "unknown": found.unknown,
            "note": found.note,
            "grids": found.grids,
        }
    )


def by_coverage(scope: Scope, code: str, days: Days) -> Shading:
    """Return how much of each grid's streets was walked in a period, of a longer one in its last days."""
    until = days.until or timezone.localdate()
    since = days.since or until - timedelta(days=USUAL_DAYS - 1)
    if until - since >= LONGEST_PERIOD:
        since = until - LONGEST_PERIOD + timedelta(days=1)
    found = find(scope, {"region": code, "period": "own", "since": f"{since}", "until": f"{until}"})
    rows = found.rows if found else []
    return Shading(
        title=_("Share of the streets that was walked"),
        lines=[one["words"] for one in shade_words()],
        unknown=_("no record"),
        note=pgettext("days", "%(since)s – %(until)s") % {"since": since, "until": until},
        grids=[(row.id, row.shade) for row in rows],
    )


def by_load(code: str) -> Shading:
    """Return how many open reports whoever answers for a grid has, by the median of all owners of the region."""
    grids = Grid.objects.current().filter(kind=GridKind.SERVICE, region__code__startswith=code).order_by("code")
    ids = list(grids.values_list("pk", flat=True))
    owned = Assignment.objects.current().filter(grid__in=ids, role=AssignmentRole.OWNER).order_by("pk")
    holders = {row[0]: row[1:] for row in owned.values_list("grid", "person", "team", "organisation")}
    reports = Report.objects.filter(district=code[:6], grid__in=ids, state__in=OPEN_STATES).order_by()
    open_in = dict(reports.values_list("grid").annotate(count=Count("pk")).values_list("grid", "count"))
    carried: Counter[tuple[Any, ...]] = Counter(dict.fromkeys(holders.values(), 0))
    for grid, holder in holders.items():
        carried[holder] += open_in.get(grid, 0)
    middle = statistics.median(carried.values()) if carried else 0.0
    limits = [times * max(middle, LEAST_MEDIAN) for times in TIMES]
    return Shading(
        title=_("Open reports of whoever answers for the grid"),
        lines=_load_words(limits),
        unknown=_("without owner"),
        note=_("Today; half of the owners have %(median)s or more.") % {"median": f"{middle:g}"},
        grids=[(grid, step_of(carried[holders[grid]], limits) if grid in holders else None) for grid in ids],
    )


def step_of(count: int, limits: list[float]) -> int:
    """Return the step of a count: the first whose limit it does not exceed, the one behind the last else."""
    return next((step for step, most in enumerate(limits) if count <= most), len(limits))


def _load_words(limits: list[float]) -> list[str]:
    lines = []
    low = 0
    for most in limits:
        high = int(most)
        lines.append(f"{low}–{high}" if high > low else f"{low}" if high == low else "—")
        low = max(low, high + 1)
    return [*lines, _("%(least)s and more") % {"least": low}]


urlpatterns: list[URLPattern] = [path("planner/shades.json", shades, name="planner-shades")]
