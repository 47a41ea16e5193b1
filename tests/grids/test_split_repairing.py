"""Ready-made grids: what is narrow is closed, what is wide is told; and blocks along the streets."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from grids.splitting.fitting import blocks_along
from grids.splitting.repairing import Finding, Repair, repaired
from tests.grids.test_split_editing import at, square

TOWN = square(0, 0, 3, 3)
M = 0.01  # a metre, in the town's hundreds


def check(found: Repair, count: int, ground: shapely.Geometry = TOWN) -> None:
    assert not found.open
    assert len(found.polygons) == count
    assert shapely.coverage_is_valid(found.polygons)
    assert all(one.geom_type == "Polygon" and one.is_valid for one in found.polygons)
    beside = shapely.coverage_union_all(found.polygons).symmetric_difference(ground)
    assert beside.area * 111_320**2 < 3  # 2 mm along 1.2 km of rim


def codes(findings: list[Finding]) -> list[str]:
    return [one.code for one in findings]


def test_what_fits_stays_as_it_is() -> None:
    found = repaired([square(0, 0, 1, 3), square(1, 0, 3, 3)], TOWN, 2)
    check(found, 2)
    assert found.closed == []
    assert found.polygons[0].symmetric_difference(square(0, 0, 1, 3)).area * 111_320**2 < 1


def test_a_narrow_gap_is_closed_and_told() -> None:
    """
    ┌───┐┌───────┐   The gap is 1.5 m wide and 300 m long.
    │ 0 ││   1   │
    └───┘└───────┘
    """
    found = repaired([square(0, 0, 1, 3), square(1 + 1.5 * M, 0, 3, 3)], TOWN, 2)
    check(found, 2)
    (one,) = found.closed
    assert (one.code, one.grids) == ("gap", (0, 1))
    assert one.area == pytest.approx(450, rel=0.01)


def test_a_narrow_overlap_goes_to_one_of_its_claimants() -> None:
    found = repaired([square(0, 0, 1 + M, 3), square(1, 0, 3, 3)], TOWN, 2)
    check(found, 2)
    assert codes(found.closed) == ["overlap"]


@pytest.mark.parametrize(
    ("grids", "code"),
    [
        ([square(0, 0, 1, 3), square(1.05, 0, 3, 3)], "gap"),
        ([square(0, 0, 1.05, 3), square(1, 0, 3, 3)], "overlap"),
        ([square(-0.05, 0, 1, 3), square(1, 0, 3, 3)], "outside"),
        ([square(0, 0, 1, 3), square(1, 0, 3, 2.9)], "gap"),
        ([TOWN, square(5, 5, 6, 6)], "missing"),
    ],
)
def test_what_is_wide_is_left_to_people(grids: list[shapely.Polygon], code: str) -> None:
    found = repaired(grids, TOWN, 2)
    assert code in codes(found.open)
    assert found.polygons == []


def test_a_grid_in_pieces_is_told_and_a_crumb_goes_to_its_neighbour() -> None:
    crumb = square(2, 1, 2 + M, 2)
    rest = shapely.difference(square(1, 0, 3, 3), crumb)
    found = repaired([shapely.union(square(0, 0, 1, 3), crumb), rest], TOWN, 2)
    check(found, 2)
    assert "piece" in codes(found.closed)
    island = square(2, 1, 2.5, 2)
    found = repaired([shapely.union(square(0, 0, 1, 3), island), shapely.difference(rest, island)], TOWN, 2)
    assert "piece" in codes(found.open)


def test_a_little_beyond_the_boundary_is_cut_off() -> None:
    found = repaired([square(-M, -M, 1, 3 + M), square(1, 0, 3, 3)], TOWN, 2)
    check(found, 2)
    assert set(codes(found.closed)) == {"outside"}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-0.9 * M, 0.9 * M), min_size=16, max_size=16))
def test_a_town_digitised_by_a_shaky_hand_becomes_exact(shake: list[float]) -> None:
    """Four grids whose corners were each clicked up to 0.9 m beside where they belong."""
    corners = iter(zip(shake[::2], shake[1::2], strict=True))
    moved = {place: next(corners) for place in ((1.5, 0.0), (0.0, 1.5), (3.0, 1.5), (1.5, 3.0))}

    def quad(west: float, south: float, number: int) -> shapely.Polygon:
        ring = []
        for x, y in ((west, south), (west + 1.5, south), (west + 1.5, south + 1.5), (west, south + 1.5)):
            east, north = moved.get((x, y), (0.0, 0.0))
            flip = -1 if number % 2 else 1
            ring.append(at(x + east * flip, y + north * flip))
        return shapely.Polygon(ring)

    grids = [quad(x, y, number) for number, (x, y) in enumerate(((0, 0), (1.5, 0), (0, 1.5), (1.5, 1.5)))]
    check(repaired(grids, TOWN, 3), 4)


def test_streets_cut_grids_into_blocks_but_no_building() -> None:
    outlines = [square(0, 0, 1.5, 3), square(1.5, 0, 3, 3)]
    street = shapely.LineString([at(-1, 1), at(4, 1)])
    blind = shapely.LineString([at(0.5, 2), at(1, 2)])
    pieces = blocks_along(outlines, [street, blind])
    assert sorted(grid for grid, _piece in pieces) == [0, 0, 1, 1]
    assert shapely.coverage_is_valid([piece for _grid, piece in pieces])
    house = square(0.5, 0.9, 0.7, 1.1)
    assert sorted(grid for grid, _piece in blocks_along(outlines, [street], [house])) == [0, 1, 1]


def test_a_line_close_to_a_border_leaves_no_sliver() -> None:
    outlines = [square(0, 0, 1.5, 3), square(1.5, 0, 3, 3)]
    beside = shapely.LineString([at(1.5 + 2 * M, -1), at(1.5 + 2 * M, 4)])
    assert len(blocks_along(outlines, [beside])) == 2
