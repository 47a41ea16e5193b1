"""Editions and rules for the tests."""

from typing import Any

from django.utils import timezone

from patrols.models import RoutingEdition, RoutingRule
from patrols.models.routing import EditionState
from tests.town import DISTRICT


def in_force(*rules: dict[str, Any], region: str = DISTRICT) -> list[RoutingRule]:
    """Write an edition of a region that is in force now, with rules in this order."""
    edition = RoutingEdition.objects.create(
        district=region[:6], region_code=region, number=1, state=EditionState.IN_FORCE, since=timezone.now()
    )
    return [
        RoutingRule.objects.create(edition=edition, district=region[:6], region_code=region, position=position, **given)
        for position, given in enumerate(rules, 1)
    ]
