"""Folding changes into the counts, many at once: whoever writes reports never touches a row of counts."""

from django.db import connection, transaction
from django.db.models import F

from maps.cells import locking, outlines
from maps.cells.hexagons import RESOLUTIONS
from maps.cells.levels import OF_ALL_TIME, written
from maps.models import CellCursor, CellDelta

BATCH = 5_000
# Of rows (district, region_code, cell, year, day, category, state, n): by year, for each category and state, for each
# state, what is open, and all together. The window hands its rows on in the order of days.
BY_YEAR = written("""
select district, region_code, cell, category, state, year, sum(n)::int as count,
       array_agg(day * 4194304 + 2097152 + running) as days
from (
  select *, (sum(n) over (partition by district, region_code, cell, category, state, year order by day))::int as running
  from (
    select district, region_code, cell, coalesce(category, /*all*/) as category,
           case when grouping(state) = 0 then state when grouping(opened) = 0 then /*any open*/ else /*all*/ end
             as state, year, day, sum(n)::int as n
    from (select *, state in (/*open*/) as opened from every_size) as rows
    group by grouping sets (
      (district, region_code, cell, year, day),
      (district, region_code, cell, year, day, opened),
      (district, region_code, cell, year, day, opened, state),
      (district, region_code, cell, year, day, opened, state, category)
    )
    having sum(n) <> 0 and (grouping(opened) = 1 or opened or grouping(state) = 0)
  ) as daily
) as summed
group by district, region_code, cell, category, state, year
""")
FOLD = written(
    """
with taken as (
  delete from maps_celldelta
  where id in (select id from maps_celldelta order by id limit %(batch)s)
  returning district, region_code, cell, day, category, state, count as n
),
summed as (
  select district, region_code, cell, /*year*/ as year, /*day of year*/ as day, category, state, sum(n)::int as n
  from taken group by district, region_code, cell, taken.day, category, state having sum(n) <> 0
),
every_size as (
  select district, region_code, cell_parent(cell, resolution) as cell, year, day, category, state, n
  from summed cross join unnest(%(resolutions)s::int[]) as resolution
),
years as (/*years*/),
put as (
  insert into maps_cellcount as kept (/*columns*/)
  select * from years union all /*totals*/
  on conflict (/*key*/) do update
  set count = kept.count + excluded.count, days = cell_days_sum(kept.days, excluded.days)
  returning /*key*/, count, days
)
select /*key*/ from put where count = 0 and days is null
""",
    years=BY_YEAR,
    totals=written(OF_ALL_TIME, counts="years", where="district, region_code"),
)
EMPTY = written("""
delete from maps_cellcount where (/*key*/) in (
  select * from unnest(%s::text[], %s::bigint[], %s::int[], %s::smallint[], %s::smallint[], %s::text[])
)
""")
TOUCHED = """
select distinct district, cell_parent(cell, resolution) as cell
from (select district, cell from maps_celldelta order by id limit {batch}) as first
cross join unnest(array{resolutions}) as resolution
"""


@transaction.atomic
def fold(most_batches: int = 20) -> int:
    """Fold the changes that wait, some thousands at a time, and return how many; 0 while somebody else does."""
    if not locking.take(wait=False):
        return 0
    done = 0
    for _turn in range(most_batches):
        taken = _fold_batch()
        done += taken
        if taken < BATCH:
            break
    if not CellDelta.objects.exists():
        CellCursor.objects.filter(counted_until__lt=F("read_until")).update(counted_until=F("read_until"))
    return done


def _fold_batch() -> int:
    waiting = CellDelta.objects.order_by("id")[:BATCH].count()
    if not waiting:
        return 0
    outlines.draw_new(TOUCHED.format(batch=BATCH, resolutions=list(RESOLUTIONS)))
    with connection.cursor() as cursor:
        cursor.execute(FOLD, {"batch": BATCH, "resolutions": list(RESOLUTIONS)})
        empty = cursor.fetchall()
        if empty:
            cursor.execute(EMPTY, [list(column) for column in zip(*empty, strict=True)])
    return waiting
