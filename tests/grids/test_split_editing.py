"""Editing a proposal by hand: the cover stays exact, or the edit is refused.

3 +---+---+---+     Blocks of 100 m by column and row, keys 1 to 9 from the lower left upwards. Columns are the
  | 3 | 6 | 9 |     grids 1, 2 and 3. Each block has one building of 20 m in its middle with 10 households, of the
2 +---+---+---+     same key.
  | 2 | 5 | 8 |
1 +---+---+---+
  | 1 | 4 | 7 |
0 +---+---+---+
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
import shapely
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from grids.splitting.editing import drag, merge, move_block, move_unit
from grids.splitting.plan import Block, EditError, Footprint, Patch, Plan, Point, housed
from grids.splitting.redrawing import redraw

LON, LAT, X, Y = 111.67, 40.82, 0.001185, 0.0009005


def at(east: float, north: float) -> Point:
    return LON + east * X, LAT + north * Y


def square(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.Polygon([at(west, south), at(east, south), at(east, north), at(west, north)])


HOUSES = {
    1 + column * 3 + row: Footprint(square(column + 0.4, row + 0.4, column + 0.6, row + 0.6), 10)
    for column in range(3)
    for row in range(3)
}


def town() -> Plan:
    blocks = {
        key: Block(
            key,
            1 + (key - 1) // 3,
            square((key - 1) // 3, (key - 1) % 3, (key - 1) // 3 + 1, (key - 1) % 3 + 1),
            10,
            (key,),
        )
        for key in range(1, 10)
    }
    return Plan(blocks, {number: Patch(number, number, "service") for number in (1, 2, 3)})


def two_floors() -> Plan:
    """Unit grids 1, 2, 3; the first two make the service grid 11, the third is 12."""
    plan = town()
    units = {key: replace(patch, kind="unit", parent=11 if key < 3 else 12) for key, patch in plan.grids.items()}
    return Plan(plan.blocks, {**units, 11: Patch(11, 1, "service"), 12: Patch(12, 2, "service")})


def check(plan: Plan, before: Plan) -> None:
    """The promise of every edit."""
    polygons = [block.polygon for block in plan.blocks.values()]
    outlines = [plan.outline(key) for key, patch in plan.grids.items() if not plan.children(key)]
    whole = shapely.union_all([block.polygon for block in before.blocks.values()])
    assert shapely.coverage_is_valid(polygons)
    assert shapely.coverage_is_valid(outlines)
    assert all(outline.geom_type == "Polygon" and outline.is_valid for outline in outlines)
    assert shapely.coverage_union_all(outlines).symmetric_difference(whole).area < 1e-18
    assert sum(block.households for block in plan.blocks.values()) == sum(
        block.households for block in before.blocks.values()
    )
    built = sorted(house for block in plan.blocks.values() for house in block.buildings)
    assert built == sorted(house for block in before.blocks.values() for house in block.buildings)


def refused(code: str, work: Callable[[], object]) -> EditError:
    with pytest.raises(EditError) as error:
        work()
    assert error.value.code == code
    return error.value


def keys(plan: Plan, grid: int) -> set[int]:
    return {block.key for block in plan.members(grid)}


def test_two_neighbours_become_one_with_the_lower_number() -> None:
    plan = merge(town(), 2, 1)
    check(plan, town())
    assert set(plan.grids) == {1, 3}
    assert plan.households(1) == 60


def test_grids_apart_do_not_merge_nor_one_with_itself() -> None:
    refused("no_neighbours", lambda: merge(town(), 1, 3))
    refused("same_grid", lambda: merge(town(), 1, 1))
    refused("no_such_grid", lambda: merge(town(), 1, 9))


def test_unit_grids_merge_within_their_service_grid_only() -> None:
    plan = merge(two_floors(), 1, 2)
    check(plan, two_floors())
    refused("other_parent", lambda: merge(two_floors(), 2, 3))
    refused("other_kind", lambda: merge(two_floors(), 1, 11))


def test_service_grids_merge_with_all_their_unit_grids() -> None:
    plan = merge(two_floors(), 11, 12)
    check(plan, two_floors())
    assert {plan.grids[unit].parent for unit in (1, 2, 3)} == {11}


def test_a_block_moves_to_the_grid_beside_it() -> None:
    plan = move_block(town(), 1, 2)
    check(plan, town())
    assert (keys(plan, 1), keys(plan, 2)) == ({2, 3}, {1, 4, 5, 6})


def test_a_block_moves_nowhere_else() -> None:
    assert refused("grid_falls_apart", lambda: move_block(town(), 2, 2)).values == {"grid": 1}
    refused("block_not_beside", lambda: move_block(town(), 1, 3))
    refused("no_such_block", lambda: move_block(town(), 99, 3))
    refused("same_grid", lambda: move_block(town(), 1, 1))
    refused("other_kind", lambda: move_block(two_floors(), 1, 12))


def test_a_grid_s_last_block_stays() -> None:
    plan = move_block(move_block(town(), 1, 2), 2, 2)
    refused("grid_vanishes", lambda: move_block(plan, 3, 2))


def test_a_block_of_a_unit_grid_takes_its_service_grid_along() -> None:
    plan = move_block(two_floors(), 4, 3)
    check(plan, two_floors())
    assert plan.households(12) == 40


def test_a_unit_grid_moves_to_the_service_grid_beside_it() -> None:
    plan = move_unit(two_floors(), 2, 12)
    check(plan, two_floors())
    assert plan.households(11) == 30
    refused("no_neighbours", lambda: move_unit(two_floors(), 1, 12))
    refused("grid_vanishes", lambda: move_unit(plan, 1, 12))


def test_a_line_from_side_to_side_becomes_the_whole_border() -> None:
    """The border between 1 and 2 moves 20 m east; three blocks are cut, each beside its building."""
    plan = redraw(town(), 1, 2, [at(1.2, -0.3), at(1.2, 3.3)], HOUSES)
    check(plan, town())
    assert (
        plan.outline(1).equals(square(0, 0, 1.2, 3))
        or plan.outline(1).symmetric_difference(square(0, 0, 1.2, 3)).area < 1e-16
    )
    assert (plan.households(1), plan.households(2)) == (30, 30)
    assert len(plan.blocks) == 12


def test_a_line_that_stops_just_short_is_led_on() -> None:
    plan = redraw(town(), 1, 2, [at(1.2, 0.05), at(1.2, 2.95)], HOUSES)
    check(plan, town())
    assert len(plan.blocks) == 12


@pytest.mark.parametrize("beside", [-0.03, -1e-6, 0, 1e-6, 0.03])
def test_a_line_that_bows_out_moves_what_lies_behind_it(beside: float) -> None:
    """A bay of 50 m by 80 m round the building of block 5 goes from 2 to 1; its ends lie at or just past the border."""
    bay = [at(1 + beside, 1.1), at(1.7, 1.1), at(1.7, 1.9), at(1 + beside, 1.9)]
    plan = redraw(town(), 1, 2, bay, HOUSES)
    check(plan, town())
    assert (plan.households(1), plan.households(2)) == (40, 20)


def test_a_line_that_weaves_round_the_border_moves_both_sides() -> None:
    plan = redraw(town(), 1, 2, [at(1, 0), at(1.2, 0.5), at(0.8, 2.5), at(1, 3)], HOUSES)
    check(plan, town())
    assert plan.outline(1).covers(shapely.Point(at(1.1, 0.5)))
    assert plan.outline(2).covers(shapely.Point(at(0.9, 2.5)))


def test_the_neighbours_beyond_get_the_new_vertices_too() -> None:
    plan = redraw(town(), 1, 2, [at(1.2, -1), at(1.2, 1.2), at(-1, 1.2)], HOUSES)
    check(plan, town())
    plan = redraw(plan, 2, 3, [at(1.8, -1), at(1.8, 4)], HOUSES)
    check(plan, town())


def test_a_line_along_the_blocks_cuts_none() -> None:
    plan = redraw(town(), 1, 2, [at(1, 2), at(0, 2)], HOUSES)
    check(plan, town())
    assert keys(plan, 2) == {3, 4, 5, 6}


def test_a_line_through_a_building_is_refused() -> None:
    found = refused("cuts_buildings", lambda: redraw(town(), 1, 2, [at(1.5, -1), at(1.5, 4)], HOUSES))
    assert found.values == {"buildings": [4]} or found.values["buildings"]


def test_a_line_along_a_wall_is_not() -> None:
    plan = redraw(town(), 1, 2, [at(1.4, -1), at(1.4, 4)], HOUSES)
    check(plan, town())


def test_lines_that_say_nothing_are_refused() -> None:
    refused("line_changes_nothing", lambda: redraw(town(), 1, 2, [at(1, 0), at(1, 3)], HOUSES))
    refused("line_changes_nothing", lambda: redraw(town(), 1, 2, [at(5, 0), at(5, 3)], HOUSES))
    refused("line_changes_nothing", lambda: redraw(town(), 1, 2, [at(0.2, 0.2), at(0.3, 0.3)], HOUSES))
    refused(
        "line_crosses_itself", lambda: redraw(town(), 1, 2, [at(1, 0), at(1.3, 1), at(1.3, 0.5), at(0.5, 0.7)], HOUSES)
    )
    refused("no_neighbours", lambda: redraw(town(), 1, 3, [at(1, 0), at(1, 3)], HOUSES))


def test_a_vertex_takes_all_that_have_it_along() -> None:
    plan = drag(town(), at(1, 1), at(1.2, 1.1), HOUSES)
    check(plan, town())
    moved = [key for key, block in plan.blocks.items() if block != town().blocks[key]]
    assert moved == [1, 2, 4, 5]


@pytest.mark.parametrize("place", [(0, 0), (1, 0), (3, 2)])
def test_the_outer_boundary_stays(place: tuple[float, float]) -> None:
    refused("vertex_on_boundary", lambda: drag(town(), at(*place), at(0.5, 0.5), HOUSES))


def test_a_vertex_does_not_go_through_a_building_nor_beyond_its_blocks() -> None:
    assert refused("cuts_buildings", lambda: drag(town(), at(1, 1), at(1.5, 1.5), HOUSES)).values == {"buildings": [5]}
    refused("vertex_too_far", lambda: drag(town(), at(1, 1), at(2.5, 1.5), HOUSES))
    refused("vertex_too_far", lambda: drag(town(), at(1, 1), at(-1, 1), HOUSES))
    refused("no_vertex", lambda: drag(town(), at(1.5, 1.5), at(1.5, 1.6), HOUSES))


def test_a_building_that_was_cut_before_may_stay_cut() -> None:
    stock = {**HOUSES, 99: Footprint(square(0.95, 0.3, 1.05, 0.4), 5)}
    plan = town()
    blocks = {**plan.blocks, **{block.key: block for block in housed([plan.blocks[1]], (1, 99), stock)}}
    before = Plan(blocks, plan.grids)
    check(drag(before, at(1, 1), at(1.05, 1), stock), before)


def test_a_building_across_the_outer_boundary_stays_with_its_ground() -> None:
    stock = {**HOUSES, 99: Footprint(square(0.9, -0.1, 0.95, 0.1), 5)}
    plan = town()
    blocks = {**plan.blocks, **{block.key: block for block in housed([plan.blocks[1]], (1, 99), stock)}}
    before = Plan(blocks, plan.grids)
    after = redraw(before, 1, 2, [at(0.8, -1), at(0.8, 4)], stock)
    check(after, before)
    assert (after.households(1), after.households(2)) == (30, 35)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, dict[int, Footprint]]:
    """A jittered quilt of blocks in grids that are whole columns, a small building in each block."""
    columns, rows = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    shake = st.floats(-0.3, 0.3)
    corners = {
        (x, y): at(x + (draw(shake) if 0 < x < columns else 0), y + (draw(shake) if 0 < y < rows else 0))
        for x in range(columns + 1)
        for y in range(rows + 1)
    }
    blocks, stock, key = {}, {}, 0
    for x in range(columns):
        for y in range(rows):
            key += 1
            ring = [corners[x, y], corners[x + 1, y], corners[x + 1, y + 1], corners[x, y + 1]]
            polygon = shapely.Polygon(ring)
            assume(polygon.is_valid)
            centre = polygon.point_on_surface()
            stock[key] = Footprint(centre.buffer(0.00005, 2).intersection(polygon), draw(st.integers(0, 50)))
            blocks[key] = Block(key, x + 1, polygon, stock[key].households, (key,))
    return Plan(blocks, {x + 1: Patch(x + 1, x + 1, "service") for x in range(columns)}), stock


RANDOM = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@RANDOM
@given(plans(), st.data())
def test_after_any_edits_the_cover_is_exact(made: tuple[Plan, dict[int, Footprint]], data: st.DataObject) -> None:
    plan, stock = made
    spot = st.tuples(st.floats(-0.5, 4.5), st.floats(-0.5, 4.5)).map(lambda pair: at(*pair))
    before = plan
    for _turn in range(4):
        grids, blocks = st.sampled_from(sorted(plan.grids)), st.sampled_from(sorted(plan.blocks))
        corners = st.sampled_from(
            sorted(
                {(x, y) for block in plan.blocks.values() for x, y in shapely.get_coordinates(block.polygon).tolist()}
            )
        )
        verb = data.draw(st.sampled_from(["merge", "move", "redraw", "redraw", "drag"]))
        try:
            if verb == "merge":
                plan = merge(plan, data.draw(grids), data.draw(grids))
            elif verb == "move":
                plan = move_block(plan, data.draw(blocks), data.draw(grids))
            elif verb == "drag":
                plan = drag(plan, data.draw(corners), data.draw(spot), stock)
            else:
                line = data.draw(st.lists(st.one_of(spot, corners), min_size=2, max_size=5))
                plan = redraw(plan, data.draw(grids), data.draw(grids), line, stock)
            event(verb)
        except EditError as refusal:
            event(f"{verb}: {refusal.code}")
            continue
        check(plan, before)
        check_buildings(plan, stock)


def check_buildings(plan: Plan, stock: dict[int, Footprint]) -> None:
    for block in plan.blocks.values():
        for house in block.buildings:
            outside = shapely.difference(stock[house].polygon, block.polygon)
            assert outside.area < 1e-15
