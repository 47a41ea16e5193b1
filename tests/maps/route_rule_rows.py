"""Routing rules for the routes: one near, one far away."""

from typing import TYPE_CHECKING, Any

from patrols.models import RoutingEdition, RoutingRule
from patrols.models.routing import EditionState
from tests.town import FAR, NEAR

if TYPE_CHECKING:
    from tests.maps.route_cast import Cast

READ_NEAR, READ_FAR = {"dora", "paula", "adam"}, {"olaf", "paula", "petra", "adam"}


def add_rules(cast: "Cast") -> None:
    """Write a rule near and one far away."""
    for side, code, readers in (("near", NEAR, READ_NEAR), ("far", FAR, READ_FAR)):
        rule = rule_of(code)
        cast.addresses |= {f"rule-{side}": str(rule.pk), f"rule-{side}-key": str(rule.key)}
        cast.readers[str(rule.key)], cast.sets[f"rule-{side}"] = readers, [str(rule.key)]


def rule_of(code: str) -> RoutingRule:
    """Return the rule of a region, written if it is not there."""
    given: dict[str, Any] = {"district": code[:6], "region_code": code}
    edition, _made = RoutingEdition.objects.get_or_create(
        **given, number=1, defaults={"state": EditionState.IN_FORCE, "since": "2026-01-01T00:00:00+08:00"}
    )
    rule, _made = RoutingRule.objects.get_or_create(edition=edition, **given, position=1, defaults={"target": "body"})
    return rule
