"""The streets of every grid laid out beforehand, each with the day it was last walked, for maps and sums of many.

They follow from grids, streets and coverage. Folding a day moves the days of the touched streets on; the clock lays out
anew whatever has another boundary or other streets than it was laid out from.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from grids import clock
from grids.models.grid import GridKind
from patrols.standing import ENOUGH, FARTHEST_BACK, GROUND, ground_values

# What a grid's streets follow from: its boundary and all lines near it, as one number.
STAMPS = """
select g.id, hashtextextended(st_asbinary(g.geom)::text, 0) # coalesce(lines.stamp, 0)
from grids_grid g
left join lateral (
  select bit_xor(hashtextextended(s.id || s.kind || st_asbinary(s.geom)::text, 0)) as stamp
  from grids_street s where s.geom && st_expand(g.geom, 0.0001)
) lines on true
where g.kind = %(service)s and {which}
"""
STALE = f"""
select now.id from ({STAMPS.format(which="g.period @> %(today)s::date")}) as now(id, stamp)
left join patrols_gridground was on was.grid_id = now.id
where was.stamp is distinct from now.stamp order by now.id limit %(most)s
"""  # noqa: S608 - constants only
LAY = """
with /*ground*/
insert into patrols_gridstreet (district, grid_id, street_id, stretch, parts, metres, geom, walked_on, told_on)
select left(a.code, 6), g.grid, g.street, g.stretch, stretch_parts(g.stretch), g.metres, g.geom, l.walked, l.told
from ground g join grids_grid a on a.id = g.grid
left join lateral (
  select max(c.day) filter (
           where c.told or stretch_parts(c.covered * g.stretch) >= %(enough)s * stretch_parts(g.stretch)
         ) as walked,
         max(c.day) filter (where c.told) as told
  from patrols_coverage c
  where c.district = left(a.code, 6) and c.street_id = g.street and c.day >= %(since)s
) l on true
""".replace("/*ground*/", GROUND)
STAMP = f"""
insert into patrols_gridground (grid_id, stamp) {STAMPS.format(which="g.id = any(%(grids)s)")}
on conflict (grid_id) do update set stamp = excluded.stamp
"""
# Whether the touched days were walks now. Only of a street whose last walk was on a day that is none any more is the
# history read again.
MARK = """
with touched as (
  select g.id, g.street_id, g.stretch, g.parts, g.walked_on, g.told_on from patrols_gridstreet g
  where g.district = %(district)s and g.street_id = any(%(streets)s) order by g.id for update
),
day as (
  select t.id, asked.day, coalesce(c.told, false) as told,
         coalesce(c.told or stretch_parts(c.covered * t.stretch) >= %(enough)s * t.parts, false) as walked
  from unnest(%(streets)s::bigint[], %(days)s::date[]) as asked(street, day)
  join touched t on t.street_id = asked.street
  left join patrols_coverage c on c.district = %(district)s and c.street_id = asked.street and c.day = asked.day
),
last as (
  select id, max(day) filter (where walked) as walked, max(day) filter (where told) as told,
         array_agg(day) filter (where not walked) as not_walked, array_agg(day) filter (where not told) as not_told
  from day group by id
),
found as (
  select t.id,
         case when t.walked_on = any(l.not_walked) then history.walked else greatest(t.walked_on, l.walked) end walked,
         case when t.told_on = any(l.not_told) then history.told else greatest(t.told_on, l.told) end as told
  from touched t join last l on l.id = t.id
  left join lateral (
    select max(c.day) filter (
             where c.told or stretch_parts(c.covered * t.stretch) >= %(enough)s * t.parts
           ) as walked,
           max(c.day) filter (where c.told) as told
    from patrols_coverage c
    where c.district = %(district)s and c.street_id = t.street_id and c.day >= %(since)s
  ) history on t.walked_on = any(l.not_walked) or t.told_on = any(l.not_told)
)
update patrols_gridstreet g set walked_on = f.walked, told_on = f.told from found f
where f.id = g.id and (g.walked_on, g.told_on) is distinct from (f.walked, f.told)
"""
# So many grids are laid out in one turn of the clock, a few seconds during which no day is folded; a whole city takes
# some turns.
MOST = 50


@transaction.atomic
def lay(grids: Iterable[int]) -> int:
    """Lay out the streets of grids by their ids, in the place of what was laid out before, and return how many."""
    values: dict[str, Any] = {
        **ground_values(sorted(grids)),
        "enough": ENOUGH,
        "since": _since(),
        "service": GridKind.SERVICE,
    }
    with connection.cursor() as cursor:
        # No fold may move days on between the reading of coverage and the writing of rows.
        cursor.execute("lock table patrols_gridstreet in share row exclusive mode")
        cursor.execute("delete from patrols_gridstreet where grid_id = any(%(grids)s)", values)
        cursor.execute(LAY, values)
        count: int = cursor.rowcount
        cursor.execute(STAMP, values)
    return count


def stale(most: int = MOST) -> list[int]:
    """Return the ids of present service grids whose ground is not what they were laid out from, at most so many."""
    with connection.cursor() as cursor:
        cursor.execute(STALE, {"service": GridKind.SERVICE, "today": timezone.localdate(), "most": most})
        return [grid for (grid,) in cursor.fetchall()]


@clock.task("grid-streets", timedelta(minutes=2))
def lay_stale() -> int:
    """Lay out anew what is stale, as much as one turn takes, and return how many streets."""
    grids = stale()
    return lay(grids) if grids else 0


def lay_all() -> None:
    """Lay out anew all that is stale: for who has just written a whole city."""
    while grids := stale():
        lay(grids)


def mark(district: str, streets: list[int], days: list[date]) -> None:
    """Move the days of streets on whose coverage changed on these days, pair by pair, in whatever grids they lie."""
    values: dict[str, Any] = {
        "district": district,
        "streets": streets,
        "days": days,
        "enough": ENOUGH,
        "since": _since(),
    }
    with connection.cursor() as cursor:
        cursor.execute(MARK, values)


def _since() -> date:
    return timezone.localdate() - FARTHEST_BACK
