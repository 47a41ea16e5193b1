"""The one JSON form of a report, for lists, pages and the API."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from grids.holders import Holder
from grids.models import Category, Grid, Person
from grids.scope import Scope
from patrols.authority import available, lead_of
from patrols.clocks import clock_of
from patrols.due_times import DUE_MOVED
from patrols.history import holder_field
from patrols.models import Event, Report
from patrols.photos.keeping import ADDED, RELEASED, REMOVED, TAKEN_BACK, may_add
from patrols.photos.showing import photo_detail_json, shown_of
from patrols.workflow import TRANSITIONS, State

# What happens to a report beside the steps of its state table.
OTHER_VERBS = {
    "file": _("Filed"),
    DUE_MOVED: _("Due time computed again: the working calendar changed"),
    ADDED: _("Photo added"),
    REMOVED: _("Photo removed"),
    RELEASED: _("Photo released to the public"),
    TAKEN_BACK: _("Photo taken back from the public"),
}


def category_json(category: Category) -> dict[str, Any]:
    """Return what a person needs to choose or recognise a category."""
    return {
        "code": category.code,
        "name": category.local_name,
        "group": category.local_group,
        "glyph": category.glyph,
        "acts": category.acts,
        "trivial": category.trivial,
        "hazard": category.hazard,
        "stairwell": category.stairwell,
    }


def holder_json(holder: Holder | None) -> dict[str, Any] | None:
    """Return a person, team or body by kind, id and name."""
    return {"kind": holder_field(holder), "id": holder.pk, "name": str(holder)} if holder else None


def report_json(report: Report, now: datetime) -> dict[str, Any]:
    """Return a report as a row of a list shows it; without a query when it was read with `for_list`."""
    clock, lead = clock_of(report, now), lead_of(report)
    return {
        "id": str(report.pk),
        "number": report.number,
        "public_number": report.public_number,
        "kind": report.kind,
        "source": report.source,
        "source_label": report.get_source_display(),
        "state": report.state,
        "state_label": report.get_state_display(),
        "category": category_json(report.category),
        "place": report.place,
        "description": report.description,
        "lon": report.anchor.x,
        "lat": report.anchor.y,
        "grid": _grid_json(report.grid) if report.grid else None,
        "reporter": _person_json(report.reporter),
        "lead": holder_json(lead.holder) if lead else None,
        "clock": {"kind": clock.kind, "started": _epoch(clock.started), "due": _epoch(clock.due), "late": clock.late},
        "hold_until": report.hold_until.isoformat() if report.hold_until else None,
        "occurred_at": report.occurred_at.isoformat(),
        "recorded_at": report.recorded_at.isoformat(),
        "changed_at": report.changed_at.isoformat(),
    }


def report_detail_json(report: Report, scope: Scope, now: datetime) -> dict[str, Any]:
    """Return a report with its history and the verbs that this person may use now."""
    return {
        **report_json(report, now),
        "verbs": [
            {"verb": row.verb, "label": str(row.label), "needs": sorted(row.needs)} for row in available(report, scope)
        ],
        "events": [event_json(event) for event in history_of(report)],
        "photos": [photo_detail_json(photo, report, scope, now) for photo in shown_of(report)],
        "may_add_photos": may_add(report, scope),
    }


def history_of(report: Report) -> list[Event]:
    """Return the events of a report, oldest first, with everybody they name; as they were filed where known."""
    known: list[Event] | None = report.__dict__.get("history")
    if known is not None:
        return known
    # Nothing was learned of it before it was filed: older partitions are not even opened.
    events = Event.objects.filter(district=report.district, report=report, recorded_at__gte=report.recorded_at)
    return list(
        events.select_related("actor", "person", "team", "organisation").order_by("recorded_at", "transaction", "id")
    )


def event_json(event: Event) -> dict[str, Any]:
    """Return one line of the history."""
    return {
        "verb": event.verb,
        "label": verb_label(event.verb),
        "before": event.before,
        "after": event.after,
        "state_label": State(event.after).label,
        "actor": _person_json(event.actor),
        "holder": holder_json(event.person or event.team or event.organisation),
        "reason": event.reason,
        "until": event.data.get("until"),
        "occurred_at": event.occurred_at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
    }


def verb_label(verb: str) -> str:
    """Return what a verb is called in the reader's language."""
    known = TRANSITIONS.get(verb)
    return str(known.label if known else OTHER_VERBS[verb])


def _person_json(person: Person | None) -> dict[str, Any] | None:
    return {"id": person.pk, "name": str(person)} if person else None


def _epoch(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _grid_json(grid: Grid) -> dict[str, Any]:
    return {"id": grid.pk, "code": grid.code, "name": grid.local_name}
