"""Where rows without a place may be."""

from grids.lists.candidates import candidates, expected
from grids.models import Place
from grids.models.lists import ListKind
from grids.search import index
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
