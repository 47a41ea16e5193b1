"""Due times computed again after the working calendar changed.

A due time follows from a report's history and the calendar alone, so it is not shifted but played again: the history
goes through the state table as it did then, over the calendar of today. That gives the same answer however often it
is done and in whichever order changes are worked off. What was set by an approved extension stays.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from grids import outbox
from grids.calendar import Works, dispatch_due, dispatch_risk, works_from
from grids.channels import notify
from grids.models import Notification
from grids.models.catalogue import Kind, LimitUnit
from grids.scope import NOBODY
from grids.workdays import CALENDAR_CHANGED
from patrols.history import event_of
from patrols.models import Event, Report
from patrols.queries import ReportQuerySet
from patrols.transitions import Move, changes
from patrols.workflow import TRANSITIONS, State

DUE_MOVED = "due_moved"
BATCH = 500
FIELDS = ("dispatch_due_at", "due_at", "risk_at")
# Working limits are days long; a report's whole history has to lie on the calendar that is read.
CALENDAR_DAYS = 800


def affected(since: date) -> ReportQuerySet:
    """Return the open reports with a limit in working time that runs past the beginning of a day."""
    begin = timezone.make_aware(datetime.combine(since, time()))
    runs = Q(due_at__gt=begin) | Q(due_at__isnull=True, dispatch_due_at__gt=begin)
    # A task has a day of its own.
    limited = Report.objects.open().exclude(kind=Kind.TASK)
    return limited.filter(runs, category__limit_unit=LimitUnit.WORKING)


@outbox.handles(CALENDAR_CHANGED)
def recompute(promise: UUID, payload: dict[str, Any]) -> None:
    """Compute the due times of a batch again and promise the next batch; at the end tell how many moved."""
    since = date.fromisoformat(payload["since"])
    after, moved = payload.get("after"), payload.get("moved", 0)
    rows = affected(since).select_related("category").order_by("pk")
    batch = list((rows.filter(pk__gt=UUID(after)) if after else rows)[:BATCH])
    moved += _move(batch)
    if len(batch) == BATCH:
        outbox.put(CALENDAR_CHANGED, **{**payload, "after": str(batch[-1].pk), "moved": moved})
    elif payload.get("person"):
        _tell(promise, payload, moved)


def _move(batch: list[Report]) -> int:
    if not batch:
        return 0
    histories: dict[UUID, list[Event]] = {row.pk: [] for row in batch}
    districts = {row.district for row in batch}
    since = min(row.recorded_at for row in batch)
    events = Event.objects.filter(district__in=districts, report__in=batch, recorded_at__gte=since)
    for event in events.order_by("recorded_at", "id"):
        histories[event.report_id].append(event)
    works = works_from(since.date() - timedelta(days=1), CALENDAR_DAYS)
    now, moved = timezone.now(), []
    for report in batch:
        due = replayed(report, histories[report.pk], works)
        if due is None or due == {name: getattr(report, name) for name in FIELDS}:
            continue
        same = Report.objects.filter(pk=report.pk, state=report.state, changed_at=report.changed_at)
        # Whoever moved it meanwhile did so over the new calendar.
        if same.update(**due):
            data = {name: value.isoformat() for name, value in due.items() if value}
            moved.append(event_of(report, DUE_MOVED, report.state, NOBODY, now, data=data))
    Event.objects.bulk_create(moved)
    return len(moved)


def replayed(report: Report, history: Iterable[Event], works: Works) -> dict[str, datetime | None] | None:
    """Return the due times that a history leads to over a calendar, None for one that does not begin with its filing.

    The report itself stays as it is.
    """
    steps = [event for event in history if event.verb == "file" or event.verb in TRANSITIONS]
    if not steps or steps[0].verb != "file":
        return None
    played = Report(pk=report.pk, district=report.district, category=report.category, state=State.REPORTED)
    played.waiting_since = played.changed_at = steps[0].recorded_at
    played.dispatch_due_at = dispatch_due(report.category, steps[0].recorded_at, works)
    played.risk_at = dispatch_risk(report.category, played.dispatch_due_at, works)
    for event in steps[1:]:
        until = event.data.get("until")
        move = Move(until=date.fromisoformat(until) if until else None)
        step = changes(TRANSITIONS[event.verb], played, event.actor_id, move, event.recorded_at, works)
        for name, value in {**step, "changed_at": event.recorded_at}.items():
            setattr(played, name, value)
    if played.state != report.state:
        return None
    return {name: getattr(played, name) for name in FIELDS}


def _tell(promise: UUID, payload: dict[str, Any], moved: int) -> None:
    data = {"since": payload["since"], "moved": moved, "year": payload["since"][:4]}
    subject = f"{payload['since']} · {moved}"
    notify([Notification(person_id=payload["person"], key=str(promise), verb="calendar", subject=subject, data=data)])
