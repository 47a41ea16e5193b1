"""The table of cells: each is drawn once, when something is first counted in it."""

from django.db import connection

from maps.cells.hexagons import hexagons

# In the order of their numbers cells of one size lie together, and neighbours near each other.
NEW = """
select district, cell from ({found}) counted
where not exists (select from maps_cell c where c.district = counted.district and c.cell = counted.cell)
order by cell
"""
EVERYWHERE = "select distinct district, cell from {counts} where category = 0 and state = 0"


def draw_new(found: str) -> int:
    """Draw the cells of a query of (district, cell) that are not drawn yet, and return how many."""
    with connection.cursor() as cursor:
        cursor.execute(NEW.format(found=found))
        new = cursor.fetchall()
        shapes = {one.cell: one for one in hexagons({cell for _district, cell in new})}
        if new:
            columns = "district, cell, resolution, hectares, lon, lat, geom"
            with cursor.copy(f"copy maps_cell ({columns}) from stdin") as copy:
                for district, cell in new:
                    one = shapes[cell]
                    copy.write_row((district, cell, one.resolution, one.hectares, one.lon, one.lat, one.ewkt))
    return len(new)
