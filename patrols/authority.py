"""Who may use which verb on a report."""

from grids.models.people import Role
from grids.scope import Scope
from patrols.models import Party, Report
from patrols.workflow import WAITING_STATES, May, Transition, verbs_from


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
    if lead and _belongs(lead, scope):
        found.add(May.PARTY)
    return frozenset(found)


def _belongs(party: Party, scope: Scope) -> bool:
    return (
        party.person_id == scope.person_id
        or party.team_id in scope.teams
        or party.organisation_id in scope.organisations
    )


def is_another(row: Transition, report: Report, scope: Scope) -> bool:
    """Whether somebody is another than those whose doing a verb approves or verifies.

    Nobody verifies their own fix or one of their team or body; nobody approves their own proposal; who accepted a
    report does not park it before it is dispatched, so that sitting on a case shows.
    """
    lead = lead_of(report)
    if row.verb in {"approve", "refuse_approval"}:
        return lead is None or lead.proposed_by_id != scope.person_id
    if row.verb in {"hold", "defer"} and report.state in WAITING_STATES:
        return report.accepted_by_id != scope.person_id
    return report.handler_id != scope.person_id and not (lead and _belongs(lead, scope))


def may(row: Transition, report: Report, scope: Scope) -> bool:
    """Whether somebody may use a verb on a report, its state aside."""
    if not row.may & capacities(report, scope):
        return False
    if row.verb == "handle_on_spot" and not report.category.trivial:
        return False
    if row.verb == "hand_over" and lead_of(report) is None:
        return False
    return not row.by_another or is_another(row, report, scope)


def available(report: Report, scope: Scope) -> list[Transition]:
    """Return the verbs somebody may use on a report now, in the table's order."""
    return [row for row in verbs_from(report.state) if may(row, report, scope)]
