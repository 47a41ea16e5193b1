"""What is planned in grids today: the streets that patrol plans ask for, which of them were walked, and campaigns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language, pgettext

from grids.models import Grid, Zone
from grids.models.places import StreetKind
from maps.pages.chosen_area import outline
from maps.pages.plan_words import hours_words
from patrols.models import PatrolPlan
from patrols.patrol_plans import due_on
from patrols.plan_walks import PlanStreet, streets_on

MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that falls on a day, as far as it concerns a grid."""

    plan: PatrolPlan
    rows: tuple[PlanStreet, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.plan.name

    @property
    def why(self) -> str:
        """Why there is to be walked."""
        return self.plan.why

    @property
    def hours(self) -> str:
        """At which hours; nothing where any will do."""
        return hours_words(self.plan)

    @property
    def done(self) -> bool:
        """Whether all its streets in the grid were walked on the day; never where there is none."""
        return bool(self.rows) and all(row.walked for row in self.rows)

    @property
    def streets(self) -> str:
        """The streets that are left to walk, each name once."""
        names = list(dict.fromkeys(_name(row) for row in self.rows if not row.walked))
        more = "…" if len(names) > MOST_NAMED else ""
        return pgettext("list", ", ").join(names[:MOST_NAMED]) + more


def _name(row: PlanStreet) -> str:
    own = (row.name_en if (get_language() or "").startswith("en") else "") or row.name
    return own or pgettext("street", "%(kind)s without a name") % {"kind": StreetKind(row.kind).label}


def planned_in(grid: Grid, day: date) -> list[Planned]:
    """Return the plans that fall on a day in a grid, in one query, and one more where there are any."""
    return planned_in_all([grid], due_on([grid.pk], day), day)[grid.pk]


def planned_in_all(grids: Sequence[Grid], plans: Sequence[PatrolPlan], day: date) -> dict[int, list[Planned]]:
    """Return plans that fall on a day by the ids of the grids they touch, in one query where there are any.

    A plan whose area has no street in one of several grids is told to the first alone that it meets.
    """
    keys = [grid.pk for grid in grids]
    streets = streets_on(plans, keys, day)
    found: dict[int, list[Planned]] = {key: [] for key in keys}
    for plan in plans:
        own = [key for key in keys if (plan.pk, key) in streets]
        if not own:
            own = [grid.pk for grid in grids if grid.geom.intersects(plan.geom)][:1]
        for key in own:
            found[key].append(Planned(plan, tuple(streets.get((plan.pk, key), ()))))
    return found


def campaign_row(zone: Zone) -> dict[str, Any]:
    """Return the area of a campaign with its first and last day, None where it has none."""
    first, end = zone.period.lower, zone.period.upper
    return {"zone": zone, "first": first, "last": end - timedelta(days=1) if end else None}


def areas_of(plans: Iterable[PatrolPlan], campaigns: Iterable[Zone]) -> list[dict[str, Any]]:
    """Return the areas of plans and campaigns as a map draws them."""
    areas = [{"kind": "plan", "name": plan.name, "geometry": outline(plan.geom)} for plan in plans]
    drawn = [{"kind": "campaign", "name": zone.local_name, "geometry": outline(zone.geom)} for zone in campaigns]
    return areas + drawn


def planned_json(planned: Planned) -> dict[str, Any]:
    """Return a plan as a phone keeps it."""
    return {
        "id": str(planned.plan.pk),
        "name": planned.name,
        "why": planned.why,
        "hours": planned.hours,
        "area": outline(planned.plan.geom),
        "streets": [{"id": row.id, "walked": row.walked} for row in planned.rows],
    }
