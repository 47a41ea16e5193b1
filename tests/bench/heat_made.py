"""Counts of so many problems in a drawn city, without the problems: what a tile of heat reads is all there.

A city of 400 km² (every smallest cell in 250 rings around the middle, each with a weight of its own) in communities of
900 m by 900 m, problems of 41 categories over three years, nine in ten closed.
The facts are drawn in SQL and rolled up by what fills the counts of a real city, so that rows, their order and their
indexes are the same.

    python -m tests.bench.heat_made 1000000    in the database of GRIDWARDEN_DATABASE_URL, whose counts it replaces
"""

import sys
import time
from collections.abc import Mapping
from math import asinh, cos, pi, radians, tan

import django
from django.db import connection, transaction

MIDDLE = (111.67, 40.82)
RINGS = 250
SIDE = 900  # metres
WINDOWS: Mapping[str, Mapping[str, str]] = {
    "all time": {},
    "one month": {"since": "2026-10-01", "until": "2026-10-31"},
    "two months": {"since": "2026-09-01", "until": "2026-10-31"},
    "twelve months": {"since": "2025-11-01", "until": "2026-10-31"},
    "92 days": {"since": "2026-08-11", "until": "2026-11-10"},
    "92 days over new year": {"since": "2025-11-11", "until": "2026-02-10"},
    "92 days, open": {"since": "2026-08-11", "until": "2026-11-10", "state": "open"},
    "92 days, one category": {"since": "2026-08-11", "until": "2026-11-10", "category": "01001"},
    "all time, one category": {"category": "01001"},
}
PLACES = """
insert into cell_community
select n, '150199', '150199001' || lpad(n::text, 3, '0') from generate_series(1, 961) n
"""
CITY = """
create temp table city_cell on commit drop as
select cell, place, (sum(exp(2 * weight)) over (order by cell)) / (sum(exp(2 * weight)) over ()) as upto
from (
  select cell, place, sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) as weight
  from unnest(%s::bigint[], %s::int[]) as told (cell, place)
) drawn
"""
# A place on the scale of 0 to 1 falls into the cell whose share covers it: a merge of two sorted lists.
FACTS = """
with place as (
  select u, row_number() over (order by u) from (select random() as u from generate_series(1, %s)) drawn
),
told as (
  select u as at, null::bigint as cell from place union all select upto, cell from city_cell
),
covered as (
  select cell is null as fact, at,
         min(cell) over (partition by part) as cell
  from (select *, count(cell) over (order by at desc, cell nulls last) as part from told) parts
)
insert into cell_fact
select place, cell, date '2026-11-30' - (random() * 1095)::int,
       1000 + floor(41 * random() ^ 2)::int,
       case when random() < 0.9 then 14 else 1 + floor(14 * random())::int end, 1
from covered join city_cell using (cell) where fact
"""


def make(problems: int) -> None:
    """Replace the counts by those of so many drawn problems."""
    from h3.api import basic_int as h3

    from maps.cells import recounting, summing
    from maps.cells.hexagons import cell_at

    with transaction.atomic(), connection.cursor() as cursor:
        recounting._be_patient()
        cursor.execute("select setseed(0.7)")
        cursor.execute("truncate maps_cell, maps_celldelta")
        cursor.execute(summing.STAGE)
        cells = h3.grid_disk(cell_at(*MIDDLE), RINGS)
        places = [community(*h3.cell_to_latlng(cell)) for cell in cells]
        cursor.execute(PLACES)
        cursor.execute(CITY, [cells, places])
        cursor.execute(FACTS, [problems])
        cursor.execute("analyze cell_fact")
        began = time.monotonic()

        def say(text: str, _share: float) -> None:
            print(f"{time.monotonic() - began:7.1f} s {text}", flush=True)

        result = recounting.Result()
        recounting.lay_down(result, say)
        say(f"{result.counts:,} counts, {result.drawn:,} cells", 1)
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) maps_cell")
        cursor.execute("vacuum (analyze) maps_cellcount")


def tile_at(zoom: int) -> tuple[int, int]:
    """Return the tile of a zoom in the middle of the city; https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames."""
    (lon, lat), size = MIDDLE, 2**zoom
    return int((lon + 180) / 360 * size), int((1 - asinh(tan(radians(lat))) / pi) / 2 * size)


def community(lat: float, lon: float) -> int:
    """Return the number of the square in which a place lies, from 1 to 961: 31 of them lie side by side."""
    east = (lon - MIDDLE[0]) * 111_320 * cos(radians(MIDDLE[1])) / SIDE
    north = (lat - MIDDLE[1]) * 111_320 / SIDE
    return 31 * (round(north) + 15) + round(east) + 16


if __name__ == "__main__":
    django.setup()
    make(int(sys.argv[1]))
