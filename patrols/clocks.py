"""The two clocks of a report: waiting for dispatch, then for the fix.

A clock is at risk while a quarter of its limit or less is left, in the limit's own time, and late once it ran out.
"""

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
    risk: datetime | None = None
    at_risk: bool = False
    late: bool = False
    left: timedelta | None = None


STOPPED = Clock()


def clock_of(report: Report, now: datetime) -> Clock:
    """Return the clock of a report at a moment; the same rules as `ReportQuerySet.late` and `at_risk`."""
    if report.state in FINAL_STATES | PARKED_STATES | {State.HANDLED}:
        return STOPPED
    if report.state in WAITING_STATES:
        return _running("dispatch", report.waiting_since, _earlier(report.dispatch_due_at, report), report.risk_at, now)
    return _running("fix", report.dispatched_at, _earlier(report.due_at, report), report.risk_at, now)


def _earlier(due: datetime | None, report: Report) -> datetime | None:
    """Return our own end of a clock, or the deadline from outside where that comes first."""
    ends = [end for end in (due, report.outside_due_at) if end]
    return min(ends) if ends else None


def _running(kind: str, started: datetime | None, due: datetime | None, risk: datetime | None, now: datetime) -> Clock:
    if started is None or due is None:
        return Clock(kind, started, due)
    left = due - now
    late = left < timedelta()
    return Clock(kind, started, due, risk, risk is not None and risk <= now and not late, late, left)
