"""The list of reports and the page of one report (案件)."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models import Extent
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.calendar import left_between, works_from
from grids.models import Grid, Region
from grids.models.catalogue import Kind, LimitUnit
from grids.problems import Problem
from grids.scope import Scope, scope_of
from maps.pages import bulk, saved_filters
from maps.pages.choices import categories, grids_of
from maps.pages.holding import turn_of
from maps.pages.marks import ask_words
from maps.pages.measures import measures_on
from maps.pages.queue import keep_lead, with_lead
from maps.pages.report_aside import aside_of
from maps.pages.rows import row_of
from maps.pages.same import same_of
from maps.pages.wording import full_moment, long_span, moment
from patrols.filters import ALLOWED, RISK, newest_page, read_cursor, read_filter, write_cursor
from patrols.measures import may_keep
from patrols.models import Report
from patrols.models.reports import Source
from patrols.presentation import report_detail_json, report_json
from patrols.request_links import codes_of
from patrols.routing.proposing import keep, proposal_of
from patrols.routing.reach import sees_rules
from patrols.routing.words import proposal_json
from patrols.workflow import FIXING_STATES, PARKED_STATES, WAITING_STATES, Ask, State

PAGE_SIZE = 50
OPEN = "open"
TOLD_WHY = {State.SENT_BACK, State.RETURNED, State.REOPENED, State.REJECTED, *PARKED_STATES}
SAME_TIME = timedelta(minutes=1)
PROPOSED = ("proposal__rule", "proposal__person", "proposal__team", "proposal__organisation")


@require_safe
@login_required
@never_cache
def report_list(request: HttpRequest) -> HttpResponse:
    """Show the reports that a person may see, newest first, narrowed by the filters in the address."""
    scope, now = _scope(request), timezone.now()
    try:
        wanted = read_filter(request.GET.dict(), ignore=("cursor",))
        cursor = read_cursor(request.GET.get("cursor", ""))
    except Problem as problem:
        context = {**_filters(request.GET, scope), "rows": [], "problem": str(problem.sentence)}
        return render(request, "maps/reports.html", context, status=problem.status)
    # Which ones first, then all about them: with ten joins PostgreSQL no longer looks for the best order.
    chosen = list(newest_page(wanted, Report.objects.all(), scope, cursor, PAGE_SIZE).values_list("pk", flat=True))
    found = with_lead(Report.objects.filter(pk__in=chosen)).annotate(saved=saved_filters.beside(scope))
    page = [keep_lead(report) for report in found.order_by("-recorded_at", "-id")] if chosen else []
    rows = [row_of(report_json(report, now), now) for report in page[:PAGE_SIZE]]
    last = page[PAGE_SIZE - 1] if len(page) > PAGE_SIZE else None
    context = {
        **_filters(request.GET, scope),
        **bulk.context_of(scope),
        **saved_filters.context_of(scope, request.GET, page[0] if page else None),
        "rows": rows,
        "older": _address(request.GET, cursor=write_cursor(last.recorded_at, last.pk)) if last else "",
        "newest": _address(request.GET, cursor="") if cursor else "",
        "now": moment(now, now),
        "measures": f"{reverse('measures')}?{asked}" if scope.wide and (asked := _filtered(request.GET)) else "",
        "list_data": {
            "now": now.timestamp(),
            "zone": timezone.get_default_timezone_name(),
            "results": [_on_map(row) for row in rows],
            "bounds": None if rows else _bounds(scope),
        },
    }
    return render(request, "maps/reports.html", context)


@require_safe
@login_required
@never_cache
def report_page(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show one report with its history and what this person may do; out of scope it does not exist."""
    scope, now = _scope(request), timezone.now()
    found = with_lead(Report.objects.visible_to(scope)).select_related(*PROPOSED)
    report = found.filter(pk=identity).first()
    if report is None:
        raise Http404
    keep(report, getattr(report, "proposal", None))
    data = report_detail_json(keep_lead(report), scope, now)
    turn = turn_of(report, scope)
    context = {
        "report": row_of(data, now),
        "turn": turn,
        "category": report.category,
        "proposal": proposal_json(proposal_of(report)) if sees_rules(scope, report.region_code) else None,
        "stairwell": report.stairwell,
        "same": same_of(report, scope, now),
        "events": [_event_row(event, now) for event in reversed(data["events"])],
        "ask": _ask(data),
        "why": _why(data),
        "waits": report.state in WAITING_STATES,
        "measures": measures_on(report),
        "keeps_measures": may_keep(scope, report.region_code),
        "stays": [_stay_row(stay) for stay in data["stays"]],
        "spans": _spans(data["events"], report.category.limit_unit, now),
        "aside": aside_of(report, scope, now),
        "detail": {
            **data,
            "mine": turn.mine,
            "now": now.timestamp(),
            "zone": timezone.get_default_timezone_name(),
        },
    }
    return render(request, "maps/report.html", context)


