"""Whose turn it is with a report, in a few words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from grids.scope import Scope
from patrols.authority import available, capacities, lead_of
from patrols.models import Report
from patrols.workflow import FIXING_STATES, WAITING_STATES, May, State

DECIDED_BY_DISPATCHERS = WAITING_STATES - {State.AWAITING_APPROVAL}
ANSWERING = {"approve_extension", "approve_deferral"}


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: in words, empty where the state's name says as much, and whether it is the reader's."""

    words: str
    mine: bool


def turn_of(report: Report, scope: Scope) -> Turn:
    """Return whose turn it is with a report, as its page says it on top.

    It is the reader's where they verify or approve, where they or their team or body work on it, and where they
    dispatch what waits for that. One query where the lead was not read yet.
    """
    offered, able = {row.verb for row in available(report, scope)}, capacities(report, scope)
    if offered & ANSWERING:
        return Turn(_("waits for your answer"), mine=True)
    mine = (
        is_yours(report, scope)
        or "approve" in offered
        or (report.state in FIXING_STATES and May.PARTY in able)
        or (report.state in DECIDED_BY_DISPATCHERS and May.DISPATCHER in able)
    )
    words = holding(report, scope)
    return Turn("" if words == report.get_state_display() else words, mine)


def is_yours(report: Report, scope: Scope) -> bool:
    """Whether a report waits for this person: to be worked on, or to be verified by them."""
    if report.state == State.HANDLED:
        return any(row.verb == "close" for row in available(report, scope))
    lead = lead_of(report)
    mine = lead is not None and lead.person_id is not None and lead.person_id == scope.person_id
    return mine and report.state in {State.DISPATCHED, State.IN_PROGRESS, State.RETURNED}


def holding(report: Report, scope: Scope) -> str:
    """Return who holds a report and what is waited for."""
    if is_yours(report, scope):
        return _("waits for your check") if report.state == State.HANDLED else _("yours to deal with")
    lead = lead_of(report)
    name = str(lead.holder) if lead else ""
    named = {
        State.DISPATCHED: _("dispatched to %(name)s"),
        State.IN_PROGRESS: _("%(name)s is dealing with it"),
        State.RETURNED: _("%(name)s is reworking it"),
        State.SENT_BACK: _("%(name)s sent it back; waits for the dispatcher"),
    }
    if name and report.state in named:
        return named[State(report.state)] % {"name": name}
    waiting = {
        State.REPORTED: _("waits to be accepted"),
        State.ACCEPTED: _("waits to be dispatched"),
        State.REOPENED: _("reopened; waits to be accepted"),
        State.SENT_BACK: _("sent back; waits for the dispatcher"),
        State.AWAITING_APPROVAL: _("waits for approval"),
        State.HANDLED: _("waits to be checked"),
    }
    return waiting.get(State(report.state)) or report.get_state_display()
