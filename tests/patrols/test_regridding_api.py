"""Previewing and accepting a proposal over the API, and how the load is spread."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import LineString
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from grids.models import Assignment, Grid, Street
from patrols.filing import Draft, file_report
from tests.split_town import build_houses, merged, proposal
from tests.town import FAR, LITTER, NEAR, Town, at

Sign = Callable[[str], Client]
LOAD = f"/api/v1/fair-load/{NEAR}001"


@pytest.fixture(autouse=True)
def houses(town: Town) -> None:
    build_houses(town)


def post(client: Client, address: str, **body: Any) -> Any:
    return client.post(f"/api/v1/splits/{address}", json.dumps(body), content_type="application/json")


def test_what_was_shown_is_accepted(town: Town, as_person: Sign) -> None:
    run, client = merged(town, proposal(town), (5, 6)), as_person("paula")
    shown = client.get(f"/api/v1/splits/{run.pk}/preview").json()
    alice = next(row for row in shown["people"] if row["holder"]["id"] == town.alice.pk)
    code = town.grids[5].code
    assert alice == {
        "holder": {"kind": "person", "id": town.alice.pk, "name": "柳芸"},
        "role": "owner",
        "before": code,
        "after": code,
        "effect": "gains",
        "coming": 100,
        "going": 0,
    }
    assert shown["moving"] == {"households": 100, "open_reports": 0, "checkpoints": 0}
    assert [row["code"] for row in shown["ending"]] == [town.grids[6].code]
    five = next(row for row in shown["grids"] if row["key"] == 5)
    assert (five["change"], five["owners"][0]["name"]) == ("other outline", "柳芸")
    assert {row["code"][12:]: row["share"] for row in five["origins"]} == {"005": 1.0, "006": 1.0}
    done = post(client, f"{run.pk}/accept", fingerprint=shown["fingerprint"])
    assert done.status_code == 200
    assert {key: done.json()[key] for key in ("grids", "unit_grids")} == {"grids": 8, "unit_grids": 0}
    assert client.get(f"/api/v1/splits/{run.pk}").json()["state"] == "accepted"
    again = post(client, f"{run.pk}/edits", version=3, verb="merge", one=1, two=2)
    assert again.status_code == 409


def test_another_fingerprint_is_a_conflict(town: Town, as_person: Sign) -> None:
    run = proposal(town)
    assert post(as_person("paula"), f"{run.pk}/accept", fingerprint="other").status_code == 409
    assert Grid.objects.current().count() == 10


@pytest.mark.parametrize("who", ["alice", "charlie", "dora", "olaf"])
def test_others_may_neither_look_nor_accept(town: Town, as_person: Sign, who: str) -> None:
    run, client = proposal(town), as_person(who)
    assert client.get(f"/api/v1/splits/{run.pk}/preview").status_code == 404
    assert post(client, f"{run.pk}/accept", fingerprint="x").status_code == 404
    assert client.get(LOAD).status_code == 404


def test_the_load_stands_in_figures_and_the_overloaded_stand_out(town: Town, as_person: Sign) -> None:
    Grid.objects.filter(pk=town.grids[5].pk).update(households=600)
    Assignment.objects.create(person=town.bob, grid=town.grids[1], role="owner")
    Assignment.objects.create(person=town.alice, grid=town.grids[2], role="owner")
    Street.objects.create(source_id="s", kind="residential", geom=LineString(at(1.1, 1.5), at(1.9, 1.5)))
    Street.objects.create(source_id="r", kind="rail", geom=LineString(at(1.1, 1.6), at(1.9, 1.6)))
    point = at(1.5, 1.5)
    for _number in range(6):
        file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    shown = as_person("paula").get(LOAD).json()
    five = shown["grids"][0]
    assert five["code"] == town.grids[5].code
    assert (five["households"], five["open_reports"], five["checkpoints"]) == (600, 6, 1)
    assert five["street_m"] == pytest.approx(80, abs=1)
    assert five["overloaded"] == ["households", "open_reports"]
    assert all(row["overloaded"] == [] for row in shown["grids"][1:])
    assert [(row["owner"]["name"], row["grids"], row["households"]) for row in shown["owners"]] == [
        ("柳芸", 2, 900),
        ("段禾", 1, 300),
    ]
    assert next(row for row in shown["grids"] if row["code"] == town.grids[9].code)["owner"] is None


def test_the_load_is_asked_in_as_many_queries_for_one_grid_as_for_nine(town: Town, as_person: Sign) -> None:
    client = as_person("paula")
    client.get(LOAD)
    counts = []
    for address in (LOAD, f"/api/v1/fair-load/{FAR}"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 9


def test_a_load_of_nowhere_is_not_found(town: Town, as_person: Sign) -> None:
    assert as_person("paula").get("/api/v1/fair-load/150198").status_code == 404
