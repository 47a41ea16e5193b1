"""Unit grids inside of service grids."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from grids.splitting import House, Problem, Proposal, SplitError, Way, measure, split
from tests.grids.splitting.test_split import sound
from tests.grids.splitting.towns import degrees, drawn, metres, random_town, town


def nested(problem: Problem, proposal: Proposal) -> None:
    """Assert what holds of every proposal with unit grids: both levels sound, and each service grid whole units."""
    sound(problem, proposal)
    units = np.array([unit.polygon for unit in proposal.units], object)
    assert all(shape.geom_type == "Polygon" and shape.is_valid for shape in units)
    assert shapely.coverage_is_valid(units)
    assert sorted(atom for unit in proposal.units for atom in unit.atoms) == list(range(len(proposal.atoms)))
    figures = measure(problem, [grid.polygon for grid in proposal.grids], units=list(units))["units"]
    assert (figures["gap_m2"], figures["overlap_m2"], figures["buildings_cut"]) == (0, 0, 0)
    assert [unit.number for unit in proposal.units] == list(range(1, len(units) + 1))
    for grid in proposal.grids:
        below = [unit for unit in proposal.units if unit.parent == grid.number]
        union = shapely.coverage_union_all([unit.polygon for unit in below])
        assert shapely.equals_exact(shapely.normalize(union), shapely.normalize(grid.polygon))
        assert sum(unit.households for unit in below) == grid.households
        assert sorted(atom for unit in below for atom in unit.atoms) == list(grid.atoms)


@given(seed=st.integers(0, 10_000), houses=st.integers(0, 90), number=st.integers(1, 4), area=st.floats(2e3, 6e4))
@settings(max_examples=5, deadline=None)
def test_service_grids_of_any_town_consist_of_whole_units(seed: int, houses: int, number: int, area: float) -> None:
    problem = random_town(seed, houses=houses, number=number, unit_area=area)
    proposal = split(problem)
    nested(problem, proposal)
    assert len(proposal.grids) == number


@given(seed=st.integers(0, 10_000))
@settings(max_examples=2, deadline=None)
def test_the_same_seed_gives_the_same_units(seed: int) -> None:
    first, second = (split(random_town(seed, number=2, seed=seed, unit_area=10_000)) for _ in range(2))
    assert [shapely.to_wkb(unit.polygon) for unit in first.units] == [
        shapely.to_wkb(unit.polygon) for unit in second.units
    ]


def test_a_main_road_inside_a_service_grid_parts_its_units() -> None:
    """One service grid, two units, the road between them although it does not halve the ground.

    ```
    ▪ ▪ ▪ ▪ ║ ▪ ▪
    ▪ ▪ ▪ ▪ ║ ▪ ▪
    ```
    """
    problem = drawn(
        """
        1.1.1.1.1.1|1.1.1.
        ...........|......
        1.1.1.1.1.1|1.1.1.
        ...........|......
        1.1.1.1.1.1|1.1.1.
        """,
        number=1,
        unit_area=4_500,
    )
    proposal = split(problem)
    nested(problem, proposal)
    assert [unit.parent for unit in proposal.units] == [1, 1]
    west, east = (metres(unit.polygon) for unit in proposal.units)
    assert west.bounds[2] == pytest.approx(115, abs=0.01)
    assert east.bounds[0] == pytest.approx(115, abs=0.01)
    assert proposal.quality["barrier_inside_km_per_km2"] > 0
    assert proposal.quality["units"]["barrier_inside_km_per_km2"] == 0


def test_what_a_barrier_parts_off_is_no_unit_when_it_is_tiny() -> None:
    """The corner beyond the road has a twentieth of a unit's area."""
    houses = [House(degrees(shapely.box(x, y, x + 8, y + 8))) for x in range(10, 90, 20) for y in range(10, 90, 20)]
    road = Way(degrees(shapely.LineString([(70, 100), (100, 70)])), "primary")
    proposal = split(town(shapely.box(0, 0, 100, 100), [road], houses, number=1, unit_area=10_000))
    (unit,) = proposal.units
    assert metres(unit.polygon).area == pytest.approx(10_000, rel=1e-6)


def test_units_are_about_as_large_as_asked_for() -> None:
    problem = random_town(3, size=600, houses=200, number=2, unit_area=10_000)
    proposal = split(problem)
    nested(problem, proposal)
    areas = proposal.quality["units"]["area_m2"]
    assert len(proposal.units) == pytest.approx(36, abs=6)
    assert areas["median"] == pytest.approx(10_000, rel=0.3)
    assert proposal.quality["units"]["area_within_half"] >= 0.8


def test_service_grids_are_as_even_as_without_units() -> None:
    given = {"houses": 200, "size": 500.0, "number": 5}
    plain, parted = (split(random_town(11, **given, unit_area=area)) for area in (None, 10_000.0))  # type: ignore[arg-type]
    assert parted.quality["within_10_percent"] >= plain.quality["within_10_percent"]
    assert parted.quality["variation"] <= max(0.06, plain.quality["variation"])


def test_a_unit_area_too_small_is_refused() -> None:
    with pytest.raises(SplitError) as refused:
        split(drawn("1.1.1.1", number=1, unit_area=10))
    assert refused.value.code == "unit_area_small"
