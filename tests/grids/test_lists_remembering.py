"""What was corrected in a list is done again in the next one of its kind and region, seen, and taken back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.lists import assessing, remembering, staging
from grids.lists.tables import cell, shown
from grids.models import Building, ListCorrection, ListImport, Membership, Person, Region
from grids.models.lists import ListKind, RowState
from tests.grids.list_town import NAMED, bring_in, give_houses, row, rows_of, spot, take_in
from tests.town import DISTRICT, NEAR, Town

KIND, OWNER = 1, 4
NUMBERED = ("编号", *NAMED)
HOUSES = ("小区", "楼栋", "单元", "户数")


@pytest.fixture
def namesakes(town: Town) -> Sequence[Person]:
    """Two people called 王芳 who work in the same community."""
    people = []
    for username in ("fang1", "fang2"):
        person = Person.objects.create_user(username, None, name="王芳")
        region = Region.objects.get(code=f"{NEAR}001")
        Membership.objects.create(person=person, role="volunteer", region=region, period=town.checkpoint.period)
        people.append(person)
    return people


def column(listed: ListImport, index: int) -> list[str]:
    return [shown(cell(each.cells, index)) for each in rows_of(listed)]


def states(listed: ListImport) -> list[str]:
    return [each.state for each in rows_of(listed)]


def test_a_word_that_was_corrected_everywhere_is_corrected_in_the_next_month_too(town: Town) -> None:
    listed = take_in(town, [row("西口", kind="菜场"), row("东口", kind="菜场"), row("南口")])
    assert staging.correct(listed, 2, KIND, "农贸市场", everywhere=True) == 2
    staging.give_up(listed)
    again = take_in(town, [row("北口", kind="菜场"), row("中口", kind="庙会")], name="下月.xlsx")
    assert column(again, KIND) == ["农贸市场", "庙会"]
    assert states(again) == [RowState.READY, RowState.PROBLEM]
    assert again.options["recalled"] == 1
    assert rows_of(again)[0].corrected == {str(KIND): {"was": "菜场", "alone": False, "last": True}}


def test_nothing_is_carried_to_another_region_or_kind(town: Town) -> None:
    staging.correct(take_in(town, [row("西口", kind="菜场")]), 2, KIND, "农贸市场", everywhere=True)
    near = take_in(town, [row("西口", kind="菜场")], region=NEAR)
    assets = take_in(town, [row("西口", kind="菜场")], ("设施名称", "设施类型", *NAMED[2:]), kind=ListKind.ASSETS)
    for other in (near, assets):
        assert column(other, KIND) == ["菜场"]
        assert [each.corrected for each in rows_of(other)] == [{}]
        assert not other.options.get("recalled")


def test_a_person_chosen_for_one_row_is_chosen_for_that_row_again(town: Town, namesakes: Sequence[Person]) -> None:
    rows = [row("西口", owner="王芳"), row("东口", owner="王芳")]
    listed = take_in(town, rows)
    assert states(listed) == [RowState.PROBLEM] * 2
    staging.correct(listed, 2, OWNER, "fang1", everywhere=False)
    staging.correct(listed, 3, OWNER, "fang2", everywhere=False)
    bring_in(listed)
    again = take_in(town, [row("南口", owner="王芳"), *reversed(rows)])
    assert column(again, OWNER) == ["王芳", "fang2", "fang1"]
    assert states(again) == [RowState.PROBLEM, RowState.READY, RowState.READY]


def test_rows_are_known_by_their_number_whatever_else_was_corrected(town: Town) -> None:
    listed = take_in(town, [["7", *row("西口", kind="")]], NUMBERED)
    staging.correct(listed, 2, 2, "农贸市场", everywhere=True)  # an empty cell is remembered with its row only
    staging.correct(listed, 2, 1, "西口市场", everywhere=False)
    again = take_in(town, [["8", *row("东口", kind="")], ["7", *row("西口", kind="")]], NUMBERED)
    assert (column(again, 1), column(again, 2)) == (["东口", "西口市场"], ["", "农贸市场"])


def test_two_rows_of_one_name_get_no_correction_that_is_for_one_of_them(town: Town) -> None:
    staging.correct(take_in(town, [row("西口", kind="")]), 2, KIND, "农贸市场", everywhere=False)
    again = take_in(town, [row("西口", kind=""), row("西口", 0.5, kind="")])
    assert column(again, KIND) == ["", ""]


def test_what_is_corrected_twice_is_remembered_from_the_file_to_the_last_word(town: Town) -> None:
    listed = take_in(town, [row("西口", kind="菜场"), row("东口", kind="菜市")])
    staging.correct(listed, 2, KIND, "菜市", everywhere=True)
    assert staging.correct(listed, 2, KIND, "农贸市场", everywhere=True) == 2
    assert dict(ListCorrection.objects.values_list("said", "value")) == {"菜场": "农贸市场", "菜市": "农贸市场"}
    staging.correct(listed, 2, KIND, "菜场", everywhere=False)  # as in the file: nothing to remember of it
    assert rows_of(listed)[0].corrected == {}


def test_taking_it_back_gives_all_of_them_what_the_file_says_and_forgets_it(town: Town) -> None:
    staging.correct(take_in(town, [row("西口", kind="菜场")]), 2, KIND, "农贸市场", everywhere=True)
    again = take_in(town, [row("东口", kind="菜场"), row("南口", kind="菜场"), row("北口")])
    assert (again.options["recalled"], states(again)) == (2, [RowState.READY] * 3)
    again = staging.of_person(town.paula, again.pk)
    assert staging.uncorrect(again, 3, KIND) == 2
    assert column(again, KIND) == ["菜场", "菜场", "农贸市场"]
    assert states(again) == [RowState.PROBLEM, RowState.PROBLEM, RowState.READY]
    assert again.options["recalled"] == 0
    assert not ListCorrection.objects.exists()
    assert staging.uncorrect(again, 3, KIND) == 0
    assert column(take_in(town, [row("东口", kind="菜场")]), KIND) == ["菜场"]


def test_one_cell_alone_is_taken_back_alone(town: Town) -> None:
    listed = take_in(town, [row("西口", kind="菜场"), row("东口", kind="菜场")])
    staging.correct(listed, 2, KIND, "农贸市场", everywhere=False)
    staging.correct(listed, 3, KIND, "农贸市场", everywhere=False)
    assert staging.uncorrect(listed, 2, KIND) == 1
    assert column(listed, KIND) == ["菜场", "农贸市场"]
    assert ListCorrection.objects.count() == 1


def test_other_columns_mean_something_else(town: Town) -> None:
    headings = (*NAMED, "场所类型二")
    staging.correct(take_in(town, [row("西口", kind="菜场")]), 2, KIND, "农贸市场", everywhere=True)
    listed = take_in(town, [[*row("东口", kind="菜场"), "菜场"]], headings)
    mapping = {**{name: index for name, index in listed.mapping.items() if name != "type"}, "type": 5}
    staging.set_columns(listed, mapping, {"crs": "wgs84"}, "台账")
    assert (column(listed, KIND), column(listed, 5)) == (["菜场"], ["农贸市场"])
    staging.set_columns(listed, mapping, {"crs": "wgs84"}, "台账二")
    assert column(listed, 5) == ["农贸市场"]


def test_a_place_that_was_pinned_is_known_by_the_thing_it_became(town: Town) -> None:
    listed = take_in(town, [row("西口", None)])
    staging.pin(listed, 2, *spot(1.2, 1.2))
    bring_in(listed)
    again = take_in(town, [row("西口", None)])
    [known] = rows_of(again)
    assert (known.state, known.fate) == (RowState.READY, "unchanged")
    assert known.geom is not None
    assert known.geom.centroid.coords == pytest.approx(spot(1.2, 1.2))


@pytest.mark.parametrize("kind", [ListKind.STAIRWELLS, ListKind.HOUSEHOLDS])
def test_a_building_that_was_chosen_is_chosen_again_and_taken_back(town: Town, kind: ListKind) -> None:
    houses = give_houses(town)
    rows = [["锦绣", "甲楼", "1单元", 12]]
    listed = take_in(town, rows, HOUSES, kind=kind)
    assert states(listed) == [RowState.UNPLACED]
    house = houses["北苑1号楼"]
    centre = house.geom.centroid
    staging.pin(listed, 2, centre.x, centre.y, label="北苑", building=house.pk)
    again = take_in(town, rows, HOUSES, kind=kind)
    [known] = rows_of(again)
    assert known.pin == {
        "by": "hand",
        "lon": centre.x,
        "lat": centre.y,
        "label": "北苑",
        "building": house.pk,
        "last": True,
    }
    assert (known.state != RowState.UNPLACED, again.options["recalled"]) == (True, 1)
    staging.unpin(again, 2)
    assert (states(again), again.options["recalled"]) == ([RowState.UNPLACED], 0)
    assert states(take_in(town, rows, HOUSES, kind=kind)) == [RowState.UNPLACED]


def test_a_building_that_is_gone_is_asked_for_again(town: Town) -> None:
    houses = give_houses(town)
    rows = [["锦绣", "甲楼", "", 12]]
    listed = take_in(town, rows, HOUSES, kind=ListKind.HOUSEHOLDS)
    centre = houses["北苑1号楼"].geom.centroid
    staging.pin(listed, 2, centre.x, centre.y, building=houses["北苑1号楼"].pk)
    Building.objects.filter(pk=houses["北苑1号楼"].pk).delete()
    assert states(take_in(town, rows, HOUSES, kind=ListKind.HOUSEHOLDS)) == [RowState.UNPLACED]


def test_what_nobody_used_for_a_year_is_forgotten(town: Town) -> None:
    for said, days in (("菜场", 300), ("庙会", 500)):
        staging.correct(take_in(town, [row("西口", kind=said)]), 2, KIND, "农贸市场", everywhere=True)
        used = timezone.now() - timedelta(days=days)
        ListCorrection.objects.filter(said=said).update(used_at=used)
    assert remembering.forget() == 1
    take_in(town, [row("东口", kind="菜场")])
    assert ListCorrection.objects.get().used_at > timezone.now() - timedelta(minutes=5)


def standing(listed: ListImport) -> Any:
    listed.refresh_from_db()
    columns = ("number", "values", "problems", "geom", "state", "fate", "source_id", "identity", "target")
    return list(listed.rows.order_by("number").values_list(*columns)), listed.result, listed.options, listed.reading


def test_correcting_is_as_right_as_looking_over_all_rows_and_costs_what_changed(town: Town) -> None:
    def cost(size: int) -> int:
        kinds = [f"菜场{size}" if number < 3 else "农贸市场" for number in range(size)]
        rows = [row(f"口{number}", kind=kind) for number, kind in enumerate(kinds)]
        listed = take_in(town, rows, name=f"台账{size}.xlsx")
        with CaptureQueriesContext(connection) as queries:
            staging.correct(listed, 2, KIND, "农贸市场", everywhere=True)
        after = standing(listed)
        assessing.assess(staging.of_person(town.paula, listed.pk))
        assert after == standing(listed)
        [written] = [query["sql"] for query in queries if query["sql"].startswith("UPDATE grids_listrow")]
        return written.count("口")

    assert cost(5) == cost(60) == 3


@pytest.mark.parametrize(("index", "value"), [(0, "东口"), (2, "111.9"), (OWNER, "x"), (KIND, "公厕")])
def test_every_column_is_looked_at_as_if_all_rows_were(town: Town, index: int, value: str) -> None:
    listed = take_in(town, [row("西口"), row("东口", 0.5), row("南口", 0.7, owner="鲍博")], region=DISTRICT)
    staging.correct(listed, 2, index, value, everywhere=False)
    after = standing(listed)
    assessing.assess(staging.of_person(town.paula, listed.pk))
    assert after == standing(listed)
    staging.uncorrect(staging.of_person(town.paula, listed.pk), 2, index)
    after = standing(listed)
    assessing.assess(staging.of_person(town.paula, listed.pk))
    assert after == standing(listed)
