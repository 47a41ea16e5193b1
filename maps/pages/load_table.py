"""Who carries how much as a table to take away: a row a grid, then a row for each owner of several."""

import csv
import io
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.formulas import harmless
from grids.scope import scope_of
from maps.pages.asking import by_page
from maps.pages.fair_load import Load, Loads, loads_of
from maps.pages.imports import download
from maps.pages.planner import chosen_community


@require_safe
@login_required
@never_cache
@by_page
def load_table(request: HttpRequest) -> HttpResponse:
    """Return the loads of a community (?community= its code) as CSV in UTF-8 with the mark that Excel wants."""
    scope = scope_of(request.user)
    region = chosen_community(scope, request.GET.get("community", ""))
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows(loads_of(scope, region)):
        writer.writerow([harmless(cell) for cell in row])
    return download(
        text.getvalue().encode("utf-8-sig", "replace"), f"{region.code}-load.csv", "text/csv; charset=utf-8"
    )


def rows(loads: Loads) -> Iterator[list[str]]:
    """Yield headings, the grids by number, and the owners of several grids."""
    yield [
        _("Grid"),
        _("Owner"),
        _("Households"),
        _("Open reports"),
        _("Checkpoints"),
        _("Streets, km"),
        _("Carries clearly more"),
    ]
    for load in [*loads.grids, *loads.owners]:
        yield _row(load)


def _row(load: Load) -> list[str]:
    numbers = pgettext("list", ", ").join(map(str, load.numbers))
    # Unknown is not zero.
    households = "" if load.households is None else str(load.households)
    figures = [households, str(load.reports), str(load.checkpoints), load.kilometres]
    return [numbers, load.owner or _("Without owner"), *figures, pgettext("sentence", "; ").join(load.reasons)]


urlpatterns: list[URLPattern] = [path("planner/load.csv", load_table, name="planner-load")]
