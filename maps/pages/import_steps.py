"""What the steps of bringing in a list share: the list, its counts, and the way to the other steps."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grids.lists.kinds import HOUSED, PLACED
from grids.lists.saying import speak
from grids.models import ListImport
from grids.models.lists import ListKind, ListState, RowState
from maps.pages.import_access import own
from maps.pages.imports import what_is_left


@require_safe
@login_required
def begin(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Go to the step that comes next."""
    listed = own(request, identity)
    counts = listed.result or {}
    if listed.state != ListState.OPEN:
        step = "import-finish"
    elif "crs" not in listed.options:
        step = "import-columns"
    elif counts.get(RowState.PROBLEM):
        step = "import-rows"
    else:
        step = "import-places" if counts.get(RowState.UNPLACED) else "import-finish"
    return HttpResponseRedirect(reverse(step, args=[listed.pk]))


def frame(listed: ListImport, step: str) -> dict[str, Any]:
    """Return what every step shows: the list, its counts, and the way to the other steps."""
    counts = listed.result or {}
    places = listed.kind in PLACED | HOUSED
    steps = [
        ("columns", _("Columns"), ""),
        ("rows", _("Rows"), counts.get(RowState.PROBLEM, 0) or ""),
        *([("places", _("Places"), counts.get(RowState.UNPLACED, 0) or "")] if places else []),
        ("finish", _("Bring in"), ""),
    ]
    return {
        "listed": listed,
        "kind": ListKind(listed.kind).label,
        "is_open": listed.state == ListState.OPEN,
        "counts": counts,
        "left": what_is_left(counts),
        "steps": [
            {
                "name": name,
                "label": label,
                "count": count,
                "current": name == step,
                "url": reverse(f"import-{name}", args=[listed.pk]),
            }
            for name, label, count in steps
        ],
        "recalled": listed.options.get("recalled", 0) if listed.state == ListState.OPEN else 0,
        "notes": [speak(note) for note in [*listed.reading.get("notes", []), *listed.reading.get("seen", [])]],
    }


urlpatterns: list[URLPattern] = [
    path("imports/<uuid:identity>/", begin, name="import"),
]
