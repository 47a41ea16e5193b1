"""Filing without doubling: what is there already is offered and followed, or named afterwards without a network."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from grids.models import Building, Stairwell
from grids.search import index
from patrols.filing import Draft, file_report
from patrols.models import Follower, Report
from tests.browser.conftest import DESK, PHONE
from tests.town import LITTER, Town, at, box, build_town

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
ZONE = "Asia/Shanghai"


@pytest.fixture
def city(transactional_db: None) -> Town:
    return build_town()


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer, city: Town) -> Iterator[Open]:
    """Opens an address as somebody; any error that the page does not handle fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(
        name: str, url: str, size: tuple[int, int] = PHONE, place: Point | None = None, zone: str = ZONE
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=size != DESK,
            timezone_id=zone,
            service_workers="block",
        )
        contexts.append(context)
        client = Client()
        client.force_login(getattr(city, name))
        cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
        context.add_cookies([{"name": key, "value": value, "url": live_server.url} for key, value in cookies.items()])
        if place:
            context.grant_permissions(["geolocation"])
            context.set_geolocation({"longitude": place.x, "latitude": place.y, "accuracy": 5})
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{live_server.url}{url}")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []


def known_at(city: Town, point: Point, **more: Any) -> Report:
    """Return a report that Bob filed two days ago."""
    report = file_report(Draft(category=LITTER, geom=point, anchor=point, **more), city.scope("bob"))
    Report.objects.filter(pk=report.pk).update(recorded_at=timezone.now() - timedelta(days=2, hours=1))
    return report


def begin(page: Page) -> None:
    """Open the filing sheet with the pin where the phone is."""
    page.click("#bar [data-file=report]")
    expect(page.locator("#filing-where")).to_contain_text("手机定位")


def choose(page: Page) -> None:
    page.click(f'#filing-categories button[data-code="{LITTER}"]')


def test_it_is_this_one_adds_to_it_and_files_nothing(city: Town, open_page: Open) -> None:
    place = at(1.5, 1.5)
    known = known_at(city, place, place="西市场北门")
    page = open_page("alice", "/my-grid/", place=place)
    begin(page)
    choose(page)
    offered = page.locator("#filing-similar")
    expect(offered).to_contain_text("西市场北门")
    expect(offered).to_contain_text("2 天前")
    page.fill("#filing-description", "越来越多")
    offered.get_by_role("button", name="就是这件").click()
    expect(page.locator(".toast")).to_contain_text("2 人反映")
    follower = Follower.objects.get(report=known)
    assert (Report.objects.count(), follower.person, follower.words) == (1, city.alice, "越来越多")
    # Whoever asks again sees that they said so; nobody is held up by it.
    begin(page)
    choose(page)
    expect(offered).to_contain_text("您已反映")
    page.goto(page.url.split("/my-grid/")[0] + "/me/reported/")
    expect(page.locator(".looks")).to_contain_text("越来越多")
    page.goto(page.url.split("/me/")[0] + f"/reports/{known.pk}/")
    expect(page.locator("#report-same")).to_contain_text("2 人反映")


def test_without_a_network_it_is_filed_and_said_afterwards(city: Town, open_page: Open) -> None:
    place = at(1.2, 1.8)
    known = known_at(city, place)
    page = open_page("alice", "/my-grid/", place=place)
    begin(page)
    page.context.set_offline(True)
    choose(page)
    page.click("#filing-send")
    expect(page.locator("#outbox")).to_contain_text("1 条未发送")
    page.context.set_offline(False)
    expect(page.locator(".toast", has_text="先前已有人反映")).to_be_visible()
    page.locator(".toast", has_text="先前已有人反映").locator(".toast-action").click()
    expect(page.locator(".toast")).to_contain_text("2 人反映")
    own = Report.objects.get(reporter=city.alice)
    assert (own.state, Follower.objects.get(report=known).pk) == ("withdrawn", own.pk)


def test_a_call_becomes_a_case_by_keyboard_alone(city: Town, open_page: Open) -> None:
    """A hotline ticket that names a building and a unit, within a minute; the next one is known already.

    The deadline is of the site's clocks, although this browser's are those of New York.
    """
    building = Building.objects.create(
        source_id="b3", estate="锦园小区", name="3号楼", geom=box(1.2, 1.2, 1.6, 1.4), region=city.grids[5].region
    )
    unit = Stairwell.objects.create(source_id="b3-2", building=building, label="2单元", geom=at(1.5, 1.2))
    index.reconcile()
    page = open_page("dora", "/dispatch/", size=DESK, zone="America/New_York")
    page.wait_for_selector("#map canvas")
    page.keyboard.press("n")
    page.wait_for_url("**/dispatch/new/")
    began = time.monotonic()
    keys = page.keyboard
    expect(page.locator("#intake-number")).to_be_focused()
    keys.type("12345-0815")
    keys.press("Tab")
    keys.type("锦园3号楼2单元")
    expect(page.locator(".found-row").first).to_contain_text("2单元")
    keys.press("Enter")
    expect(page.locator("#intake-where")).not_to_have_text("")
    keys.press("Tab")
    keys.type("bllj")
    keys.press("Tab")
    keys.type("三天没人清")
    due = timezone.localtime(timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    page.fill("#intake-due", due.strftime("%Y-%m-%dT%H:%M"))
    keys.press("Control+Enter")
    expect(page.locator("#intake-saved li")).to_contain_text("已登记：暴露垃圾")
    assert time.monotonic() - began < 60
    report = Report.objects.get()
    assert (report.source, report.outside_number, report.stairwell, report.description) == (
        "hotline",
        "12345-0815",
        unit,
        "三天没人清",
    )
    assert report.outside_due_at == due
    # Another caller, the same stairwell: it is offered while the form is filled, and a key takes it.
    expect(page.locator("#intake-number")).to_be_focused()
    keys.type("12345-0816")
    page.focus("#intake-place")
    keys.type("锦园3号楼2单元")
    expect(page.locator(".found-row").first).to_contain_text("2单元")
    keys.press("Enter")
    keys.press("Tab")
    keys.type("06010")
    keys.press("Enter")
    same = page.locator("#intake-similar")
    expect(same).to_contain_text("同一单元楼道")
    same.get_by_role("button", name="就是这件").focus()
    keys.press("Enter")
    expect(page.locator("#intake-saved li").first).to_contain_text("2 人反映")
    assert Report.objects.count() == 1
    assert Follower.objects.get().outside_number == "12345-0816"
