"""The cells with most and the series over time, over HTTP."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from grids.models import Place
from grids.models.places import PlaceKind
from maps.cells.hexagons import cell_at, parent
from patrols.workflow import State
from tests.maps.cells.counting import begin, file_at, keep_up, move
from tests.town import FAR, LITTER, Town, at, box

NOON = datetime(2026, 11, 4, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
BOX = ",".join(str(side) for side in box(-1, -1, 12, 5).extent)


@pytest.fixture
def heat(town: Town) -> Town:
    """Three in grid 5, of which one in October, one in grid 1, one far away."""
    begin()
    file_at(1.5, 1.5, town.litter, NOON)
    file_at(1.5, 1.5, town.litter, NOON.replace(month=10, day=20))
    move(file_at(1.5, 1.5, town.parking, NOON.replace(day=9)), State.CLOSED)
    file_at(0.2, 2.8, town.litter, NOON)
    file_at(9.5, 1.5, town.litter, NOON, region_code=FAR + "001")
    keep_up()
    return town


def top(client: Any, query: str = "", **headers: str) -> Any:
    answer = client.get(f"/api/v1/heat/cells?bbox={BOX}&zoom=16{query}", headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.json()


def series(client: Any, query: str) -> Any:
    answer = client.get(f"/api/v1/heat/series?{query}")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["total"] == sum(one["n"] for one in found["results"])
    return [(one["since"], one["n"]) for one in found["results"]]


def test_the_cells_with_most_come_first_with_what_they_are(
    heat: Town, as_person: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person("dora")
    with django_assert_num_queries(5):  # session, person, reach, cells, how current
        found = top(client)
    assert [one["n"] for one in found["results"]] == [3, 1]
    first = found["results"][0]
    place = at(1.5, 1.5)
    assert first["id"] == f"{parent(cell_at(place.x, place.y), 11):x}"
    assert first["was"] is None
    assert first["per_ha"] == pytest.approx(3 / first["ha"], rel=0.01)
    west, south, east, north = first["bounds"]
    assert west < first["centre"][0] < east
    assert south < first["centre"][1] < north
    assert found["as_of"]
    assert found["resolution"] == 11


def test_a_cell_has_a_name_in_the_language_of_who_asks(heat: Town, as_person: Any) -> None:
    common = {"kind": PlaceKind.PARK, "source": "t", "source_id": "1", "geom": box(1.4, 1.4, 1.6, 1.6)}
    Place.objects.create(name="中心公园", name_en="Middle Park", **common)
    assert top(as_person("dora"))["results"][0]["name"] == "中心公园"
    english = top(as_person("dora"), **{"Accept-Language": "en"})["results"]
    assert english[0]["name"] == english[0]["place"] == "Middle Park"
    region = top(as_person("dora"), "&resolution=8")["results"][0]
    assert region["name"] == region["region"] != ""


def test_filters_compare_and_limit(heat: Town, as_person: Any) -> None:
    assert [one["n"] for one in top(as_person("dora"), "&limit=1")["results"]] == [3]
    assert [one["n"] for one in top(as_person("dora"), f"&category={LITTER}&state=open")["results"]] == [2, 1]
    compared = top(as_person("dora"), "&since=2026-11-01&versus_until=2026-10-31")["results"]
    assert [(one["n"], one["was"]) for one in compared] == [(2, 1), (1, 0)]
    assert len(top(as_person("paula"))["results"]) == 3
    assert top(as_person("alice"))["results"] == []


def test_a_series_has_every_span_and_keeps_to_the_box_and_the_reach(heat: Town, as_person: Any) -> None:
    dora = as_person("dora")
    assert series(dora, "step=month&until=2026-11-30") == [("2026-10-01", 1), ("2026-11-01", 3)]
    assert series(dora, "step=week&since=2026-11-01&until=2026-11-12") == [
        ("2026-10-26", 0),
        ("2026-11-02", 2),
        ("2026-11-09", 1),
    ]
    assert series(dora, "since=2026-11-03&until=2026-11-05") == [
        ("2026-11-03", 0),
        ("2026-11-04", 2),
        ("2026-11-05", 0),
    ]
    assert series(dora, "step=month&until=2026-11-30&state=closed") == [("2026-11-01", 1)]
    near = ",".join(str(side) for side in box(1.2, 1.2, 1.8, 1.8).extent)
    assert series(as_person("paula"), f"step=month&since=2026-11-01&until=2026-11-30&bbox={near}")[0][1] <= 2
    assert series(as_person("paula"), f"step=month&since=2026-11-01&until=2026-11-30&bbox={BOX}") == [("2026-11-01", 4)]
    assert series(as_person("alice"), "step=month") == []


@pytest.mark.parametrize(
    "address",
    [
        "cells",
        f"cells?bbox={BOX}&grid=1",
        "cells?bbox=1,2,3",
        "cells?bbox=100,20,120,40&zoom=16",
        f"cells?bbox={BOX}&limit=101",
        f"cells?bbox={BOX}&since=2026-12-01&until=2026-11-01",
        "series?step=year",
        "series?since=1971-01-01&step=day",
        "series?since=2026-12-01&until=2026-11-01",
        "series?versus_since=2026-11-01",
    ],
)
def test_bad_input_is_refused(town: Town, as_person: Any, address: str) -> None:
    answer = as_person("dora").get(f"/api/v1/heat/{address}")
    assert answer.status_code == 400
    assert len(answer.json()["detail"]) > 5
