"""Every transition of the state table, each in one transaction.

A transition is a compare-and-swap on the report: of two that race one wins, and the other is told what happened.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.calendar import Works, dispatch_due, dispatch_risk, due_after, fix_due, fix_risk, left_between, works_around
from grids.holders import Holder
from grids.models import Grid
from grids.models.catalogue import Kind
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import NOBODY, Scope
from patrols.authority import fits, is_another, lead_of, may
from patrols.contacts import follow
from patrols.following import after_move, original_of
from patrols.history import event_of, holder_field, promise_notice
from patrols.models import Party, Report
from patrols.models.parties import PartyState
from patrols.offering.ending import keep_in_step
from patrols.outside import check_free
from patrols.parts import finish, let_go, not_done
from patrols.requests import missed, release_asked, take
from patrols.requirements import check_given, end_of, lock_original
from patrols.routing.acting import automatic
from patrols.routing.proposing import needs_approval, propose
from patrols.urging import urged_today
from patrols.verification import may_go_without, settles_at
from patrols.workflow import ANSWERS, ASKS, GRANTS, KEEP_ASK, TRANSITIONS, WAITING_STATES, Needs, State, Transition


@dataclass(frozen=True, slots=True)
class Move:
    """What a transition is given beside its verb; `expected` is the state that the person saw."""

    expected: str = ""
    reason: str = ""
    holder: Holder | None = None
    until: date | None = None
    original: UUID | None = None
    by_hand: bool = False  # whoever accepts it says themselves where it goes: no rule does
    rule: dict[str, Any] | None = None  # the rule that it follows, as an event keeps it
    bulk: str = ""  # the id of the many that it was done with, as an event keeps it


def transition(identity: UUID, verb: str, scope: Scope, move: Move | None = None) -> Report:
    """Use a verb on a report and return the report.

    Raises NotFound out of scope, BadInput for an unknown verb or something missing, NotAllowed for the wrong person,
    Conflict when the table has no such row or the report moved meanwhile.
    """
    move = move or Move()
    if move.original:
        move = replace(move, original=original_of(move.original))
    row = TRANSITIONS.get(verb)
    if row is None:
        raise BadInput(_("There is no step “%(verb)s”.") % {"verb": verb})
    with transaction.atomic():
        report = Report.objects.visible_to(scope).for_list().filter(pk=identity).first()
        if report is None:
            raise missed(identity, scope) or NotFound(_("There is no such report here."))
        if row.verb in GRANTS:
            move = replace(move, until=report.ask_until)
        check(row, report, scope, move)
        before = report.state
        perform(row, report, scope, move)
        if verb == "accept" and not move.by_hand:
            _dispatch_by_rule(report)
        keep_in_step(report, verb, before, report.changed_at)
        return report


def _dispatch_by_rule(report: Report) -> None:
    """Send out what a rule lets go out by itself, as the rule's doing and nobody's."""
    found = automatic(report)
    if found:
        holder, rule = found
        perform(TRANSITIONS["dispatch"], report, NOBODY, Move(holder=holder, rule=rule))


def perform(row: Transition, report: Report, scope: Scope, move: Move) -> None:
    """Do what a row says, unasked whether somebody may; the caller has opened the transaction.

    Raises Conflict when the report moved since it was read.
    """
    before, now, former, ask = report.state, timezone.now(), lead_of(report), report.ask
    changed = changes(row, report, scope.person_id or None, move, now)
    if report.kind == Kind.TASK and row.verb not in {"extend", "approve_extension"}:
        # A task has a day of its own, not its category's limit.
        changed = {name: value for name, value in changed.items() if name not in {"due_at", "risk_at"}}
    _swap(report, {"changed_at": now, **changed, **(_grid_of_today(report) if row.verb == "reopen" else {})})
    _move_lead(row, report, scope, move, now)
    follow(report, before)
    data: dict[str, Any] = {"until": move.until.isoformat()} if move.until else {}
    if move.original:
        data["original"] = str(move.original)
    if move.rule:
        data["rule"] = move.rule
    if move.bulk:
        data["bulk"] = move.bulk
    if ask and not report.ask and row.verb not in ANSWERS:
        data["lapsed"] = ask
    if row.target == State.HANDLED and may_go_without(report):
        data["drawn"] = report.settles_at is None
    reason = move.reason.strip()
    lead = lead_of(report)
    holder = lead.holder if lead and (row.verb == "take" or former is None) else move.holder
    event = event_of(report, row.verb, before, scope, now, holder=holder, reason=reason, data=data)
    event.save(force_insert=True)
    after_move(row.verb, before, report, scope, now)
    freed = let_go(report) if row.target in ENDS_UNDONE else []
    promise_notice(event, former.holder if former else None, freed=freed)
    if row.verb == "reopen":
        propose(report)


def check(row: Transition, report: Report, scope: Scope, move: Move) -> None:
    """Raise the problem for which somebody cannot use a verb on a report as it stands; changes nothing."""
    if report.state not in row.sources or not fits(row, report) or (move.expected and move.expected != report.state):
        raise Conflict(
            _("The report is “%(state)s” by now; “%(verb)s” is not possible.")
            % {"state": report.get_state_display(), "verb": row.label},
            state=report.state,
        )
    if not may(row, report, scope):
        if row.verb == "take" and (taken := missed(report.pk, scope)):
            raise taken  # between our two looks
        if row.by_another and not is_another(row, report, scope):
            raise NotAllowed(_("“%(verb)s” has to be done by somebody else.") % {"verb": row.label})
        raise NotAllowed(_("“%(verb)s” is not yours to do on this report.") % {"verb": row.label})
    if row.verb == "dispatch" and needs_approval(report):
        raise NotAllowed(_("By its rule this is discussed before it goes out: ask for approval instead."))
    if row.verb == "urge" and urged_today(report, scope):
        raise Conflict(_("You urged it today already; you can again tomorrow."))
    check_given(row, report, scope, reason=move.reason, until=move.until, holder=move.holder)
    if row.verb == "handle" and report.kind == Kind.TASK and (left := not_done(report)):
        names = ", ".join(str(party) for party in left)
        raise BadInput(_("These have not reported their part done: %(names)s.") % {"names": names})
    if row.verb == "reopen" and report.outside_number:
        check_free(report.source, report.outside_number)
    if Needs.ORIGINAL in row.needs:
        lock_original(report, scope, move.original)


# Verbs after which a clock begins or goes on.
RUNS_ANEW = frozenset({"dispatch", "take", "approve", "send_back", "recall", "give_back", "reopen", "return", "resume"})


def changes(
    row: Transition, report: Report, person_id: int | None, move: Move, now: datetime, works: Works | None = None
) -> dict[str, Any]:
    """Return the columns that a verb changes when somebody uses it on a report at a moment.

    `works` is the working calendar where many are computed at once; without it, it is read.
    """
    if works is None and row.verb in RUNS_ANEW:
        works = works_around(report.category, now)
    changed = {
        **({} if row.target is None else {"state": row.target}),
        **_of_verb(row, report, person_id, move, now, works),
        **_ask_after(row, person_id, move),
    }
    if changed.get("dispatch_due_at"):
        changed["risk_at"] = dispatch_risk(report.category, changed["dispatch_due_at"], works)
    if changed.get("due_at"):
        changed["risk_at"] = fix_risk(report.category, changed["due_at"], works)
    return changed


# Here a report ends without anybody having dealt with it.
ENDS_UNDONE = frozenset({State.REJECTED, State.DUPLICATE, State.WITHDRAWN})


def _of_verb(
    row: Transition, report: Report, person_id: int | None, move: Move, now: datetime, works: Works | None
) -> dict[str, Any]:
    match row.verb:
        case "dispatch" | "approve":
            return {"dispatched_at": now, "due_at": fix_due(report.category, now, works)}
        case "send_back" | "recall" | "give_back" | "reopen":
            return {
                **dict.fromkeys(("dispatched_at", "due_at", "handled_at", "closed_at", "handler_id"), None),
                "duplicate_of_id": None,
                "waiting_since": now,
                "dispatch_due_at": dispatch_due(report.category, now, works),
            }
        case "handle" | "handle_on_spot":
            return {"handled_at": now, "handler_id": person_id, "settles_at": settles_at(report, now)}
        case "accept":
            return {"accepted_by_id": person_id}
        case "take":
            return {"dispatched_at": now, "due_at": fix_due(report.category, now, works)}
        case "close" | "settle":
            return {"closed_at": now, "settles_at": None}
        case "return":
            return {
                "handled_at": None,
                "settles_at": None,
                "rework": report.rework + 1,
                # What was fixed on the spot was never sent out: its time limit begins now.
                **(
                    _clock_since(report, "due_at", report.handled_at, now, works)
                    if report.dispatched_at
                    else {"dispatched_at": now, "due_at": fix_due(report.category, now, works)}
                ),
            }
        case "hold" | "defer" | "approve_deferral":
            return {"came_from": report.state, "hold_until": move.until, "stopped_at": now}
        case "resume":
            clear = {"came_from": "", "hold_until": None, "stopped_at": None}
            return {"state": report.came_from, **clear, **_clock_going_on(report, now, works)}
        case "extend" | "approve_extension":
            assert move.until is not None
            return {"due_at": end_of(move.until)}
        case "mark_duplicate":
            return {"duplicate_of_id": move.original}
        case "urge":
            return {"urged": report.urged + 1}
        case "supervise":
            return {"supervised": report.supervised + 1}
    return {}


def _ask_after(row: Transition, person_id: int | None, move: Move) -> dict[str, Any]:
    """Return what is asked for after a verb: what it asks, nothing once it was answered or the report moved on."""
    if row.verb in KEEP_ASK:
        return {}
    asks = row.verb in ASKS
    return {
        "ask": ASKS.get(row.verb, ""),
        "ask_until": move.until if asks else None,
        "asked_by_id": person_id if asks else None,
    }


def _grid_of_today(report: Report) -> dict[str, int]:
    """Return the grid of what is open again: a closed report kept the one it had when grids were split."""
    if report.kind == Kind.TASK:
        return {}  # of a community as a whole
    grid = Grid.covering(report.anchor).first()
    return {"grid_id": grid.pk} if grid else {}


def _clock_going_on(report: Report, now: datetime, works: Works | None) -> dict[str, datetime]:
    name = "dispatch_due_at" if report.came_from in WAITING_STATES else "due_at"
    return _clock_since(report, name, report.stopped_at or report.changed_at, now, works)


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
    {"dispatch", "request_approval", "refuse_approval", "send_back", "recall", "give_back", "reopen", "hand_over"}
)


def _move_lead(row: Transition, report: Report, scope: Scope, move: Move, now: datetime) -> None:
    """Keep the lead party in step with a verb."""
    if row.verb == "take":
        report.__dict__["leads"] = [take(report, scope)]
        return
    lead = lead_of(report)
    if lead and row.verb in LEAD_LEAVES:
        Party.objects.filter(pk=lead.pk).update(state=PartyState.LEFT)
        report.__dict__["leads"] = []
    elif lead and row.verb in LEAD_STATES:
        if row.verb == "handle" and report.kind == Kind.REQUEST:
            finish(report)
        Party.objects.filter(pk=lead.pk).update(state=LEAD_STATES[row.verb])
    elif row.verb == "return" and report.handler:
        # Whoever fixed it on the spot, as they said, is asked to do it again.
        _give(report, Party(person=report.handler, since=now))
    if move.holder and Needs.HOLDER in row.needs:
        if report.kind == Kind.REQUEST:
            release_asked(report)
        proposer = scope.person if row.verb == "request_approval" else None
        party = Party(proposed_by=proposer, since=now)
        if lead and row.verb == "hand_over":
            party.state, party.proposed_by_id = lead.state, lead.proposed_by_id
        setattr(party, holder_field(move.holder), move.holder)
        _give(report, party)


def _give(report: Report, party: Party) -> None:
    party.report, party.district = report, report.district
    party.save(force_insert=True)
    report.__dict__["leads"] = [party]
