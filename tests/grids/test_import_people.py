"""Importing people: accounts without a password, and roles in regions, teams and bodies."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone, translation

from grids.models import Membership, Organisation, Person, Region, Team
from grids.places_import import Options, Outcome, run
from grids.places_import.cells import day, text, truth, whole
from grids.problems import BadInput
from tests.grids.import_files import table

HEADINGS = ["用户名", "姓名", "英文名", "党员", "电话", "角色", "社区编码", "任职日期"]
LI = ["li.na", "李娜", "Li Na", "是", "13800000001", "网格长", "150102", "2026年3月1日"]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def region(db: None) -> Region:
    """A district with a team and a body."""
    area = MultiPolygon(Polygon.from_bbox((111, 40, 112, 41)), srid=4326)
    found = Region.objects.create(code="150102", level="district", name="新城区", source_id="1", geom=area)
    Team.objects.create(code="T1", name="一队", level=1, region=found)
    Organisation.objects.create(code="O1", name="城管中队", kind="urban_management", region=found, jurisdiction=area)
    return found


def bring(tmp_path: Path, rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS, **options: Any) -> Outcome:
    """Import rows under headings."""
    return run(Options(path=table(tmp_path / "people.csv", [headings, *rows]), layer="people", **options))


def tallies(outcome: Outcome) -> list[tuple[int, int, int]]:
    """Return new, changed and unchanged of people and of memberships."""
    return [(count.new, count.changed, count.unchanged) for count in outcome.counts]


@pytest.mark.usefixtures("region")
def test_a_person_comes_without_a_password_and_with_a_role(tmp_path: Path) -> None:
    assert tallies(bring(tmp_path, [LI])) == [(1, 0, 0), (1, 0, 0)]
    person = Person.objects.get()
    assert (person.username, person.name, person.name_en) == ("li.na", "李娜", "Li Na")
    assert (person.party_member, person.phone, person.is_active) == (True, "13800000001", True)
    assert (person.has_usable_password(), person.is_staff, person.is_superuser) == (False, False, False)
    membership = Membership.objects.get()
    assert (membership.role, membership.region.code, membership.period.lower) == ("leader", "150102", date(2026, 3, 1))


@pytest.mark.usefixtures("region")
def test_the_same_table_again_changes_nobody(tmp_path: Path) -> None:
    bring(tmp_path, [LI])
    Person.objects.get().set_password("own")
    assert tallies(bring(tmp_path, [LI])) == [(0, 0, 1), (0, 0, 1)]


@pytest.mark.usefixtures("region")
def test_an_existing_person_is_updated_but_keeps_password_and_rights(tmp_path: Path) -> None:
    before = Person.objects.create_superuser("li.na", "own", name="旧名", phone="1390000")
    outcome = bring(tmp_path, [["li.na", "李娜"]], ["用户名", "姓名"])
    after = Person.objects.get()
    assert (tallies(outcome), after.name, after.phone) == ([(0, 1, 0), (0, 0, 0)], "李娜", "1390000")
    assert (after.password, after.is_superuser) == (before.password, True)


@pytest.mark.usefixtures("region")
def test_one_person_may_hold_several_roles_and_join_a_team_later(tmp_path: Path) -> None:
    rows = [LI, [*LI[:5], "志愿者", *LI[6:]]]
    assert tallies(bring(tmp_path, rows)) == [(1, 0, 0), (2, 0, 0)]
    headings, more = [*HEADINGS, "队伍编码"], [[*LI, "T1"], [*rows[1], ""]]
    assert tallies(bring(tmp_path, more, headings)) == [(0, 0, 1), (0, 1, 1)]
    assert Membership.objects.get(role="leader").team is not None
    assert tallies(bring(tmp_path, more, headings)) == [(0, 0, 1), (0, 0, 2)]


def test_a_role_that_ended_begins_anew_without_overlap(region: Region, tmp_path: Path) -> None:
    today = timezone.localdate()
    person = Person.objects.create_user("li.na", name="李娜")
    past = DateRange(date(2026, 1, 1), today - timedelta(days=1))
    Membership.objects.create(person=person, role="leader", region=region, period=past)
    assert tallies(bring(tmp_path, [LI]))[1] == (1, 0, 0)
    new = Membership.objects.exclude(period=past).get()
    assert (new.period.lower, new.period.upper) == (today - timedelta(days=1), None)


@pytest.mark.usefixtures("region")
def test_staff_belong_to_a_body(tmp_path: Path) -> None:
    headings = ["username", "role", "region", "organisation"]
    outcome = bring(
        tmp_path, [["a", "staff", "150102", ""], ["b", "staff", "150102", "O1"]], headings, allow_refused=True
    )
    assert [refusal.reason for refusal in outcome.refusals] == ["The role staff needs an organisation."]
    assert Membership.objects.get().organisation is not None


@pytest.mark.usefixtures("region")
def test_each_bad_row_is_refused_with_its_reason_and_nobody_is_created(tmp_path: Path) -> None:
    rows = [
        LI,
        LI,
        ["li.na", "李四", *LI[2:5], "志愿者", *LI[6:]],
        ["two words", *LI[1:]],
        ["", *LI[1:]],
        ["a", *LI[1:4], "call me", *LI[5:]],
        ["b", *LI[1:5], "皇帝", *LI[6:]],
        ["c", *LI[1:6], "150199", LI[7]],
        ["d", *LI[1:6], "", LI[7]],
        ["e", *LI[1:7], "2026-13-01"],
        ["f", *LI[1:3], "也许", *LI[4:]],
    ]
    outcome = bring(tmp_path, rows)
    reasons = {refusal.row: refusal.reason for refusal in outcome.refusals}
    for row, words in {
        2: "earlier row",
        3: "something else of the same user name",
        4: "“two words” is not one word",
        5: "“” is not one word",
        6: "“call me” is no telephone number",
        7: "“皇帝” is not one of admin, dispatcher",
        8: "no region with the code 150199",
        9: "The role leader needs a region",
        10: "since is “2026-13-01”, not a day",
        11: "neither yes nor no",
    }.items():
        assert words in reasons.pop(row)
    assert (reasons, Person.objects.count()) == ({}, 0)


@pytest.mark.usefixtures("region")
def test_region_and_role_can_be_given_for_all(tmp_path: Path) -> None:
    bring(tmp_path, [["a", "甲"], ["b", "乙"]], ["username", "name"], region="150102", constants={"role": "volunteer"})
    assert list(Membership.objects.values_list("role", "region__code")) == [("volunteer", "150102")] * 2


@pytest.mark.django_db
def test_people_need_a_user_name_column(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="column with their user name"):
        bring(tmp_path, [["李娜", "1"]], ["姓名", "电话"])


@pytest.mark.parametrize(
    ("cell", "expected"), [("12", 12), ("12.0", 12), (12.0, 12), ("12户", 12), ("", None), (None, None)]
)
def test_whole_numbers_are_read_as_people_write_them(cell: object, expected: int | None) -> None:
    assert whole(cell, 20, "n") == expected


@pytest.mark.parametrize("cell", ["12.5", "-1", "21", "1e3", "十二", [1]])
def test_what_is_no_whole_number_is_refused(cell: object) -> None:
    with pytest.raises(BadInput):
        whole(cell, 20, "n")


def test_text_is_one_clean_line() -> None:
    assert text("  东风\n 路 ", 10, "name") == "东风 路"
    for bad in ("a\0", "\ud800", {"a": 1}, "x" * 11):
        with pytest.raises(BadInput):
            text(bad, 10, "name")


def test_days_and_truths_are_read_as_people_write_them() -> None:
    assert {
        day(cell, "since") for cell in ("2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "2026-03-01T00:00:00")
    } == {date(2026, 3, 1)}
    assert [truth(cell, "p") for cell in (True, "是", "中共党员", "1", "否", "群众", None)] == [True] * 4 + [False] * 3
