"""From counts by smallest cell and day to all the counts that are kept: one SQL for the fold and for the recount.

What a day adds to its month is written as `CellCount.days` says.
"""

from maps.cells.hexagons import FINEST

# Of rows (…, cell, month, dom, category, state, n), of which the first columns are the caller's: by month and for all
# time, by category and state, by state alone and for all together. The smallest cells hold so few that their months are
# kept by category and state only, and all time in the other forms only: the rest is added up where it is asked for.
# All sums are of integers, and the window hands its rows on in order: anything else is slow.
COUNTS = """
select {where}, cell, category, state, month, sum(n)::int as count,
       array_agg(dom * 67108864 + 33554432 + running::int) as days
from (
  select *, sum(n) over (partition by {where}, cell, category, state, month order by dom) as running
  from (
    select {where}, cell, coalesce(category, 0) as category, coalesce(state, 0) as state, month, dom, sum(n)::int as n
    from {rows} as rows
    group by grouping sets (
      ({where}, cell, month, dom, category, state),
      ({where}, cell, month, dom, state),
      ({where}, cell, month, dom)
    )
    having sum(n) <> 0 and (grouping(category) = 0 or cell < {finest})
  ) as daily
) as summed
group by {where}, cell, category, state, month
"""
OF_ALL_TIME = """
select {where}, cell, category, state, 0 as month, sum(count)::int as count, null::int[] as days
from {counts} as months where cell < {finest} group by {where}, cell, category, state having sum(count) <> 0
union all
select {where}, cell, 0, coalesce(state, 0), 0, sum(count)::int, null
from {counts} as months where cell >= {finest}
group by grouping sets (({where}, cell, state), ({where}, cell)) having sum(count) <> 0
"""
# Numbers of cells grow with their resolution: from here on they are of the smallest size.
SMALLEST_CELL = 1 << 59 | FINEST << 52
MONTH = "(extract(year from day)::int * 12 + extract(month from day)::int - 1)"
DAY_OF_MONTH = "extract(day from day)::int"
COLUMNS = "district, region_code, cell, category, state, month, count, days"
KEY = "district, cell, category, month, state, region_code"


def by_month(rows: str, where: str) -> str:
    """Return the counts by month of rows; `where` are the columns that say in which community a cell is counted."""
    return COUNTS.format(rows=rows, where=where, finest=SMALLEST_CELL)


def of_all_time(counts: str, where: str) -> str:
    """Return the counts for all time of those by month."""
    return OF_ALL_TIME.format(counts=counts, where=where, finest=SMALLEST_CELL)


def written(text: str, **parts: str) -> str:
    """Return SQL with the names of the columns and of its key, and further parts, in their /*places*/."""
    for name, part in {"columns": COLUMNS, "key": KEY, **parts}.items():
        text = text.replace(f"/*{name}*/", part)
    return text
