"""What was walked in many grids in a period, in one statement: lengths that add up, revisits, plan and fact.

Nothing in it is about a person: no name, no kilometres of anybody. Of a grid without any record in the period nothing
is known, which is not the same as a grid that nobody walked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.problems import BadInput
from patrols.equity import Spread, spread
from patrols.models.patrol import PatrolState
from patrols.standing import FARTHEST_BACK, STATE, state_values

# A checkpoint on a shared edge belongs to both grids, in degrees (about 20 cm).
TOUCH = 0.000002
LONGEST_PERIOD = timedelta(days=366)
SUMMARY = """
with piece as (
  select p.id, p.district, p.grid_id, p.street_id, p.stretch, p.parts, p.metres, p.walked_on
  from patrols_gridstreet p where p.grid_id = any(%(grids)s)
),
day as (
  select p.id, p.grid_id, c.day, c.told, c.covered * p.stretch as covered, c.unknown * p.stretch as unknown,
         c.told or stretch_parts(c.covered * p.stretch) >= %(enough)s * p.parts as walked
  from piece p
  join patrols_coverage c
    on c.district = p.district and c.street_id = p.street_id and c.day between %(first)s and %(until)s
),
seen as (
  select id, range_agg(covered) filter (where day >= %(since)s) as covered,
         range_agg(unknown) filter (where day >= %(since)s) as unknown,
         coalesce(bool_or(told) filter (where day >= %(since)s), false) as told,
         range_agg(covered) filter (where day > %(recent)s) as recent_covered,
         range_agg(unknown) filter (where day > %(recent)s) as recent_unknown,
         coalesce(bool_or(told) filter (where day > %(recent)s), false) as recent_told
  from day group by id
),
revisit as (
  select grid_id, percentile_cont(0.5) within group (order by days) as median, count(days) as times
  from (
    select grid_id, day - lag(day) over (partition by id order by day) as days from day
    where walked and day >= %(since)s
  ) as gap
  group by grid_id
),
stretch as (
  select p.grid_id, p.metres, s.id is not null as seen, coalesce(s.told, false) as told, w.walked,
         coalesce(stretch_parts(s.covered)::float8 / p.parts, 0) as covered,
         coalesce(stretch_parts(s.unknown - coalesce(s.covered, '{}'))::float8 / p.parts, 0) as unknown,
         coalesce(stretch_parts(s.recent_covered)::float8 / p.parts, 0) as recent_covered,
         coalesce(stretch_parts(s.recent_unknown - coalesce(s.recent_covered, '{}'))::float8 / p.parts, 0)
           as recent_unknown,
         coalesce(s.recent_told, false) as recent_told
  from piece p
  left join seen s on s.id = p.id
  -- The last walk up to the end of the period: the one that is kept, unless that lies after it.
  left join lateral (
    select case when p.walked_on <= %(until)s then p.walked_on else history.day end as walked
    from (select 1) as one
    left join lateral (
      select max(c.day) as day from patrols_coverage c
      where p.walked_on > %(until)s and c.district = p.district and c.street_id = p.street_id
        and c.day between %(farthest)s and %(until)s
        and (c.told or stretch_parts(c.covered * p.stretch) >= %(enough)s * p.parts)
    ) as history on true
  ) as w on true
),
street as (
  select grid_id, metres, covered, unknown, told, seen, walked, /*state*/ as state from stretch
),
streets as (
  select grid_id, sum(metres) as metres,
         sum(case when told then metres else metres * covered end) as covered,
         sum(case when told then metres * (1 - covered) else 0 end) as told,
         sum(case when told then 0 else metres * unknown end) as unknown,
         max(walked) as last_walk, count(*) as streets,
         count(*) filter (where state = 'walked') as walked, count(*) filter (where state = 'due') as due,
         count(*) filter (where state = 'overdue') as overdue, count(*) filter (where state = 'unknown') as unclear,
         count(*) filter (where state = 'never') as never
  from street group by grid_id
),
recorded as (
  select grid_id, true as recorded from day
  where day >= %(since)s and (told or not isempty(covered) or not isempty(unknown)) group by grid_id
),
checkpoints as (
  select g.id as grid_id, count(*) as checkpoints, count(*) filter (where passed.day is not null) as passed
  from grids_grid g
  join grids_checkpoint c
    on c.geom && st_expand(g.geom, %(touch)s) and c.period @> %(until)s::date
   and st_dwithin(st_closestpoint(c.geom, st_centroid(c.geom)), g.geom, %(touch)s)
  left join lateral (
    select max(v.day) as day from patrols_coverage v
    where v.district = left(g.code, 6) and v.checkpoint_id = c.id and v.day between %(since)s and %(until)s
  ) as passed on true
  where g.id = any(%(grids)s) group by g.id
),
patrols as (
  select grid_id, count(*) filter (where state <> %(planned)s) as actual
  from patrols_patrol
  where grid_id = any(%(grids)s) and started_at >= %(begin)s and started_at < %(end)s
  group by grid_id
)
select asked.grid, coalesce(s.metres, 0), coalesce(s.covered, 0), coalesce(s.told, 0), coalesce(s.unknown, 0),
       coalesce(r.recorded, false), v.median, coalesce(v.times, 0), s.last_walk,
       coalesce(s.streets, 0), coalesce(s.walked, 0), coalesce(s.due, 0), coalesce(s.overdue, 0),
       coalesce(s.unclear, 0), coalesce(s.never, 0),
       coalesce(c.checkpoints, 0), coalesce(c.passed, 0), coalesce(p.actual, 0)
