"""Folding what single patrols saw into the coverage of a street or place on a day, which knows no patrol.

Two patrols of one day may be measured at once: whoever changes what was seen on a day in a district holds its lock
until the end of the transaction, so that no fold misses another's rows.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection
from psycopg import sql

from patrols.grid_streets import mark
from patrols.models import Sight
from patrols.models.coverage import SEEN

FOLD = """
insert into patrols_coverage (district, day, {column}, covered, unknown, told)
select district, day, {column}, covered, unknown - covered, told
from (
  select s.district, s.day, s.{column},
         coalesce(range_agg(s.covered), '{{}}') covered, coalesce(range_agg(s.unknown), '{{}}') unknown,
         bool_or(s.told) told
  from patrols_sight s
  join unnest(%s::bigint[], %s::date[]) as asked(thing, day) on asked.thing = s.{column} and asked.day = s.day
  where s.district = %s
  group by s.district, s.day, s.{column}
) folded
on conflict (district, {column}, day) where {column} is not null
do update set covered = excluded.covered, unknown = excluded.unknown, told = excluded.told
"""
FORGET = """
delete from patrols_coverage c using unnest(%s::bigint[], %s::date[]) as asked(thing, day)
where c.district = %s and c.{column} = asked.thing and c.day = asked.day
  and not exists (
    select from patrols_sight s where s.district = c.district and s.{column} = c.{column} and s.day = c.day
  )
"""


def lock_days(district: str, days: Iterable[date]) -> None:
    """Hold the locks of days of a district until the transaction ends, in their order."""
    with connection.cursor() as cursor:
        for day in sorted(days):
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"coverage {district} {day}"])


def fold(district: str, touched: Iterable[Sight]) -> None:
    """Fold anew what these sights, past or present, are about; the caller holds the days' locks."""
    things: dict[str, set[tuple[int, date]]] = {name: set() for name in SEEN}
    for sight in touched:
        for name in SEEN:
            key = getattr(sight, f"{name}_id")
            if key is not None:
                things[name].add((key, sight.day))
    with connection.cursor() as cursor:
        for name, keys in things.items():
            if keys:
                column = sql.Identifier(f"{name}_id")
                ids, days = map(list, zip(*sorted(keys), strict=True))
                cursor.execute(sql.SQL(FOLD).format(column=column), [ids, days, district])
                cursor.execute(sql.SQL(FORGET).format(column=column), [ids, days, district])
                if name == "street":
                    mark(district, ids, days)
