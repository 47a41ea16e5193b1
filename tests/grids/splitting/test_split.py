"""Splitting tiny towns whose best split is known."""

import numpy as np
import pytest
import shapely

from grids.splitting import House, Problem, Proposal, SplitCancelled, SplitError, Way, measure, split
from grids.splitting.linework import LATTICE, faces, noded
from tests.grids.splitting.towns import degrees, drawn, metres, town

TWO_SIDES = """
    1.1.1|1.1.1
    .....|.....
    1.1.1|1.1.1
    .....|.....
    1.1.1|1.1.1
"""


def sound(problem: Problem, proposal: Proposal) -> None:
    """Assert what holds of every proposal: one exact cover, single parts, no building cut."""
    shapes = np.array([grid.polygon for grid in proposal.grids], object)
    assert all(shape.geom_type == "Polygon" and shape.is_valid for shape in shapes)
    assert shapely.coverage_is_valid(shapes)
    quality = measure(problem, list(shapes))
    assert (quality["gap_m2"], quality["overlap_m2"], quality["buildings_cut"]) == (0, 0, 0)
    assert sorted(atom for grid in proposal.grids for atom in grid.atoms) == list(range(len(proposal.atoms)))
    assert quality["grids"] == proposal.quality["grids"]
    assert quality["variation"] == pytest.approx(proposal.quality["variation"])


def test_two_sides_of_a_main_road_are_two_grids() -> None:
    """The road is the border.

    ```
    1.1.1 | 1.1.1
    ..... | .....
    1.1.1 | 1.1.1
    ```
    """
    problem = drawn(TWO_SIDES, households=9)
    proposal = split(problem)
    sound(problem, proposal)
    assert [grid.households for grid in proposal.grids] == [9, 9]
    assert [grid.number for grid in proposal.grids] == [1, 2]
    west, east = (metres(grid.polygon) for grid in proposal.grids)
    assert west.bounds == pytest.approx((0, 0, 55, 50), abs=0.01)
    assert east.bounds == pytest.approx((55, 0, 110, 50), abs=0.01)
    assert proposal.quality["barrier_inside_km_per_km2"] == 0
    assert proposal.quality["border_along_streets"] == pytest.approx(1)
    assert proposal.remarks == ()


def test_numbers_run_west_to_east_then_north_to_south() -> None:
    problem = drawn(
        """
        2.2|2.2
        ---+---
        2.2|2.2
        """,
        number=4,
    )
    spots = [metres(grid.polygon).centroid for grid in split(problem).grids]
    assert [(spot.x < 35, spot.y > 15) for spot in spots] == [
        (True, True),
        (False, True),
        (True, False),
        (False, False),
    ]


def test_a_block_without_streets_is_parted_between_its_buildings() -> None:
    problem = drawn(
        """
        1.1.1.1.1.1
        ...........
        1.1.1.1.1.1
        """,
        households=6,
    )
    proposal = split(problem)
    sound(problem, proposal)
    assert [grid.households for grid in proposal.grids] == [6, 6]


def test_one_grid_for_few() -> None:
    problem = drawn(TWO_SIDES, households=18)
    (grid,) = split(problem).grids
    assert metres(grid.polygon).area == pytest.approx(110 * 50, rel=1e-7)


def test_a_tower_gets_a_grid_and_is_named() -> None:
    problem = drawn(TWO_SIDES, households=9)
    houses = [*problem.houses[1:], problem.houses[0]]
    tower = [type(house)(house.footprint, 2000 if index == 17 else 1) for index, house in enumerate(houses)]
    proposal = split(town(metres(problem.boundary), problem.ways, tower, households=9))
    assert [remark.code for remark in proposal.remarks] == ["tower"]
    assert proposal.remarks[0].values == {"households": 2000, "target": 9}
    assert sorted(grid.households for grid in proposal.grids)[-1] >= 2000


def test_an_area_without_households_is_split_by_area() -> None:
    problem = town(shapely.box(0, 0, 200, 100), [], [], number=2)
    proposal = split(problem)
    sound(problem, proposal)
    assert [remark.code for remark in proposal.remarks] == ["empty"]
    areas = [metres(grid.polygon).area for grid in proposal.grids]
    assert min(areas) > 0.8 * max(areas)


