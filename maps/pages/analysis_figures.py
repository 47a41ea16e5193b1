"""How many problems were found in a region in a period and in the one before, from the counts by cell."""

from dataclasses import dataclass, replace

from django.contrib.gis.geos import Polygon
from django.db import connection

from grids.models.people import Role
from grids.scope import Scope
from maps.cells.asking import Asked as Question
from maps.cells.asking import Window
from maps.cells.codes import NUMBERS, OPEN, number_of
from maps.cells.listing import top_cells
from maps.cells.reading import counted, values
from maps.pages import analysis_filters
from maps.pages.analysis_filters import Asked, Days

# The largest cells: a few of them hold a whole district.
TOTAL = """
select coalesce(sum(now.n), 0)::int, {was}, (select counted_until from maps_cellcursor)
from maps_cell c cross join lateral ({now}) now {versus}
where c.district = %(district)s and c.resolution = 1::smallint
"""


# About eleven hectares: a few blocks, which have a name.
BLOCKS = 9


@dataclass(frozen=True, slots=True)
class Figures:
    """Problems found in the period and in the compared one, `was` is None where nothing is compared."""

    found: int
    was: int | None
    counted_until: object

    @property
    def change(self) -> int | None:
        """Per cent more (or, below nought, fewer) than before; nothing where there was nothing to compare with."""
        return round(100 * (self.found - self.was) / self.was) if self.was else None


def question(asked: Asked, before: Days | None) -> Question:
    """Return what the counts are asked."""
    return Question(
        window=Window(asked.days.since, asked.days.until),
        versus=Window(before.since, before.until) if before else None,
        categories=(number_of(asked.category),) if asked.category else (),
        states=OPEN if asked.state == analysis_filters.OPEN else (NUMBERS[asked.state],) if asked.state else (),
    )


def figures(code: str, asked: Asked, before: Days | None) -> Figures:
    """Return the figures of a region; one statement whose cost does not grow with the reports."""
    put = question(asked, before)
    statement = TOTAL.format(
        now=counted(put, "now", put.window),
        was="coalesce(sum(was.n), 0)::int" if put.versus else "null",
        versus=f"cross join lateral ({counted(put, 'was', put.versus)}) was" if put.versus else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values(put), "reach": [f"{code}%"], "district": code[:6]})
        found, was, until = cursor.fetchone()
    return Figures(found, was, until)


def worst_place(scope: Scope, code: str, box: Polygon, asked: Asked) -> str:
    """Return what the place with most is called, of cells of some blocks; empty where nothing was found or has a name.

    `box` is the region's extent in EPSG:4326; what lies in it of other regions does not count.
    """
    there = replace(scope, regions={Role.PLANNER: (code,)})
    return next((cell.name for cell in top_cells(there, question(asked, None), box, BLOCKS, 1)), "")
