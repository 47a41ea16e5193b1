"""Every transition of the state table, each in one transaction.

A transition is a compare-and-swap on the report: of two that race one wins, and the other is told what happened.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.calendar import Works, dispatch_due, due_after, fix_due, left_between
from grids.models import Membership, Organisation, Person
from grids.models.catalogue import Acts
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope
from patrols.authority import is_another, lead_of, may
from patrols.history import Holder, event_of, promise_notice
from patrols.models import Party, Report
from patrols.models.parties import PartyState
from patrols.workflow import TRANSITIONS, WAITING_STATES, Needs, State, Transition


@dataclass(frozen=True, slots=True)
class Move:
    """What a transition is given beside its verb; `expected` is the state that the person saw."""

    expected: str = ""
    reason: str = ""
    holder: Holder | None = None
    until: date | None = None
    original: UUID | None = None


def transition(identity: UUID, verb: str, scope: Scope, move: Move | None = None) -> Report:
    """Use a verb on a report and return the report.

    Raises NotFound out of scope, BadInput for an unknown verb or something missing, NotAllowed for the wrong person,
    Conflict when the table has no such row or the report moved meanwhile.
    """
    move = move or Move()
    row = TRANSITIONS.get(verb)
    if row is None:
        raise BadInput(_("There is no step “%(verb)s”.") % {"verb": verb})
    with transaction.atomic():
        report = Report.objects.visible_to(scope).for_list().filter(pk=identity).first()
        if report is None:
            raise NotFound(_("There is no such report here."))
        _check(row, report, scope, move)
        before, now = report.state, timezone.now()
        _swap(report, {"changed_at": now, **changes(row, report, scope.person_id, move, now)})
        _move_lead(row, report, scope, move, now)
        data = {"until": move.until.isoformat()} if move.until else {}
        if move.original:
            data["original"] = str(move.original)
        event = event_of(report, verb, before, scope, now, holder=move.holder, reason=move.reason.strip(), data=data)
        event.save(force_insert=True)
        promise_notice(event)
        return report


def _check(row: Transition, report: Report, scope: Scope, move: Move) -> None:
    if report.state not in row.sources or (move.expected and move.expected != report.state):
        raise Conflict(
            _("The report is “%(state)s” by now; “%(verb)s” is not possible.")
            % {"state": report.get_state_display(), "verb": row.label},
            state=report.state,
        )
    if not may(row, report, scope):
        if row.by_another and not is_another(report, scope):
            raise NotAllowed(_("“%(verb)s” has to be done by somebody else.") % {"verb": row.label})
        raise NotAllowed(_("“%(verb)s” is not yours to do on this report.") % {"verb": row.label})
    if Needs.REASON in row.needs and not move.reason.strip():
        raise BadInput(_("“%(verb)s” needs a reason.") % {"verb": row.label})
    if Needs.UNTIL in row.needs and (move.until is None or move.until <= timezone.localdate()):
        raise BadInput(_("“%(verb)s” needs a day after today.") % {"verb": row.label})
    if Needs.HOLDER in row.needs:
        _check_holder(report, move.holder)
    if Needs.ORIGINAL in row.needs:
        _check_original(report, scope, move.original)


def _check_holder(report: Report, holder: Holder | None) -> None:
    if holder is None:
        raise BadInput(_("Say who is to deal with it: a person, a team or a body."))
    if not _serves(holder, report.region_code):
        raise NotFound(_("There is nobody with that id here."))
    if report.category.acts != Acts.VOLUNTEER and not isinstance(holder, Organisation):
        raise BadInput(_("“%(name)s” may only be dealt with by a body with powers.") % {"name": report.category})
    if isinstance(holder, Person) and (holder.tombstoned_at or not holder.is_active):
        raise BadInput(_("%(name)s no longer takes part.") % {"name": holder})


def _serves(holder: Holder, region_code: str) -> bool:
    """Whether somebody belongs to a region above a community, or to any in its subdistrict."""
    if isinstance(holder, Person):
        codes = list(Membership.objects.current().filter(person=holder).values_list("region__code", flat=True))
    else:
        codes = [holder.region.code]
    return any(region_code.startswith(code) or code.startswith(region_code[:9]) for code in codes)


def _check_original(report: Report, scope: Scope, original: UUID | None) -> None:
    found = original and Report.objects.visible_to(scope).filter(pk=original).exclude(pk=report.pk).first()
    if not found:
        raise BadInput(_("Say which report it repeats."))
    if found.state == State.DUPLICATE:
        raise BadInput(_("The other report is itself marked as a duplicate."))


def changes(
    row: Transition, report: Report, person_id: int, move: Move, now: datetime, works: Works | None = None
) -> dict[str, Any]:
    """Return the columns that a verb changes when somebody uses it on a report at a moment.

    `works` is the working calendar where many are computed at once; without it, it is read.
    """
    more: dict[str, Any] = {}
    match row.verb:
        case "dispatch" | "approve":
            more = {"dispatched_at": now, "due_at": fix_due(report.category, now, works)}
        case "send_back" | "recall" | "reopen":
            more = {
                **dict.fromkeys(("dispatched_at", "due_at", "handled_at", "closed_at", "handler_id"), None),
                "duplicate_of_id": None,
                "waiting_since": now,
                "dispatch_due_at": dispatch_due(report.category, now, works),
            }
        case "handle" | "handle_on_spot":
            more = {"handled_at": now, "handler_id": person_id}
        case "close":
            more = {"closed_at": now}
        case "return":
            more = {"handled_at": None}
        case "hold" | "defer":
            more = {"came_from": report.state, "hold_until": move.until}
        case "resume":
            return {
                "state": report.came_from,
                "came_from": "",
                "hold_until": None,
                **_clock_going_on(report, now, works),
            }
        case "extend":
            return {"due_at": _end_of(move.until)}
        case "mark_duplicate":
            more = {"duplicate_of_id": move.original}
    return {"state": row.target, **more}


def _clock_going_on(report: Report, now: datetime, works: Works | None) -> dict[str, datetime]:
    """Return the due time moved by how long the clock stood; a clock that had run out stays run out."""
    name = "dispatch_due_at" if report.came_from in WAITING_STATES else "due_at"
    due: datetime | None = getattr(report, name)
    parked_at = report.changed_at
    if due is None or due <= parked_at:
        return {}
    unit = report.category.limit_unit
    return {name: due_after(now, left_between(parked_at, due, unit, works), unit, works)}


def _end_of(day: date | None) -> datetime:
    assert day is not None
    return timezone.make_aware(datetime.combine(day, time(18)))


def _swap(report: Report, changes: dict[str, Any]) -> None:
    same = Report.objects.filter(pk=report.pk, state=report.state, changed_at=report.changed_at)
    if same.update(**changes) != 1:
        raise Conflict(_("Somebody else changed this report just now."), state=report.state)
    for name, value in changes.items():
        setattr(report, name, value)


LEAD_STATES = {"start": PartyState.WORKING, "handle": PartyState.DONE, "return": PartyState.ASKED}
LEAD_LEAVES = frozenset({"dispatch", "request_approval", "refuse_approval", "send_back", "recall", "reopen"})


def _move_lead(row: Transition, report: Report, scope: Scope, move: Move, now: datetime) -> None:
    """Keep the lead party in step with a verb."""
    lead = lead_of(report)
    if lead and row.verb in LEAD_LEAVES:
        Party.objects.filter(pk=lead.pk).update(state=PartyState.LEFT)
        report.__dict__["leads"] = []
    elif lead and row.verb in LEAD_STATES:
        Party.objects.filter(pk=lead.pk).update(state=LEAD_STATES[row.verb])
    if move.holder and Needs.HOLDER in row.needs:
        proposer = scope.person if row.verb == "request_approval" else None
        party = Party(report=report, district=report.district, proposed_by=proposer, since=now)
        setattr(party, holder_field(move.holder), move.holder)
        party.save(force_insert=True)
        report.__dict__["leads"] = [party]


def holder_field(holder: Holder) -> str:
    """Return the name of the column that a holder belongs in."""
    return holder._meta.model_name or ""
