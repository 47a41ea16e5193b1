"""Every transition of the state table, each in one transaction.

A transition is a compare-and-swap on the report: of two that race one wins, and the other is told what happened.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.calendar import Works, dispatch_due, due_after, fix_due, left_between
from grids.holders import Holder
from grids.models import Grid
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope
from patrols.authority import is_another, lead_of, may
from patrols.history import event_of, holder_field, promise_notice
from patrols.models import Party, Report
from patrols.models.parties import PartyState
from patrols.requirements import check_given, end_of, lock_original
from patrols.workflow import TRANSITIONS, WAITING_STATES, Needs, Transition


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
        perform(row, report, scope, move)
        return report


def perform(row: Transition, report: Report, scope: Scope, move: Move) -> None:
    """Do what a row says, unasked whether somebody may; the caller has opened the transaction.

    Raises Conflict when the report moved since it was read.
    """
    before, now, former = report.state, timezone.now(), lead_of(report)
    changed = changes(row, report, scope.person_id or None, move, now)
    _swap(report, {"changed_at": now, **changed, **(_grid_of_today(report) if row.verb == "reopen" else {})})
    _move_lead(row, report, scope, move, now)
    data = {"until": move.until.isoformat()} if move.until else {}
    if move.original:
        data["original"] = str(move.original)
    reason = move.reason.strip()
    event = event_of(report, row.verb, before, scope, now, holder=move.holder, reason=reason, data=data)
    event.save(force_insert=True)
    promise_notice(event, former.holder if former else None)


def _check(row: Transition, report: Report, scope: Scope, move: Move) -> None:
    if report.state not in row.sources or (move.expected and move.expected != report.state):
        raise Conflict(
            _("The report is “%(state)s” by now; “%(verb)s” is not possible.")
            % {"state": report.get_state_display(), "verb": row.label},
            state=report.state,
        )
    if not may(row, report, scope):
        if row.by_another and not is_another(row, report, scope):
            raise NotAllowed(_("“%(verb)s” has to be done by somebody else.") % {"verb": row.label})
        raise NotAllowed(_("“%(verb)s” is not yours to do on this report.") % {"verb": row.label})
    check_given(row, report, scope, reason=move.reason, until=move.until, holder=move.holder)
    if Needs.ORIGINAL in row.needs:
        lock_original(report, scope, move.original)


def changes(
    row: Transition, report: Report, person_id: int | None, move: Move, now: datetime, works: Works | None = None
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
        case "accept":
            more = {"accepted_by_id": person_id}
        case "close":
            more = {"closed_at": now}
        case "return":
            more = {"handled_at": None, **_clock_since(report, "due_at", report.handled_at, now, works)}
        case "hold" | "defer":
            more = {"came_from": report.state, "hold_until": move.until}
        case "resume":
            return {
                "state": report.came_from,
                "came_from": "",
                "hold_until": None,
                **_clock_going_on(report, now, works),
            }
        case "hand_over":
            return {}
        case "extend":
            assert move.until is not None
            return {"due_at": end_of(move.until)}
        case "mark_duplicate":
            more = {"duplicate_of_id": move.original}
    return {"state": row.target, **more}


def _grid_of_today(report: Report) -> dict[str, int]:
    """Return the grid of what is open again: a closed report kept the one it had when grids were split."""
    grid = Grid.covering(report.anchor).first()
    return {"grid_id": grid.pk} if grid else {}


def _clock_going_on(report: Report, now: datetime, works: Works | None) -> dict[str, datetime]:
    name = "dispatch_due_at" if report.came_from in WAITING_STATES else "due_at"
    return _clock_since(report, name, report.changed_at, now, works)


def _clock_since(
    report: Report, name: str, stopped_at: datetime | None, now: datetime, works: Works | None
) -> dict[str, datetime]:
    """Return the due time moved by how long the clock stood; a clock that had run out stays run out."""
    due: datetime | None = getattr(report, name)
    if due is None or stopped_at is None or due <= stopped_at:
        return {}
    unit = report.category.limit_unit
    return {name: due_after(now, left_between(stopped_at, due, unit, works), unit, works)}


def _swap(report: Report, changes: dict[str, Any]) -> None:
    same = Report.objects.filter(pk=report.pk, state=report.state, changed_at=report.changed_at)
    if same.update(**changes) != 1:
        raise Conflict(_("Somebody else changed this report just now."), state=report.state)
    for name, value in changes.items():
        setattr(report, name, value)


LEAD_STATES = {"start": PartyState.WORKING, "handle": PartyState.DONE, "return": PartyState.ASKED}
LEAD_LEAVES = frozenset(
    {"dispatch", "request_approval", "refuse_approval", "send_back", "recall", "reopen", "hand_over"}
)


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
        if lead and row.verb == "hand_over":
            party.state, party.proposed_by_id = lead.state, lead.proposed_by_id
        setattr(party, holder_field(move.holder), move.holder)
        party.save(force_insert=True)
        report.__dict__["leads"] = [party]
