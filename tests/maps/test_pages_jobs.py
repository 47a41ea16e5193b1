"""The page of one's own jobs, and the messages that speak of them."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.translation import gettext_lazy
from pytest_django import DjangoAssertNumQueries

from grids import jobs
from grids.models import Job, Notification, Outbox
from grids.models.platform import JobState
from grids.problems import BadInput
from tests.town import Town

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs._kinds, "test", jobs.Kind(gettext_lazy("Messages"), lambda _run: {}, once=False))


def text_of(client: Client, address: str = "/jobs/") -> str:
    return client.get(address).content.decode()


def test_without_a_job_it_says_what_one_would_be(town: Town, as_person: SignIn) -> None:
    assert 'class="empty"' in text_of(as_person("alice"))


def test_a_running_job_shows_how_far_it_is(town: Town, as_person: SignIn) -> None:
    job = jobs.start("test", town.alice)
    Job.objects.update(state=JobState.RUNNING, share=0.414, step="Row 7")
    text = text_of(as_person("alice"))
    assert f'data-job="/api/v1/jobs/{job.pk}"' in text
    assert 'value="41"' in text
    assert "Row 7" in text


def test_a_waiting_job_does_not_pretend_to_be_somewhere(town: Town, as_person: SignIn) -> None:
    jobs.start("test", town.alice)
    assert "value=" not in text_of(as_person("alice")).partition("<progress")[2].partition(">")[0]


def test_the_error_and_the_result_are_shown_as_text(town: Town, as_person: SignIn) -> None:
    jobs.start("test", town.alice)
    Job.objects.update(state=JobState.FAILED, error="<b>Row 7</b>")
    text = text_of(as_person("alice"))
    assert "&lt;b&gt;Row 7" in text
    Job.objects.update(state=JobState.DONE, error="", result={"url": "/reports/", "summary": "3 rows"})
    text = text_of(as_person("alice"))
    assert 'href="/reports/"' in text
    assert "3 rows" in text


def test_pages_by_key_in_few_queries(
    town: Town, as_person: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Job.objects.bulk_create(Job(kind="test", person=town.paula) for _number in range(45))
    client = as_person("paula")
    with django_assert_max_num_queries(8):
        first = text_of(client)
    assert first.count('class="job"') == 30
    address = first.partition("?before=")[2].partition('"')[0]
    assert text_of(client, f"/jobs/?before={address}").count('class="job"') == 15
    assert client.get("/jobs/?before=nonsense").status_code == 404


def test_a_job_can_be_stopped_without_scripts(town: Town, as_person: SignIn) -> None:
    job, client = jobs.start("test", town.alice), as_person("alice")
    for _time in range(2):
        answer = client.post(f"/jobs/{job.pk}/cancel/")
        assert (answer.status_code, answer["Location"]) == (302, f"/jobs/#job-{job.pk}")
    assert Job.objects.get().state == JobState.CANCELLED
    assert as_person("charlie").post(f"/jobs/{job.pk}/cancel/").status_code == 404


@pytest.mark.parametrize(
    ("result", "leads_to"), [({"url": "/reports/"}, "/reports/"), ({}, "/jobs/#job-"), ({"url": "//x"}, "/jobs/#job-")]
)
def test_the_message_of_a_done_job_leads_to_what_came_of_it(
    town: Town, as_person: SignIn, monkeypatch: pytest.MonkeyPatch, result: dict[str, str], leads_to: str
) -> None:
    monkeypatch.setitem(jobs._kinds, "test", jobs.Kind("T", lambda _run: result, once=True))
    run(jobs.start("test", town.alice))
    message, client = Notification.objects.get(), as_person("alice")
    assert "Job done" in text_of(client, "/inbox/") or "任务" in text_of(client, "/inbox/")
    assert client.get(f"/inbox/{message.pk}/")["Location"].startswith(leads_to)
    message.refresh_from_db()
    assert message.read_at


def test_the_message_of_a_failed_job_leads_to_its_sentence(
    town: Town, as_person: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(_run: jobs.Run) -> dict[str, str]:
        raise BadInput("Row 7 has no name.")

    monkeypatch.setitem(jobs._kinds, "test", jobs.Kind("T", work, once=False))
    job = jobs.start("test", town.alice)
    run(job)
    client = as_person("alice")
    assert client.get(f"/inbox/{Notification.objects.get().pk}/")["Location"] == f"/jobs/#job-{job.pk}"
    assert "Row 7 has no name." in text_of(client)


def run(job: Job) -> None:
    jobs.run(str(Outbox.objects.get(payload__job=str(job.pk), done_at__isnull=True).pk))
