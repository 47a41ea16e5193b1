"""Routing rules for a benchmark's city: thirty in force, as a district has them after a year, and a draft of others."""

import django

django.setup()

from itertools import cycle  # noqa: E402
from typing import Any  # noqa: E402

from django.utils import timezone  # noqa: E402

from grids.models import Category  # noqa: E402
from maps.demo.rules import RULES  # noqa: E402
from patrols.models import RoutingEdition, RoutingRule  # noqa: E402
from patrols.models.routing import EditionState, RulePlace, RuleTarget, RuleTime  # noqa: E402

DISTRICT = "150199"
SPECIAL = 25  # before the demo's five, each for one category at some time or place
TIMES: tuple[dict[str, Any], ...] = (
    {"time": RuleTime.WEEKLY, "weekdays": [6, 7], "starts": "22:00", "ends": "05:00", "target": RuleTarget.OWNER},
    {"time": RuleTime.OUTSIDE, "target": RuleTarget.OWNER},
    {"time": RuleTime.DATES, "first_day": "2026-01-01", "last_day": "2026-02-28"},
    {"place": RulePlace.JURISDICTION, "approval": True},
)


def write_rules() -> None:
    """Put the rules in force and write the draft, once."""
    if RoutingEdition.objects.filter(district=DISTRICT).exists():
        return
    codes = sorted(Category.objects.filter(active=True).values_list("code", flat=True))[:SPECIAL]
    special = [{"categories": [code], **more} for code, more in zip(codes, cycle(TIMES), strict=False)]
    _edition(1, EditionState.IN_FORCE, [*special, *RULES])
    _edition(2, EditionState.DRAFT, [*special[::2], *RULES[:2], *RULES[-1:]])


def _edition(number: int, state: EditionState, rules: list[dict[str, Any]]) -> None:
    since = timezone.now() if state == EditionState.IN_FORCE else None
    edition = RoutingEdition.objects.create(
        district=DISTRICT, region_code=DISTRICT, number=number, state=state, since=since
    )
    RoutingRule.objects.bulk_create(
        RoutingRule(edition=edition, district=DISTRICT, region_code=DISTRICT, position=position, **given)
        for position, given in enumerate(rules, 1)
    )
