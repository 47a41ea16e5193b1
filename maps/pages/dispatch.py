"""The dispatch board (调度台): the queue, the map and who could go, side by side."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models import Extent
from django.contrib.postgres.aggregates import StringAgg
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from grids.models import Region
from grids.models.people import Role
from grids.problems import NotFound, problem_json
from grids.scope import Scope, scope_of
from maps.pages.queue import TABS, dispatching, queue_etag, queue_of
from maps.pages.rows import row_of
from maps.pages.wording import moment, span

PRESSING = timedelta(minutes=30)  # what is due sooner stands out in the sentence on top


@require_safe
@login_required
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of the regions in which the person dispatches."""
    scope = _scope_of_dispatcher(request)
    now = timezone.now()
    etag = queue_etag(scope)  # before the rows: what comes in between is then sent again, never missed
    queue = queue_of(scope, now)
    name, bounds = _region(scope)
    asked = request.GET.get("tab")
    chosen = asked if asked in queue["counts"] else TABS[0].key
    context = {
        "headline": headline(queue, now),
        "region": name,
        "now": moment(now, now),
        "tabs": [{"key": tab.key, "label": tab.label, "count": queue["counts"][tab.key]} for tab in TABS],
        "tab": chosen,
        "rows": [row_of(report, now) for report in queue["results"] if report["tab"] == chosen],
        "board": {**queue, "etag": etag, "bounds": bounds, "zone": timezone.get_default_timezone_name()},
    }
    return render(request, "maps/dispatch.html", context)


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
def queue_json(request: HttpRequest) -> HttpResponse:
    """Answer the board's poll: 304 as long as no event happened in the dispatcher's districts."""
    if not request.user.is_authenticated:
        return problem_json(401, _("You are signed out. Sign in again to go on."))
    scope = scope_of(request.user)
    if not scope.has(Role.DISPATCHER):
        raise NotFound(_("There is no such thing here."))
    etag = queue_etag(scope)
    response: HttpResponse | None = get_conditional_response(request, etag=etag)
    if response is None:
        response = JsonResponse(queue_of(scope, timezone.now()), json_dumps_params={"ensure_ascii": False})
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def headline(queue: dict[str, Any], now: datetime) -> list[dict[str, str]]:
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
    if sent_back:
        text = _("%(count)s sent back") % {"count": sent_back}
        parts.append({"text": text, "tone": "warn", "before": pgettext("sentence", "; ")})
    return parts


def _count_of_waiting(count: int) -> str:
    return _("%(count)s to dispatch") % {"count": count} if count else _("Nothing waits for dispatch")


def _scope_of_dispatcher(request: HttpRequest) -> Scope:
    scope = scope_of(request.user)
    if not scope.has(Role.DISPATCHER):
        raise Http404
    return scope


def _region(scope: Scope) -> tuple[str, list[float] | None]:
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
