"""What grids are called: a name that nobody chose is a number in English, everywhere names are shown."""

from typing import Any

import pytest
from django.utils import translation

from grids.models import Grid
from grids.models.grid import local_grid_name
from grids.search import index
from tests.town import NEAR, Town, at

ENGLISH = {"Accept-Language": "en"}


@pytest.mark.parametrize(
    ("name", "number", "english"),
    [
        ("第3网格", 3, "Grid 3"),
        ("锦绣社区第12网格", 12, "Grid 12"),
        ("东院", 3, "东院"),
        ("第13网格", 3, "第13网格"),
        ("第3网格", 13, "第3网格"),
    ],
)
def test_a_name_that_nobody_chose_is_a_number_in_english(name: str, number: int, english: str) -> None:
    code = f"{NEAR}001{number:03}"
    with translation.override("en"):
        assert local_grid_name(name, code) == english
        assert str(Grid(name=name, code=code)) == english
    with translation.override("zh-hans"):
        assert local_grid_name(name, code) == name


def test_places_search_and_assignments_call_it_so(town: Town, as_person: Any) -> None:
    index.refresh("grid")
    client = as_person("dora")
    point = at(1.5, 1.5)
    near = client.get(f"/api/v1/places/near?lon={point.x}&lat={point.y}", headers=ENGLISH).json()
    assert near["grid"]["name"] == "Grid 5"
    found = client.get("/api/v1/places/search?q=grid 5&kinds=grid", headers=ENGLISH).json()["results"]
    assert found[0]["name"] == "Grid 5"
    rows = client.get("/api/v1/assignments", headers=ENGLISH).json()["results"]
    named = {row["place"]["name"] for row in rows if row["place"]["kind"] == "grid"}
    assert named
    assert all(name.startswith("Grid ") for name in named)
    chinese = client.get("/api/v1/places/search?q=第5网格&kinds=grid", headers={"Accept-Language": "zh-hans"}).json()
    assert chinese["results"][0]["name"] == "第5网格"
    # The grid as a thing keeps the name that is stored.
    assert client.get(f"/api/v1/grids/{town.grids[5].pk}", headers=ENGLISH).json()["name"] == "第5网格"
