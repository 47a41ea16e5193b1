"""Writing history: the event of a change and the promise to tell those concerned, in the change's own transaction."""

from collections.abc import Iterable
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


def promise_notice(
    event: Event, former: Holder | None = None, told: Holder | None = None, freed: Iterable[Holder] = ()
) -> None:
    """Promise that those concerned are told of an event; `former` led the report before it.

    `told` is who is told as the holder where the event names somebody else; `freed` had a part that nobody does now.
    """
    notice = notice_of(event, former)
    if let_go := [[holder_field(holder), holder.pk] for holder in freed]:
        notice["freed"] = let_go
    outbox.put(MOVED, **(notice | {"holder": [holder_field(told), told.pk]} if told else notice))


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
