"""Erasing somebody takes their name out of the lists that others bring in, and out of what is remembered of them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from grids.lists import staging
from grids.models import ListCorrection, ListFile, ListImport, ListRow, Membership, Region
from grids.models.lists import ListKind, RowState
from maps.privacy import erasing
from tests.grids.list_town import NAMED, bring_in, give_houses, row, rows_of, take_in
from tests.town import FAR, NEAR, Town

STAIRS = ("小区", "楼栋", "单元", "楼道长", "备注")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def texts(listed: ListImport) -> str:
    """Return everything that is kept of the rows of a list."""
    columns = ("cells", "values", "problems", "corrected", "pin")
    return json.dumps(list(listed.rows.order_by("number").values(*columns)), ensure_ascii=False)


def test_the_name_goes_out_of_the_cells_of_a_checkpoint_list_and_its_owner_is_asked_for_again(town: Town) -> None:
    name = town.bob.name
    listed = take_in(
        town, [row("西口", owner=name), row("东口", 0.5, owner=f"{town.alice.name}、{name}"), row("南口", 0.7)]
    )
    assert [each.state for each in rows_of(listed)] == [RowState.READY] * 3
    erasing.erase(town.bob)
    assert name not in texts(listed)
    assert erasing.NAME in texts(listed)
    assert [each.state for each in rows_of(listed)][::2] == [RowState.PROBLEM, RowState.READY]
    listed.refresh_from_db()
    assert (listed.result or {})["rows"] == 3
    assert not ListFile.objects.filter(list_import=listed).exists()


def test_the_name_goes_out_of_the_stairwells_wherever_it_stands_by_itself(town: Town) -> None:
    give_houses(town)
    name = town.bob.name
    remark = f"找{name}；{name}13912345678，{name}光，（{name}）"
    listed = take_in(town, [["锦园", "1号楼", "3单元", name, remark]], STAIRS, kind=ListKind.STAIRWELLS)
    staging.leave_out(listed, 2, f"{name} 说没有")
    erasing.erase(town.bob)
    [kept] = rows_of(listed)
    gone = erasing.NAME
    assert kept.cells[3:] == [gone, f"找{name}；{gone}13912345678，{name}光，（{gone}）"]
    assert kept.pin == {"by": "skip", "reason": f"{gone} 说没有"}


def test_user_names_and_corrections_are_forgotten_and_no_longer_names_stay(town: Town) -> None:
    listed = take_in(town, [row("西口", owner="老鲍"), row("东口", owner="bob2")])
    staging.correct(listed, 2, 4, "bob", everywhere=True)
    staging.correct(listed, 3, 4, town.alice.name, everywhere=True)
    erasing.erase(town.bob)
    assert set(ListCorrection.objects.values_list("said", flat=True)) == {"bob2"}
    assert [each.cells[4] for each in rows_of(listed)] == [erasing.NAME, town.alice.name]
    assert rows_of(listed)[1].corrected["4"]["was"] == "bob2"


def test_our_own_words_in_a_row_are_no_names(town: Town) -> None:
    town.bob.username = "hand"
    town.bob.save(update_fields=["username"])
    listed = take_in(town, [row("西口", None, owner="hand")])
    staging.pin(listed, 2, *town.grids[5].geom.centroid.coords)
    erasing.erase(town.bob)
    [kept] = rows_of(listed)
    assert (kept.pin or {})["by"] == "hand"
    assert kept.cells[4] == erasing.NAME


def test_lists_that_were_brought_in_keep_no_name_either(town: Town) -> None:
    listed = take_in(town, [row("西口", owner=town.bob.name)])
    bring_in(listed)
    erasing.erase(town.bob)
    assert town.bob.name not in texts(listed)
    listed.refresh_from_db()
    assert listed.state == "done"


def test_lists_of_regions_where_they_never_worked_speak_of_somebody_else(town: Town) -> None:
    far = take_in(town, [row("西口", 9.5, owner=town.bob.name)], region=FAR)
    near = take_in(town, [row("西口", owner=town.bob.name)], region=NEAR)
    Membership.objects.filter(person=town.bob).update(region=Region.objects.get(code=f"{NEAR}001"))
    erasing.erase(town.bob)
    assert town.bob.name in texts(far)
    assert town.bob.name not in texts(near)


def test_a_list_of_people_loses_their_row_and_nobody_elses(town: Town) -> None:
    headings = ("姓名", "用户名", "角色", "所属社区")
    rows: list[list[Any]] = [
        [town.bob.name, "bob", "志愿者", f"{NEAR}001"],
        [town.bob.name, "", "无此角色", "不存在的社区"],
        [town.alice.name, "alice", "志愿者", f"{NEAR}001"],
    ]
    listed = take_in(town, rows, headings, kind=ListKind.PEOPLE)
    ListRow.objects.filter(list_import=listed, number=3).update(target=None)
    erasing.erase(town.bob)
    assert [each.number for each in rows_of(listed)] == [4]
    listed.refresh_from_db()
    assert (listed.result or {})["rows"] == 1


def test_a_list_that_does_not_name_them_is_left_as_it_is(town: Town) -> None:
    listed = take_in(town, [row("西口", owner=town.alice.name)], NAMED)
    before = texts(listed)
    erasing.erase(town.bob)
    assert texts(listed) == before
    assert ListFile.objects.filter(list_import=listed).exists()
