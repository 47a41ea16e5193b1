"""Counts of so many problems in a drawn city, without the problems: what a tile of heat reads is all there.

A city of 400 km² (every smallest cell in 250 rings around the middle, each with a weight of its own), problems of 41
categories over three years, nine in ten closed. The facts are drawn in SQL and rolled up by what fills the counts of a
real city, so that rows, their order and their indexes are the same.

    python -m tests.bench.heat_made 1000000    in the database of GRIDWARDEN_DATABASE_URL, whose counts it replaces
"""

import sys
import time

import django
from django.db import connection, transaction

MIDDLE = (111.67, 40.82)
RINGS = 250
CITY = """
create temp table city_cell on commit drop as
select cell, (sum(exp(2 * weight)) over (order by cell)) / (sum(exp(2 * weight)) over ()) as upto
from (
  select cell, sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) as weight from unnest(%s::bigint[]) cell
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
select '150199', '150199001' || lpad((1 + cell %% 20)::text, 3, '0'), cell,
       date '2026-11-30' - (random() * 1095)::int,
       1000 + floor(41 * random() ^ 2)::int,
       case when random() < 0.9 then 14 else 1 + floor(14 * random())::int end, 1
from covered where fact
"""


def make(problems: int) -> None:
    """Replace the counts by those of so many drawn problems."""
    from h3.api import basic_int as h3

    from maps.cells import outlines, recounting
    from maps.cells.hexagons import cell_at
    from maps.models import Cell, CellCount

    with transaction.atomic(), connection.cursor() as cursor:
        recounting._be_patient()
        cursor.execute("select setseed(0.7)")
        cursor.execute("truncate maps_cell, maps_cellcount, maps_celldelta")
        cursor.execute(recounting.STAGE)
        cursor.execute(CITY, [h3.grid_disk(cell_at(*MIDDLE), RINGS)])
        cursor.execute(FACTS, [problems])
        began = time.monotonic()
        recounting._roll_up("maps_cellcount", lambda text, _share: print(f"{time.monotonic() - began:7.1f} s {text}"))
        outlines.draw_new()
        print(
            f"{time.monotonic() - began:7.1f} s: {CellCount.objects.count():,} counts, {Cell.objects.count():,} cells"
        )
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) maps_cell")
        cursor.execute("vacuum (analyze) maps_cellcount")


if __name__ == "__main__":
    django.setup()
    make(int(sys.argv[1]))
