"""How the counts look in SQL: what the fold and the recount have in common."""

from maps.cells.codes import ALL, ANY_OPEN, OPEN

# For all time only what is asked most; the rest is added up by years.
OF_ALL_TIME = """
select /*where*/, cell, category, state, 0 as year, sum(count)::int as count, null::int[] as days
from /*counts*/ as counts where category = /*all*/ and state in (/*all*/, /*any open*/)
group by /*where*/, cell, category, state having sum(count) <> 0
"""
COLUMNS = "district, region_code, cell, category, state, year, count, days"
KEY = "district, cell, category, state, year, region_code"
_PARTS = {
    "columns": COLUMNS,
    "key": KEY,
    "all": str(ALL),
    "any open": str(ANY_OPEN),
    "open": ", ".join(map(str, OPEN)),
    "year": "extract(year from day)::smallint",
    "day of year": "extract(doy from day)::smallint",
}


def written(text: str, **parts: str) -> str:
    """Return SQL with the parts that all have and further ones in the place that holds their name: /*key*/."""
    for name, part in {**_PARTS, **parts}.items():
        text = text.replace(f"/*{name}*/", part)
    return text
