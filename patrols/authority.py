"""Who may use which verb on a report."""

from grids.models.catalogue import Kind
from grids.models.people import Role
from grids.scope import Scope
from patrols.contacts import parties_of
from patrols.models import Party, Report
from patrols.requests import asked_by
from patrols.routing.proposing import needs_approval
from patrols.workflow import ANSWERS, ASKS, GRANTS, WAITING_STATES, May, Transition, verbs_from


def lead_of(report: Report) -> Party | None:
    """Return the party that leads a report; reads `leads` where `for_list` fetched it."""
    leads: list[Party] | None = report.__dict__.get("leads")
    if leads is None:
        leads = list(Party.objects.leading().filter(report=report))
        report.__dict__["leads"] = leads
    return leads[0] if leads else None


def capacities(report: Report, scope: Scope) -> frozenset[May]:
    """Return in which capacities somebody stands towards a report."""
    if scope.person is None:
        return frozenset()
    found = set()
    if report.reporter_id == scope.person_id:
        found.add(May.REPORTER)
    if report.grid_id in scope.owned:
        found.add(May.OWNER)
    if report.grid_id in scope.grids:
        found.add(May.MEMBER)
    if scope.reaches(Role.DISPATCHER, report.region_code):
        found.add(May.DISPATCHER)
    if scope.reaches(Role.PLANNER, report.region_code):
        found.add(May.PLANNER)
    lead = lead_of(report)
    if lead and lead.belongs_to(scope):
        found.add(May.PARTY)
    if report.kind == Kind.REQUEST and scope.organisations and asked_by(report, scope):
        found.add(May.ASKED)
    return frozenset(found)


def is_another(row: Transition, report: Report, scope: Scope) -> bool:
    """Whether somebody is another than those whose doing a verb approves or verifies.

    Nobody verifies their own fix or one of their team or body, nor what they had a part in; nobody approves their own
    proposal; who accepted a report does not park it before it is dispatched, so that sitting on a case shows.
    """
    lead = lead_of(report)
    if row.verb in {"approve", "refuse_approval"}:
        return lead is None or lead.proposed_by_id != scope.person_id
    if row.verb in {"hold", "defer"} and report.state in WAITING_STATES:
        return report.accepted_by_id != scope.person_id
    if row.verb in ANSWERS and report.asked_by_id == scope.person_id:
        return False
    if report.kind != Kind.PROBLEM and any(party.belongs_to(scope) for party in parties_of(report)):
        return False
    return report.handler_id != scope.person_id and not (lead and lead.belongs_to(scope))


def fits(row: Transition, report: Report) -> bool:
    """Whether a report is asked for what a verb answers, and for nothing where it asks."""
    if row.verb in ASKS:
        return not report.ask
    if row.verb in GRANTS:
        return report.ask == GRANTS[row.verb]
    return bool(report.ask) or row.verb not in ANSWERS


def may(row: Transition, report: Report, scope: Scope) -> bool:
    """Whether somebody may use a verb on a report, its state aside."""
    able = row.may & capacities(report, scope)
    if not able:
        return False
    if row.verb in {"urge", "supervise"} and report.state in WAITING_STATES and able == {May.DISPATCHER}:
        return False  # they would urge themselves
    if row.verb == "handle_on_spot" and not report.category.trivial:
        return False
    lead = lead_of(report)
    if row.verb == "hand_over" and lead is None:
        return False
    if row.verb == "give_back" and (lead is None or lead.person_id != scope.person_id):
        return False
    return not row.by_another or is_another(row, report, scope)


def available(report: Report, scope: Scope) -> list[Transition]:
    """Return the verbs somebody may use on a report now, in the table's order."""
    rows = [row for row in verbs_from(report.state) if fits(row, report) and may(row, report, scope)]
    # What is discussed before it goes out is not sent by hand.
    return [row for row in rows if row.verb != "dispatch" or not needs_approval(report)]
