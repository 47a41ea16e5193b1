"""One report from the street back to the street: everybody has their own screen, and all of them are open at once.

Bob reports from his phone. Dora's board, open all the while, shows it; she asks in waves. Alice, asked first, lets it
pass; five minutes later the clock asks more, and Chen takes it, arrives and fixes it with a photo of after. Alice, who
owns the grid and had no part in it, compares before and after and closes it.
"""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from grids.channels import IN_APP, deliver
from grids.models import Assignment, Category, Delivery, Membership, Notification, Person, Region
from patrols.authority import lead_of
from patrols.clocks import clock_of
from patrols.models import Call, Event, Photo, Report
from patrols.offering import calling
from tests.browser.test_dispatcher import ARRIVAL, Open, board, city, never_reloaded, open_page, row
from tests.patrols import pictures
from tests.patrols.offering import keep_promises, later
from tests.town import LITTER, NEAR, Town, at

pytestmark = pytest.mark.browser
__all__ = ["city", "open_page"]  # fixtures

PLACE, WAIT, LIMIT = "西市场北门", timedelta(minutes=60), timedelta(minutes=240)
# Who is told what: every message once, and nobody else is told anything.
TOLD = {
    "bob": ["accept", "close", "dispatch", "handle", "offer", "offer_taken"],
    "alice": ["dispatch", "file", "handle", "offer", "offer_taken"],
    "chen": ["close", "offer"],
    "dora": ["file", "handle"],
}
ASKING, FIXING = ["accept", "call", "call_widened", "dispatch"], ["start", "photo_added", "handle", "close"]
HISTORY = ["file", "photo_added", *ASKING, *FIXING]


@pytest.fixture
def chen(city: Town) -> Person:
    """A second volunteer of the middle grid, after Alice and Bob."""
    Category.objects.filter(code=LITTER).update(after_photo=True)
    person = Person.objects.create(username="chen", name="陈溪")
    region = Region.objects.get(code=NEAR + "001")
    Membership.objects.create(person=person, role="volunteer", region=region, period=city.grids[5].period)
    Assignment.objects.create(person=person, grid=city.grids[5], role="member", period=city.grids[5].period)
    city.chen = person  # type: ignore[attr-defined]
    return person


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    backend = "patrols.photos.durable.DurableFileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}}


def picture(tmp_path: Path, name: str, width: int) -> str:
    path = tmp_path / name
    path.write_bytes(pictures.photo(width, 480))
    return str(path)


def phone(open_page: Open, live_server: LiveServer, name: str, url: str) -> Page:
    spot = at(1.5, 1.5)
    here = {"longitude": spot.x, "latitude": spot.y, "accuracy": 5}
    options: dict[str, Any] = {"has_touch": True, "permissions": ["geolocation"], "geolocation": here}
    return open_page(name, url, 360, 780, base_url=live_server.url, **options)


def told() -> dict[str, list[str]]:
    """Return what everybody was told, sorted; the worker and the clock do theirs first, twice over."""
    for _turn in range(2):
        keep_promises()
        deliver()
    found: dict[str, list[str]] = {}
    for name, verb in Notification.objects.order_by("verb").values_list("person__username", "verb"):
        found.setdefault(name, []).append(verb)
    return found


def shown_due(page: Page) -> datetime:
    """Return until when the page of a report says that it is to be done."""
    seconds = page.locator("#report-state [data-due]").get_attribute("data-due")
    return datetime.fromtimestamp(int(seconds or 0), tz=timezone.get_default_timezone())


