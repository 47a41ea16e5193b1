"""The first step of bringing in a list: how its file was read, what its columns mean, where its coordinates lie."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from grids.lists import committing, staging
from grids.lists.assessing import understand
from grids.lists.kinds import HOUSED, PLACED, fields_of
from grids.lists.lookups import Types
from grids.lists.reading import Choices
from grids.lists.tables import cell, shown
from grids.models import ListImport
from grids.models.lists import ListKind
from grids.models.people import Role
from grids.problems import BadInput, Problem
from grids.shifts import CRS
from maps.pages.import_access import own
from maps.pages.import_steps import frame

MOST_POINTS = 2_000
# Rows among which a column's three examples are found: lists often begin with the ones that lack something.
LOOKED_AT = 200
_ORDER = {"yes": True, "no": False}  # else it is found out


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def columns(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show how the file was read and what its columns mean; take what somebody says of it."""
    listed = own(request, identity)
    problem, status = "", 200
    if request.method == "POST":
        try:
            if request.POST.get("do") == "read":
                staging.read_again(listed, _choices(request))
                return HttpResponseRedirect(reverse("import-columns", args=[listed.pk]))
            _set_columns(listed, request)
            return HttpResponseRedirect(_after_columns(listed))
        except Problem as caught:
            problem, status = str(caught.sentence), caught.status
            listed.refresh_from_db()
    return render(request, "maps/imports/columns.html", _columns_context(listed, problem), status=status)


def _after_columns(listed: ListImport) -> str:
    return reverse("import-rows", args=[listed.pk])


def _choices(request: HttpRequest) -> Choices:
    def number(name: str) -> int | None:
        word = request.POST.get(name, "")
        return int(word) if word.isascii() and word.isdigit() and len(word) < 7 else None

    sheet = number("sheet")
    return Choices(
        sheet=-1 if sheet is None else sheet,
        encoding=request.POST.get("encoding", "")[:40],
        heading_row=number("heading_row"),
    )


def _set_columns(listed: ListImport, request: HttpRequest) -> None:
    mapping = {
        request.POST[f"column-{index}"]: index
        for index in range(len(listed.headings))
        if request.POST.get(f"column-{index}")
    }
    chosen = [request.POST.get(f"column-{index}") for index in range(len(listed.headings))]
    named = [name for name in chosen if name]
    if len(set(named)) < len(named):
        twice = next(name for name in named if named.count(name) > 1)
        field = fields_of(listed.kind).get(twice)
        raise BadInput(_("Two columns cannot both be “%(field)s”.") % {"field": field.label if field else twice})
    swapped = _ORDER.get(request.POST.get("swapped", ""))
    constants = {
        name: text
        for name in fields_of(listed.kind)
        if (text := staging.plain(request.POST.get(f"constant-{name}", ""), 80))
    }
    options = {"crs": request.POST.get("crs", "wgs84"), "swapped": swapped, "constants": constants}
    staging.set_columns(listed, mapping, options, request.POST.get("name", ""))


def _columns_context(listed: ListImport, problem: str) -> dict[str, Any]:
    fields = fields_of(listed.kind)
    by_column = {index: name for name, index in listed.mapping.items()}
    hidden = set(listed.reading.get("private", []))
    samples = list(listed.rows.order_by("number").values_list("cells", flat=True)[:LOOKED_AT])
    reading = listed.reading
    found = listed.options.get("found", {})
    return {
        **frame(listed, "columns"),
        "problem": problem,
        "columns": [
            {
                "index": index,
                "heading": heading,
                "field": by_column.get(index, ""),
                "hidden": index in hidden,
                "sample": [text for row in samples if (text := shown(cell(row, index)))][:3],
            }
            for index, heading in enumerate(listed.headings)
        ],
        "fields": [{"name": field.name, "label": field.label, "required": field.required} for field in fields.values()],
        "missing": [field.label for field in fields.values() if field.required and not _answered(listed, field.name)],
        "sheets": reading.get("sheets", []) if len(reading.get("sheets", [])) > 1 else [],
        "encodings": reading.get("encodings", []),
        "heading_row": (reading.get("heading_rows") or [""])[0] if reading["format"] in {"workbook", "text"} else "",
        "constants": _constants(listed),
        "has_places": listed.kind in PLACED,
        "crs": [
            ("wgs84", _("WGS-84 or CGCS2000 (GPS, Tianditu)")),
            ("gcj02", _("GCJ-02 (Amap, Tencent)")),
            ("bd09", _("BD-09 (Baidu)")),
        ],
        "chosen_crs": listed.options.get("crs") or found.get("crs") or "wgs84",
        "suggested_crs": found.get("crs", ""),
        "swapped": {True: "yes", False: "no"}.get(listed.options.get("swapped"), ""),
        "found": found,
        "names": committing.earlier(listed),
        "page": {"bounds": list(listed.region.geom.extent), "points": reverse("import-points", args=[listed.pk])},
    }


def _answered(listed: ListImport, name: str) -> bool:
    return name in listed.mapping or bool(listed.options.get("constants", {}).get(name))


def _constants(listed: ListImport) -> list[dict[str, Any]]:
    """Return what can be said for all rows that do not say it themselves."""
    given = listed.options.get("constants", {})
    fields = fields_of(listed.kind)
    offered: dict[str, list[tuple[str, str]] | None] = {}
    if listed.kind == ListKind.CHECKPOINTS:
        offered["type"] = Types().labels
    elif listed.kind == ListKind.PEOPLE:
        offered["role"] = [(str(value), str(label)) for value, label in Role.choices]
    elif listed.kind in {ListKind.ASSETS, ListKind.ORGANISATIONS}:
        offered["kind"] = None
    if listed.kind in HOUSED:
        offered["estate"] = None
    return [
        {"name": name, "label": fields[name].label, "choices": choices, "value": given.get(name, "")}
        for name, choices in offered.items()
    ]


@require_safe
@login_required
@never_cache
def points(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Return where the rows would be with a shift and an order of coordinates, to be looked at on the map."""
    listed = own(request, identity)
    crs = request.GET.get("crs", "wgs84")
    if crs not in CRS:
        raise Http404
    # Only looked at: the list keeps its own options.
    listed.options = {
        **listed.options,
        "crs": crs,
        "swapped": _ORDER.get(request.GET.get("swapped", "")),
    }
    assessment = understand(listed)
    placed = [draft for draft in assessment.drafts if draft.geom is not None]
    found = assessment.context.found
    return JsonResponse(
        {
            "count": found.get("points", 0),
            "inside": len(placed),
            "outside": found.get("outside", 0),
            "suggested": found.get("crs", ""),
            "points": [
                {"id": draft.number, "name": draft.name, "lon": draft.geom.centroid.x, "lat": draft.geom.centroid.y}
                for draft in placed[:MOST_POINTS]
                if draft.geom is not None
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )


urlpatterns: list[URLPattern] = [
    path("imports/<uuid:identity>/columns/", columns, name="import-columns"),
    path("imports/<uuid:identity>/points.json", points, name="import-points"),
]
