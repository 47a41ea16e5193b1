"""The API of jobs: one's own, their progress for who asks again and again, and stopping them."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.translation import gettext_lazy
from pytest_django import DjangoAssertNumQueries

from grids import jobs
from grids.models import Job
from grids.models.platform import JobState
from tests.town import Town

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs._kinds, "test", jobs.Kind(gettext_lazy("Messages"), lambda _run: {}, once=False))


def test_a_list_holds_one_s_own_newest_first_in_pages(town: Town, as_person: SignIn) -> None:
    mine = [str(jobs.start("test", town.alice).pk) for _number in range(3)]
    jobs.start("test", town.charlie)
    first = as_person("alice").get("/api/v1/jobs?limit=2").json()
    second = as_person("alice").get(first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == mine[::-1]
    assert second["next"] is None


def test_a_page_costs_the_same_however_long(
    town: Town, as_person: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(20):
        jobs.start("test", town.alice)
    client = as_person("alice")
    with django_assert_max_num_queries(4):
        assert len(client.get("/api/v1/jobs").json()["results"]) == 20


def test_a_job_tells_its_progress_and_what_came_of_it(town: Town, as_person: SignIn) -> None:
    job = jobs.start("test", town.alice, district="150199", count=3)
    Job.objects.update(state=JobState.DONE, share=1, result={"summary": "3 rows", "url": "/reports/", "rows": 3})
    body = as_person("alice").get(f"/api/v1/jobs/{job.pk}").json()
    assert body["title"] == "消息"
    assert (body["state"], body["share"], body["summary"], body["url"]) == ("done", 1, "3 rows", "/reports/")
    assert body["result"]["rows"] == 3
    assert "parameters" not in body


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_a_result_leads_nowhere_else(town: Town, as_person: SignIn, elsewhere: str) -> None:
    job = jobs.start("test", town.alice)
    Job.objects.update(state=JobState.DONE, result={"url": elsewhere})
    assert as_person("alice").get(f"/api/v1/jobs/{job.pk}").json()["url"] == ""


def test_who_knows_it_as_it_stands_is_told_so(town: Town, as_person: SignIn) -> None:
    job, client = jobs.start("test", town.alice), as_person("alice")
    address = f"/api/v1/jobs/{job.pk}"
    tag = client.get(address)["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    Job.objects.update(state=JobState.RUNNING, share=0.5)
    changed = client.get(address, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["share"]) == (200, 0.5)


def test_another_s_job_is_not_there(town: Town, as_person: SignIn) -> None:
    job, charlie = jobs.start("test", town.alice), as_person("charlie")
    assert charlie.get(f"/api/v1/jobs/{job.pk}").status_code == 404
    assert charlie.post(f"/api/v1/jobs/{job.pk}/cancel").status_code == 404
    assert charlie.get(f"/api/v1/jobs/{uuid4()}").status_code == 404
    assert Job.objects.get().state == JobState.WAITING


def test_cancelling_is_answered_once_with_the_job_as_it_stands(town: Town, as_person: SignIn) -> None:
    job, client = jobs.start("test", town.alice), as_person("alice")
    headers = {"Idempotency-Key": "stop"}
    answers = [client.post(f"/api/v1/jobs/{job.pk}/cancel", headers=headers) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["state"] == "cancelled"
    assert client.post(f"/api/v1/jobs/{job.pk}/cancel").status_code == 409
