"""What is said of barriers left inside of grids."""

import pytest
import shapely

from grids.splitting import House, Way, measure, split
from tests.grids.splitting.towns import degrees, drawn, town

ROAD_WEST = """
    1.|1.1.1.1.1
    ..|.........
    1.|1.1.1.1.1
    ..|.........
    1.|1.1.1.1.1
    ..|.........
    1.|1.1.1.1.1
"""


def test_a_road_that_parts_off_too_few_is_named_with_its_kind_grid_and_length() -> None:
    """Four of 24 households lie west of 70 m of road; ten metres of it are near the outer boundary.

    ```
    ▪ ║ ▪ ▪ ▪ ▪ ▪
    ▪ ║ ▪ ▪ ▪ ▪ ▪
    ```
    """
    proposal = split(drawn(ROAD_WEST, number=1))
    (said,) = proposal.remarks
    assert said.code == "barrier_inside"
    assert said.values == {
        "grid": 1,
        "kind": "primary",
        "metres": pytest.approx(60, abs=3),
        "households": 4,
        "area_m2": pytest.approx(25 * 70, rel=0.01),
        "target": 24,
    }


def test_a_road_along_a_border_is_not_named() -> None:
    problem = drawn(ROAD_WEST, number=2)
    west = degrees(shapely.box(0, 0, 25, 70))
    east = degrees(shapely.box(25, 0, 120, 70))
    assert measure(problem, [west, east])["barriers_inside"] == []
    (row,) = measure(problem, [shapely.union(west, east)])["barriers_inside"]
    assert (row["grid"], row["kind"], row["households"]) == (1, "primary", 4)


def test_a_road_that_ends_inside_parts_off_nothing() -> None:
    houses = [House(degrees(shapely.box(x, y, x + 8, y + 8))) for x in (10, 80) for y in (10, 80)]
    road = Way(degrees(shapely.LineString([(50, 0), (50, 70)])), "primary")
    brook = Way(degrees(shapely.LineString([(30, 40), (30, 65)])), "river")
    proposal = split(town(shapely.box(0, 0, 100, 100), [road, brook], houses, number=1))
    (row,) = proposal.quality["barriers_inside"]
    assert (row["kind"], row["households"], row["area_m2"]) == ("primary", None, None)
    assert row["metres"] == pytest.approx(65, abs=3)


def test_what_lies_inside_unit_grids_is_named_too() -> None:
    """The corner beyond the railway is too small for a unit grid of its own."""
    houses = [House(degrees(shapely.box(x, y, x + 8, y + 8))) for x in range(10, 90, 20) for y in range(10, 90, 20)]
    road = Way(degrees(shapely.LineString([(60, 100), (100, 60)])), "rail")
    proposal = split(town(shapely.box(0, 0, 100, 100), [road], houses, number=1, unit_area=10_000))
    said = {remark.code: remark.values for remark in proposal.remarks}
    assert set(said) == {"barrier_inside", "barrier_inside_unit"}
    unit = said["barrier_inside_unit"]
    assert (unit["grid"], unit["kind"]) == (1, "rail")
    assert unit["area_m2"] == pytest.approx(800, rel=0.05)
