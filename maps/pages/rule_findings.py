"""What the rules leave to nobody (派遣空白), on a list and a map; and what came of a dry run (试算)."""

import json
from typing import Any
from uuid import UUID

import shapely
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.endpoints.jobs import own
from grids.models.platform import JobState
from grids.scope import scope_of
from maps.pages.asking import by_page
from maps.pages.rules import address, chosen_region, regions_of
from patrols.models.routing import EditionState
from patrols.routing import keeping, trial
from patrols.routing.holes import Hole, holes_of
from patrols.routing.reach import keeps
from patrols.routing.reading import Names, sentence

MOST_NAMED = 4
MOST_ON_MAP = 400


@require_safe
@login_required
@never_cache
@by_page
def holes(request: HttpRequest) -> HttpResponse:
    """List where nobody gets which problems in a region, the largest first, beside the map."""
    scope = scope_of(request.user)
    regions = regions_of(scope)
    code = chosen_region(regions, request.GET.get("region", ""))
    names = Names.read()
    found = holes_of(code)
    rows = [_row(number, hole, names) for number, hole in enumerate(found, 1)]
    features = [
        {"id": row["id"], "type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(hole.outline))}
        for row, hole in zip(rows[:MOST_ON_MAP], found, strict=False)
    ]
    words = ngettext("%(count)s hole in coverage", "%(count)s holes in coverage", len(rows)) % {"count": len(rows)}
    context = {
        "regions": regions,
        "code": code,
        "back": address("rules", code),
        "rows": rows,
        "headline": words if rows else _("Every kind of problem has somebody everywhere"),
        "map_data": {"features": features, "bounds": _bounds(found)},
    }
    return render(request, "maps/rules/holes.html", context)


def _row(number: int, hole: Hole, names: Names) -> dict[str, Any]:
    listed = [names.categories.get(code, code) for code in hole.categories]
    title = pgettext("list", ", ").join(listed[:MOST_NAMED])
    if len(listed) > MOST_NAMED:
        title = _("%(names)s and %(count)s more") % {"names": title, "count": len(listed) - MOST_NAMED}
    return {
        "id": str(number),
        "place": hole.name,
        "title": title,
        "all": pgettext("list", ", ").join(listed) if len(listed) > MOST_NAMED else "",
        "never": f"{hole.never:,.2f}" if hole.never else "",
        "share": f"{100 * hole.never / hole.whole:.0f}" if hole.never and hole.whole else "",
        "at_times": f"{hole.at_times:,.2f}" if hole.at_times else "",
    }


def _bounds(found: list[Hole]) -> list[float] | None:
    boxes = [hole.outline.bounds for hole in found if not hole.outline.is_empty]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return [min(west), min(south), max(east), max(north)]


@require_safe
@login_required
@never_cache
@by_page
def result(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show from whom to whom the reports would go by a draft, and what putting it in force changes."""
    scope = scope_of(request.user)
    job = own(scope).filter(pk=identity, kind=trial.KIND, state=JobState.DONE).first()
    if job is None or not isinstance(job.result, dict):
        raise Http404
    done = job.result
    code = chosen_region(regions_of(scope), done["region"])
    pairs = done["pairs"]
    whom = trial.names_of({key for pair in pairs for key in (pair["from"], pair["to"])})
    draft = keeping.edition_of(code, EditionState.DRAFT)
    present = keeping.edition_of(code, EditionState.IN_FORCE)
    names = Names.read()
    changes = keeping.changed(keeping.rules_of(present), keeping.rules_of(draft)) if draft else {}
    context = {
        "code": code,
        "back": address("rules", code),
        "summary": trial.summary_of(done["elsewhere"], done["total"]),
        "done": done,
        "rows": [
            {
                **pair,
                "from_name": whom.get(pair["from"], "—"),
                "to_name": whom.get(pair["to"], "—"),
                "loses": pair["to"] == trial.NOBODY,
                "share": f"{100 * pair['count'] / done['total']:.1f}",
            }
            for pair in pairs
        ],
        "draft": draft if draft and draft.number == done["number"] else None,
        "keeps": keeps(scope, code),
        "changes": [
            {"label": label, "sentences": [sentence(rule, names) for rule in changes.get(name, [])]}
            for name, label in (
                ("added", _("new")),
                ("changed", pgettext("rule", "changed")),
                ("moved", _("moved")),
                ("removed", _("removed")),
            )
            if changes.get(name)
        ],
    }
    return render(request, "maps/rules/trial.html", context)


urlpatterns: list[URLPattern] = [
    path("planner/rules/holes/", holes, name="rules-holes"),
    path("planner/rules/trials/<uuid:identity>/", result, name="rules-trial"),
]
