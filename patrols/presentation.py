"""The one JSON form of a report, for lists, pages and the API."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from grids.holders import Holder
from grids.models import Category, Grid, Person
from grids.scope import Scope
from patrols.authority import available, lead_of
from patrols.clocks import clock_of
from patrols.contacts import kept_until
from patrols.due_times import DUE_MOVED
from patrols.history import holder_field
from patrols.measures import VERBS as MEASURE_VERBS
from patrols.models import Event, Report
from patrols.parts import VERBS, Part, may_ask, parts_of
from patrols.photos.keeping import ADDED, RELEASED, REMOVED, TAKEN_BACK, may_add
from patrols.photos.showing import photo_detail_json, shown_of
from patrols.requirements import lacks_after_photo
from patrols.routing.words import event_reason
from patrols.stays import Stay, stays_of
from patrols.urging import urged_today
from patrols.workflow import TRANSITIONS, Needs, State, Transition

# What happens to a report beside the steps of its state table.
OTHER_VERBS = {
    "file": _("Filed"),
    DUE_MOVED: _("Due time computed again: the working calendar changed"),
    ADDED: _("Photo added"),
    REMOVED: _("Photo removed"),
    RELEASED: _("Photo released to the public"),
    TAKEN_BACK: _("Photo taken back from the public"),
    **VERBS,
    **MEASURE_VERBS,
    "follow": _("Reported once more"),
    "call": _("Volunteers asked"),
    "call_widened": _("More volunteers asked"),
    "call_unanswered": _("Nobody came forward"),
    "call_withdrawn": _("Nobody is asked any more"),
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
        "kind": category.kind,
    }


def holder_json(holder: Holder | None) -> dict[str, Any] | None:
    """Return a person, team or body by kind, id and name."""
    return {"kind": holder_field(holder), "id": holder.pk, "name": str(holder)} if holder else None


def report_json(report: Report, now: datetime) -> dict[str, Any]:
    """Return a report as a row of a list shows it; without a query when it was read with `for_list`."""
    lead = lead_of(report)
    return {
        "id": str(report.pk),
        "number": report.number,
        "public_number": report.public_number,
        "kind": report.kind,
        "kind_label": report.get_kind_display(),
        "source": report.source,
        "source_label": report.get_source_display(),
        "state": report.state,
        "state_label": report.get_state_display(),
        "category": category_json(report.category),
        "place": report.place,
        "description": report.description,
        "lon": report.anchor.x,
        "lat": report.anchor.y,
        "grid": grid_json(report.grid) if report.grid else None,
        "reporter": _person_json(report.reporter),
        "lead": holder_json(lead.holder) if lead else None,
        "clock": clock_json(report, now),
        "reports": report.further + 1,
        "times": report.times,
        "outside": _outside_json(report),
        "hold_until": report.hold_until.isoformat() if report.hold_until else None,
        "ask": _ask_json(report),
        "urged": report.urged,
        "supervised": report.supervised,
        "rework": report.rework,
        "settles_at": report.settles_at.isoformat() if report.settles_at else None,
        "occurred_at": report.occurred_at.isoformat(),
        "recorded_at": report.recorded_at.isoformat(),
        "changed_at": report.changed_at.isoformat(),
    }


def clock_json(report: Report, now: datetime) -> dict[str, Any]:
    """Return the clock of a report that runs, its ends in epoch seconds."""
    clock = clock_of(report, now)
    return {
        "kind": clock.kind,
        "started": _epoch(clock.started),
        "due": _epoch(clock.due),
        "risk": _epoch(clock.risk),
        "at_risk": clock.at_risk,
        "late": clock.late,
    }


def report_detail_json(report: Report, scope: Scope, now: datetime) -> dict[str, Any]:
    """Return a report with its history and the verbs that this person may use now."""
    history = history_of(report)
    until = kept_until(report, scope, now)
    offered = [row for row in available(report, scope) if row.verb != "urge" or not urged_today(report, scope, history)]
    return {
        **report_json(report, now),
        "verbs": [_verb_json(row, report) for row in offered],
        "events": [event_json(event) for event in history],
        "stays": [stay_json(stay) for stay in stays_of(report, history, now)],
        "photos": [photo_detail_json(photo, report, scope, now) for photo in shown_of(report)],
        "may_add_photos": may_add(report, scope),
        "parts": [_part_json(part) for part in parts_of(report, scope)],
        "may_ask": may_ask(report, scope),
        "contact_until": until.isoformat() if until else None,
    }


def _part_json(part: Part) -> dict[str, Any]:
    return {
        "id": part.party.pk,
        "holder": holder_json(part.party.holder),
        "state": part.party.state,
        "state_label": part.party.get_state_display(),
        "may": list(part.may),
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
        "reason": event.reason or event_reason(event.data),
        "until": event.data.get("until"),
        "lapsed": event.data.get("lapsed"),
        "drawn": event.data.get("drawn"),
        "occurred_at": event.occurred_at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
    }


def verb_label(verb: str) -> str:
    """Return what a verb is called in the reader's language."""
    known = TRANSITIONS.get(verb)
    return str(known.label if known else OTHER_VERBS[verb])


def _verb_json(row: Transition, report: Report) -> dict[str, Any]:
    """Return a step that may be taken; handling takes a photo of after, and needs one where the category says so."""
    needs = sorted(row.needs)
    if row.verb == "handle" and lacks_after_photo(report):
        needs.append(Needs.AFTER_PHOTO)
    takes = [Needs.AFTER_PHOTO] if row.verb == "handle" else []
    return {"verb": row.verb, "label": str(row.label), "needs": needs, "takes": takes}


def stay_json(stay: Stay) -> dict[str, Any]:
    """Return how long somebody had a report, in seconds of its limit's own time."""
    return {
        "holder": holder_json(stay.holder),
        "since": stay.since.isoformat(),
        "until": stay.until.isoformat() if stay.until else None,
        "ended_by": stay.ended_by or None,
        "ended_label": verb_label(stay.ended_by) if stay.ended_by else None,
        "seconds": int(stay.took.total_seconds()),
    }


def _ask_json(report: Report) -> dict[str, Any] | None:
    if not report.ask or report.ask_until is None:
        return None
    return {"kind": report.ask, "label": report.get_ask_display(), "until": report.ask_until.isoformat()}


def _outside_json(report: Report) -> dict[str, Any] | None:
    if not report.outside_number and not report.outside_due_at:
        return None
    return {"number": report.outside_number, "due": _epoch(report.outside_due_at)}


def _person_json(person: Person | None) -> dict[str, Any] | None:
    return {"id": person.pk, "name": str(person)} if person else None


def _epoch(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def grid_json(grid: Grid) -> dict[str, Any]:
    """Return a grid by id, code and name."""
    return {"id": grid.pk, "code": grid.code, "name": grid.local_name}
