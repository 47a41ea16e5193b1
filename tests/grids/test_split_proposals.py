"""Proposals in the database: stored exactly, edited by version, undone and done again, forgotten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import shapely
from django.contrib.gis.geos import Polygon
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids import clock
from grids.models import Building, Grid, SplitBlock, SplitEdit, SplitGrid, SplitRun, Stairwell
from grids.problems import BadInput, Conflict, NotFound
from grids.splits.editing import Edit, discard, edit, next_of, redo, undo, visible
from grids.splits.ground import Ground, to_django, to_shapely
from grids.splits.sources import from_grids
from grids.splits.storing import load
from tests.split_town import build_houses, merged, proposal, shapes
from tests.town import Town, at, box


@pytest.fixture(autouse=True)
def houses(town: Town) -> None:
    build_houses(town)


def rows(run: SplitRun) -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    for grid in run.grids.filter(present=True):
        found.add(("grid", grid.key, grid.parent, grid.households, bytes(grid.geom.wkb)))
    for block in run.blocks.filter(present=True):
        found.add(("block", block.key, block.grid, block.households, tuple(block.buildings), bytes(block.geom.wkb)))
    return found


def changed(town: Town, run: SplitRun, verb: str, **parameters: object) -> SplitRun:
    run.refresh_from_db()
    return edit(town.scope("paula"), run.pk, run.version, Edit(verb, parameters))


def line(*places: tuple[float, float]) -> dict[str, object]:
    points = [at(*place) for place in places]
    return {"type": "LineString", "coordinates": [[point.x, point.y] for point in points]}


def test_coordinates_survive_to_the_last_bit(town: Town) -> None:
    odd = Polygon(((0.1 + 0.2, 1 / 3), (1.1, 0.30000000000000004), (0.7, 0.9), (0.1 + 0.2, 1 / 3)), srid=4326)
    assert shapely.equals_exact(to_shapely(to_django(to_shapely(odd))), to_shapely(odd), 0)
    run = proposal(town)
    stored = {row.key: to_shapely(row.geom) for row in shapes(run).values()}
    for number, grid in town.grids.items():
        grid.refresh_from_db()
        assert shapely.equals_exact(stored[number], to_shapely(grid.geom), normalize=True)
    assert shapely.coverage_is_valid(list(stored.values()))


def test_a_proposal_says_what_it_consists_of(town: Town) -> None:
    run = proposal(town)
    plan = load(run).plan
    assert len(plan.grids) == len(plan.blocks) == 9
    assert plan.households(5) == 100
    assert plan.grids[5].name == "第5网格"
    assert run.head
    assert run.head.quality["grids"] == 9
    assert run.version == 1


def test_households_are_the_building_s_or_its_stairwells_or_one(town: Town) -> None:
    both, stairs, none = Building.objects.order_by("pk")[:3]
    for number in (1, 2):
        for building in (both, stairs):
            Stairwell.objects.create(
                source_id=f"s{building.pk}-{number}",
                building=building,
                label=f"{number}",
                households=7,
                geom=at(0.5, 0.5),
            )
    Building.objects.filter(pk__in=[stairs.pk, none.pk]).update(households=None)
    found = Ground(town.grids[1].region).houses
    assert [found[row.pk].households for row in (both, stairs, none)] == [100, 14, 1]


def test_an_edit_replaces_only_the_rows_it_changes(town: Town) -> None:
    run = merged(town, proposal(town), (4, 5))
    assert run.version == 2
    assert run.head
    assert (len(run.head.grids_before), len(run.head.grids_after)) == (2, 1)
    assert (len(run.head.blocks_before), len(run.head.blocks_after)) == (1, 1)
    assert shapes(run)[4].households == 200
    assert SplitGrid.objects.filter(run=run, present=False).count() == 2


def test_undoing_and_doing_again_bring_back_the_very_same(town: Town) -> None:
    run, scope = proposal(town), town.scope("paula")
    states = [rows(run)]
    for verb, parameters in (
        ("merge", {"one": 4, "two": 5}),
        ("redraw", {"one": 1, "two": 4, "line": line((1.2, 4), (1.2, 1))}),
        ("drag", {"vertex": list(at(1, 1)), "place": list(at(1.1, 1.05))}),
    ):
        run = changed(town, run, verb, **parameters)
        states.append(rows(run))
    assert len({frozenset(state) for state in states}) == 4
    for state in reversed(states[:-1]):
        run = undo(scope, run.pk, run.version)
        assert rows(run) == state
    with pytest.raises(Conflict):
        undo(scope, run.pk, run.version)
    for state in states[1:]:
        run = redo(scope, run.pk, run.version)
        assert rows(run) == state
    with pytest.raises(Conflict):
        redo(scope, run.pk, run.version)
    assert run.version == 10


def test_a_line_through_a_building_is_led_round_it(town: Town) -> None:
    """From west to east through the middle of grid 5, where a building stands."""
    run = changed(town, proposal(town), "redraw", one=4, two=5, line=line((0.9, 1.5), (2.1, 1.5)))
    quality = run.head.quality if run.head else {}
    assert (quality["buildings_cut"], quality["coverage_valid"]) == (0, True)


def test_an_edit_after_undoing_overtakes_what_was_undone(town: Town) -> None:
    run, scope = merged(town, proposal(town), (4, 5)), town.scope("paula")
    run = merged(town, undo(scope, run.pk, run.version), (7, 8))
    assert next_of(run) is None
    assert set(shapes(run)) == {1, 2, 3, 4, 5, 6, 7, 9}
    assert SplitEdit.objects.filter(run=run).count() == 3


def test_a_move_and_its_refusal(town: Town) -> None:
    run = merged(town, proposal(town), (4, 5))
    run = changed(town, run, "move", block=5, to=2)
    assert (shapes(run)[2].households, shapes(run)[4].households) == (200, 100)
    with pytest.raises(BadInput, match="改为合并"):
        changed(town, run, "move", block=4, to=1)


@pytest.mark.parametrize(
    ("verb", "parameters"),
    [
        ("fold", {}),
        ("merge", {"one": 1}),
        ("merge", {"one": True, "two": "2"}),
        ("merge", {"one": 1, "two": 99}),
        ("move", {"block": 10**9, "to": 1}),
        ("redraw", {"one": 1, "two": 2, "line": {"type": "Point", "coordinates": [1, 1]}}),
        ("redraw", {"one": 1, "two": 2}),
        ("drag", {"vertex": [1e300, 0], "place": [0, 0]}),
        ("drag", {"vertex": "x"}),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    town: Town, verb: str, parameters: dict[str, object]
) -> None:
    run = proposal(town)
    before = rows(run)
    with pytest.raises(BadInput):
        changed(town, run, verb, **parameters)
    run.refresh_from_db()
    assert (run.version, rows(run)) == (1, before)


def test_whoever_saw_another_version_is_told(town: Town) -> None:
    run, scope = proposal(town), town.scope("paula")
    edit(scope, run.pk, 1, Edit("merge", {"one": 4, "two": 5}))
    for work in (
        lambda: edit(scope, run.pk, 1, Edit("merge", {"one": 7, "two": 8})),
        lambda: undo(scope, run.pk, 1),
        lambda: discard(scope, run.pk, 1),
    ):
        with pytest.raises(Conflict, match="期间"):
            work()


@pytest.mark.parametrize("who", ["alice", "charlie", "dora", "olaf"])
def test_only_planners_of_the_region_see_and_change_it(town: Town, who: str) -> None:
    run, scope = proposal(town), town.scope(who)
    assert not visible(scope).exists()
    works: list[Callable[[], object]] = [
        lambda: edit(scope, run.pk, 1, Edit("merge", {"one": 4, "two": 5})),
        lambda: undo(scope, run.pk, 1),
        lambda: redo(scope, run.pk, 1),
        lambda: discard(scope, run.pk, 1),
    ]
    for work in works:
        with pytest.raises(NotFound):
            work()


def test_a_discarded_proposal_is_gone(town: Town) -> None:
    run = merged(town, proposal(town), (4, 5))
    discard(town.scope("paula"), run.pk, run.version)
    assert not any(model._default_manager.exists() for model in (SplitRun, SplitGrid, SplitBlock, SplitEdit))
    assert Grid.objects.current().count() == 10


def test_a_proposal_that_nobody_touched_for_thirty_days_goes(town: Town) -> None:
    old, fresh = proposal(town), proposal(town)
    SplitRun.objects.filter(pk=old.pk).update(changed_at=timezone.now() - timedelta(days=31))
    assert "splits-old" in clock.tick()
    assert list(SplitRun.objects.values_list("pk", flat=True)) == [fresh.pk]


def test_the_grids_of_a_day_need_some(town: Town) -> None:
    with pytest.raises(BadInput):
        from_grids(town.grids[1].region, timezone.localdate() - timedelta(days=4000), town.paula)


def test_one_key_is_one_block_and_one_grid(town: Town) -> None:
    run = proposal(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        SplitBlock.objects.create(run=run, key=1, grid=1, households=0, geom=box(0, 0, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        SplitGrid.objects.create(run=run, key=1, number=1, kind="service", households=0, geom=box(0, 0, 1, 1))


def test_an_edit_takes_the_same_number_of_queries_for_any_size(town: Town) -> None:
    run = proposal(town)
    counts = []
    for one, two in ((4, 5), (1, 2), (7, 8)):
        run.refresh_from_db()
        scope = town.scope("paula")
        with CaptureQueriesContext(connection) as captured:
            edit(scope, run.pk, run.version, Edit("merge", {"one": one, "two": two}))
        counts.append(len(captured))
    assert max(counts) <= 16, counts
    assert len(set(counts)) == 1
