"""Who had a report for how long: from being sent until it went back, on or was finished, parked time left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from grids.calendar import Works, left_between, works_from
from grids.holders import Holder
from grids.models.catalogue import LimitUnit
from patrols.models import Event, Report
from patrols.workflow import FINAL_STATES, FIXING_STATES, WAITING_STATES

STARTS = frozenset({"dispatch", "approve", "take", "hand_over"})
CALENDAR_DAYS = 400


@dataclass(slots=True)
class Stay:
    """How long somebody had a report; `ended_by` is the verb that ended it, `took` is in the limit's own time."""

    holder: Holder
    since: datetime
    until: datetime | None = None
    ended_by: str = ""
    took: timedelta = timedelta()


def stays_of(report: Report, history: Iterable[Event], now: datetime) -> list[Stay]:
    """Return the stays of a report in their order; of the history, which comes oldest first.

    While it is parked or waits to be verified it counts for nobody, and the same stay goes on when it comes back.
    """
    events = [event for event in history if event.verb in STARTS or event.before != event.after]
    if not any(event.verb in STARTS for event in events):
        return []
    unit = report.category.limit_unit
    works: Works | None = None
    if unit == LimitUnit.WORKING:
        works = works_from(timezone.localtime(report.recorded_at).date(), CALENDAR_DAYS)
    stays: list[Stay] = []
    proposed: Holder | None = None
    running: datetime | None = None
    for event in events:
        holder = event.person or event.team or event.organisation
        if running and stays:
            stays[-1].took += left_between(running, event.recorded_at, unit, works)
        if event.verb == "request_approval":
            proposed = holder
        if event.verb in STARTS and (who := holder or proposed):
            if stays and stays[-1].until is None:
                stays[-1].until, stays[-1].ended_by = event.recorded_at, event.verb
            # Handed over before it was sent: whoever has it then begins when it is.
            if event.after in FIXING_STATES:
                stays.append(Stay(who, event.recorded_at))
            else:
                proposed = who
        elif stays and stays[-1].until is None and event.after in WAITING_STATES | FINAL_STATES:
            stays[-1].until, stays[-1].ended_by = event.recorded_at, event.verb
        running = event.recorded_at if event.after in FIXING_STATES else None
    if running and stays:
        stays[-1].took += left_between(running, now, unit, works)
    return stays
