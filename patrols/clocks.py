"""The two clocks of a report: waiting for dispatch, then for the fix."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from patrols.models import Report
from patrols.workflow import FINAL_STATES, PARKED_STATES, WAITING_STATES, State


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock that runs now. `kind` is "dispatch", "fix" or None when none runs."""

    kind: str | None = None
    started: datetime | None = None
    due: datetime | None = None
    late: bool = False
    left: timedelta | None = None
    share_left: float = 1.0


STOPPED = Clock()


def clock_of(report: Report, now: datetime) -> Clock:
    """Return the clock of a report at a moment; the same rule as `ReportQuerySet.late`."""
    if report.state in FINAL_STATES | PARKED_STATES | {State.HANDLED}:
        return STOPPED
    if report.state in WAITING_STATES:
        return _running("dispatch", report.waiting_since, report.dispatch_due_at, now)
    return _running("fix", report.dispatched_at, report.due_at, now)


def _running(kind: str, started: datetime | None, due: datetime | None, now: datetime) -> Clock:
    if started is None or due is None:
        return Clock(kind, started, due)
    left = due - now
    whole = (due - started).total_seconds()
    share = min(1.0, max(0.0, left.total_seconds() / whole)) if whole > 0 else 0.0
    return Clock(kind, started, due, left < timedelta(), left, share)