def _scope(request: HttpRequest) -> Scope:
    return scope_of(request.user)


def _filters(query: QueryDict, scope: Scope) -> dict[str, Any]:
    """Return what the filter form shows: the choices, and what is chosen."""
    return {
        "chosen": {name: query.get(name, "") for name in ALLOWED},
        "narrowed": any(query.get(name) for name in ALLOWED),
        "applied": applied(query, scope),
        "states": [(OPEN, _("all open ones")), *State.choices],
        "categories": categories(),
        "grids": grids_of(scope),
        "sources": Source.choices,
        "kinds": Kind.choices,
        "makes_links": bool(codes_of(scope)),
        "views": list(_views(query)),
    }


def applied(query: QueryDict, scope: Scope) -> list[str]:
    """Return the filters of the address in words, so that they are read without opening the form."""
    names: dict[str, dict[str, Any]] = {
        "state": {OPEN: _("all open ones"), **dict(State.choices)},
        "category": {code: name for members in categories().values() for code, name in members},
        "grid": {row[0]: row[1] for row in grids_of(scope)},
        "source": dict(Source.choices),
        "kind": dict(Kind.choices),
        "late": {"1": _("Late"), RISK: _("At risk")},
        "recurrent": {"1": _("Recurring only")},
        "bbox": {query.get("bbox", ""): _("part of the map")},
    }
    given = [(name, str(query[name])) for name in ALLOWED if query.get(name)]
    return [str(names.get(name, {}).get(value, value)) for name, value in given]


def _address(query: QueryDict, **changes: str) -> str:
    """Return the address of the list with the same filters, but for the changes; empty ones are left out."""
    kept = query.copy()
    for name, value in changes.items():
        kept[name] = value
    for name in [name for name, value in kept.items() if not value]:
        del kept[name]
    return f"{reverse('reports')}?{kept.urlencode()}" if kept else reverse("reports")


def _filtered(query: QueryDict) -> str:
    """Return the filters of the list as they stand in an address, without the page."""
    return urlencode({name: query[name] for name in ALLOWED if query.get(name)})


def _views(query: QueryDict) -> Any:
    """Yield the few ways of looking at the list that are asked for most, as links that keep the other filters."""
    chosen = (query.get("state", ""), query.get("late", ""))
    ways = (
        (_("All"), "", ""),
        (_("Open"), OPEN, ""),
        (_("Late"), OPEN, "1"),
        (_("At risk"), OPEN, RISK),
        (str(State.REPORTED.label), State.REPORTED.value, ""),
        (str(State.HANDLED.label), State.HANDLED.value, ""),
        (str(State.CLOSED.label), State.CLOSED.value, ""),
    )
    for label, state, late in ways:
        url = _address(query, state=state, late=late, cursor="")
        yield {"label": label, "url": url, "current": chosen == (state, late)}
    for kind, label in ((Kind.REQUEST, _("Requests")), (Kind.TASK, _("Tasks"))):
        current = query.get("kind") == kind
        yield {"label": label, "url": _address(query, kind="" if current else kind, cursor=""), "current": current}


