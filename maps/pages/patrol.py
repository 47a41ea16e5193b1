"""The patrol page (巡查): what a volunteer holds in one hand while walking, with or without a network."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from grids.models import Grid
from grids.problems import NotFound, problem_json
from grids.scope import Scope, scope_of
from maps.pages.my_grid import categories_for, grid_label
from maps.pages.patch import grids_of
from maps.pages.patrol_bundle import answer

TABS = ("next", "streets", "checkpoints", "reports")


@require_safe
@login_required
@never_cache
def patrol(request: HttpRequest) -> HttpResponse:
    """Show the page for one's grids: ?grid= the code of the one that is to be walked, ?tab=."""
    scope = scope_of(request.user)
    grids = grids_of(scope, None)
    grid = _chosen(request, grids)
    if grid is None:
        return render(request, "maps/my_grid_none.html", {"title": _("Patrol")})
    tab = request.GET.get("tab")
    context = {
        "grid": grid,
        "grids": [_grid_row(row) for row in grids],
        "here": f"{_('Patrol')} · {grid.region.local_name} · {grid_label(grid)}",
        "tab": tab if tab in TABS else TABS[0],
        "categories": categories_for(grid),
        "page": _page(scope, grids, grid),
    }
    return render(request, "maps/patrol.html", context)


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
def bundle(request: HttpRequest) -> HttpResponseBase:
    """Answer with all that the page needs without a network: one's grids, the one of ?grid= first."""
    if not request.user.is_authenticated:
        return problem_json(401, _("You are signed out. Sign in again to go on."))
    scope = scope_of(request.user)
    grids = grids_of(scope, None)
    try:
        chosen = _chosen(request, grids)
    except Http404 as error:
        raise NotFound(str(error)) from error
    return answer(request, scope, [chosen, *(grid for grid in grids if grid != chosen)] if chosen else [])


def _chosen(request: HttpRequest, grids: list[Grid]) -> Grid | None:
    """Return the grid of ?grid= or the first, None without any; raises Http404 for one that is not one's own."""
    code = request.GET.get("grid")
    if not code:
        return grids[0] if grids else None
    found = next((grid for grid in grids if grid.code == code), None)
    if found is None:
        raise Http404(_("You do not answer for a grid with this code."))
    return found


def _grid_row(grid: Grid) -> dict[str, Any]:
    return {"pk": grid.pk, "code": grid.code, "label": grid_label(grid)}


def _page(scope: Scope, grids: list[Grid], grid: Grid) -> dict[str, Any]:
    return {
        "grid": {"id": str(grid.pk), "code": grid.code, "name": grid.local_name, "box": list(grid.geom.extent)},
        "grids": [
            {"id": row.pk, "code": row.code, "label": grid_label(row), "box": list(row.geom.extent)} for row in grids
        ],
        "mine": [str(row.pk) for row in grids if row.pk in scope.grids],
        "bundle": f"{reverse('patrol-bundle')}?grid={grid.code}",
        "now": timezone.now().timestamp(),
    }


urlpatterns: list[URLPattern] = [
    path("patrol/", patrol, name="patrol"),
    path("patrol/bundle.json", bundle, name="patrol-bundle"),
]
