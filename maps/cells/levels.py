"""From counts by smallest cell and day to all the counts that are kept: one SQL for the fold and for the recount.

What a day adds to its month is written as `CellCount.days` says.
"""

# Of rows (district, region_code, cell, day, category, state, n): by month and for all time, by category and state, by
# state alone and for all together.
COUNTS = """
select district, region_code, cell, category, state, month, sum(n)::int as count,
       array_agg(dom * 67108864 + 33554432 + running::int order by dom) as days
from (
  select *, sum(n) over (
    partition by district, region_code, cell, category, state, month order by dom
  ) as running
  from (
    select district, region_code, cell, coalesce(category, 0) as category, coalesce(state, 0) as state,
           (extract(year from day) * 12 + extract(month from day) - 1)::int as month,
           extract(day from day)::int as dom, sum(n) as n
    from {rows} as rows
    group by grouping sets (
      (district, region_code, cell, day, category, state),
      (district, region_code, cell, day, state),
      (district, region_code, cell, day)
    )
    having sum(n) <> 0
  ) as daily
) as summed
group by 1, 2, 3, 4, 5, 6
"""
OF_ALL_TIME = """
select district, region_code, cell, category, state, 0 as month, sum(count)::int as count, null::int[] as days
from {counts} as months group by 1, 2, 3, 4, 5 having sum(count) <> 0
"""
COLUMNS = "district, region_code, cell, category, state, month, count, days"
KEY = "district, cell, category, month, state, region_code"


def written(text: str, **parts: str) -> str:
    """Return SQL with the names of the columns and of its key, and further parts, in their /*places*/."""
    for name, part in {"columns": COLUMNS, "key": KEY, **parts}.items():
        text = text.replace(f"/*{name}*/", part)
    return text
