"""The dispatch board (调度台): the queue, the map and who could go, side by side."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models import Extent
from django.contrib.postgres.aggregates import StringAgg
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from grids.models import Region
from grids.models.people import Role
from grids.problems import NotFound, problem_json
from grids.scope import Scope, scope_of
from maps.pages.queue import TABS, Mark, dispatching, mark_of, queue_of
from maps.pages.queue_changes import changes_since
from maps.pages.rows import row_of
from maps.pages.shift_notes import note_row
from maps.pages.wording import moment, span
from patrols.live import patrols_under_way
from patrols.looking import look
from patrols.shift_notes import notes_for

MOST_NOTES = 3  # at the change of shift that nobody took over
PRESSING = timedelta(minutes=30)  # what is due sooner stands out in the sentence on top


@require_safe
@login_required
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of the regions in which the person dispatches."""
    scope = _scope_of_dispatcher(request)
    now = timezone.now()
    mark = mark_of(scope)  # before the rows: what comes in between is then sent again, never missed
    queue = queue_of(scope, now)
    name, bounds = region_of(scope)
    asked = request.GET.get("tab")
    patrolling = patrols_under_way(scope).count()
    chosen = asked if asked in queue["counts"] else TABS[0].key
    context = {
        "headline": headline(queue, now, patrolling),
        "shift_notes": [note_row(note, scope, now) for note in notes_for(scope, waiting=True)[:MOST_NOTES]],
        "region": name,
        "now": moment(now, now),
        "tabs": [{"key": tab.key, "label": tab.label, "count": queue["counts"][tab.key]} for tab in TABS],
        "tab": chosen,
        "rows": [row_of(report, now) for report in queue["results"] if report["tab"] == chosen],
        "board": {**queue, "etag": mark.etag, "cursor": mark.cursor, "bounds": bounds, "patrolling": patrolling}
        | {"zone": timezone.get_default_timezone_name()},
    }
    return render(request, "maps/dispatch.html", context)


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
def queue_json(request: HttpRequest) -> HttpResponse:
    """Answer the board's poll: 304 as long as no event happened in the dispatcher's districts.

    With `since`, the cursor of an earlier answer, only what changed is told, where that is less than the whole.
    """
    if not request.user.is_authenticated:
        return problem_json(401, _("You are signed out. Sign in again to go on."))
    scope = scope_of(request.user)
    if not scope.has(Role.DISPATCHER):
        raise NotFound(_("There is no such thing here."))
    mark = mark_of(scope)
    response: HttpResponse | None = get_conditional_response(request, etag=mark.etag)
    if response is None:
        queue = _queue(scope, mark, request.GET.get("since", ""))
        response = JsonResponse(queue, json_dumps_params={"ensure_ascii": False})
    response["ETag"] = mark.etag
    response["Looking"] = json.dumps(look(_looking_at(request), scope, timezone.now()))
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _looking_at(request: HttpRequest) -> UUID | None:
    """Return the report that the board says it shows."""
    try:
        return UUID(request.headers.get("Looking-At", ""))
    except ValueError:
        return None


def _queue(scope: Scope, mark: Mark, since: str) -> dict[str, Any]:
    now = timezone.now()
    queue = changes_since(scope, mark, since, now) or queue_of(scope, now)
    return {**queue, "cursor": mark.cursor}


def headline(queue: dict[str, Any], now: datetime, patrolling: int = 0) -> list[dict[str, str]]:
    """Return the sentence on top in parts, each with its tone ("", "warn" or "bad") and what stands before it."""
    waiting, sent_back = queue["counts"]["waiting"], queue["counts"]["sent_back"]
    dues = [row["clock"]["due"] for row in queue["results"] if row["tab"] == "waiting" and row["clock"]["due"]]
    parts = [{"text": _count_of_waiting(waiting), "tone": "", "before": ""}]
    if dues:
        left = datetime.fromtimestamp(min(dues), UTC) - now
        if queue["late"]:
            text = _("%(count)s late, the longest by %(span)s") % {"count": queue["late"], "span": span(left)}
        else:
            text = _("the most urgent has %(span)s left") % {"span": span(left)}
        tone = "bad" if left < PRESSING else ""
        parts.append({"text": text, "tone": tone, "before": pgettext("sentence", ", ")})
    if queue["risk"]:
        text = _("%(count)s at risk") % {"count": queue["risk"]}
        parts.append({"text": text, "tone": "warn", "before": pgettext("sentence", "; ")})
    if sent_back:
        text = _("%(count)s sent back") % {"count": sent_back}
        parts.append({"text": text, "tone": "warn", "before": pgettext("sentence", "; ")})
    if patrolling:
        text = ngettext("%(count)s volunteer on patrol", "%(count)s volunteers on patrol", patrolling)
        parts.append({"text": text % {"count": patrolling}, "tone": "", "before": pgettext("sentence", "; ")})
    return parts


def _count_of_waiting(count: int) -> str:
    return _("%(count)s to dispatch") % {"count": count} if count else _("Nothing waits for dispatch")


def _scope_of_dispatcher(request: HttpRequest) -> Scope:
    scope = scope_of(request.user)
    if not scope.has(Role.DISPATCHER):
        raise Http404
    return scope


def region_of(scope: Scope) -> tuple[str, list[float] | None]:
    """Return the names of the dispatcher's regions and their bounds (west, south, east, north) in EPSG:4326."""
    english = (get_language() or "").startswith("en")
    field = "name_en" if english else "name"
    found = Region.objects.current().filter(code__in=dispatching(scope).wide)
    known = found.aggregate(names=StringAgg(field, ", " if english else "、", order_by="code"), box=Extent("geom"))
    return known["names"] or "", list(known["box"]) if known["box"] else None


urlpatterns: list[URLPattern] = [
    path("dispatch/", board, name="dispatch"),
    path("dispatch/queue.json", queue_json, name="dispatch-queue"),
]
