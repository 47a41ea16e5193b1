"""Planned against actual: what was covered of the streets in an area that was to be walked, day by day.

Coverage knows no person, and neither does this: metres of streets, never of anybody. A day without any record is not
a day on which nobody walked: recording is each volunteer's own choice, so it is said to be unknown.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection

from patrols.models import PatrolPlan
from patrols.patrol_plans import days_of
from patrols.standing import ENOUGH, PIECES, piece_values

DAYS = f"""
with area as (select id, geom from patrols_patrolplan where id = any(%(plans)s)),
{PIECES},
whole as (select grid as plan, sum(metres) as metres, count(*) as streets from ground group by grid),
asked as (select * from unnest(%(ids)s::uuid[], %(days)s::date[]) as pair(plan, day)),
seen as (
  select a.plan, a.day,
         sum(case when c.told then g.metres
                  else g.metres * stretch_parts(c.covered * g.stretch) / stretch_parts(g.stretch) end) as covered,
         sum(case when c.told then 0
                  else g.metres * stretch_parts((c.unknown - c.covered) * g.stretch) / stretch_parts(g.stretch)
             end) as unknown
  from asked a
  join ground g on g.grid = a.plan
  join patrols_coverage c
    on c.district = any(%(districts)s) and c.street_id = g.street and c.day = a.day
   and (c.told or not isempty(c.covered * g.stretch) or not isempty(c.unknown * g.stretch))
  group by a.plan, a.day
)
select p.id, w.metres, w.streets, a.day, s.covered, s.unknown
from unnest(%(plans)s::uuid[]) as p(id)
left join whole w on w.plan = p.id
left join asked a on a.plan = p.id
left join seen s on s.plan = a.plan and s.day = a.day
order by p.id, a.day
"""  # noqa: S608 - constants only
STREETS = f"""
with area as (
  select p.id::text || ' ' || g.id as id, st_intersection(p.geom, st_buffer(g.geom::geography, 5)::geometry) as geom
  from patrols_patrolplan p join grids_grid g on g.id = any(%(grids)s) and st_intersects(p.geom, g.geom)
  where p.id = any(%(plans)s)
),
{PIECES}
select split_part(g.grid, ' ', 1), split_part(g.grid, ' ', 2)::bigint, s.id, s.name, s.name_en, s.kind, g.metres,
       coalesce(c.told or stretch_parts(c.covered * g.stretch) >= %(enough)s * stretch_parts(g.stretch), false)
from ground g
join grids_street s on s.id = g.street
left join patrols_coverage c
  on c.district = any(%(districts)s) and c.street_id = g.street and c.day = %(day)s
order by s.name, s.id
"""  # noqa: S608 - constants only


class DayState(StrEnum):
    """How a planned day went, as far as anybody knows."""

    WALKED = "walked"
    PARTLY = "partly"
    UNKNOWN = "unknown"
    NO_RECORD = "no_record"
    TODAY = "today"
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A planned day with the shares of the streets' metres that were covered and that gaps leave unknown.

    Both are None where nothing was recorded at all, and of a day to come.
    """

    day: date
    state: DayState
    covered: float | None = None
    unknown: float | None = None


@dataclass(frozen=True, slots=True)
class Walks:
    """The streets of a plan's area, how many and how many metres, and its planned days in order."""

    streets: int
    metres: float
    days: tuple[PlannedDay, ...]

    def count(self, *states: DayState) -> int:
        """Return how many days went so."""
        return sum(one.state in states for one in self.days)

    @property
    def past(self) -> int:
        """Days that are over, of which something can be said."""
        return len(self.days) - self.count(DayState.TODAY, DayState.COMING)


@dataclass(frozen=True, slots=True)
class PlanStreet:
    """A street of a plan within a grid: its metres there, and whether it counts as walked on the day."""

    id: int
    name: str
    name_en: str
    kind: str
    metres: float
    walked: bool


def walks_of(plans: Iterable[PatrolPlan], today: date) -> dict[UUID, Walks]:
    """Return how the planned days of plans went, by their ids, in one query."""
    rows = list(plans)
    planned = {plan.pk: days_of(plan, plan.first_day, plan.last_day) for plan in rows}
    pairs = [(plan, day) for plan, days in planned.items() for day in days if day <= today]
    asked: dict[str, Any] = {
        **piece_values(),
        "plans": list(planned),
        "ids": [plan for plan, _day in pairs],
        "days": [day for _plan, day in pairs],
        "districts": sorted({plan.district for plan in rows}),
    }
    if not rows:
        return {}
    ground: dict[UUID, tuple[float, int]] = {}
    known: dict[tuple[UUID, date], tuple[float, float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(DAYS, asked)
        for plan, metres, streets, day, covered, unknown in cursor.fetchall():
            ground[plan] = (metres or 0.0, streets or 0)
            if covered is not None and metres:
                known[plan, day] = (float(covered) / metres, float(unknown) / metres)
    return {
        plan: Walks(ground[plan][1], ground[plan][0], tuple(_day(known.get((plan, day)), day, today) for day in days))
        for plan, days in planned.items()
    }


def _day(known: tuple[float, float] | None, day: date, today: date) -> PlannedDay:
    if day > today:
        return PlannedDay(day, DayState.COMING)
    if known is None:
        return PlannedDay(day, DayState.TODAY if day == today else DayState.NO_RECORD)
    covered, unknown = min(known[0], 1.0), min(known[1], 1.0)
    if covered >= ENOUGH:
        state = DayState.WALKED
    elif day == today:
        state = DayState.TODAY
    else:
        state = DayState.UNKNOWN if covered + unknown >= ENOUGH else DayState.PARTLY
    return PlannedDay(day, state, covered, unknown)


def streets_on(
    plans: Collection[PatrolPlan], grids: Collection[int], day: date
) -> Mapping[tuple[UUID, int], list[PlanStreet]]:
    """Return the streets that plans ask for in grids, by the ids of plan and grid, by name, in one query."""
    asked: dict[str, Any] = {
        **piece_values(),
        "plans": [plan.pk for plan in plans],
        "grids": list(grids),
        "day": day,
        "enough": ENOUGH,
        "districts": sorted({plan.district for plan in plans}),
    }
    found: dict[tuple[UUID, int], list[PlanStreet]] = {}
    if not plans:
        return found
    with connection.cursor() as cursor:
        cursor.execute(STREETS, asked)
        for plan, grid, *row in cursor.fetchall():
            found.setdefault((UUID(plan), grid), []).append(PlanStreet(*row))
    return found
