"""Writing history: the event of a change and the promise to tell those concerned, in the change's own transaction."""

from datetime import datetime
from typing import Any

from grids import outbox
from grids.holders import Holder
from grids.models import Organisation, Person, Team
from grids.scope import Scope
from patrols.models import Event, Report

MOVED = "report.moved"


def event_of(
    report: Report,
    verb: str,
    before: str,
    scope: Scope,
    now: datetime,
    *,
    holder: Holder | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
    occurred_at: datetime | None = None,
) -> Event:
    """Return the unsaved event of a change to a report's present state."""
    return Event(
        district=report.district,
        report=report,
        verb=verb,
        before=before,
        after=report.state,
        actor=scope.person,
        person=holder if isinstance(holder, Person) else None,
        team=holder if isinstance(holder, Team) else None,
        organisation=holder if isinstance(holder, Organisation) else None,
        reason=reason,
        data=data or {},
        occurred_at=occurred_at or now,
        recorded_at=now,
    )


def promise_notice(event: Event, former: Holder | None = None) -> None:
    """Promise that those concerned are told of an event; `former` led the report before it."""
    outbox.put(MOVED, **notice_of(event, former))


def holder_field(holder: Holder) -> str:
    """Return the name of the column that a holder belongs in."""
    return holder._meta.model_name or ""


def notice_of(event: Event, former: Holder | None = None) -> dict[str, Any]:
    """Return what has to be known of an event to tell of it: whose turn it was and became, as of the event."""
    holder = event.person or event.team or event.organisation or former
    return {
        "holder": [holder_field(holder), holder.pk] if holder else None,
        "event": str(event.id),
        "report": str(event.report_id),
        "verb": event.verb,
        "after": event.after,
        "actor": event.actor_id,
    }
