"""Doing what the rules say: who comes first among the candidates, and what goes out by itself."""

from typing import Any

from grids.holders import Holder
from grids.problems import Problem
from patrols.history import holder_field
from patrols.models import Party, Report
from patrols.models.parties import PartyState
from patrols.requirements import check_holder
from patrols.routing.proposing import proposal_of, propose
from patrols.routing.words import by_rule, name_of, rule_data, why
from patrols.workflow import State


def holder_by_rule(report: Report) -> Holder | None:
    """Return whom the rules propose for a report, as long as they may be sent there."""
    proposal = proposal_of(report)
    holder = proposal.holder if proposal else None
    if holder is None:
        return None
    try:
        check_holder(report, holder)
    except Problem:
        return None
    return holder


def automatic(report: Report) -> tuple[Holder, dict[str, Any]] | None:
    """Return to whom a report goes out by itself once it is accepted, and what its event keeps of the rule.

    Whom the proposal names may have ended since: then the rules are asked again.
    """
    proposal = proposal_of(report)
    if proposal is None or proposal.rule is None or not proposal.rule.automatic:
        return None
    holder = holder_by_rule(report)
    if holder is None:
        propose(report, report.recorded_at)
        proposal, holder = proposal_of(report), holder_by_rule(report)
    if holder is None or proposal is None or proposal.rule is None or not proposal.rule.automatic:
        return None
    return holder, rule_data(proposal.rule)


def put_first(report: Report, answer: dict[str, Any]) -> dict[str, Any]:
    """Put whom the rules propose before the other candidates, with the rule; not where they sent the report back."""
    proposal, holder = proposal_of(report), holder_by_rule(report)
    rule = proposal.rule if proposal else None
    answer = {**answer, "approval": bool(rule and rule.approval)}
    if rule is None or holder is None or _sent_back(report, holder):
        return answer
    key = {"kind": holder_field(holder), "id": holder.pk}
    known = [row for row in answer["results"] if {name: row[name] for name in key} == key]
    row = known[0] if known else {**key, "name": str(holder), "why": why(rule)}
    first = {**row, "fits": True, "why": by_rule(name_of(rule), row["why"])}
    return {**answer, "results": [first, *(row for row in answer["results"] if row not in known)]}


def _sent_back(report: Report, holder: Holder) -> bool:
    if report.state != State.SENT_BACK:
        return False
    left = Party.objects.filter(report=report, state=PartyState.LEFT, **{holder_field(holder): holder})
    return left.exists()
