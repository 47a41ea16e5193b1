"""Bringing in checkpoints: what is found, what is refused at its cell, what is written, and what the same file does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from grids import jobs
from grids.lists import staging
from grids.lists.assessing import assess, understand
from grids.lists.meaning import things
from grids.lists.reading import Choices
from grids.models import Assignment, Checkpoint, ListFile, ListImport, ListMapping, Membership, Person
from grids.models.lists import Fate, ListState, RowState
from grids.models.platform import JobState
from grids.problems import BadInput, Conflict, NotFound
from grids.shifts import from_wgs84
from tests.grids.list_town import NAMED, bring_in, counts, row, rows_of, sentences, spot, start, take_in, work_off
from tests.town import FAR, NEAR, Town


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def points(listed: ListImport) -> "dict[str, Checkpoint]":
    return {point.name: point for point in Checkpoint.objects.filter(source=listed.source)}


def test_a_list_becomes_checkpoints_with_owners(town: Town) -> None:
    listed = take_in(town, [row("西口", 0.5, 2.5, "柳芸"), row("东口", 9.5, 1.5, "许棠")])
    assert {each.state for each in rows_of(listed)} == {RowState.READY}
    bring_in(listed)
    made = points(listed)
    assert made["西口"].region == town.grids[1].region
    assert made["东口"].region == town.far_grid.region
    assert (made["西口"].geom.x, made["西口"].geom.y) == pytest.approx(spot(0.5, 2.5))
    owner = Assignment.objects.get(checkpoint=made["西口"])
    assert (owner.person, owner.role) == (town.alice, "owner")
    assert owner.period.lower == timezone.localdate()
    assert listed.state == ListState.DONE
    assert counts(listed)["new"] == 2


def test_nothing_is_written_before_it_is_brought_in(town: Town) -> None:
    before = Checkpoint.objects.count(), Assignment.objects.count(), Person.objects.count()
    listed = take_in(town, [row("西口", owner="柳芸"), row("没有")])
    staging.correct(listed, 3, 0, "东口", everywhere=False)
    assert (Checkpoint.objects.count(), Assignment.objects.count(), Person.objects.count()) == before


def test_the_same_file_again_changes_nothing_and_says_so(town: Town) -> None:
    rows = [row("西口", 0.5, 2.5, "柳芸"), row("东口", 9.5, 1.5)]
    bring_in(take_in(town, rows))
    known = {point.pk for point in Checkpoint.objects.all()}
    again = bring_in(take_in(town, rows))
    assert (counts(again).get("new", 0), counts(again)["unchanged"]) == (0, 2)
    assert {point.pk for point in Checkpoint.objects.all()} == known
    assert Assignment.objects.filter(checkpoint__source=again.source).count() == 1


def test_a_changed_row_updates_and_keeps_its_identity(town: Town) -> None:
    first = bring_in(take_in(town, [row("西口", 0.5, 2.5)]))
    known = points(first)["西口"].pk
    again = take_in(town, [row("西口", 1.5, 2.5)])
    assert rows_of(again)[0].fate == Fate.CHANGED
    bring_in(again)
    moved = Checkpoint.objects.get(pk=known)
    assert moved.geom.x == pytest.approx(spot(1.5, 2.5)[0])


def test_a_number_in_the_list_is_the_identity_whatever_the_name(town: Town) -> None:
    headings = ("编号", *NAMED)
    first = bring_in(take_in(town, [["A1", *row("西口")]], headings))
    again = bring_in(take_in(town, [["A1", *row("西大门")]], headings))
    assert counts(again)["changed"] == 1
    assert list(points(first)) == ["西大门"]


def test_a_new_owner_follows_the_old_one_from_today(town: Town) -> None:
    first = bring_in(take_in(town, [row("西口", owner="柳芸")]))
    point = points(first)["西口"]
    since = timezone.localdate() - timedelta(days=30)
    Assignment.objects.filter(checkpoint=point).update(period=DateRange(since, None))
    bring_in(take_in(town, [row("西口", owner="段禾")]))
    held = Assignment.objects.filter(checkpoint=point).order_by("period")
    assert [(each.person.username, each.period.upper) for each in held] == [
        ("alice", timezone.localdate()),
        ("bob", None),
    ]


def test_an_empty_cell_takes_nothing_away(town: Town) -> None:
    first = bring_in(take_in(town, [row("西口", owner="柳芸")]))
    again = bring_in(take_in(town, [row("西口", owner="")]))
    assert counts(again)["unchanged"] == 1
    assert Assignment.objects.current().get(checkpoint=points(first)["西口"]).person == town.alice


def test_what_is_gone_stays_unless_it_is_to_end(town: Town) -> None:
    rows = [row("西口", 0.5, owner="柳芸"), row("东口", 2.5)]
    first = bring_in(take_in(town, rows))
    shorter = take_in(town, rows[1:])
    assert counts(shorter)["gone"] == 1
    bring_in(shorter)
    assert Checkpoint.objects.current().filter(source=first.source).count() == 2
    bring_in(take_in(town, rows[1:]), end_gone=True)
    assert [each.name for each in Checkpoint.objects.current().filter(source=first.source)] == ["东口"]
    assert not Assignment.objects.current().filter(checkpoint__source=first.source).exists()


def test_what_ended_and_is_listed_again_holds_again(town: Town) -> None:
    rows = [row("西口", 0.5), row("东口", 2.5)]
    first = bring_in(take_in(town, rows))
    bring_in(take_in(town, rows[1:]), end_gone=True)
    again = take_in(town, rows)
    assert counts(again)["changed"] == 1
    bring_in(again)
    assert Checkpoint.objects.current().filter(source=first.source).count() == 2


def test_a_place_pinned_once_is_known_the_next_time(town: Town) -> None:
    rows = [row("西口", None), row("东口", 2.5)]
    listed = take_in(town, rows)
    assert rows_of(listed)[0].state == RowState.UNPLACED
    staging.pin(listed, 2, *spot(0.5, 0.5), label="地图")
    bring_in(listed)
    again = take_in(town, rows)
    assert [each.state for each in rows_of(again)] == [RowState.READY, RowState.READY]
    assert counts(again)["unchanged"] == 2


def test_an_unknown_type_is_a_problem_at_its_cell_and_corrected_everywhere(town: Town) -> None:
    listed = take_in(town, [row("甲", kind="菜场"), row("乙", kind="菜场"), row("丙")])
    problems = rows_of(listed)[0].problems
    assert (problems[0]["column"], problems[0]["level"]) == (1, "problem")
    assert problems[0]["with"]["word"] == "菜场"
    assert staging.correct(listed, 2, 1, "农贸市场", everywhere=True) == 2
    assert {each.state for each in rows_of(listed)} == {RowState.READY}


def test_a_row_without_a_name_says_so_at_the_empty_cell(town: Town) -> None:
    listed = take_in(town, [["", "农贸市场", *spot(1, 1), ""], row("乙")])
    (problem,) = rows_of(listed)[0].problems
    assert (problem["column"], problem["say"][:11]) == (0, "It is empty")


def test_an_owner_nobody_knows_and_one_that_two_share_are_problems(town: Town) -> None:
    twin = Person.objects.create_user("alice2", name="柳芸")
    Membership.objects.create(person=twin, role="volunteer", region=town.grids[1].region)
    listed = take_in(town, [row("甲", owner="无名氏"), row("乙", owner="柳芸"), row("丙", owner="alice2")])
    states = [each.state for each in rows_of(listed)]
    assert states == [RowState.PROBLEM, RowState.PROBLEM, RowState.READY]
    assert rows_of(listed)[1].problems[0]["with"]["choices"] == "alice, alice2"


def test_of_namesakes_the_one_of_the_community_is_meant(town: Town) -> None:
    twin = Person.objects.create_user("alice2", name="柳芸")
    Membership.objects.create(person=twin, role="volunteer", region=town.far_grid.region)
    listed = bring_in(take_in(town, [row("甲", 0.5, owner="柳芸"), row("乙", 9.5, owner="柳芸")]))
    owners = {each.checkpoint.name: each.person for each in Assignment.objects.filter(checkpoint__source=listed.source)}
    assert owners == {"甲": town.alice, "乙": twin}


def test_several_names_in_a_cell_give_one_owner_and_a_note(town: Town) -> None:
    listed = take_in(town, [row("甲", owner="柳芸、段禾 13912345678")])
    (each,) = rows_of(listed)
    assert each.state == RowState.READY
    assert each.problems[0]["level"] == "note"


def test_swapped_coordinates_are_exchanged_and_said(town: Town) -> None:
    lon, lat = spot(0.5, 2.5)
    listed = take_in(town, [["甲", "农贸市场", lat, lon, ""], row("乙", None)])
    placed = rows_of(listed)[0].geom
    assert placed is not None
    assert placed.centroid.x == pytest.approx(lon)
    assert "exchanged" in listed.reading["seen"][0]["say"]
    staging.set_columns(listed, listed.mapping, {"crs": "wgs84", "swapped": False}, "台账")
    assert rows_of(listed)[0].state == RowState.UNPLACED


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_shifted_coordinates_are_stored_unshifted(town: Town, crs: str) -> None:
    lon, lat = spot(1.5, 1.5)
    shifted = from_wgs84(lon, lat, crs)  # type: ignore[arg-type]
    listed = take_in(town, [["甲", "农贸市场", *shifted, ""]])
    staging.set_columns(listed, listed.mapping, {"crs": crs, "swapped": None}, "台账")
    bring_in(listed)
    point = points(listed)["甲"].geom
    assert (point.x, point.y) == pytest.approx((lon, lat), abs=1e-7)


def test_the_shift_is_suggested_by_places_that_are_known(town: Town) -> None:
    rows = []
    for index in range(4):
        lon, lat = spot(0.5 + index / 2, 1.5)
        Checkpoint.objects.create(
            source_id=f"k{index}", name=f"名点{index}", type=town.checkpoint.type, region=town.checkpoint.region,
            geom=f"SRID=4326;POINT({lon} {lat})",
        )  # fmt: skip
        rows.append([f"名点{index}", "农贸市场", *from_wgs84(lon, lat, "gcj02"), ""])
    assert take_in(town, rows).options["found"]["crs"] == "gcj02"


def test_what_lies_outside_the_region_has_no_place_and_a_note(town: Town) -> None:
    listed = take_in(town, [row("甲", 9.5)], region=NEAR, who="paula")
    (each,) = rows_of(listed)
    assert each.state == RowState.UNPLACED
    assert "outside" in each.problems[0]["say"]
    with pytest.raises(BadInput, match="outside"):
        staging.pin(listed, 2, *spot(9.5, 1.5))


def test_coordinates_that_cannot_be_read_leave_the_row_to_be_placed(town: Town) -> None:
    rows = [["甲", "农贸市场", "见附图", 40.82, ""], ["乙", "农贸市场", 111.67, None, ""], row("丙"), row("丁")]
    states = [each.state for each in rows_of(take_in(town, rows))]
    assert states == [RowState.UNPLACED, RowState.UNPLACED, RowState.READY, RowState.READY]


def test_a_place_that_contradicts_its_community_or_grid_is_noted(town: Town) -> None:
    headings = (*NAMED, "所属社区", "网格编号")
    far, grid = town.far_grid.region.name, town.grids[1].code
    listed = take_in(town, [[*row("甲", 1.5, 1.5), far, grid], [*row("乙"), "无此社区", "150199001001999"]], headings)
    assert {each.state for each in rows_of(listed)} == {RowState.READY}
    said = sentences(listed)
    assert any("not in %(there)s" in each for each in said)
    assert any("in the grid %(here)s" in each for each in said)
    assert any("no community of this name" in each for each in said)
    assert any("no grid with this code" in each for each in said)


def test_two_rows_of_one_name_are_told_apart_by_their_address(town: Town) -> None:
    headings = (*NAMED, "详细地址")
    listed = take_in(town, [[*row("公厕", 0.5), "学府路1号"], [*row("公厕", 2.5), "红旗街2号"]], headings)
    bring_in(listed)
    assert Checkpoint.objects.filter(source=listed.source, name="公厕").count() == 2


def test_two_rows_that_nothing_tells_apart_are_a_problem_of_the_second(town: Town) -> None:
    listed = take_in(town, [row("公厕", 0.5), row("公厕", 2.5)])
    assert [each.state for each in rows_of(listed)] == [RowState.READY, RowState.PROBLEM]
    staging.leave_out(listed, 3, "twice")
    assert [each.state for each in rows_of(listed)] == [RowState.READY, RowState.SKIPPED]


def test_rows_with_problems_stop_the_list_unless_they_are_left_out(town: Town) -> None:
    listed = take_in(town, [row("甲"), row("乙", kind="菜场"), row("丙", None)])
    with pytest.raises(BadInput, match="2 rows"):
        start(listed)
    bring_in(listed, leave_out=True)
    assert list(points(listed)) == ["甲"]
    assert counts(listed)["left_out"] == 2


def test_a_list_is_all_or_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = take_in(town, [row("甲", owner="柳芸"), row("乙", 2.5)])
    job = start(listed)

    def fail(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(things, "assign", fail)
    assert work_off(job).state == JobState.FAILED
    assert points(listed) == {}
    again = staging.of_person(town.paula, listed.pk)
    assert again.state == ListState.OPEN
    monkeypatch.undo()
    assert counts(bring_in(again))["new"] == 2


def test_what_changed_since_the_numbers_were_seen_stops_the_list(town: Town) -> None:
    listed = take_in(town, [row("甲", owner="柳芸")])
    job = start(listed)
    Membership.objects.filter(person=town.alice).update(period=DateRange(None, timezone.localdate()))
    assert work_off(job).state == JobState.FAILED
    assert points(listed) == {}


def test_a_job_that_runs_twice_brings_in_once(town: Town) -> None:
    listed = take_in(town, [row("甲")])
    job = start(listed)
    work_off(job)
    with pytest.raises(Conflict, match="already"):
        jobs._kinds["list"].work(
            jobs.Run(job, None),  # type: ignore[arg-type]
            listed=str(listed.pk), leave_out=False, end_gone=False, confirmed={},
        )  # fmt: skip
    assert Checkpoint.objects.filter(source=listed.source).count() == 1


def test_a_list_that_is_brought_in_cannot_be_changed(town: Town) -> None:
    listed = take_in(town, [row("甲")])
    start(listed)
    with pytest.raises(Conflict):
        staging.pin(listed, 2, *spot(1, 1))
    with pytest.raises(Conflict):
        staging.give_up(listed)
    with pytest.raises(Conflict):
        start(listed)


def test_the_file_goes_when_the_list_is_brought_in(town: Town) -> None:
    listed = take_in(town, [row("甲")])
    assert ListFile.objects.filter(list_import=listed).exists()
    bring_in(listed)
    assert not ListFile.objects.filter(list_import=listed).exists()


def test_the_mapping_is_remembered_for_the_same_headings_in_any_order(town: Town) -> None:
    headings = ("牌子", "点位类型", "经度", "纬度")
    rows = [["甲", "农贸市场", *spot(1, 1)]]
    listed = take_in(town, rows, headings)
    assert "name" not in listed.mapping
    staging.set_columns(listed, {**listed.mapping, "name": 0}, {"crs": "gcj02"}, "牌子名单")
    turned = [[cells[3], cells[0], cells[1], cells[2]] for cells in rows]
    again = take_in(town, turned, ("纬度", "牌子", "点位类型", "经度"), name="新文件.xlsx")
    assert again.mapping == {"name": 1, "type": 2, "lon": 3, "lat": 0}
    assert (again.name, again.options["crs"]) == ("牌子名单", "gcj02")
    other = take_in(town, rows, headings, who="dora")
    assert "name" not in other.mapping


@pytest.mark.parametrize(
    ("mapping", "words"),
    [({"nothing": 0}, "no such column"), ({"name": 99}, "no such column"), ({"name": 0, "type": 0}, "one thing")],
)
def test_a_mapping_that_makes_no_sense_is_refused(town: Town, mapping: dict[str, int], words: str) -> None:
    listed = take_in(town, [row("甲")])
    with pytest.raises(BadInput, match=words):
        staging.set_columns(listed, mapping, {"crs": "wgs84"}, "台账")
    assert ListMapping.objects.count() == 0


def test_telephone_numbers_of_places_are_not_even_staged(town: Town) -> None:
    listed = take_in(town, [[*row("甲"), "13912345678"]], (*NAMED, "联系电话"))
    assert "13912345678" not in str(rows_of(listed)[0].cells)
    with pytest.raises(NotFound):
        staging.correct(listed, 2, 5, "13912345678", everywhere=False)


def test_reading_again_takes_another_encoding(town: Town) -> None:
    listed = take_in(town, [row("西口")], name="台账.csv")
    with pytest.raises(BadInput):
        staging.read_again(listed, Choices(encoding="no-such"))
    staging.read_again(listed, Choices(encoding="utf-8"))
    assert rows_of(listed)[0].cells[0] == "西口"


def test_lists_are_forgotten_after_thirty_days(town: Town) -> None:
    listed, kept = take_in(town, [row("甲")]), take_in(town, [row("乙")])
    ListImport.objects.filter(pk=listed.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    staging.forget()
    assert list(ListImport.objects.all()) == [kept]
    assert (kept.expires_at - timezone.now()).days == 29


def test_nobody_sees_the_list_of_another(town: Town) -> None:
    listed = take_in(town, [row("甲")])
    with pytest.raises(NotFound):
        staging.of_person(town.dora, listed.pk)


def test_a_list_of_another_region_with_the_same_name_is_another_list(town: Town) -> None:
    bring_in(take_in(town, [row("甲", 9.5)]))
    bring_in(take_in(town, [row("甲", 9.5)], region=FAR))
    assert Checkpoint.objects.filter(name="甲").count() == 2


def test_understanding_costs_the_same_number_of_queries_for_any_number_of_rows(town: Town) -> None:
    queries = []
    for count in (3, 60):
        listed = take_in(
            town, [row(f"点{index}", 0.5 + index / 100, owner="柳芸") for index in range(count)], name=f"{count}.xlsx"
        )
        listed = staging.of_person(town.paula, listed.pk)
        with CaptureQueriesContext(connection) as captured:
            understand(listed)
        queries.append(len(captured))
    assert queries[0] == queries[1] <= 14


def test_looking_over_is_repeatable(town: Town) -> None:
    listed = take_in(town, [row("甲"), row("乙", None), row("丙", kind="?")])
    before = [(each.state, each.fate, each.source_id, each.problems) for each in rows_of(listed)]
    assess(listed)
    assert [(each.state, each.fate, each.source_id, each.problems) for each in rows_of(listed)] == before


def test_who_lost_the_region_meanwhile_brings_in_nothing(town: Town) -> None:
    listed = take_in(town, [row("甲")])
    job = start(listed)
    Membership.objects.filter(person=town.paula).update(role="volunteer")
    assert work_off(job).state == JobState.FAILED
    assert points(listed) == {}
    with pytest.raises(NotFound):
        staging.of_person(Person.objects.get(username="paula"), listed.pk)
