"""Leading a line round buildings, in steps of a metre."""

import pytest
import shapely

from grids.splitting.detours import AWAY_M, led_round
from grids.splitting.plan import Point, metres

EAST, NORTH = metres(40.0)


def at(x: float, y: float) -> Point:
    return 111.0 + x / EAST, 40.0 + y / NORTH


def house(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.Polygon([at(west, south), at(east, south), at(east, north), at(west, north)])


def inside_metres(line: list[Point]) -> shapely.LineString:
    return shapely.LineString([((x - 111.0) * EAST, (y - 40.0) * NORTH) for x, y in line])


def test_a_line_goes_along_the_shorter_side() -> None:
    """
    ────┐ ▓▓▓ ┌────
        └─────┘
    """
    block = house(10, -2, 20, 8)
    found = inside_metres(led_round([at(0, 0), at(30, 0)], [block]))
    assert found.coords[0] == pytest.approx((0, 0), abs=1e-6)
    assert found.coords[-1] == pytest.approx((30, 0), abs=1e-6)
    assert not shapely.intersects(shapely.LineString(led_round([at(0, 0), at(30, 0)], [block])), block)
    assert found.bounds[1] == pytest.approx(-2 - AWAY_M, abs=1e-6)
    assert found.bounds[3] == pytest.approx(0, abs=1e-6)


def test_the_other_way_is_the_same_line_backwards() -> None:
    block = house(10, -2, 20, 8)
    there, back = led_round([at(0, 0), at(30, 0)], [block]), led_round([at(30, 0), at(0, 0)], [block])
    assert shapely.hausdorff_distance(inside_metres(there), inside_metres(back)) < 1e-6


def test_a_corner_at_which_an_outline_begins_is_gone_round_too() -> None:
    """Whichever vertex of the outline comes first, the way past it is as long."""
    for turn in range(4):
        corners = list(house(10, -2, 20, 8).exterior.coords)[:-1]
        block = shapely.Polygon(corners[turn:] + corners[:turn])
        assert inside_metres(led_round([at(0, 0), at(30, 0)], [block])).length == pytest.approx(35, abs=1e-4)


def test_two_that_stand_close_are_gone_round_together() -> None:
    found = inside_metres(led_round([at(0, 0), at(40, 0)], [house(10, -2, 20, 8), house(20.5, -4, 30, 8)]))
    assert found.bounds[1] == pytest.approx(-4 - AWAY_M, abs=1e-6)
    assert found.is_simple


def test_a_line_that_meets_none_stays_as_it_is() -> None:
    line = [at(0, 0), at(30, 0)]
    assert led_round(line, [house(10, 5, 20, 8)]) == line
    assert led_round(line, []) == line


def test_a_line_that_ends_in_a_building_is_left_to_be_refused() -> None:
    block = house(10, -2, 20, 8)
    line = led_round([at(0, 0), at(15, 0)], [block])
    assert shapely.intersects(shapely.LineString(line), block)
