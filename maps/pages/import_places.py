"""The queue of rows without a place: each is searched, pinned on the map or left out, one after the other."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.lists import staging
from grids.lists.candidates import CROSSING, Candidate, candidates, expected
from grids.lists.kinds import HOUSED, PLACED
from grids.lists.saying import speak
from grids.lists.tables import cell, shown
from grids.models import ListImport, ListRow
from grids.models.lists import RowState
from grids.models.places import PlaceKind
from grids.models.search import SearchSource
from grids.problems import BadInput, NotFound
from grids.scope import scope_of
from maps.pages.import_access import own
from maps.pages.import_steps import frame
from maps.pages.imports import what_is_left

MOST_BODY = 4_000
_KINDS = {**dict(SearchSource.choices), **dict(PlaceKind.choices), CROSSING: gettext_lazy("crossing")}
_QUEUED = Q(state=RowState.UNPLACED) | Q(pin__isnull=False)


@require_safe
@login_required
@never_cache
def places(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show the queue; the script asks for one row after the other."""
    listed = _placed(request, identity)
    rows = (
        listed.rows.filter(_QUEUED).order_by("number").only("list_import", "number", "values", "cells", "pin", "state")
    )
    queue = [{"number": row.number, "name": name_of(row), **_standing(row)} for row in rows]
    context = {
        **frame(listed, "places"),
        "queue": queue,
        "done": sum(row["done"] for row in queue),
        "housed": listed.kind in HOUSED,
        "page": {
            "queue": queue,
            "housed": listed.kind in HOUSED,
            "bounds": list(listed.region.geom.extent),
            "row": reverse("import-place", args=[listed.pk, 0]).replace("/0/", "/{number}/"),
            "next": reverse(
                "import-rows" if (listed.result or {}).get(RowState.PROBLEM) else "import-finish", args=[listed.pk]
            ),
        },
    }
    return render(request, "maps/imports/places.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def place(request: HttpRequest, identity: UUID, number: int) -> HttpResponse:
    """Answer what is known of one row and where it may be; POST places it, leaves it out or takes that back."""
    try:
        return _put(request, identity, number) if request.method == "POST" else _get(request, identity, number)
    except Http404 as error:
        # A script asks: it is answered as one.
        raise NotFound(_("There is no such list or row, or it is yours no longer.")) from error


@require_safe
def _get(request: HttpRequest, identity: UUID, number: int) -> HttpResponse:
    listed = _placed(request, identity)
    row = listed.rows.filter(number=number).first()
    if row is None:
        raise Http404
    lon, lat = expected(listed, row)
    found = candidates(listed, row, scope_of(request.user))
    answer = {
        "number": row.number,
        "name": name_of(row),
        **_standing(row),
        "facts": [
            {"heading": heading, "text": text}
            for index, heading in enumerate(listed.headings)
            if (text := shown(cell(row.cells, index)))
        ],
        "said": [speak(problem) for problem in row.problems],
        "near": {"lon": lon, "lat": lat},
        "candidates": [_candidate(each) for each in found],
    }
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


@require_POST
def _put(request: HttpRequest, identity: UUID, number: int) -> HttpResponse:
    listed = _placed(request, identity)
    try:
        asked = json.loads(request.body[:MOST_BODY])
    except (ValueError, RecursionError) as error:
        raise BadInput(_("The request is not JSON.")) from error
    if not isinstance(asked, dict):
        raise BadInput(_("The request is not JSON."))
    if "skip" in asked:
        row = staging.leave_out(listed, number, str(asked["skip"]))
    elif asked.get("back"):
        row = staging.unpin(listed, number)
    else:
        label = asked.get("label")
        row = staging.pin(
            listed,
            number,
            asked.get("lon"),
            asked.get("lat"),
            label=label if isinstance(label, str) else "",
            building=asked.get("building"),
        )
    counts = listed.result or {}
    answer = {
        "number": row.number,
        "name": name_of(row),
        **_standing(row),
        "said": [speak(problem) for problem in row.problems],
        "left": what_is_left(counts),
        "unplaced": counts.get(RowState.UNPLACED, 0),
    }
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


def name_of(row: ListRow) -> str:
    """Return what a row is called."""
    values = row.values
    own = str(values.get("name") or "") or "".join(
        str(values.get(name) or "") for name in ("estate", "building", "label")
    )
    return own or next((shown(value) for value in row.cells if shown(value)), f"{row.number}")


def _placed(request: HttpRequest, identity: UUID) -> ListImport:
    listed = own(request, identity)
    if listed.kind not in PLACED | HOUSED:
        raise Http404
    return listed


def _standing(row: ListRow) -> dict[str, Any]:
    pinned = row.pin or {}
    return {
        "done": bool(pinned) and row.state != RowState.UNPLACED,
        "skipped": pinned.get("by") == "skip",
        "label": pinned.get("label", "") or pinned.get("reason", ""),
        "lon": pinned.get("lon"),
        "lat": pinned.get("lat"),
    }


def _candidate(each: Candidate) -> dict[str, Any]:
    return {
        "name": each.name,
        "kind": str(_KINDS.get(each.kind, "")),
        "region": each.region,
        "lon": each.lon,
        "lat": each.lat,
        "share": each.share,
        "metres": each.metres,
        "by": each.by,
        "building": each.building,
    }


urlpatterns: list[URLPattern] = [
    path("imports/<uuid:identity>/places/", places, name="import-places"),
    path("imports/<uuid:identity>/places/<int:number>/", place, name="import-place"),
]