def _bounds(scope: Scope) -> list[float] | None:
    """Return what an empty list shows on its map: one's regions, else one's grids (degrees, EPSG:4326)."""
    regions = Region.objects.current().filter(code__in=scope.wide)
    places = regions if scope.wide else Grid.objects.filter(pk__in=scope.grids)
    box = places.aggregate(box=Extent("geom"))["box"]
    return list(box) if box else None


def _on_map(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "lon": row["lon"], "lat": row["lat"], **row["symbol"]}


def _event_row(event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return a line of the history with its times in words: both, when it happened earlier than we learned of it."""
    happened, recorded = _time(event["occurred_at"]), _time(event["recorded_at"])
    until = parse_date(event["until"]) if event["until"] else None
    apart = abs(recorded - happened) >= SAME_TIME
    return {
        **event,
        "at": full_moment(recorded, now),
        "happened": full_moment(happened, now) if apart else "",
        "exactly": timezone.localtime(recorded).isoformat(timespec="seconds"),
        "lapsed_label": Ask(event["lapsed"]).label if event["lapsed"] else "",
        "until_day": date_format(until, pgettext("date with year", "j M Y")) if until else "",
    }


def _ask(data: dict[str, Any]) -> dict[str, str] | None:
    """Return what is asked for and not answered yet, with who asked and why."""
    if not data["ask"]:
        return None
    asked = [event for event in data["events"] if event["verb"] == f"ask_{data['ask']['kind']}"]
    who = asked[-1]["actor"] if asked else None
    return {
        "words": ask_words(data["ask"]),
        "who": who["name"] if who else "",
        "reason": asked[-1]["reason"] if asked else "",
    }


def _why(data: dict[str, Any]) -> dict[str, str] | None:
    """Return why it came back, is parked or is not dealt with, and by whom: what a reader wants to know first."""
    moves = [event for event in data["events"] if event["before"] != event["after"]]
    last = moves[-1] if moves and data["state"] in TOLD_WHY else None
    if last is None or not last["reason"]:
        return None
    return {"who": last["actor"]["name"] if last["actor"] else "", "words": last["label"], "reason": last["reason"]}


def _stay_row(stay: dict[str, Any]) -> dict[str, str]:
    took = long_span(timedelta(seconds=stay["seconds"]))
    return {"name": stay["holder"]["name"], "took": took, "end": stay["ended_label"] or ""}


def _time(text: str) -> datetime:
    when = parse_datetime(text)
    assert when is not None
    return when


PHASES = (
    ("waiting", WAITING_STATES),
    ("handling", FIXING_STATES),
    ("verifying", frozenset({State.HANDLED})),
    ("parked", PARKED_STATES),
)


def _spans(events: list[dict[str, Any]], unit: str, now: datetime) -> list[dict[str, str]]:
    """Return how long a report has waited, been handled, been verified and been parked, in words.

    In working time where the category's limit runs in working time; events come oldest first.
    """
    # What moved nothing, such as a photo, begins no phase.
    events = [event for event in events if event["before"] != event["after"]]
    if not events:
        return []
    times = [_time(event["recorded_at"]) for event in events]
    works = works_from(timezone.localtime(times[0]).date(), days=400) if unit == LimitUnit.WORKING else None
    labels = {
        "waiting": _("waiting for dispatch"),
        "handling": _("handling"),
        "verifying": _("waiting for verification"),
        "parked": _("on hold or deferred"),
    }
    totals: dict[str, timedelta] = {}
    for event, start, end in zip(events, times, [*times[1:], now], strict=True):
        for phase, states in PHASES:
            if event["after"] in states:
                totals[phase] = totals.get(phase, timedelta()) + left_between(start, end, unit, works)
    return [{"label": labels[phase], "text": long_span(totals[phase])} for phase, _states in PHASES if phase in totals]


urlpatterns: list[URLPattern] = [
    path("reports/", report_list, name="reports"),
    path("reports/<uuid:identity>/", report_page, name="report"),
]
