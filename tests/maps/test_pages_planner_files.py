"""Ready-made grids brought in on the planner's page."""

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from grids import jobs
from grids.models import Job, Membership, Outbox, SplitFile, SplitGrid, SplitRun
from grids.models.platform import JobState
from grids.splits import bringing
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


def read() -> Job:
    """Let the worker do what was started."""
    job = Job.objects.get()
    jobs.run(str(Outbox.objects.get(topic=jobs.TOPIC, payload__job=str(job.pk), done_at=None).pk))
    job.refresh_from_db()
    return job


def test_a_file_becomes_a_proposal_by_a_job_that_is_followed(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    answer = send(client, area(0, 1, 名称="西片"), area(1, 3, name="东片"))
    address = f"/planner/split/?community={EAST}&view=proposals"
    assert (answer.status_code, answer["Location"]) == (302, f"{address}#job-{Job.objects.get().pk}")
    assert client.get(address).content.decode().count("data-job=") == 1
    assert not SplitRun.objects.exists()
    job, run = read(), SplitRun.objects.get()
    assert (job.state, job.result["split"] if job.result else None) == (JobState.DONE, run.pk)
    assert (run.source, run.created_by) == ("file", town.paula)
    assert sorted(SplitGrid.objects.filter(run=run).values_list("households", flat=True)) == [300, 600]
    assert not SplitFile.objects.exists()


def test_a_narrow_gap_is_closed_and_told(town: Town, as_person: SignIn) -> None:
    send(as_person("paula"), area(0, 1), area(1.01, 3))  # one metre
    assert "1" in jobs.summary_of(read())
    (remark,) = SplitRun.objects.get().remarks
    assert remark["code"] == "repaired_gap"
    assert remark["values"]["area"] == pytest.approx(300, rel=0.02)


def test_a_wide_gap_is_named_and_nothing_is_written(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    send(client, area(0, 1, name="西片"), area(1.2, 3, name="东片"))
    job = read()
    assert job.state == JobState.FAILED
    assert "西片" in job.error
    assert "西片" in client.get("/planner/split/", {"community": EAST, "view": "proposals"}).content.decode()
    assert not SplitRun.objects.exists()
    assert bringing.forget() == 1


def test_a_file_waits_for_its_job_and_goes_with_it(town: Town, as_person: SignIn) -> None:
    send(as_person("paula"), area(0, 3))
    assert bringing.forget() == 0
    jobs.cancel(Job.objects.get())
    assert bringing.forget() == 1
    assert not SplitRun.objects.exists()


def test_cancelling_between_two_steps_leaves_nothing_behind(town: Town, as_person: SignIn) -> None:
    send(as_person("paula"), area(0, 3))
    steps: list[str] = []

    def step(self: jobs.Run, text: str, share: float) -> None:
        steps.append(text)
        if share >= 0.5:
            raise jobs.Cancelled

    with patch.object(jobs.Run, "step", step):
        assert read().state == JobState.CANCELLED
    assert len(steps) == 3
    assert not SplitRun.objects.exists()


def test_the_files_own_region_does_not_lead_elsewhere(town: Town, as_person: SignIn) -> None:
    send(as_person("paula"), area(0, 3, region=AWAY))
    read()
    assert SplitRun.objects.get().region.code == EAST


@pytest.mark.parametrize("data", [b"", b"name,code\nx,1\n", b"%PDF-1.7"])
def test_what_can_hold_no_grids_is_refused_at_once(town: Town, as_person: SignIn, data: bytes) -> None:
    answer = send_file(as_person("paula"), data)
    assert answer.status_code == 422
    assert answer.context["problem"]
    assert 'data-view="new"' in answer.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        b'{"type": "FeatureCollection", "features": []}',
        b'{"type": "Point", "coordinates": [111.67, 40.82]}',
        b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": null}]}',
    ],
)
def test_what_holds_no_grids_ends_the_job_with_a_sentence(town: Town, as_person: SignIn, data: bytes) -> None:
    send_file(as_person("paula"), data)
    job = read()
    assert (job.state, bool(job.error)) == (JobState.FAILED, True)
    assert not SplitRun.objects.exists()


def test_both_kinds_at_once_are_refused(town: Town, as_person: SignIn) -> None:
    send(as_person("paula"), area(0, 1, kind="service"), area(1, 3, kind="unit"))
    assert read().state == JobState.FAILED


def test_who_plans_no_more_brings_nothing_in(town: Town, as_person: SignIn) -> None:
    send(as_person("paula"), area(0, 3))
    Membership.objects.filter(person=town.paula).delete()
    assert read().state == JobState.FAILED
    assert not SplitRun.objects.exists()


@pytest.mark.parametrize("tolerance", ["", "x", "nan", "inf", "0", "-1", "50"])
def test_a_tolerance_that_cannot_be_is_refused(town: Town, as_person: SignIn, tolerance: str) -> None:
    assert send(as_person("paula"), area(0, 3), tolerance=tolerance).status_code == 422
    assert not Job.objects.exists()


def test_a_file_that_is_too_large_is_not_read(town: Town, as_person: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "MOST_BYTES", 10)
    monkeypatch.setattr(planner, "ROOM_FOR_THE_FORM", 0)
    assert send(as_person("paula"), area(0, 3)).status_code == 422
    assert not Job.objects.exists()


def test_a_form_without_a_file_is_refused(town: Town, as_person: SignIn) -> None:
    assert as_person("paula").post(ADDRESS, {"community": EAST, "tolerance": "2"}).status_code == 422


@pytest.mark.parametrize("who", ["alice", "charlie", "dora", "olaf"])
def test_nobody_but_a_planner_brings_grids_in(town: Town, as_person: SignIn, who: str) -> None:
    assert send(as_person(who), area(0, 3)).status_code == 404
    assert not Job.objects.exists()


def test_no_community_beyond_ones_own(town: Town, as_person: SignIn) -> None:
    assert send(as_person("paula"), area(0, 3), community="150299001001").status_code == 404


def test_the_form_has_a_token(town: Town) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.paula)
    assert send(client, area(0, 3)).status_code == 403
