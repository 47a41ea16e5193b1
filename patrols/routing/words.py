"""What the rules said of a report, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from patrols.models import Proposal, RoutingRule
from patrols.models.routing import RuleTarget


def rule_name(number: int, code_length: int) -> str:
    """Return what a rule is called beside those of other regions: by its number and whose it is."""
    if code_length > 9:
        return _("rule %(number)s of the community") % {"number": number}
    if code_length > 6:
        return _("rule %(number)s of the subdistrict") % {"number": number}
    return _("rule %(number)s of the district") % {"number": number}


def name_of(rule: RoutingRule) -> str:
    """Return what a rule is called beside those of other regions."""
    return rule_name(rule.position, len(rule.region_code))


def why(rule: RoutingRule) -> str:
    """Return why a rule gives a report to whom it does."""
    match rule.target:
        case RuleTarget.BODY:
            return _("responsible for this kind of problem here")
        case RuleTarget.ORGANISATION:
            return _("named by the rule, and within its jurisdiction")
        case RuleTarget.TEAM:
            return _("named by the rule, and at home here")
    return _("answers for this grid")


def passed_over(code: str) -> str:
    """Return why a rule that is for a report found nobody."""
    words = {
        "no_body": _("no body of this kind has its jurisdiction here"),
        "ended": _("the body it names has ended"),
        "powers": _("only a body with powers may act on this"),
        "outside": _("it lies outside of where whom it names may act"),
        "no_owner": _("the grid has no owner or deputy who takes part"),
    }
    return words[code]


def proposal_json(proposal: Proposal | None) -> dict[str, Any] | None:
    """Return what the rules said of a report: who, by which rule and why, and which rules found nobody before it."""
    if proposal is None:
        return None
    rule = proposal.rule
    holder = proposal.holder
    return {
        "rule": name_of(rule) if rule else "",
        "key": str(rule.key) if rule else "",
        "region": rule.region_code if rule else "",
        "holder": str(holder) if holder else "",
        "why": why(rule) if rule else _("No rule gives it to anybody."),
        "approval": bool(rule and rule.approval),
        "automatic": bool(rule and rule.automatic),
        "passed": [
            _("%(rule)s found nobody: %(why)s")
            % {"rule": capitalised(rule_name(number, length)), "why": passed_over(code)}
            for _rule, code, number, length in proposal.passed
        ],
    }


def capitalised(text: str) -> str:
    """Return a text that begins a sentence."""
    return text[:1].upper() + text[1:]


def by_rule(text: str, reason: str) -> str:
    """Return a reason with the rule that it comes from in front of it."""
    return _("By %(rule)s: %(why)s") % {"rule": text, "why": reason}


def rule_data(rule: RoutingRule) -> dict[str, Any]:
    """Return what an event keeps of the rule that it followed."""
    return {"id": rule.pk, "number": rule.position, "length": len(rule.region_code)}


def event_reason(data: Mapping[str, Any]) -> str:
    """Return that an event followed a rule, empty if it did not."""
    rule = data.get("rule")
    if not isinstance(rule, Mapping):
        return ""
    return _("By %(rule)s") % {"rule": rule_name(rule["number"], rule["length"])}
