"""A planner waits for long work: sees it move, stops it, is told of its end."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from grids import jobs
from grids.models import Job
from grids.models.platform import JobState
from tests.town import build_town

pytestmark = pytest.mark.browser

DESK, PHONE = (1440, 900), (360, 800)
Look = Callable[[Page], list[str]]
Open = Callable[[tuple[int, int]], Page]


@pytest.fixture
def job(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job of Paula's that runs; no worker is there, the test moves it."""
    monkeypatch.setitem(jobs._kinds, "browser", jobs.Kind("Counting trees", lambda _run: {}, once=False))
    job = jobs.start("browser", build_town().paula)
    move(job, state=JobState.RUNNING, share=0.25, step="Street 1 of 4")
    return job


@pytest.fixture
def open_jobs(chromium: Browser, live_server: LiveServer, job: Job) -> Iterator[Open]:
    """Opens Paula's jobs; any error that the page does not handle fails the test."""
    problems: list[str] = []
    contexts = []

    def open_one(size: tuple[int, int]) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
        contexts.append(context)
        client = Client()
        client.force_login(job.person)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto(f"{live_server.url}/jobs/")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []


def move(job: Job, **fields: object) -> None:
    Job.objects.filter(pk=job.pk).update(**fields)


def test_the_progress_moves_and_the_end_is_said(open_jobs: Open, job: Job) -> None:
    page = open_jobs(DESK)
    box = page.locator(f"#job-{job.pk}")
    bar = box.get_by_role("progressbar", name="Counting trees")
    expect(bar).to_have_attribute("value", "25")
    expect(box).to_contain_text("Street 1 of 4")
    move(job, share=0.75, step="Street 3 of 4")
    expect(box).to_contain_text("Street 3 of 4")
    expect(bar).to_have_attribute("value", "75")
    move(job, state=JobState.DONE, share=1, result={"summary": "1,204 trees", "url": "/reports/"})
    expect(box).to_contain_text("1,204 trees")
    expect(bar).to_be_hidden()
    expect(page.locator("#announcer")).to_contain_text("1,204 trees")
    box.locator("[data-result]").click()
    page.wait_for_url("**/reports/")


def test_a_running_job_is_stopped_with_the_keyboard(open_jobs: Open, job: Job) -> None:
    page = open_jobs(DESK)
    box = page.locator(f"#job-{job.pk}")
    box.locator("[data-cancel] button").focus()
    page.keyboard.press("Enter")
    expect(box.locator("[data-cancel]")).to_be_hidden()
    job.refresh_from_db()
    assert job.cancel_asked
    assert page.evaluate("document.activeElement.id") == f"job-{job.pk}"
    move(job, state=JobState.CANCELLED)
    expect(box.get_by_role("progressbar")).to_be_hidden()


def test_a_failed_job_says_why_on_a_phone(open_jobs: Open, job: Job, violations: Look) -> None:
    page = open_jobs(PHONE)
    move(job, state=JobState.FAILED, error="Street 3 has no name. " + "x" * 200)
    expect(page.locator(f"#job-{job.pk} [data-error]")).to_contain_text("Street 3 has no name.")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert violations(page) == []
