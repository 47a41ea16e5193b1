"""Lists of people, organisations, stairwells, assets and households."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone, translation

from grids.lists import staging
from grids.models import Asset, Assignment, Building, Membership, Organisation, Person, Stairwell
from grids.models.lists import Fate, ListKind, RowState
from tests.grids.list_town import bring_in, counts, give_houses, rows_of, sentences, spot, take_in
from tests.town import DISTRICT, NEAR, Town

PEOPLE = ("姓名", "用户名", "角色", "所属社区", "联系电话")
BODIES = ("单位名称", "单位类型", "管辖范围")
STAIRWELLS = ("小区", "楼栋", "单元", "户数", "楼道长")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def promote(town: Town, who: str, role: str) -> None:
    Membership.objects.filter(person=getattr(town, who)).update(role=role)
    setattr(town, who, Person.objects.get(username=who))  # their reach is kept with them for a request


# -- people -----------------------------------------------------------------------------------------------------------


def test_people_get_an_account_without_a_password_and_their_role(town: Town) -> None:
    rows = [["王芳", "", "网格员", NEAR + "001", "13912345678"], ["李强", "liqiang", "志愿者", NEAR + "001", ""]]
    bring_in(take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE))
    wang = Person.objects.get(name="王芳")
    assert (wang.username, wang.phone, wang.has_usable_password()) == ("wangfang", "13912345678", False)
    membership = Membership.objects.get(person=wang)
    assert (membership.role, membership.region.code) == ("volunteer", NEAR + "001")
    assert Person.objects.get(username="liqiang").name == "李强"


def test_the_same_people_again_are_known_by_their_name_in_the_community(town: Town) -> None:
    rows = [["王芳", "", "网格员", NEAR + "001", ""]]
    bring_in(take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE))
    again = bring_in(take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE))
    assert counts(again)["unchanged"] == 1
    assert Person.objects.filter(name="王芳").count() == 1


def test_a_user_name_made_from_a_name_avoids_the_taken_ones(town: Town) -> None:
    Person.objects.create_user("wangfang", name="别人")
    bring_in(take_in(town, [["王芳", "", "网格员", NEAR + "001", ""]], PEOPLE, kind=ListKind.PEOPLE))
    assert Person.objects.get(name="王芳").username == "wangfang2"


def test_one_person_with_two_roles_is_one_account(town: Town) -> None:
    rows = [["王芳", "wf", "网格长", NEAR + "001", ""], ["王芳", "wf", "楼道长", NEAR + "001", ""]]
    bring_in(take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE))
    assert set(Person.objects.get(username="wf").memberships.values_list("role", flat=True)) == {"leader", "steward"}


def test_a_planner_appoints_nobody_who_sees_more_than_the_field(town: Town) -> None:
    rows = [
        ["王芳", "", "管理员", DISTRICT, ""],
        ["李强", "", "派遣员", DISTRICT, ""],
        ["赵云", "", "网格长", NEAR + "001", ""],
    ]
    listed = take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE)
    assert [each.state for each in rows_of(listed)] == [RowState.PROBLEM, RowState.PROBLEM, RowState.READY]
    promote(town, "paula", "admin")
    listed = take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE)
    assert {each.state for each in rows_of(listed)} == {RowState.READY}


def test_nobody_from_elsewhere_and_no_administrator_is_changed_by_a_list(town: Town) -> None:
    Person.objects.create_superuser("root", name="根")
    rows = [
        ["改名", "charlie", "志愿者", NEAR + "001", ""],
        ["改名", "root", "志愿者", NEAR + "001", ""],
        ["改名", "dora", "志愿者", NEAR + "001", ""],
    ]
    listed = take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE, region=NEAR)
    assert {each.state for each in rows_of(listed)} == {RowState.PROBLEM}
    said = sentences(listed)
    assert "not managed" in said[0]
    assert "not managed" in said[1]
    assert "administrator" in said[2]


def test_staff_need_a_body_that_exists(town: Town) -> None:
    headings = (*PEOPLE, "单位")
    rows = [["王芳", "", "工作人员", NEAR, "", "城管中队"], ["李强", "", "工作人员", NEAR, "", "没有"]]
    listed = take_in(town, rows, headings, kind=ListKind.PEOPLE)
    assert [each.state for each in rows_of(listed)] == [RowState.READY, RowState.PROBLEM]
    bring_in(listed, leave_out=True)
    assert Membership.objects.get(person__name="王芳").organisation == town.squad


def test_a_membership_that_ended_begins_again_after_its_end(town: Town) -> None:
    rows = [["王芳", "wf", "网格长", NEAR + "001", ""]]
    bring_in(take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE))
    today = timezone.localdate()
    Membership.objects.filter(person__username="wf").update(period=DateRange(today - timedelta(days=9), today))
    bring_in(take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE))
    assert Membership.objects.current().get(person__username="wf").period.lower == today


# -- organisations ----------------------------------------------------------------------------------------------------


def test_bodies_get_the_region_they_name_as_jurisdiction(town: Town) -> None:
    region = town.grids[1].region
    rows = [["东街环卫所", "环卫", region.name], ["西街物业", "物业公司", ""], ["?", "不知道", ""]]
    listed = take_in(town, rows, BODIES, kind=ListKind.ORGANISATIONS)
    assert [each.state for each in rows_of(listed)] == [RowState.READY, RowState.READY, RowState.PROBLEM]
    bring_in(listed, leave_out=True)
    body = Organisation.objects.get(name="东街环卫所")
    assert (body.kind, body.region) == ("sanitation", region)
    assert body.jurisdiction.equals(region.geom)
    assert Organisation.objects.get(name="西街物业").region.code == DISTRICT


def test_a_body_that_is_there_is_changed_and_not_doubled(town: Town) -> None:
    listed = take_in(town, [["城管中队", "市政", ""]], BODIES, kind=ListKind.ORGANISATIONS)
    assert rows_of(listed)[0].fate == Fate.CHANGED
    bring_in(listed)
    town.squad.refresh_from_db()
    assert (town.squad.kind, Organisation.objects.count()) == ("municipal", 1)


# -- buildings --------------------------------------------------------------------------------------------------------


def test_stairwells_find_their_building_and_get_a_steward(town: Town) -> None:
    houses = give_houses(town)
    rows: list[list[Any]] = [["锦园", "1栋", "3", "12户", "柳芸"], ["锦园", "2#", "1单元", 8, ""]]
    listed = bring_in(take_in(town, rows, STAIRWELLS, kind=ListKind.STAIRWELLS))
    made = Stairwell.objects.get(source=listed.source, building=houses["锦园1号楼"])
    assert (made.label, made.households) == ("3单元", 12)
    assert Assignment.objects.get(stairwell=made).person == town.alice
    assert Building.objects.get(pk=houses["锦园1号楼"].pk).households == 32
    assert Building.objects.get(pk=houses["锦园2号楼"].pk).households == 8


def test_a_stairwell_that_is_there_is_updated_whoever_brought_it_in(town: Town) -> None:
    houses = give_houses(town)
    listed = bring_in(take_in(town, [["锦园", "1号楼", "2单元", 14, ""]], STAIRWELLS, kind=ListKind.STAIRWELLS))
    assert counts(listed)["changed"] == 1
    assert Stairwell.objects.filter(building=houses["锦园1号楼"]).count() == 2
    assert Stairwell.objects.get(building=houses["锦园1号楼"], label="2单元").households == 14


def test_a_building_that_is_unknown_or_unclear_is_chosen_by_hand(town: Town) -> None:
    houses = give_houses(town)
    listed = take_in(
        town, [["", "1号楼", "1单元", 9, ""], ["无", "7号楼", "1单元", 9, ""]], STAIRWELLS, kind=ListKind.STAIRWELLS
    )
    assert [each.state for each in rows_of(listed)] == [RowState.UNPLACED, RowState.UNPLACED]
    north = houses["北苑1号楼"]
    staging.pin(listed, 2, *spot(2.4, 2.4), building=north.pk)
    centre = houses["锦园2号楼"].geom.centroid
    staging.pin(listed, 3, centre.x, centre.y)
    bring_in(listed)
    assert set(Stairwell.objects.filter(source=listed.source).values_list("building_id", flat=True)) == {
        north.pk,
        houses["锦园2号楼"].pk,
    }


def test_households_are_numbers_of_buildings_and_stairwells(town: Town) -> None:
    houses = give_houses(town)
    rows: list[list[Any]] = [
        ["锦园", "1号楼", "1单元", "１５"],
        ["锦园", "1号楼", "2单元", 5],
        ["锦园", "2号楼", "", 40],
    ]
    headings = ("小区", "楼栋", "单元", "户数")
    listed = bring_in(take_in(town, rows, headings, kind=ListKind.HOUSEHOLDS))
    assert counts(listed)["changed"] == 3
    assert [Building.objects.get(pk=houses[name].pk).households for name in ("锦园1号楼", "锦园2号楼")] == [20, 40]


def test_residents_are_never_staged(town: Town) -> None:
    give_houses(town)
    headings = ("小区", "楼栋", "户主", "身份证号", "户数")
    listed = take_in(town, [["锦园", "1号楼", "张三丰", "11010519491231002X", 1]], headings, kind=ListKind.HOUSEHOLDS)
    assert "张三丰" not in str(rows_of(listed)[0].cells)
    assert "11010519491231002X" not in str(rows_of(listed)[0].cells)
    assert listed.reading["private"] == [2, 3]


# -- assets -----------------------------------------------------------------------------------------------------------


def test_assets_stand_where_the_list_says(town: Town) -> None:
    headings = ("设施名称", "设施类型", "坐标")
    listed = bring_in(
        take_in(town, [["公约牌", "宣传牌", "{},{}".format(*spot(1.5, 1.5))]], headings, kind=ListKind.ASSETS)
    )
    asset = Asset.objects.get(source=listed.source)
    assert (asset.name, asset.kind, asset.region) == ("公约牌", "宣传牌", town.grids[1].region)


# -- what nobody may do by a list -----------------------------------------------------------------------------------


def test_who_works_or_worked_elsewhere_only_is_not_brought_here_by_a_list(town: Town) -> None:
    """Or a planner could take over an account of another region: give it a role here, then a new start."""
    promote(town, "dora", "planner")
    charlie = Membership.objects.get(person=town.charlie)
    rows = [["许棠", "charlie", "志愿者", NEAR + "001", ""]]
    today = timezone.localdate()
    for period in (
        DateRange(today - timedelta(days=90), today - timedelta(days=1)),
        DateRange(today + timedelta(days=1), None),
    ):
        Membership.objects.filter(pk=charlie.pk).update(period=period)
        listed = take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE, who="dora", region=NEAR)
        assert counts(listed) | {"problem": 1} == counts(listed)
        assert any("not managed from" in sentence for sentence in sentences(listed))


def test_a_role_that_was_called_off_is_given_all_the_same(town: Town) -> None:
    rows = [["段禾", "bob", "楼道长", NEAR + "001", ""]]
    Membership.objects.create(
        person=town.bob,
        role="steward",
        region=Membership.objects.get(person=town.bob).region,
        period=DateRange(empty=True),
    )
    bring_in(take_in(town, rows, PEOPLE, kind=ListKind.PEOPLE))
    assert Membership.objects.current().filter(person=town.bob, role="steward").exists()


def test_a_value_for_all_rows_is_read_like_a_cell(town: Town) -> None:
    listed = take_in(town, [["王芳", NEAR + "001"]], ("姓名", "所属社区"), kind=ListKind.PEOPLE)
    for constants in ({"role": "owner of everything"}, {"role": "leader", "since": "soon"}):
        staging.set_columns(listed, listed.mapping, {"constants": constants}, "名单")
        assert counts(listed)["problem"] == 1
    staging.set_columns(listed, listed.mapping, {"constants": {"role": "leader", "since": "2026-3-1"}}, "名单")
    assert counts(listed)["ready"] == 1
