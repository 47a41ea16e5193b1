"""Who answered for a place on a day, whatever has become of its grid since."""

from dataclasses import dataclass
from datetime import date

from django.contrib.gis.geos import Point

from grids.models import Assignment, Grid
from grids.models.grid import GridKind


@dataclass(frozen=True, slots=True)
class Answer:
    """The service grid that a place lay in on a day, and who answered for it, owners first."""

    grid: Grid | None
    assignments: tuple[Assignment, ...]


def answered_for(point: Point, day: date) -> Answer:
    """Return who answered for a point (EPSG:4326) on a day, in two queries.

    A point on a border belongs to the grid with the lower code. On the day on which new grids begin they hold already.
    """
    rows = Grid.objects.on(day).filter(kind=GridKind.SERVICE, geom__covers=point)
    grid = rows.select_related("region").order_by("code").first()
    if grid is None:
        return Answer(None, ())
    order = {"owner": 0, "deputy": 1, "member": 2}
    holders = Assignment.objects.on(day).filter(grid=grid).select_related("person", "team", "organisation")
    return Answer(grid, tuple(sorted(holders, key=lambda row: (order[row.role], row.pk))))
