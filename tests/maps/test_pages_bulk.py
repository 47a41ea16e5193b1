"""Many reports at once: chosen on the list, looked at first, done one by one, and taken back."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from grids.jobs import run as run_job
from grids.models import Job, Outbox
from patrols import bulk
from patrols.filing import Draft, file_report
from patrols.models import Event, Report
from patrols.transitions import Move, transition
from tests.town import LITTER, PARKING, Town, at


def file(town: Town, category: str = LITTER, east: float = 1.5) -> Report:
    point = at(east, 1.5)
    return file_report(Draft(category=category, geom=point, anchor=point), town.scope("bob"))


def run_last() -> Job:
    run_job(str(Outbox.objects.filter(topic="jobs.run", done_at__isnull=True).latest("created_at").pk))
    return Job.objects.latest("created_at")


def go(client: Client, reports: list[Report], verb: str, **more: Any) -> Job:
    seen = {f"seen-{report.pk}": report.state for report in reports}
    asked = {"report": [str(report.pk) for report in reports], "verb": verb, "do": "go", **seen, **more}
    answer = client.post("/reports/bulk/", asked)
    assert answer.status_code == 302, answer.content.decode()
    job = run_last()
    assert answer["Location"] == f"/reports/bulk/{job.pk}/"
    assert job.state == "done", job.error
    return job


def states(*reports: Report) -> list[str]:
    return [Report.objects.get(pk=report.pk).state for report in reports]


def test_the_preview_says_for_which_it_works_and_why_not_and_changes_nothing(town: Town, as_person: Any) -> None:
    one, two = file(town), file(town)
    transition(two.pk, "accept", town.scope("dora"))
    client = as_person("dora")
    asked = {"report": [str(one.pk), str(two.pk)], "verb": "accept", "do": "preview"}
    answer: Any = client.post("/reports/bulk/", asked)
    assert answer.context["will"] == [one]
    (outcome,) = answer.context["refused"]
    assert outcome.report == two
    assert "已立案" in outcome.refused
    assert states(one, two) == ["reported", "accepted"]
    assert not Job.objects.exists()


def test_a_step_is_done_for_each_and_the_history_says_with_which(town: Town, as_person: Any) -> None:
    reports = [file(town) for _number in range(3)]
    moved = reports[2]
    client = as_person("dora")
    seen = {f"seen-{report.pk}": report.state for report in reports}
    asked = {"report": [str(report.pk) for report in reports], "verb": "accept", "do": "go", **seen}
    client.post("/reports/bulk/", asked)
    transition(moved.pk, "reject", town.scope("dora"), Move(reason="x"))
    job = run_last()
    assert states(*reports) == ["accepted", "accepted", "rejected"]
    events = Event.objects.filter(verb="accept", data__bulk=str(job.pk))
    assert {event.report_id for event in events} == {report.pk for report in reports[:2]}
    assert {event.actor_id for event in events} == {town.dora.pk}
    assert [identity for identity, _sentence in (job.result or {})["refused"]] == [str(moved.pk)]
    page = client.get(f"/reports/bulk/{job.pk}/").content.decode()
    assert all(f"/reports/{report.pk}/" in page for report in reports)
    assert as_person("olaf").get(f"/reports/bulk/{job.pk}/").status_code == 404


def test_a_job_that_runs_twice_does_nothing_twice(town: Town, as_person: Any) -> None:
    report = file(town)
    job = go(as_person("dora"), [report], "accept")
    count = Event.objects.count()

    class Again:
        id, scope = job.pk, town.scope("dora")

        def step(self, _text: str, _share: float) -> None:
            raise AssertionError

    again: Any = Again()
    result = bulk.work(again, **job.parameters)
    assert (result["done"], result["refused"]) == ([str(report.pk)], [])
    assert Event.objects.count() == count


def test_dispatched_to_one_body_and_taken_back(town: Town, as_person: Any) -> None:
    reports = [file(town, PARKING), file(town, PARKING)]
    client = as_person("dora")
    go(client, reports, "accept")
    for report in reports:
        report.refresh_from_db()
    job = go(client, reports, "dispatch", organisation=str(town.squad.pk))
    assert states(*reports) == ["dispatched", "dispatched"]
    page: Any = client.get(f"/reports/bulk/{job.pk}/")
    assert page.context["back"].verb == "recall"
    for report in reports:
        report.refresh_from_db()
    go(client, reports, "recall", reason="错派")
    assert states(*reports) == ["accepted", "accepted"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"verb": "close"}, 422),
        ({"verb": "reject"}, 422),
        ({"verb": "dispatch"}, 422),
        ({"verb": "dispatch", "organisation": "999999"}, 422),
        ({"verb": "hold", "reason": "x", "until": "never"}, 422),
        ({"report": []}, 422),
        ({"report": ["x"]}, 422),
    ],
)
def test_what_is_missing_or_wrong_is_one_sentence(
    town: Town, as_person: Any, more: dict[str, Any], status: int
) -> None:
    report = file(town)
    asked = {"report": [str(report.pk)], "do": "go", **more}
    assert as_person("dora").post("/reports/bulk/", asked).status_code == status
    assert not Job.objects.exists()
    assert states(report) == ["reported"]


def test_all_of_the_filter_up_to_the_cap(town: Town, as_person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)
    kept = [file(town) for _number in range(3)]
    file(town, PARKING)
    answer: Any = as_person("dora").post("/reports/bulk/", {"all": "1", "filter-category": LITTER})
    assert answer.context["reports"] == [kept[2], kept[1]]
    assert answer.context["cut"]


def test_nobody_but_dispatchers_and_nothing_out_of_reach(town: Town, as_person: Any) -> None:
    near, far = file(town), file(town, east=9.5)
    assert 'name="report"' not in as_person("bob").get("/reports/").content.decode()
    assert as_person("bob").post("/reports/bulk/", {"report": [str(near.pk)]}).status_code == 404
    listed = as_person("dora").get("/reports/").content.decode()
    assert f'value="{near.pk}"' in listed
    answer: Any = as_person("dora").post("/reports/bulk/", {"report": [str(near.pk), str(far.pk)]})
    assert answer.context["reports"] == [near]
    bulk.start(town.dora, {UUID(str(far.pk)): "reported"}, "accept", Move())
    assert [identity for identity, _why in (run_last().result or {})["refused"]] == [str(far.pk)]
