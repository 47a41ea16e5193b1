"""Whose turn it is with a report, in a few words."""

from django.utils.translation import gettext as _

from grids.scope import Scope
from patrols.authority import available, lead_of
from patrols.models import Report
from patrols.workflow import State


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
