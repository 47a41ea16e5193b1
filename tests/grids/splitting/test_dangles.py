"""Streets drawn a little short of the next one."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from grids.splitting import House, Problem, Way, measure, split
from grids.splitting.dangles import REACH, bridges
from grids.splitting.ground import prepare
from tests.grids.splitting.test_split import sound
from tests.grids.splitting.towns import degrees, metres, town


def crossing(gap: float, *houses: tuple[float, float]) -> Problem:
    """Return a street along y = 50 and a main road from the south that ends a gap before it.

    ```
    ▪ ▪   ▪ ▪
    ─────────
    ▪ ▪ ║ ▪ ▪
    ▪ ▪ ║ ▪ ▪
    ```
    """
    ways = [
        Way(degrees(shapely.LineString([(0, 50), (100, 50)])), "residential"),
        Way(degrees(shapely.LineString([(50, 0), (50, 50 - gap)])), "primary"),
    ]
    built = [House(degrees(shapely.box(x, y, x + 2, y + 2))) for x, y in houses]
    return town(shapely.box(0, 0, 100, 100), ways, built, number=2)


@pytest.mark.parametrize(("gap", "found"), [(0.0, []), (0.5, [0.5]), (4.5, [4.5]), (REACH + 0.5, [])])
def test_a_loose_end_is_led_on_when_the_next_street_is_near(gap: float, found: list[float]) -> None:
    lengths = shapely.length(bridges(prepare(crossing(gap))))
    assert lengths.tolist() == pytest.approx(found, abs=0.01)


def test_not_through_a_building() -> None:
    assert len(bridges(prepare(crossing(4, (49, 47))))) == 0


def test_what_ends_on_the_boundary_is_not_loose() -> None:
    ways = [Way(degrees(shapely.LineString([(x, -10), (x, 110)])), "residential") for x in (50, 53)]
    assert len(bridges(prepare(town(shapely.box(0, 0, 100, 100), ways, [], number=2)))) == 0


@pytest.mark.parametrize(("gap", "found"), [(0.5, [0.5]), (4.5, [4.5]), (REACH + 0.5, [])])
def test_what_ends_short_of_the_boundary_is_led_on_to_it(gap: float, found: list[float]) -> None:
    ways = [Way(degrees(shapely.LineString([(50, gap), (50, 110)])), "residential")]
    ground = prepare(town(shapely.box(0, 0, 100, 100), ways, [], number=2))
    lines = bridges(ground)
    assert shapely.length(lines).tolist() == pytest.approx(found, abs=0.01)
    assert shapely.distance(lines, shapely.boundary(ground.boundary)).tolist() == pytest.approx([0] * len(found))


def test_the_next_street_goes_before_a_boundary_further_away() -> None:
    """A lane ends 2 m before a street that runs 4 m within the boundary."""
    ways = [
        Way(degrees(shapely.LineString([(50, 6), (50, 110)])), "residential"),
        Way(degrees(shapely.LineString([(-10, 4), (110, 4)])), "residential"),
    ]
    lines = bridges(prepare(town(shapely.box(0, 0, 100, 100), ways, [], number=2)))
    assert shapely.length(lines).tolist() == pytest.approx([2], abs=0.01)


def test_a_road_drawn_short_of_the_boundary_divides_the_ground_all_the_same() -> None:
    """West of the road live as many as east of it: two grids, parted by the road though it touches no rim.

    ```
    ┌───────┐
    │▪ ▪║▪ ▪│
    │▪ ▪║▪ ▪│
    └───────┘
    ```
    """
    ways = [Way(degrees(shapely.LineString([(45, 3), (45, 97)])), "primary")]
    built = [(x, y) for x in (10, 25, 60, 80) for y in (15, 45, 75)]
    problem = town(
        shapely.box(0, 0, 100, 100), ways, [House(degrees(shapely.box(x, y, x + 2, y + 2))) for x, y in built]
    )
    proposal = split(replace(problem, number=2))
    sound(problem, proposal)
    assert proposal.quality["barrier_inside_km_per_km2"] == 0
    assert proposal.quality["border_along_streets"] > 0.99


def test_a_road_drawn_short_is_a_border_all_the_same() -> None:
    """South of the street live twice as many as north of it: three grids, and the road parts two of them."""
    south = [(x, y) for x in (10, 25, 40, 60, 75, 90) for y in (10, 25, 40)]
    north = [(x, y) for x in (10, 30, 50, 70, 90) for y in (65, 80)]
    problem = replace(crossing(4, *south, *north), number=3)
    proposal = split(problem)
    sound(problem, proposal)
    assert proposal.quality["barrier_inside_km_per_km2"] == 0
    corners = {spot for grid in proposal.grids for spot in map(tuple, shapely.get_coordinates(metres(grid.polygon)))}
    assert min(np.hypot(x - 50, y - 50) for x, y in corners) < 0.1


def test_a_town_whose_streets_all_fall_short_is_split_along_them() -> None:
    """Every street between two crossings was drawn 1 to 3 m short at both ends."""
    chance = np.random.default_rng(5)
    streets, short = [], []
    for east in range(0, 400, 100):
        for north in range(0, 400, 100):
            for step in ((100, 0), (0, 100)):
                ends = np.array([(east, north), (east + step[0], north + step[1])], float)
                along = np.array(step) / 100
                streets.append(Way(degrees(shapely.LineString(ends)), "residential"))
                ends += np.outer([1, -1], along) * chance.uniform(1, 2.4, (2, 1))
                short.append(Way(degrees(shapely.LineString(ends)), "residential"))
    places = [block + yard for block in range(0, 400, 100) for yard in (15, 45, 75)]
    houses = [House(degrees(shapely.box(x, y, x + 10, y + 10))) for x in places for y in places]
    area = shapely.box(0, 0, 400, 400)
    proposal = split(town(area, short, houses, number=4))
    sound(town(area, short, houses, number=4), proposal)
    shapes = [grid.polygon for grid in proposal.grids]
    assert measure(town(area, streets, houses, number=4), shapes)["border_along_streets"] > 0.9
