"""The analysis page (分析研判): where problems are found, patrolled and carried, and when, on one map."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.gis.geos import Polygon
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Region
from grids.models.catalogue import Kind
from grids.models.people import Role
from grids.problems import NotFound, Problem
from grids.scope import Scope, scope_of
from maps.pages import analysis_filters
from maps.pages.analysis_figures import Figures, figures, worst_place
from maps.pages.analysis_filters import COMPARISONS, PERIODS, Asked, states_of
from maps.pages.asking import by_page
from maps.pages.choices import categories
from maps.pages.hotspot_form import hotspot_form
from maps.pages.planner_coverage import planned_regions
from maps.pages.sentence import Clause

# What only the split studio is asked for: it used to stand at this address.
STUDIO = ("community", "split", "view")
# A share of fewer than this says nothing.
ENOUGH = 10


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
    context = _context(scope, region, asked, today) | {"regions": regions, "problem": problem, "today": today}
    context["hotspots"] = hotspot_form(today)
    return render(request, "maps/planner/analysis.html", context, status=400 if problem else 200)


def _chosen(regions: list[dict[str, Any]], code: str) -> Region:
    wanted = code or regions[0]["code"]
    if all(one["code"] != wanted for one in regions):
        raise NotFound(_("There is no such region here."))
    region: Region = Region.objects.current().get(code=wanted)
    return region


def _context(scope: Scope, region: Region, asked: Asked, today: date) -> dict[str, Any]:
    before = analysis_filters.before_it(asked)
    found = figures(region.code, asked, before[0] if before else None)
    box = Polygon.from_bbox(region.geom.extent)
    worst = worst_place(scope, region.code, box, asked) if found.found else ""
    return {
        "region": region,
        "asked": asked,
        "periods": PERIODS,
        "comparisons": COMPARISONS,
        "categories": categories(),
        "states": analysis_filters.state_names(),
        "counted": analysis_filters.counted(asked),
        "figures": found,
        "headline": headline(asked, found, before[1] if before else "", worst),
        "attribution": settings.TILE_ATTRIBUTION,
        "data": {
            "region": region.code,
            "name": region.local_name,
            "bounds": list(region.geom.extent),
            "today": today.isoformat(),
            "total": found.found,
            "days": asked.days.query,
            "before": asked.before.query if asked.before else None,
            "filters": asked.filters,
            "period": asked.query,
            "points": {"kind": Kind.PROBLEM, "state": states_of(asked.state), "category": asked.category},
            "names": {
                "categories": analysis_filters.category_names(),
                "states": analysis_filters.state_names(),
            },
            "reports": reverse("reports"),
            "shades": reverse("planner-shades"),
        },
    }


def headline(asked: Asked, found: Figures, before: str, worst: str) -> list[Clause]:
    """Return the sentence on top: how many were found, whether that is more than before, and where most are."""
    comma = pgettext("sentence", ", ")
    what = "" if not asked.filters else analysis_filters.counted(asked)
    if not found.found:
        clauses = [Clause(_("Nothing was found %(when)s") % {"when": asked.span})]
    else:
        text = ngettext("%(count)s problem found %(when)s", "%(count)s problems found %(when)s", found.found)
        clauses = [Clause(text % {"count": f"{found.found:,}", "when": asked.span})]
    if what:
        clauses.append(Clause(pgettext("what is counted", " (%(what)s)") % {"what": what}))
    if found.was is not None:
        clauses.append(_compared(found, before, comma))
    if worst:
        clauses.append(Clause(_("most in %(place)s") % {"place": worst}, "", pgettext("sentence", "; ")))
    return clauses


def _compared(found: Figures, before: str, comma: str) -> Clause:
    """Say how many more or fewer; a share only of enough for one to mean something."""
    was = found.was or 0
    values = {"before": before, "was": f"{was:,}", "share": abs(found.change or 0)}
    if was >= ENOUGH and found.change:
        more = found.change > 0
        text = _("%(share)s %% more than in %(before)s") if more else _("%(share)s %% fewer than in %(before)s")
        return Clause(text % values, "warn" if more else "", comma)
    if found.found == was:
        return Clause(_("as many as in %(before)s") % values, "", comma)
    return Clause(_("%(was)s in %(before)s") % values, "", comma)


urlpatterns: list[URLPattern] = [path("planner/", analysis, name="planner")]
