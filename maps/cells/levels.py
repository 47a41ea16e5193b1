"""From counts by smallest cell and day to all the counts that are kept: one SQL for the fold and for the recount.

What a day adds to its year is written as `CellCount.days` says.
"""

from maps.cells.codes import ALL, ANY_OPEN, OPEN

# Of rows (…, cell, year, day, category, state, n), of which the first columns are the caller's: by year, for each
# category and state, each state, what is open and all together. The sets are prefixes of each other, so that one sort
# serves them; all numbers are integers, and the window hands its rows on in order: anything else is slow.
COUNTS = """
select {where}, cell, category, state, year, sum(n)::int as count,
       array_agg(day * 4194304 + 2097152 + running) as days
from (
  select *, (sum(n) over (partition by {where}, cell, category, state, year order by day))::int as running
  from (
    select {where}, cell, coalesce(category, {all}) as category,
           case when grouping(state) = 0 then state when grouping(opened) = 0 then {any_open} else {all} end as state,
           year, day, sum(n)::int as n
    from (select *, state in ({open}) as opened from {rows}) as rows
    group by grouping sets (
      ({where}, cell, year, day),
      ({where}, cell, year, day, opened),
      ({where}, cell, year, day, opened, state),
      ({where}, cell, year, day, opened, state, category)
    )
    having sum(n) <> 0 and (grouping(opened) = 1 or opened or grouping(state) = 0)
  ) as daily
) as summed
group by {where}, cell, category, state, year
"""
# For all time only what is asked most; the rest is added up by years.
OF_ALL_TIME = """
select {where}, cell, category, state, 0 as year, sum(count)::int as count, null::int[] as days
from {counts} as counts where category = {all} and state in ({all}, {any_open})
group by {where}, cell, category, state having sum(count) <> 0
"""
COLUMNS = "district, region_code, cell, category, state, year, count, days"
KEY = "district, cell, category, state, year, region_code"
_PARTS = {
    "columns": COLUMNS,
    "key": KEY,
    "year": "extract(year from day)::smallint",
    "day_of_year": "extract(doy from day)::smallint",
}
_NUMBERS = {"all": ALL, "any_open": ANY_OPEN, "open": ", ".join(map(str, OPEN))}


def by_year(rows: str, where: str) -> str:
    """Return the counts by year of rows; `where` are the columns that say in which community a cell is counted."""
    return COUNTS.format(rows=rows, where=where, **_NUMBERS)


def of_all_time(counts: str, where: str) -> str:
    """Return the counts for all time of those by year."""
    return OF_ALL_TIME.format(counts=counts, where=where, **_NUMBERS)


def written(text: str, **parts: str) -> str:
    """Return SQL with the columns, their key, the year and the day of the year of `day`, and further parts in place.

    A place is the name of a part as a comment: /*key*/.
    """
    for name, part in {**_PARTS, **parts}.items():
        text = text.replace(f"/*{name}*/", part)
    return text