def test_separate_parts_never_share_a_grid_and_a_small_one_is_named() -> None:
    problem = drawn(
        """
        1.1.1.1  1
        .......  .
        1.1.1.1  .
        """,
        households=4,
    )
    proposal = split(problem)
    sound(problem, proposal)
    assert sorted(grid.households for grid in proposal.grids) == [1, 4, 4]
    assert [remark.code for remark in proposal.remarks] == ["island"]


def test_a_hole_in_the_boundary_stays_a_hole() -> None:
    problem = drawn(
        """
        1.1.1.1
        .......
        1.   .1
        ..   ..
        1.1.1.1
        """,
        households=5,
    )
    proposal = split(problem)
    sound(problem, proposal)
    assert sum(metres(grid.polygon).area for grid in proposal.grids) == pytest.approx(29 * 100, rel=1e-7)


def test_the_setting_moves_from_compact_to_along_barriers() -> None:
    picture = """
        1.1|1.1.1.1
        ...|.......
        1.1|1.1.1.1
        ...|.......
        1.1|1.1.1.1
    """
    inside = [
        split(drawn(picture, number=2, setting=setting)).quality["barrier_inside_km_per_km2"] for setting in (0.0, 1.0)
    ]
    assert inside[1] <= inside[0]


@pytest.mark.parametrize(("gap", "border"), [(8.0, 54.0), (16.0, 50.0)])
def test_two_carriageways_are_one_border(gap: float, border: float) -> None:
    """Half-way between two lines if it then runs along both, else along one of them; never a grid of its own.

    ```
    ▪ ▪ ▪ ║   ║ ▪ ▪ ▪
    ▪ ▪ ▪ ║   ║ ▪ ▪ ▪
    ```
    """
    lines = [shapely.LineString([(x, 0), (x, 60)]) for x in (50.0, 50.0 + gap)]
    spots = [(x, y) for x in (5, 20, 35, 72, 87, 102) for y in (10, 40)]
    houses = [House(degrees(shapely.box(x, y, x + 8, y + 8))) for x, y in spots]
    problem = town(shapely.box(0, 0, 115, 60), [Way(degrees(line), "primary") for line in lines], houses, number=2)
    proposal = split(problem)
    sound(problem, proposal)
    west, east = (metres(grid.polygon) for grid in proposal.grids)
    assert west.bounds[2] == pytest.approx(east.bounds[0], abs=0.1)
    assert min(abs(west.bounds[2] - place) for place in (border, 50 + gap if gap > 10 else border)) < 0.1


def test_a_line_a_hair_beside_the_boundary_leaves_no_gap() -> None:
    """Once noded, a point of the face between both lies beyond the boundary."""
    corner = (0.2572, 0.0126)
    boundary = shapely.Polygon([(0.2572, 0), corner, (1.5414, 34.4174), (40, 34), (40, 0)])
    line = shapely.LineString([(1.5414, 34.4174), (0.2572, 0.01228)])
    found = faces(noded(np.array([line, boundary.exterior], object)), boundary)
    assert len(found) == 2
    assert shapely.distance(shapely.Point(corner), shapely.boundary(shapely.union_all(found))) < LATTICE


def test_pavements_make_no_strips() -> None:
    problem = drawn(TWO_SIDES, households=9)
    pavement = Way(degrees(shapely.LineString([(52, 0), (52, 50)])), "footway")
    with_it = split(town(metres(problem.boundary), [*problem.ways, pavement], problem.houses, households=9))
    assert len(with_it.atoms) == len(split(problem).atoms)


def test_progress_is_told_and_rises() -> None:
    heard: list[tuple[str, float]] = []
    split(drawn(TWO_SIDES, households=9), lambda step, share: heard.append((step, share)))
    assert [share for _step, share in heard] == sorted(share for _step, share in heard)
    assert {step for step, _share in heard} >= {"clean", "blocks", "partition", "borders", "measure", "done"}


def test_it_stops_when_asked_to() -> None:
    asked = iter([False, False, True])
    with pytest.raises(SplitCancelled):
        split(drawn(TWO_SIDES, households=9), cancelled=lambda: next(asked, True))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "households_or_number"),
        ({"households": 9, "number": 2}, "households_or_number"),
        ({"households": 0}, "not_positive"),
        ({"number": 2, "setting": 1.5}, "setting_range"),
        ({"number": 998}, "more_than_atoms"),
    ],
)
def test_what_cannot_be_is_refused_with_a_code(given: dict[str, object], code: str) -> None:
    with pytest.raises(SplitError) as refused:
        split(drawn(TWO_SIDES, **given))
    assert refused.value.code == code