from unnest(%(grids)s::bigint[]) as asked(grid)
left join streets s on s.grid_id = asked.grid
left join recorded r on r.grid_id = asked.grid
left join revisit v on v.grid_id = asked.grid
left join checkpoints c on c.grid_id = asked.grid
left join patrols p on p.grid_id = asked.grid
"""
SUMMARY = SUMMARY.replace(
    "/*state*/",
    STATE.format(told="recent_told", covered="recent_covered", unknown="recent_unknown", walked="walked"),
)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was walked in a grid in a period, both days included.

    `covered`, `unknown` and `not_covered` are metres and add up to `metres`; `told` is how much of what is covered was
    only ticked by hand. `recorded` is whether anything at all is known of the period. `revisit` is the median of days
    between one walk of a street and the next, of `revisits` such pairs. The counts of streets by state and `last_walk`
    are those of the last day. `actual` are patrols begun in the period.
    """

    grid: int
    metres: float
    covered: float
    told: float
    unknown: float
    recorded: bool
    revisit: float | None
    revisits: int
    last_walk: date | None
    streets: int
    walked: int
    due: int
    overdue: int
    unclear: int
    never: int
    checkpoints: int
    passed: int
    actual: int

    @property
    def not_covered(self) -> float:
        """Metres that were not walked, as far as anybody knows."""
        return max(0.0, self.metres - self.covered - self.unknown)

    @property
    def share(self) -> float | None:
        """The share of the metres that was walked; nothing where nothing was recorded or there is no street."""
        return self.covered / self.metres if self.recorded and self.metres else None

    @property
    def left(self) -> int:
        """How many streets are overdue or were never walked."""
        return self.overdue + self.never


def summaries(grids: Iterable[int], since: date, until: date) -> dict[int, Summary]:
    """Return what was walked in grids by their ids from one day to another, in one query."""
    ids = sorted(grids)
    values: dict[str, Any] = {
        **state_values(until),
        "grids": ids,
        "since": since,
        "until": until,
        "first": min(since, until - timedelta(days=6)),
        "farthest": until - FARTHEST_BACK,
        "touch": TOUCH,
        "planned": PatrolState.PLANNED,
        "begin": _midnight(since),
        "end": _midnight(until + timedelta(days=1)),
    }
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SUMMARY, values)
        return {row[0]: Summary(*row) for row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly what was recorded is spread over grids: for each metre of street, and for each household.

    Of the `unrecorded` ones nothing is known; of what was recorded they have nothing, and so they count.
    """

    grids: int
    unrecorded: int
    per_street: Spread
    per_household: Spread


def evenness(found: Mapping[int, Summary], households: Mapping[int, int | None]) -> Evenness:
    """Return how evenly grids were walked; those without streets, or without known households, have no rate."""
    return Evenness(
        len(found),
        sum(not one.recorded for one in found.values()),
        spread((one.covered, one.metres) for one in found.values()),
        spread((one.covered, float(households.get(key) or 0)) for key, one in found.items() if one.metres),
    )


def check_period(since: date, until: date) -> None:
    """Raise BadInput for a period that cannot be or is too long."""
    if since > until:
        raise BadInput(_("The period ends before it begins."))
    if until - since >= LONGEST_PERIOD:
        raise BadInput(_("A period has %(days)s days at most.") % {"days": LONGEST_PERIOD.days})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
