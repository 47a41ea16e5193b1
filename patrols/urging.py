"""How often somebody may urge: who only reported it once a day, all others as often as it takes."""

from collections.abc import Iterable
from datetime import datetime, time

from django.utils import timezone

from grids.scope import Scope
from patrols.authority import capacities
from patrols.models import Event, Report
from patrols.workflow import TRANSITIONS, May


def urged_today(report: Report, scope: Scope, history: Iterable[Event] | None = None) -> bool:
    """Whether somebody who only reported it urged it today already; a `history` that is known saves the query."""
    if capacities(report, scope) & TRANSITIONS["urge"].may != {May.REPORTER}:
        return False
    since = timezone.make_aware(datetime.combine(timezone.localdate(), time()))
    if history is None:
        events = Event.objects.filter(district=report.district, report=report, recorded_at__gte=since)
        return events.filter(verb="urge", actor=scope.person).exists()
    return any(
        event.verb == "urge" and event.actor_id == scope.person_id and event.recorded_at >= since for event in history
    )
