"""Where rows without a place may be."""

from typing import Any

import pytest
from django.contrib.gis.geos import LineString

from grids.lists.candidates import CROSSING, candidates, expected
from grids.models import Place, Street
from grids.models.lists import ListKind
from grids.search import index
from grids.search.finding import Found, TooSlow, find
from grids.search.query import Query
from tests.grids.list_town import NAMED, give_houses, row, rows_of, take_in
from tests.town import NEAR, Town, at


def give_places() -> None:
    for number, (name, east) in enumerate((("学府市场", 0.5), ("学府市场", 9.5), ("红旗公园", 1.5))):
        Place.objects.create(source_id=f"p{number}", name=name, kind="market", geom=at(east, 1.5))
    index.reconcile()


def test_a_row_is_searched_by_its_address_and_its_name(town: Town) -> None:
    give_places()
    headings = (*NAMED, "详细地址")
    listed = take_in(town, [[*row("红旗公园", None), ""], [*row("甲", None), "学府市场北侧50米"]], headings)
    by_name, by_address = rows_of(listed)
    assert candidates(listed, by_name, town.scope("paula"))[0].name == "红旗公园"
    best = candidates(listed, by_address, town.scope("paula"))[0]
    assert (best.name, best.by) == ("学府市场", "address")


def test_the_community_that_a_row_names_comes_first(town: Town) -> None:
    give_places()
    headings = (*NAMED, "所属社区")
    far = town.far_grid.region
    listed = take_in(town, [[*row("学府市场", None), far.name]], headings)
    (each,) = rows_of(listed)
    assert abs(expected(listed, each)[0] - at(9.5, 1.5).x) < 0.001
    assert candidates(listed, each, town.scope("paula"))[0].lon > at(5, 0).x


def test_nothing_outside_the_region_of_the_list_is_offered(town: Town) -> None:
    give_places()
    listed = take_in(town, [row("学府市场", None)], region=NEAR)
    found = candidates(listed, rows_of(listed)[0], town.scope("paula"))
    assert [round(each.lon, 4) for each in found] == [round(at(0.5, 0).x, 4)]


def test_for_stairwells_only_buildings_are_offered(town: Town) -> None:
    houses = give_houses(town)
    index.reconcile()
    listed = take_in(town, [["锦园", "11号楼", "1单元", 3]], ("小区", "楼栋", "单元", "户数"), kind=ListKind.STAIRWELLS)
    found = candidates(listed, rows_of(listed)[0], town.scope("paula"))
    assert {each.building for each in found} <= {house.pk for house in houses.values()}
    assert found


def test_what_stands_beside_a_building_does_not_hide_it(town: Town) -> None:
    house = give_houses(town)["锦园2号楼"]
    Place.objects.create(source_id="e", name="锦园", kind="estate", geom=at(0.5, 0.5))
    index.reconcile()
    headings = (*NAMED, "详细地址")
    wheres = ("北侧", "旁边", "大门口", "东北角50米处", "对面")
    listed = take_in(town, [[*row("甲", None), f"锦园2号楼{where}"] for where in wheres], headings)
    first = [candidates(listed, each, town.scope("paula"))[0] for each in rows_of(listed)]
    assert [(best.name, best.building, best.share) for best in first] == [("锦园2号楼", house.pk, 1.0)] * len(wheres)


def test_two_streets_are_offered_where_they_meet(town: Town) -> None:
    for name, line in {
        "学苑街": (at(0, 1), at(3, 1)),
        "青岚路": (at(2, 0), at(2, 3)),
        "西巷": (at(1, 1.2), at(1, 3)),
        "远街": (at(8, 0), at(8, 3)),
    }.items():
        Street.objects.create(source_id=name, name=name, kind="tertiary", geom=LineString(*line, srid=4326))
    index.reconcile()
    headings = (*NAMED, "详细地址")
    asked = {
        "学苑街与青岚路交叉口": at(2, 1),
        "学苑街、西巷路口东南角": at(1, 1),
        "学苑街与远街交叉口": None,
        "学苑街与无名路交叉口": None,
    }
    listed = take_in(town, [[*row("甲", None), address] for address in asked], headings)
    for each, place in zip(rows_of(listed), asked.values(), strict=True):
        met = [one for one in candidates(listed, each, town.scope("paula")) if one.kind == CROSSING]
        assert len(met) == (place is not None)
        if place:
            assert (met[0].lon, met[0].lat) == pytest.approx((place.x, place.y), abs=1e-4)


def test_a_search_that_takes_too_long_leaves_the_word_to_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_places()
    (each,) = rows_of(take_in(town, [[*row("红旗公园", None), "学府市场北侧"]], (*NAMED, "详细地址")))
    scope = town.scope("paula")

    asked: list[str] = []

    def slow(query: Query, *more: Any) -> list[Found]:
        asked.append(query.key)
        if query.key != "红旗公园" or asked.count(query.key) == 1:
            raise TooSlow("slow")
        return find(query, *more)

    monkeypatch.setattr("grids.lists.candidates.find", slow)
    assert candidates(each.list_import, each, scope)[0].name == "红旗公园"
    each.values = {**each.values, "name": "学府"}
    with pytest.raises(TooSlow):
        candidates(each.list_import, each, scope)
