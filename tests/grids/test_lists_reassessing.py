"""One row placed, left out or taken in again: as right as looking over the whole list, at the cost of the one row."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from grids.lists import assessing, staging
from grids.lists.drafts import Draft
from grids.lists.parsing import parse
from grids.models import Building, ListImport
from grids.models.lists import ListKind, RowState
from tests.grids.list_town import NAMED, give_houses, row, rows_of, sentences, spot, take_in
from tests.town import NEAR, Town

Act = Callable[[ListImport], object]
PEOPLE = ("姓名", "用户名", "角色", "所属社区")
HOUSED = ("小区", "楼栋", "单元", "户数")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def standing(listed: ListImport) -> Any:
    """Return everything that is kept of a list and its rows."""
    listed.refresh_from_db()
    columns = ("number", "values", "problems", "geom", "state", "fate", "source_id", "identity", "target")
    rows = list(listed.rows.order_by("number").values_list(*columns))
    return rows, listed.result, listed.options, listed.reading


def check(listed: ListImport, *acts: Act) -> list[list[str]]:
    """Do one thing after the other; each time all must stand as if the whole list had been looked over."""
    states = []
    for act in acts:
        act(staging.of_person(listed.person, listed.pk))
        after = standing(listed)
        assessing.assess(staging.of_person(listed.person, listed.pk))
        assert after == standing(listed)
        states.append([each.state for each in rows_of(listed)])
    return states


def pin(number: int, east: float = 1.5, north: float = 1.5, building: Building | None = None) -> Act:
    return lambda listed: staging.pin(listed, number, *spot(east, north), building=building.pk if building else None)


def leave_out(number: int) -> Act:
    return lambda listed: staging.leave_out(listed, number, "x")


def unpin(number: int) -> Act:
    return lambda listed: staging.unpin(listed, number)


def test_a_pin_counts_what_lies_outside_no_longer_and_again_when_taken_back(town: Town) -> None:
    listed = take_in(town, [row("甲"), row("乙", 20), row("丙", None), row("丁", 30)])
    assert listed.options["found"]["outside"] == 2
    seen = check(listed, pin(3), pin(4), leave_out(5), unpin(3), unpin(5))
    assert seen[1] == [RowState.READY] * 3 + [RowState.UNPLACED]
    assert seen[-1] == [RowState.READY, RowState.UNPLACED, RowState.READY, RowState.UNPLACED]
    assert listed.options["found"]["outside"] == 2


def test_leaving_the_first_of_two_doubles_out_frees_the_second_and_back(town: Town) -> None:
    listed = take_in(town, [row("甲"), row("甲", 0.5), row("乙"), row("甲", None)])
    assert [each.state for each in rows_of(listed)] == ["ready", "problem", "ready", "problem"]
    seen = check(listed, leave_out(2), leave_out(3), unpin(2), unpin(3))
    assert seen[0] == ["skipped", "ready", "ready", "problem"]
    assert seen[1] == ["skipped", "skipped", "ready", "unplaced"]
    assert seen[-1] == ["ready", "problem", "ready", "problem"]


def test_namesakes_that_their_address_tells_apart_keep_their_identity(town: Town) -> None:
    headings = (*NAMED, "详细地址")
    listed = take_in(town, [[*row("甲", None), "一路"], [*row("甲", None), "二路"], [*row("甲"), "二路"]], headings)
    ids = [each.source_id for each in rows_of(listed)]
    assert ids[0] != ids[1] == ids[2]
    check(listed, pin(2), leave_out(3), unpin(3))
    assert [each.source_id for each in rows_of(listed)] == ids


def test_turned_coordinates_stay_turned_whichever_row_is_taken_in_again(town: Town) -> None:
    turned = [[name, kind, lat, lon, owner] for name, kind, lon, lat, owner in (row("甲"), row("乙"), row("丙"))]
    listed = take_in(town, turned)
    seen = check(listed, leave_out(3), unpin(3))
    assert seen[-1] == [RowState.READY] * 3
    assert len(listed.reading["seen"]) == 1


def test_an_unclear_building_becomes_a_double_when_it_is_chosen(town: Town) -> None:
    houses = give_houses(town)
    first, north = houses["锦园1号楼"], houses["北苑1号楼"]
    rows: list[list[Any]] = [["锦园", "1号楼", "9单元", 4], ["", "1号楼", "9单元", 4], ["无", "7号楼", "", 4]]
    acts = [pin(3, building=first), pin(3, building=north), pin(3, building=first), leave_out(2), unpin(3), unpin(2)]
    for kind in (ListKind.STAIRWELLS, ListKind.HOUSEHOLDS):
        listed = take_in(town, rows, HOUSED, kind=kind, name=f"{kind}.xlsx")
        seen = check(listed, *acts)
        if kind == ListKind.STAIRWELLS:
            assert [states[1] for states in seen] == ["problem", "ready", "problem", "ready", "unplaced", "unplaced"]


def test_people_and_bodies_left_out_free_their_doubles(town: Town) -> None:
    rows = [
        ["王芳", "", "网格员", NEAR + "001"],
        ["王芳", "", "网格员", NEAR + "001"],
        ["柳芸", "alice", "网格长", NEAR + "001"],
        ["柳芸", "", "网格长", NEAR + "001"],
    ]
    listed = take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE)
    seen = check(listed, leave_out(2), leave_out(4), unpin(2))
    assert seen[1] == ["skipped", "ready", "skipped", "ready"]
    bodies = [["环卫一队", "环卫", ""], ["环卫一队", "环卫", ""], ["城管中队", "城管", ""]]
    listed = take_in(town, bodies, ("单位名称", "单位类型", "管辖范围"), kind=ListKind.ORGANISATIONS, name="b.xlsx")
    assert check(listed, leave_out(2), unpin(2))[0] == ["skipped", "ready", "ready"]


def places_in_the_table(listed: ListImport) -> dict[int, str]:
    """Return where each row lies on its page of the table: a row that is written lies elsewhere after."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, ctid::text FROM grids_listrow WHERE list_import_id = %s", [listed.pk])
        return dict(cursor.fetchall())


def test_a_pin_reads_and_writes_its_own_row_whatever_the_length_of_the_list(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[int] = []

    def noting(draft: Draft, kind: str, constants: Mapping[str, str]) -> None:
        parsed.append(draft.number)
        parse(draft, kind, constants)

    monkeypatch.setattr(assessing, "parse", noting)
    queries = []
    for count in (3, 400):
        rows = [row(f"点{index}", None if index == 1 else 0.5, owner="柳芸") for index in range(count)]
        listed = take_in(town, rows, name=f"{count}.xlsx")
        listed = staging.of_person(town.paula, listed.pk)
        before = places_in_the_table(listed)
        parsed.clear()
        with CaptureQueriesContext(connection) as captured:
            staging.pin(listed, 3, *spot(1.5, 1.5))
        queries.append(len(captured))
        assert parsed == [3]
        after = places_in_the_table(listed)
        assert [number for number in after if after[number] != before[number]] == [3]
    assert queries[0] == queries[1] <= 20


def test_the_sentences_of_other_rows_stay(town: Town) -> None:
    listed = take_in(town, [row("甲", kind="?"), row("乙", None), row("丙", 20)])
    before = sentences(listed)
    staging.pin(listed, 3, *spot(1.5, 1.5))
    assert sentences(listed) == before
