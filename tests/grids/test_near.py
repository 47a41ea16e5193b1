"""Words for a tapped place."""

import pytest
from django.contrib.gis.geos import LineString

from grids.models import Building, Place, Stairwell, Street
from grids.near import describe
from tests.town import Town, at, box


@pytest.fixture
def estate(town: Town) -> Building:
    """
    A building in grid 5, an alley north of it, all within the estate:

        +--------------+
        |  ----------  |  alley
        |   [ 3号楼 ]   |
        +--------------+
    """
    building = Building.objects.create(source_id="b", name="3号楼", estate="锦园小区", geom=box(1.4, 1.3, 1.6, 1.5))
    Stairwell.objects.create(source_id="s1", building=building, label="1单元", geom=at(1.45, 1.3))
    Stairwell.objects.create(source_id="s2", building=building, label="2单元", geom=at(1.55, 1.3))
    Street.objects.create(
        source_id="a", name="西巷", kind="alley", geom=LineString(at(1.1, 1.8), at(1.9, 1.8), srid=4326)
    )
    Place.objects.create(source_id="p", name="锦园小区", kind="estate", geom=box(1, 1, 2, 2))
    return building


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ((1.5, 1.4), "锦园小区3号楼"),
        ((1.5, 1.79), "西巷"),
        ((0.2, 0.2), ""),
    ],
)
def test_a_place_is_called_after_what_stands_there(
    town: Town, estate: Building, where: tuple[float, float], words: str
) -> None:
    assert describe(at(*where))["place"] == words


def test_beside_a_building_is_beside_it(town: Town, estate: Building) -> None:
    words = describe(at(1.5, 1.52))["place"]
    assert "锦园小区3号楼" in words
    assert words != "锦园小区3号楼"


def test_the_stairwells_of_the_building_are_offered(town: Town, estate: Building) -> None:
    assert [row["label"] for row in describe(at(1.5, 1.4))["stairwells"]] == ["1单元", "2单元"]
    assert describe(at(1.5, 1.4))["grid"]["code"] == town.grids[5].code


def test_nowhere_is_nothing(town: Town) -> None:
    assert describe(at(5, 1)) == {"grid": None, "place": "", "stairwells": []}
