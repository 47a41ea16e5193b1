"""Ready-made grids brought in on the planner's page."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from grids.models import SplitGrid, SplitRun
from maps.pages import planner
from tests.split_town import build_houses
from tests.town import FAR, NEAR, Town, box

SignIn = Callable[[str], Client]
ADDRESS, EAST, AWAY = "/planner/files/", f"{NEAR}001", f"{FAR}001"


@pytest.fixture(autouse=True)
def houses(town: Town) -> None:
    build_houses(town)


def area(west: float, east: float, **properties: Any) -> dict[str, Any]:
    """A strip of the east community from its south to its north, by hundreds of metres."""
    geometry = json.loads(box(west, 0, east, 3).geojson)
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def send(client: Client, *features: dict[str, Any], community: str = EAST, tolerance: str = "2") -> Any:
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    return send_file(client, data, community, tolerance)


def send_file(client: Client, data: bytes, community: str = EAST, tolerance: str = "2") -> Any:
    form = {"community": community, "tolerance": tolerance, "file": SimpleUploadedFile("grids.geojson", data)}
    return client.post(ADDRESS, form)


def test_a_file_becomes_a_proposal_that_is_opened(town: Town, as_person: SignIn) -> None:
    answer = send(as_person("paula"), area(0, 1, 名称="西片"), area(1, 3, name="东片"))
    run = SplitRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/planner/?community={EAST}&view=proposals&split={run.pk}",
    )
    assert (run.source, run.created_by) == ("file", town.paula)
    assert sorted(SplitGrid.objects.filter(run=run).values_list("households", flat=True)) == [300, 600]


def test_a_narrow_gap_is_closed_and_told(town: Town, as_person: SignIn) -> None:
    send(as_person("paula"), area(0, 1), area(1.01, 3))  # one metre
    (remark,) = SplitRun.objects.get().remarks
    assert remark["code"] == "repaired_gap"
    assert remark["values"]["area"] == pytest.approx(300, rel=0.02)


def test_a_wide_gap_is_named_and_nothing_is_written(town: Town, as_person: SignIn) -> None:
    answer = send(as_person("paula"), area(0, 1, name="西片"), area(1.2, 3, name="东片"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "西片" in page
    assert 'data-view="new"' in page
    assert not SplitRun.objects.exists()


def test_the_files_own_region_does_not_lead_elsewhere(town: Town, as_person: SignIn) -> None:
    send(as_person("paula"), area(0, 3, region=AWAY))
    assert SplitRun.objects.get().region.code == EAST


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"name,code\nx,1\n",
        b'{"type": "FeatureCollection", "features": []}',
        b'{"type": "Point", "coordinates": [111.67, 40.82]}',
        b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": null}]}',
        b"%PDF-1.7",
    ],
)
def test_what_holds_no_grids_is_refused_in_a_sentence(town: Town, as_person: SignIn, data: bytes) -> None:
    answer = send_file(as_person("paula"), data)
    assert answer.status_code == 422
    assert answer.context["problem"]
    assert not SplitRun.objects.exists()


def test_both_kinds_at_once_are_refused(town: Town, as_person: SignIn) -> None:
    answer = send(as_person("paula"), area(0, 1, kind="service"), area(1, 3, kind="unit"))
    assert answer.status_code == 422


@pytest.mark.parametrize("tolerance", ["", "x", "nan", "inf", "0", "-1", "50"])
def test_a_tolerance_that_cannot_be_is_refused(town: Town, as_person: SignIn, tolerance: str) -> None:
    assert send(as_person("paula"), area(0, 3), tolerance=tolerance).status_code == 422


def test_a_file_that_is_too_large_is_not_read(town: Town, as_person: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "MOST_BYTES", 10)
    monkeypatch.setattr(planner, "ROOM_FOR_THE_FORM", 0)
    assert send(as_person("paula"), area(0, 3)).status_code == 422
    assert not SplitRun.objects.exists()


@pytest.mark.parametrize("who", ["alice", "charlie", "dora", "olaf"])
def test_nobody_but_a_planner_brings_grids_in(town: Town, as_person: SignIn, who: str) -> None:
    assert send(as_person(who), area(0, 3)).status_code == 404
    assert not SplitRun.objects.exists()


def test_no_community_beyond_ones_own(town: Town, as_person: SignIn) -> None:
    assert send(as_person("paula"), area(0, 3), community="150299001001").status_code == 404


def test_the_form_has_a_token(town: Town) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.paula)
    assert send(client, area(0, 3)).status_code == 403
