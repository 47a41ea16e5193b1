"""Proposals of grids over the API."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import shapely
from django.contrib.gis.geos import LineString
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from grids.models import SplitRun, Street
from tests.split_town import build_houses, merged, proposal
from tests.town import NEAR, Town, at

Sign = Callable[[str], Client]


@pytest.fixture(autouse=True)
def houses(town: Town) -> None:
    build_houses(town)


def post(client: Client, address: str, **body: Any) -> Any:
    return client.post(f"/api/v1/splits/{address}", json.dumps(body), content_type="application/json")


def test_the_grids_of_today_become_a_proposal(town: Town, as_person: Sign) -> None:
    answer = post(as_person("paula"), "from-grids", region=f"{NEAR}001")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["region"], made["source"], made["state"], made["version"]) == (f"{NEAR}001", "grids", "proposed", 1)
    assert (made["grids"], made["can_undo"], made["can_redo"], made["created_by"]) == (9, False, False, "潘越")
    assert [one["number"] for one in made["features"]] == list(range(1, 10))
    assert [one["area_m2"] for one in made["features"]] == [pytest.approx(10_000, rel=0.01)] * 9


def test_coordinates_come_with_every_digit(town: Town, as_person: Sign) -> None:
    run = proposal(town)
    shown = as_person("paula").get(f"/api/v1/splits/{run.pk}").json()["features"]
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in shown]
    assert shapely.coverage_is_valid(shapes)
    vertices = {tuple(place) for shape in shapes for place in shapely.get_coordinates(shape).tolist()}
    assert tuple(at(1, 1)) in vertices


def test_an_edit_answers_with_what_it_left(town: Town, as_person: Sign) -> None:
    run, client = proposal(town), as_person("paula")
    points = [list(at(1.2, 4)), list(at(1.2, 1))]
    line = {"type": "LineString", "coordinates": points}
    answer = post(client, f"{run.pk}/edits", version=1, verb="redraw", one=1, two=4, line=line)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["version"], answer.json()["can_undo"]) == (2, True)
    answer = post(client, f"{run.pk}/edits", version=2, verb="drag", vertex=list(at(1, 1)), place=list(at(1.1, 1.1)))
    assert answer.json()["version"] == 3
    assert post(client, f"{run.pk}/undo", version=3).json()["can_redo"] is True
    assert post(client, f"{run.pk}/redo", version=4).json()["can_redo"] is False


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "89 m of main road lie inside grid 1: the 100 households beyond are too few for a grid of 112."),
        ("zh-hans", "第 1 网格内有 89 米主要道路：另一侧只有 100 户，不足以自成 112 户的网格。"),
    ],
)
def test_barriers_left_inside_are_said_of_the_present_state(
    town: Town, as_person: Sign, language: str, sentence: str
) -> None:
    """The main road is the border of grids 1 and 4, until they are merged."""
    Street.objects.create(source_id="e1", kind="primary", geom=LineString(at(1, -1), at(1, 4)))
    run, client = proposal(town), as_person("paula")
    client.cookies["django_language"] = language
    assert client.get(f"/api/v1/splits/{run.pk}").json()["sentences"] == []
    merged = post(client, f"{run.pk}/edits", version=1, verb="merge", one=1, two=4).json()
    assert merged["sentences"] == [sentence]
    assert post(client, f"{run.pk}/undo", version=2).json()["sentences"] == []


def test_a_version_that_is_over_is_a_conflict(town: Town, as_person: Sign) -> None:
    run = merged(town, proposal(town), (5, 6))
    answer = post(as_person("paula"), f"{run.pk}/edits", version=1, verb="merge", one=1, two=2)
    assert (answer.status_code, answer.json()["version"]) == (409, 2)


def test_what_cannot_be_is_said_in_a_sentence(town: Town, as_person: Sign) -> None:
    run = proposal(town)
    answer = post(as_person("paula"), f"{run.pk}/edits", version=1, verb="merge", one=1, two=9)
    assert (answer.status_code, answer.json()["detail"]) == (422, "网格 1 与 9 没有公共边界。")


def test_blocks_are_listed_with_their_grid(town: Town, as_person: Sign) -> None:
    run = merged(town, proposal(town), (5, 6))
    shown = as_person("paula").get(f"/api/v1/splits/{run.pk}/blocks").json()
    assert shown["version"] == 2
    assert {one["key"]: one["grid"] for one in shown["results"]}[6] == 5
    assert all(one["buildings"] == 1 for one in shown["results"])


def test_a_discarded_one_is_gone(town: Town, as_person: Sign) -> None:
    run, client = proposal(town), as_person("paula")
    assert post(client, f"{run.pk}/discard", version=1).json() == {"id": run.pk}
    assert client.get(f"/api/v1/splits/{run.pk}").status_code == 404


@pytest.mark.parametrize("who", ["alice", "charlie", "dora", "olaf"])
def test_others_see_none_and_make_none(town: Town, as_person: Sign, who: str) -> None:
    run, client = proposal(town), as_person(who)
    assert client.get("/api/v1/splits").json()["results"] == []
    assert client.get(f"/api/v1/splits/{run.pk}").status_code == 404
    assert client.get(f"/api/v1/splits/{run.pk}/blocks").status_code == 404
    assert post(client, f"{run.pk}/discard", version=1).status_code == 404
    assert post(client, "from-grids", region=f"{NEAR}001").status_code == 403
    assert SplitRun.objects.count() == 1


def test_a_community_that_is_none_is_not_found(town: Town, as_person: Sign) -> None:
    assert post(as_person("paula"), "from-grids", region=f"{NEAR}999").status_code == 404


def test_the_list_is_filtered_and_takes_few_queries(town: Town, as_person: Sign) -> None:
    for _number in range(5):
        proposal(town)
    client = as_person("paula")
    client.get("/api/v1/splits")
    with CaptureQueriesContext(connection) as captured:
        rows = client.get(f"/api/v1/splits?region={NEAR}&state=proposed").json()["results"]
    assert len(rows) == 5
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    assert len(captured) <= 6
    assert client.get("/api/v1/splits?state=accepted").json()["results"] == []
