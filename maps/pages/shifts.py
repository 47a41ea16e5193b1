"""Shifts of a volunteer (值守排班): one's own, who is wanted nearby, and who wants to swap."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models import Union
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Grid
from grids.scope import Scope, scope_of
from maps.pages.imports import download
from maps.pages.shift_rows import own_row, row_of
from patrols.models import Shift, Turn
from patrols.models.posts import HELD_STATES, ShiftState, TurnState
from patrols.posts.reach import visible_shifts

if TYPE_CHECKING:
    from icalendar import Event

AHEAD, SOON = timedelta(days=14), timedelta(days=7)
JUST_OVER = timedelta(hours=2)
MOST_OWN, MOST = 60, 40
NEAR_DEGREES = 0.01  # about a kilometre around one's grids


@require_safe
@login_required
@never_cache
def shifts(request: HttpRequest) -> HttpResponse:
    """Show one's own shifts first, then swaps that somebody asks for, then free places, the near ones first."""
    scope, now = scope_of(request.user), timezone.now()
    mine = _mine(scope, now)
    free = _others(scope, now, mine).filter(taken__lt=F("wanted"))
    near, elsewhere = ([row_of(row, now) for row in rows] for rows in _by_nearness(scope, free))
    week = now + SOON
    asked = _others(scope, now, mine).filter(turns__state=TurnState.SWAP_WANTED).distinct()
    context = {
        "mine": mine,
        "asked": [row_of(row, now) for row in asked.order_by("starts_at", "pk")[:MOST]],
        "groups": [
            {
                "key": key,
                "soon": [row for row in rows if row["starts_at"] < week],
                "later": [row for row in rows if row["starts_at"] >= week],
            }
            for key, rows in (("near", near), ("elsewhere", elsewhere))
            if rows
        ],
        "sentence": _sentence(mine, len(near) + len(elsewhere)),
        "more": len(near) + len(elsewhere) >= MOST,
        "taking_part": bool(scope.roles),
        "now": int(now.timestamp()),
    }
    return render(request, "maps/shifts.html", context)


@require_safe
@login_required
@never_cache
def calendar_file(request: HttpRequest) -> HttpResponse:
    """Return one's own shifts ahead as an iCalendar file (RFC 5545), each with a reminder half an hour before."""
    from icalendar import Calendar

    scope, now = scope_of(request.user), timezone.now()
    calendar = Calendar()
    calendar.add("prodid", "-//Gridwarden//shifts//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("My shifts"))
    for turn in _turns(scope, now):
        calendar.add_component(_event(turn, request.get_host()))
    return download(calendar.to_ical(), "shifts.ics", "text/calendar; charset=utf-8")


def _event(turn: Turn, host: str) -> "Event":
    from icalendar import Alarm, Event

    shift, post = turn.shift, turn.shift.post
    event = Event()
    # The same place in the same shift is the same entry, however often the file is read in.
    event.add("uid", f"shift-{turn.pk}@{host}")
    event.add("dtstamp", turn.since)
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", _("On duty: %(place)s") % {"place": post.local_name})
    event.add("location", f"{post.region.local_name} {post.local_name}")
    event.add("geo", (round(post.geom.y, 6), round(post.geom.x, 6)))
    if post.instruction:
        event.add("description", post.instruction)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event["summary"])
    alarm.add("trigger", timedelta(minutes=-30))
    event.add_component(alarm)
    return event


def _turns(scope: Scope, now: datetime) -> QuerySet[Turn]:
    """Return one's own places that are ahead or hardly over."""
    rows = Turn.objects.filter(person=scope.person_id, state__in=HELD_STATES, shift__ends_at__gt=now - JUST_OVER)
    return rows.select_related("shift__post__region").defer("shift__post__region__geom").order_by("during", "pk")


def _mine(scope: Scope, now: datetime) -> list[dict[str, Any]]:
    turns = list(_turns(scope, now)[:MOST_OWN])
    crews: dict[Any, list[Turn]] = {}
    rows = Turn.objects.filter(shift__in=[turn.shift_id for turn in turns], state__in=HELD_STATES)
    for row in rows.select_related("person").order_by("since"):
        crews.setdefault(row.shift_id, []).append(row)
    return [own_row(turn.shift, turn, crews.get(turn.shift_id, ()), now) for turn in turns]


def _others(scope: Scope, now: datetime, mine: list[dict[str, Any]]) -> QuerySet[Shift]:
    """Return the shifts of the next two weeks, not begun, at whose time one has no place anywhere."""
    rows = visible_shifts(scope).filter(state=ShiftState.OPEN, starts_at__gt=now, starts_at__lt=now + AHEAD)
    busy = Q(pk__in=[])
    for row in mine:
        busy |= Q(starts_at__lt=row["ends_at"], ends_at__gt=row["starts_at"])
    return rows.exclude(busy)


def _by_nearness(scope: Scope, rows: QuerySet[Shift]) -> tuple[list[Shift], list[Shift]]:
    """Part free places into those near one's grids and the others; without grids all are near."""
    ordered = rows.order_by("starts_at", "pk")
    if not scope.grids:
        return list(ordered[:MOST]), []
    area = Grid.objects.filter(pk__in=scope.grids).aggregate(area=Union("geom"))["area"].buffer(NEAR_DEGREES)
    inside = Q(post__geom__within=area)
    near = list(ordered.filter(inside)[:MOST])
    return near, list(ordered.exclude(inside)[: MOST - len(near)])


def _sentence(mine: list[dict[str, Any]], free: int) -> str:
    current = [row for row in mine if not row["over"]]
    running = next((row for row in current if row["running"]), None)
    if running:
        return _("Now: %(place)s, %(clock)s") % running
    if current:
        first = current[0]
        parts = [f"{first['when']} {first['place']}", first["vacancy"]]
        return pgettext("sentence", ", ").join(filter(None, parts))
    if free:
        words = ngettext(
            "You have no shift ahead; %(count)s place is free",
            "You have no shift ahead; %(count)s places are free",
            free,
        )
        return words % {"count": free}
    return _("You have no shift ahead.")


urlpatterns: list[URLPattern] = [
    path("shifts/", shifts, name="shifts"),
    path("shifts/calendar.ics", calendar_file, name="shifts-calendar"),
]
