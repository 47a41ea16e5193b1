"""Unit grids: they go on below new service grids, and are proposed by themselves or with them."""

from datetime import timedelta

import pytest
import shapely
from django.utils import timezone

from grids.models import Assignment, Building, Grid
from grids.models.grid import GridKind
from grids.splits.editing import Edit, edit
from grids.splits.ground import to_shapely
from grids.splits.ready_made import ReadyGrid, propose
from grids.splits.sources import from_grids
from patrols.regridding.accepting import Accepted, accept
from patrols.regridding.previewing import preview
from tests.split_town import build_houses, merged, proposal
from tests.town import NEAR, Town, box

TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def units(town: Town) -> list[Grid]:
    """Grid 5 has a left and a right unit grid; Bob owns the left one."""
    build_houses(town)
    five = town.grids[5]
    made = [
        Grid.objects.create(
            code=f"{five.region.code}10{number}",
            kind="unit",
            name=f"单元{number}",
            region=five.region,
            parent=five,
            households=50,
            geom=area,
            period=five.period,
        )
        for number, area in ((1, box(1, 1, 1.3, 2)), (2, box(1.3, 1, 2, 2)))
    ]
    Assignment.objects.create(person=town.bob, grid=made[0], role="owner", period=five.period)
    return made


def present(kind: str) -> dict[str, Grid]:
    rows = Grid.objects.current().filter(region__code=f"{NEAR}001", kind=kind).select_related("parent")
    return {row.code[12:]: row for row in rows}


def service_only(town: Town) -> int:
    """Return a proposal of the service grids alone, 5 and 6 merged."""
    grids = [ReadyGrid(to_shapely(town.grids[number].geom), code="") for number in (1, 2, 3, 4, 7, 8, 9)]
    both = shapely.union(to_shapely(town.grids[5].geom), to_shapely(town.grids[6].geom))
    return propose(town.grids[1].region, [*grids, ReadyGrid(both)], person=town.paula).pk


def accepted(town: Town, identity: int) -> Accepted:
    return accept(town.scope("paula"), identity, preview(town.scope("paula"), identity).fingerprint)


def test_units_go_on_below_the_grid_they_lie_in_with_whoever_answers(town: Town, units: list[Grid]) -> None:
    accepted(town, service_only(town))
    services, found = present("service"), present("unit")
    assert set(found) == {"101", "102"}
    assert {row.parent for row in found.values()} == {services["005"]}
    assert found["101"].pk != units[0].pk
    assert [row.person for row in Assignment.objects.current().filter(grid=found["101"])] == [town.bob]
    before = Grid.objects.on(TODAY - timedelta(days=1)).get(code=units[0].code)
    assert before.parent == town.grids[5]


def test_units_below_a_grid_that_stays_are_left_alone(town: Town, units: list[Grid]) -> None:
    grids = [ReadyGrid(to_shapely(town.grids[number].geom)) for number in (1, 2, 3, 4, 5, 6)]
    rest = shapely.union_all([to_shapely(town.grids[number].geom) for number in (7, 8, 9)])
    accepted(town, propose(town.grids[1].region, [*grids, ReadyGrid(rest)], person=town.paula).pk)
    assert {row.pk for row in present("unit").values()} == {unit.pk for unit in units}


def test_units_that_no_grid_holds_stand_by_themselves(town: Town) -> None:
    cut = [ReadyGrid(to_shapely(box(0, south, 3, south + 1.5))) for south in (0, 1.5)]
    accepted(town, propose(town.grids[1].region, cut, person=town.paula).pk)
    assert {row.parent for row in present("unit").values()} == {None}


def test_units_proposed_by_themselves_find_their_service_grid(town: Town) -> None:
    grids = [ReadyGrid(to_shapely(grid.geom)) for grid in town.grids.values()]
    accepted(town, propose(town.grids[1].region, grids, kind="unit", person=town.paula).pk)
    services = present("service")
    assert {row.pk for row in services.values()} == {grid.pk for grid in town.grids.values()}
    found = present("unit")
    assert len(found) == 9
    for row in found.values():
        assert row.parent
        assert row.parent.geom.equals(row.geom)


def test_a_proposal_of_both_kinds_keeps_them_nested(town: Town, units: list[Grid]) -> None:
    """Units must cover the community too: the others get one each first. Most of 8 stays what it was."""
    Building.objects.filter(name="8号楼").update(households=150)
    for number, grid in town.grids.items():
        if number != 5:
            Grid.objects.create(
                code=f"{grid.region.code}20{number}",
                kind="unit",
                name="x",
                region=grid.region,
                parent=grid,
                geom=grid.geom,
                households=100,
                period=grid.period,
            )
    run = from_grids(town.grids[1].region, TODAY, town.paula)
    keys = {row.code[12:]: row.key for row in run.grids.filter(present=True)}
    run = edit(town.scope("paula"), run.pk, 1, Edit("move", {"unit": keys["102"], "to": keys["008"]}))
    done = accepted(town, run.pk)
    services, found = present("service"), present("unit")
    assert (done.count(GridKind.SERVICE), done.count(GridKind.UNIT)) == (len(services), len(found)) == (9, 10)
    assert found["102"].parent == services["008"]
    assert found["101"].parent == services["005"]
    assert found["101"].pk != units[0].pk  # its service grid is another row by now
    assert services["005"].geom.equals(found["101"].geom)
    assert services["002"] == town.grids[2]


def test_units_of_some_grids_only_are_left_out_and_go_on(town: Town) -> None:
    run = proposal(town)
    assert set(run.grids.values_list("kind", flat=True)) == {"service"}
    accepted(town, merged(town, run, (1, 2)).pk)
    assert {row.parent for row in present("unit").values()} == {town.grids[5]}
