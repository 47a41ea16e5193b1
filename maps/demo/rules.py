"""The demo district's routing rules: what goes out at once, what is discussed, what neighbours see to, and the rest."""

from datetime import datetime, timedelta
from typing import Any

from grids.models import Person, Region
from grids.models.places import RegionLevel
from maps.demo.places import SOURCE
from patrols.models import RoutingEdition, RoutingRule
from patrols.models.routing import EditionState, RuleTarget, RuleTime
from patrols.routing.proposing import propose_again

FIRE_LANE, GROUND_LOCK = "09012", "06040"
STAIRS = ["06080", "06081", "07080"]
CLEANING = ["06010", "06012", "06042"]
RULES: tuple[dict[str, Any], ...] = (
    {"categories": [FIRE_LANE], "target": RuleTarget.BODY, "automatic": True},
    {"categories": [GROUND_LOCK], "target": RuleTarget.BODY, "approval": True},
    {"categories": STAIRS, "target": RuleTarget.OWNER},
    {"categories": CLEANING, "target": RuleTarget.OWNER, "time": RuleTime.OUTSIDE},
    {"target": RuleTarget.BODY},
)


def load_rules(people: dict[str, Person], now: datetime) -> int:
    """Write the rules, in force for half a year, and what they say of what waits for dispatch; return their number."""
    district = Region.objects.get(source=SOURCE, level=RegionLevel.DISTRICT).code
    since, planner = now - timedelta(days=180), people["planner"]
    edition = RoutingEdition.objects.create(
        district=district, region_code=district, number=1, state=EditionState.IN_FORCE, since=since,
        made_by=planner, published_by=planner,
    )  # fmt: skip
    RoutingRule.objects.bulk_create(
        RoutingRule(edition=edition, district=district, region_code=district, position=position, **given)
        for position, given in enumerate(RULES, 1)
    )
    propose_again(district, district)
    return len(RULES)
