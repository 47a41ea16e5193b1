"""Tiny towns for the splitter, drawn in characters or made from a seed; one character is ten metres."""

from collections.abc import Sequence

import numpy as np
import shapely

from grids.splitting import House, Problem, Way
from grids.splitting.crs import Plane, plane_of

PLANE: Plane = plane_of(111.65, 40.8)
_ORIGIN = PLANE.forward(np.array([[111.65, 40.8]]))[0].round()
CELL = 10.0


def degrees(geometry: shapely.Geometry) -> shapely.Geometry:
    """Put a geometry drawn in metres from the town's south-western corner onto the globe."""
    return shapely.transform(geometry, lambda xy: PLANE.inverse(xy + _ORIGIN))


def metres(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the plane geometry of one on the globe."""
    return shapely.transform(geometry, lambda xy: PLANE.forward(xy) - _ORIGIN)


def drawn(picture: str, **given: object) -> Problem:
    """Read a town from a picture.

    A digit is a building with that many households, `|`, `-` and `+` main streets through the middle of their
    cells, `=` and `!` a residential one, `.` open ground, a blank is outside the boundary.
    """
    rows = [row for row in picture.splitlines() if row.strip()]
    indent = min(len(row) - len(row.lstrip()) for row in rows if row.strip())
    rows = [row[indent:] for row in rows]
    cells, houses, ways = [], [], []
    for number, row in enumerate(rows):
        top = (len(rows) - number) * CELL
        for column, sign in enumerate(row):
            left = column * CELL
            if sign == " ":
                continue
            cells.append(shapely.box(left, top - CELL, left + CELL, top))
            if sign.isdigit():
                houses.append(House(degrees(shapely.box(left + 2, top - 8, left + 8, top - 2)), int(sign)))
            if sign in "|!+":
                ends = [(left + CELL / 2, top - CELL), (left + CELL / 2, top)]
                ways.append(Way(degrees(shapely.LineString(ends)), "primary" if sign in "|+" else "residential"))
            if sign in "-=+":
                ends = [(left, top - CELL / 2), (left + CELL, top - CELL / 2)]
                ways.append(Way(degrees(shapely.LineString(ends)), "primary" if sign in "-+" else "residential"))
    return town(shapely.union_all(cells), ways, houses, **given)


def town(boundary: shapely.Geometry, ways: Sequence[Way], houses: Sequence[House], **given: object) -> Problem:
    """Return the problem of a boundary in metres, and ways and houses on the globe."""
    return Problem(boundary=degrees(boundary), ways=ways, houses=houses, **given)  # type: ignore[arg-type]


def random_town(layout: int, size: float = 400.0, houses: int = 60, **given: object) -> Problem:
    """Return a town with bent, dangling and unnoded streets and houses at any angle, some over each other."""
    chance = np.random.default_rng(layout)
    ways = []
    for index in range(9):
        spots = chance.uniform(-0.1 * size, 1.1 * size, (2, 2))
        middle = spots.mean(0) + chance.normal(0, 0.1 * size, 2)
        line = shapely.LineString([spots[0], middle, spots[1]])
        ways.append(Way(degrees(line), ("primary", "residential", "service")[index % 3]))
    built = []
    for _ in range(houses):
        x, y = chance.uniform(0, size, 2)
        wide, deep = chance.uniform(5, 20, 2)
        block = shapely.affinity.rotate(shapely.box(x, y, x + wide, y + deep), chance.uniform(0, 90))
        built.append(House(degrees(block), int(chance.integers(0, 9))))
    return town(shapely.box(0, 0, size, size), ways, built, **given)
