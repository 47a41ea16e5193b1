"""The analysis page (分析研判): where problems are found, patrolled and carried, and when, on one map."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Region
from grids.models.people import Role
from grids.problems import NotFound, Problem
from grids.scope import Scope, scope_of
from maps.pages import analysis_filters
from maps.pages.analysis_filters import COMPARISONS, PERIODS, Asked, states_of
from maps.pages.asking import by_page
from maps.pages.choices import categories
from maps.pages.planner_coverage import planned_regions
from maps.pages.sentence import Clause

# What only the split studio is asked for: it used to stand at this address.
STUDIO = ("community", "split", "view")


@require_safe
@login_required
@never_cache
@by_page
def analysis(request: HttpRequest) -> HttpResponse:
    """Show a region: ?region=, ?period= (with ?since= and ?until=), ?category=, ?state= and ?versus=, see `read`."""
    if any(name in request.GET for name in STUDIO):
        return HttpResponseRedirect(f"{reverse('planner-split')}?{request.GET.urlencode()}")
    scope = scope_of(request.user)
    regions = planned_regions(scope)
    if not regions:
        return render(request, "maps/planner/none.html", {"draws": scope.has(Role.ADMIN)})
    region = _chosen(regions, request.GET.get("region", ""))
    today, problem = timezone.localdate(), ""
    try:
        asked = analysis_filters.read(request.GET.dict(), today)
    except Problem as bad:
        # The form stays, with what was wrong with it.
        asked, problem = analysis_filters.usual(today), str(bad.sentence)
    context = _context(scope, region, asked) | {"regions": regions, "problem": problem, "today": today}
    return render(request, "maps/planner/analysis.html", context, status=400 if problem else 200)


def _chosen(regions: list[dict[str, Any]], code: str) -> Region:
    wanted = code or regions[0]["code"]
    if all(one["code"] != wanted for one in regions):
        raise NotFound(_("There is no such region here."))
    region: Region = Region.objects.current().get(code=wanted)
    return region


def _context(scope: Scope, region: Region, asked: Asked) -> dict[str, Any]:
    return {
        "region": region,
        "asked": asked,
        "periods": PERIODS,
        "comparisons": COMPARISONS,
        "categories": categories(),
        "states": analysis_filters.state_names(),
        "counted": analysis_filters.counted(asked),
        "headline": headline(asked),
        "data": {
            "region": region.code,
            "name": region.local_name,
            "bounds": list(region.geom.extent),
            "days": asked.days.query,
            "before": asked.before.query if asked.before else None,
            "filters": asked.filters,
            "points": {"state": states_of(asked.state), "category": asked.category},
            "reports": reverse("reports"),
        },
    }


def headline(asked: Asked) -> list[Clause]:
    """Return the sentence on top: what is looked at."""
    return [Clause(analysis_filters.counted(asked)), Clause(asked.span, before=" ")]


def address(region: Region, asked: Asked, **changes: str) -> str:
    """Return the page's address for a region, with changes."""
    return f"{reverse('planner')}?{urlencode({'region': region.code, **asked.query, **changes})}"


urlpatterns: list[URLPattern] = [path("planner/", analysis, name="planner")]