def test_a_report_goes_from_one_phone_over_the_board_to_another_and_is_closed_by_a_third(
    open_page: Open, city: Town, chen: Person, live_server: LiveServer, tmp_path: Path
) -> None:
    desk = board(open_page)
    expect(desk.locator("#queue-empty")).to_be_visible()

    # Bob, in the street.
    bob = phone(open_page, live_server, "bob", "/my-grid/")
    bob.click("#bar [data-file=report]")
    bob.fill("#filing-place", PLACE)
    bob.set_input_files("[data-photo=photos] input", picture(tmp_path, "before.jpg", 640))
    bob.click('#filing-categories button[data-name="暴露垃圾"]')
    bob.click("#filing-send")
    expect(bob.locator(".toast")).to_contain_text("已上报")

    # Dora, at her desk: it comes by itself, its clock runs, and she asks the best one first, then more.
    expect(desk.locator(".queue-row", has_text=PLACE)).to_be_visible(timeout=ARRIVAL)
    report = Report.objects.get()
    assert clock_of(report, timezone.now()).due == report.recorded_at + WAIT
    expect(bob.locator("#outbox")).to_be_hidden()
    row(desk, report).click()
    desk.locator(".call-ask summary").click()
    desk.locator(".call-ask button[type=submit]").click()
    expect(desk.locator(".call-status")).to_contain_text("已邀 1 人")

    # Alice is the first; she sees it and lets it pass. Chen is not asked yet.
    alice = phone(open_page, live_server, "alice", "/offers/")
    expect(alice.locator(".offer.asked")).to_contain_text(PLACE)
    helper = phone(open_page, live_server, "chen", "/offers/")
    expect(helper.locator("h1")).to_have_text("现在没有任务邀约")
    call = Call.objects.get()
    assert later(call, 4) == 0
    assert later(call, 1) == 1
    assert calling.turn() == 0

    # Chen's phone hears of it by itself, and takes it.
    expect(helper.locator(".offer.asked")).to_contain_text(PLACE, timeout=ARRIVAL)
    expect(desk.locator(".call-status")).to_contain_text("已邀 3 人", timeout=ARRIVAL)
    helper.click("[data-verb=accept]")
    expect(helper.locator(".toast")).to_contain_text("接单成功")
    expect(desk.locator(".call-status")).to_contain_text("陈溪", timeout=ARRIVAL)
    expect(alice.locator("main")).to_contain_text("已由他人接单", timeout=ARRIVAL)
    report.refresh_from_db()
    lead = lead_of(report)
    assert lead is not None
    assert (report.state, lead.person) == ("dispatched", chen)
    sent, clock = report.dispatched_at, clock_of(report, timezone.now())
    assert sent is not None
    assert (clock.kind, clock.started, clock.due) == ("fix", sent, sent + LIMIT)

    # There, done, and shown to be done: without a photo of after it does not count.
    helper.click("[data-verb=arrive]")
    expect(helper.locator(".offer .pill")).to_have_text("已到场")
    alice.goto(f"/reports/{report.pk}/")
    expect(alice.locator("#report-state")).to_contain_text("处置中")
    assert shown_due(alice) == (sent + LIMIT).replace(microsecond=0)
    helper.click("[data-verb=done]")
    expect(helper.locator(".toast.bad")).to_contain_text("照片")
    helper.set_input_files("[data-photos] input", picture(tmp_path, "after.jpg", 800))
    expect(helper.locator(".offer-chosen")).to_contain_text("1")
    helper.click("[data-verb=done]")
    expect(helper.locator("h1")).to_have_text("现在没有任务邀约", timeout=ARRIVAL)
    expect(helper.locator("#outbox")).to_be_hidden()
    report.refresh_from_db()
    assert (report.state, report.handler) == ("handled", chen)
    assert clock_of(report, timezone.now()).kind is None
    assert report.due_at == sent + LIMIT

    # Alice, who has had no part in it, is told, compares, and closes.
    assert "handle" in told()["alice"]
    alice.goto("/inbox/")
    alice.locator(".message", has_text="待核查").first.click()
    expect(alice.locator(".photo-thumb")).to_have_count(2)
    expect(alice.locator("#report-state [data-due]")).to_have_count(0)
    alice.click(".photo-compare")
    for kind in ("before", "after"):
        expect(alice.locator(f".compare-{kind} img")).to_be_visible()
    alice.keyboard.press("Escape")
    alice.click("[data-verb=close]")
    expect(alice.locator("#report-state")).to_contain_text("已结案")
    expect(desk.locator(".panel-pills")).to_contain_text("已结案", timeout=ARRIVAL)
    assert never_reloaded(desk)

    # What is left of it: a history without a gap, and everybody told once.
    report.refresh_from_db()
    assert (report.state, report.rework) == ("closed", 0)
    events = Event.objects.filter(report=report).order_by("recorded_at", "transaction", "id")
    assert [event.verb for event in events] == HISTORY
    actors = {event.verb: event.actor.username if event.actor else "" for event in events}
    assert actors["call_widened"] == ""
    assert [actors[verb] for verb in ("file", "accept", "dispatch", "start", "handle", "close")] == [
        *("bob", "dora", "chen", "chen", "chen", "alice")
    ]
    expect(alice.locator(".timeline li")).to_have_count(len(HISTORY))
    assert set(Photo.objects.values_list("kind", "report")) == {("before", report.pk), ("after", report.pk)}
    assert told() == TOLD
    counted = Counter(Delivery.objects.filter(channel=IN_APP).values_list("notification", flat=True))
    assert set(counted.values()) == {1}
    assert len(counted) == Notification.objects.count()
