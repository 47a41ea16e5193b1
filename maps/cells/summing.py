"""All counts of staged facts, set by set: first the forms of the smallest cells, then one size after the other.

Nothing here is shared with the fold but how a row looks, so that each proves the other.
"""

from collections.abc import Callable

from django.db import connection
from django.utils.translation import gettext as _

from maps.cells.codes import ALL, ANY_OPEN, OPEN
from maps.cells.hexagons import FINEST, RESOLUTIONS
from maps.cells.levels import OF_ALL_TIME, written

Say = Callable[[str, float], None]

# Districts and communities have numbers here: sorting by text takes most of the time otherwise.
STAGE = """
create temp table cell_community (place int primary key, district text, region_code text) on commit drop;
create temp table cell_fact (
  place int, cell bigint, day date, category int, state smallint, n int
) on commit drop
"""
MADE = "create temp table cell_year_{level} on commit drop as {merged}"
ADDED = "insert into cell_year_{level} {merged}"
# Counts (place, cell, category, state, year, count, days) of which those of one key become one. Most are alone and stay
# as they are; of the others the days are taken apart, added, and summed up again.
MERGED = """
with moved as not materialized ({counts}),
grouped as materialized (
  select place, cell, category, state, year, count(*) as parts, sum(count)::int as count, min(days) as days
  from moved group by place, cell, category, state, year
)
select place, cell, category, state, year, count, days from grouped where parts = 1
union all
select place, cell, category, state, year, sum(n)::int, array_agg(day * 4194304 + 2097152 + running)
from (
  select *, (sum(n) over (partition by place, cell, category, state, year order by day))::int as running
  from (
    select place, cell, category, state, year, told.v >> 22 as day,
           sum((told.v & 4194303) - coalesce(moved.days[told.i - 1] & 4194303, 2097152))::int as n
    from (select place, cell, category, state, year from grouped where parts > 1) together
    join moved using (place, cell, category, state, year)
    cross join lateral unnest(moved.days) with ordinality as told (v, i)
    group by place, cell, category, state, year, told.v >> 22
    having sum((told.v & 4194303) - coalesce(moved.days[told.i - 1] & 4194303, 2097152)) <> 0
  ) daily
) summed
group by place, cell, category, state, year
"""
FACTS = written("""
select place, cell, category, state, /*year*/ as year, n as count,
       array[/*day of year*/ * 4194304 + 2097152 + n] as days
from cell_fact
""")
FORM = """
select place, cell, {all} as category, {state}::smallint as state, year, count, days
from cell_year_{level} where {some}
"""
PARENTS = """
select place, cell_parent(cell, {level}) as cell, category, state, year, count, days from cell_year_{finer}
"""
EACH = f"category = {ALL} and state between 1 and {ANY_OPEN - 1}"
# By category and state, by state, all together, and what is open; each of what was summed up before.
FORMS = (
    (f"category > {ALL}", "state"),
    (EACH, str(ALL)),
    (f"{EACH} and state in ({', '.join(map(str, OPEN))})", str(ANY_OPEN)),
)
# Laid down as they will be read: what is read by default before single categories, and cells that are neighbours near
# each other.
INSERT = """
insert into /*target*/ (/*columns*/)
select district, region_code, cell, category, state, year, count, days
from (/*counts*/) as found join cell_community using (place)
order by category > 0, cell
"""


def roll_up(target: str, say: Say) -> int:
    """Write all counts of the staged facts to a table, from the smallest cells to the largest; return how many."""
    laid_down, finer = 0, 0
    with connection.cursor() as link:
        # How many counts have companions cannot be known before, and a guess of few is the slowest one.
        link.execute("set local enable_nestloop = off")
    for done, level in enumerate(reversed(RESOLUTIONS)):
        # What is left to do shrinks from size to size.
        say(_("Counting cells of size %(size)s") % {"size": level}, 0.75 - 0.45 * 0.7**done)
        with connection.cursor() as link:
            link.execute(f"drop table if exists cell_year_{level}")
            if level == FINEST:
                link.execute(written(MADE.format(level=level, merged=MERGED.format(counts=FACTS))))
                link.execute("drop table cell_fact")
                for some, state in FORMS:
                    link.execute(f"analyze cell_year_{level}")
                    form = FORM.format(level=level, some=some, state=state, all=ALL)
                    link.execute(ADDED.format(level=level, merged=MERGED.format(counts=form)))
            else:
                parents = PARENTS.format(level=level, finer=finer)
                link.execute(MADE.format(level=level, merged=MERGED.format(counts=parents)))
                link.execute(f"drop table cell_year_{finer}")
            link.execute(f"analyze cell_year_{level}")
            all_time = written(OF_ALL_TIME, counts=f"cell_year_{level}", where="place")
            link.execute(written(INSERT, target=target, counts=f"table cell_year_{level} union all {all_time}"))
            laid_down += link.rowcount
        finer = level
    with connection.cursor() as link:
        link.execute(f"drop table cell_year_{finer}")
        link.execute("set local enable_nestloop = default")
    return laid_down
