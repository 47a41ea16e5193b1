"""The dispatcher's day in a real Chromium: what arrives, who is sent, what happens when two are quicker than one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from grids.models import Person
from patrols.filing import Draft, file_report
from patrols.models import Party, Report
from patrols.models.parties import PartyState
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.browser.weight import FIRST_VIEW, first_view
from tests.town import LITTER, PARKING, Town, at, build_town

pytestmark = pytest.mark.browser

ARRIVAL = 9_000  # ms: one poll is five seconds
Open = Callable[..., Page]
Look = Callable[[Page], list[str]]


@pytest.fixture
def city(transactional_db: None) -> Town:
    return build_town()


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer, city: Town) -> Iterator[Open]:
    """Opens an address as somebody; any error that the page does not handle fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(name: str, url: str, width: int = 1440, height: int = 900, **options: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai", **options
        )
        contexts.append(context)
        client = Client()
        client.force_login(getattr(city, name))
        cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
        context.add_cookies([{"name": key, "value": value, "url": live_server.url} for key, value in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto(f"{live_server.url}{url}")
        return page

    yield open_one
    for context in contexts:
        context.close()
    # A refused request is said in the console too; what the page makes of it is for each test to see.
    assert [line for line in problems if not line.startswith("Failed to load resource")] == []


def board(open_page: Open, **options: Any) -> Page:
    page = open_page("dora", "/dispatch/", **options)
    expect(page.locator("#board.ready")).to_be_visible()
    page.evaluate("window.stillHere = true")
    return page


def never_reloaded(page: Page) -> bool:
    return page.evaluate("window.stillHere === true") is True


def file(city: Town, place: str, category: str = LITTER, who: str = "bob") -> Report:
    point = at(1.5, 1.5)
    return file_report(Draft(category=category, geom=point, anchor=point, place=place), city.scope(who))


def file_over_http(live_server: LiveServer, chromium: Browser, city: Town, place: str) -> None:
    """Bob's phone files a report through the API."""
    client = Client(headers={"host": live_server.url.removeprefix("http://")})
    client.force_login(Person.objects.get(pk=city.bob.pk))
    spot = at(1.5, 1.5)
    body = {"category": LITTER, "lon": spot.x, "lat": spot.y, "place": place}
    context = chromium.new_context()
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/reports/")
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
    answer = context.request.post(f"{live_server.url}/api/v1/reports", data=body, headers={"X-CSRFToken": token})
    assert answer.status == 201, answer.text()
    context.close()


def state_of(report: Report) -> str:
    return Report.objects.values_list("state", flat=True).get(pk=report.pk)


def row(page: Page, report: Report) -> Any:
    return page.locator(f'.queue-item[data-id="{report.pk}"] .queue-row')


def test_a_report_filed_elsewhere_arrives_without_a_reload(
    open_page: Open, live_server: LiveServer, chromium: Browser, city: Town
) -> None:
    page = board(open_page)
    expect(page.locator("#queue-empty")).to_be_visible()
    file_over_http(live_server, chromium, city, "西市场北门")
    expect(page.locator(".queue-row", has_text="西市场北门")).to_be_visible(timeout=ARRIVAL)
    expect(page.locator("#announcer")).to_contain_text("西市场北门")
    expect(page.locator("#headline")).to_contain_text("1")
    expect(page.locator('a[data-tab="waiting"] .count')).to_have_text("1")
    assert never_reloaded(page)


def test_accepting_and_dispatching_takes_two_keys(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page)
    page.keyboard.press("j")
    expect(row(page, report)).to_be_focused()
    expect(page.locator(".panel-actions .primary")).to_contain_text("柳芸")
    page.keyboard.press("o")
    expect(page.locator(".toast")).to_contain_text("柳芸")
    assert state_of(report) == State.DISPATCHED
    assert Party.objects.leading().get(report=report).person == city.alice
    expect(page.locator('a[data-tab="handling"] .count')).to_have_text("1")
    assert never_reloaded(page)


def test_another_candidate_is_chosen_by_its_number(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page)
    page.keyboard.press("j")
    expect(page.locator(".panel-actions .primary")).to_contain_text("柳芸")
    page.keyboard.press("2")
    expect(page.locator(".panel-actions .primary")).to_contain_text("段禾")
    page.keyboard.press("o")
    expect(page.locator(".toast")).to_contain_text("段禾")
    assert Party.objects.leading().get(report=report).person == city.bob


def test_a_dispatch_by_mouse_can_be_undone(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page)
    row(page, report).click()
    page.locator("label.candidate", has_text="段禾").click()
    page.locator(".panel-actions .primary").click()
    undo = page.locator(".toast .toast-action")
    expect(undo).to_be_visible()
    assert state_of(report) == State.DISPATCHED
    undo.click()
    expect(page.locator(".panel-pills")).to_contain_text("已立案")
    assert state_of(report) == State.ACCEPTED
    assert not Party.objects.filter(report=report).exclude(state=PartyState.LEFT).exists()


def test_a_category_for_bodies_is_offered_to_no_volunteer(open_page: Open, city: Town) -> None:
    report = file(city, "西市场", PARKING)
    page = board(open_page)
    row(page, report).click()
    expect(page.locator("label.candidate")).to_have_count(1)
    expect(page.locator("label.candidate")).to_contain_text("城管中队")
    expect(page.locator(".left-out")).to_be_visible()


def test_who_comes_second_is_told_what_happened(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page)
    page.route("**/dispatch/queue.json*", lambda route: route.abort())  # the poll would tell first
    row(page, report).click()
    expect(page.locator(".panel-actions .primary")).to_contain_text("柳芸")
    transition(report.pk, "reject", city.scope("dora"), Move(reason="不属于本街道"))
    page.locator(".panel-actions .primary").click()
    notice = page.locator(".panel-scroll .notice:not(.panel-others)")
    expect(notice).to_contain_text("梁川")
    expect(page.locator(".panel-pills")).to_contain_text("不予立案")
    assert state_of(report) == State.REJECTED


def test_what_a_colleague_does_meanwhile_is_shown_and_said(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page)
    row(page, report).click()
    expect(page.locator(".panel-actions .primary")).to_contain_text("柳芸")
    transition(report.pk, "accept", city.scope("dora"))
    expect(page.locator(".panel-scroll .notice:not(.panel-others)")).to_contain_text("梁川", timeout=ARRIVAL)
    expect(page.locator(".panel-pills")).to_contain_text("已立案")
    expect(row(page, report)).to_have_attribute("aria-current", "true")


def test_an_accepted_report_whose_dispatch_fails_says_so_and_stays_accepted(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page)

    def refuse_the_second(route: Route) -> None:
        if '"dispatch"' not in (route.request.post_data or ""):
            route.continue_()
            return
        problem = '{"title": "Unusable input", "status": 422, "detail": "柳芸今天请假了。"}'
        route.fulfill(status=422, content_type="application/problem+json", body=problem)

    page.route("**/transitions", refuse_the_second)
    row(page, report).click()
    expect(page.locator(".panel-actions .primary")).to_contain_text("柳芸")
    page.keyboard.press("o")
    expect(page.locator(".toast.bad")).to_contain_text("柳芸今天请假了。")
    expect(page.locator(".panel-scroll .notice:not(.panel-others)")).to_contain_text("柳芸今天请假了。")
    expect(page.locator(".panel-pills")).to_contain_text("已立案")
    assert state_of(report) == State.ACCEPTED


def test_a_server_that_cannot_be_reached_is_said_with_the_time_of_what_is_shown(open_page: Open, city: Town) -> None:
    page = board(open_page)
    page.route("**/dispatch/queue.json*", lambda route: route.abort())
    expect(page.locator("#board-state")).to_have_class("soft warn", timeout=ARRIVAL)
    page.unroute("**/dispatch/queue.json*")
    expect(page.locator("#board-state")).to_have_class("soft", timeout=2 * ARRIVAL)


def test_a_verb_that_needs_a_reason_asks_for_it(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page)
    row(page, report).click()
    page.locator('[data-verb="reject"]').click()
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("textarea")).to_be_focused()
    page.keyboard.type("不属于本街道")
    dialog.locator(".primary").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".panel-pills")).to_contain_text("不予立案")
    assert state_of(report) == State.REJECTED


def test_a_dialog_closed_without_a_reason_changes_nothing(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page)
    row(page, report).click()
    page.locator('[data-verb="reject"]').click()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator('.panel-actions [aria-busy="true"]')).to_have_count(0)
    assert state_of(report) == State.REPORTED


def test_the_row_under_the_pointer_stays_where_it_is(open_page: Open, city: Town) -> None:
    reports = [file(city, f"旧{index}") for index in range(4)]
    page = board(open_page)
    rest = row(page, reports[2])
    rest.hover()
    before = rest.bounding_box()
    urgent = file(city, "新来的")
    Report.objects.filter(pk=urgent.pk).update(dispatch_due_at=reports[0].recorded_at)
    expect(page.locator(".queue-row", has_text="新来的")).to_have_count(1, timeout=ARRIVAL)
    assert page.locator(".queue-item").first.get_attribute("data-id") == str(urgent.pk)
    after = rest.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 1


def test_a_row_on_the_map_is_the_row_in_the_queue(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page)
    page.wait_for_load_state("networkidle")
    box = page.locator("#map").bounding_box()
    row(page, report).click()
    page.wait_for_timeout(600)
    page.keyboard.press("Escape")
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(row(page, report)).to_have_attribute("aria-current", "true")


def test_a_phone_shows_one_thing_at_a_time(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = board(open_page, width=360, height=800)
    expect(page.locator("#panel")).not_to_be_visible()
    row(page, report).click()
    expect(page.locator("#panel .primary")).to_be_visible()
    page.locator(".panel-back").click()
    expect(page.locator("#panel")).not_to_be_visible()
    row(page, report).click()
    expect(page.locator("#panel")).to_be_visible()
    page.go_back()
    expect(page.locator("#panel")).not_to_be_visible()
    assert never_reloaded(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_address_brings_back_tab_and_report(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    transition(report.pk, "accept", city.scope("dora"))
    transition(report.pk, "dispatch", city.scope("dora"), Move(holder=city.bob))
    page = open_page("dora", f"/dispatch/?tab=handling&report={report.pk}")
    expect(row(page, report)).to_have_attribute("aria-current", "true")
    expect(page.locator("#panel h2")).to_be_visible()


def test_without_javascript_board_list_and_page_can_be_read(open_page: Open, city: Town) -> None:
    report = file(city, "西市场")
    page = open_page("dora", "/dispatch/", java_script_enabled=False)
    row(page, report).click()
    expect(page.locator("h1")).to_contain_text("暴露垃圾")
    expect(page.locator(".timeline li")).to_have_count(1)
    expect(page.locator("#report-verbs")).not_to_be_visible()
    page = open_page("dora", "/reports/", java_script_enabled=False)
    expect(row(page, report)).to_contain_text("西市场")


def test_the_first_view_of_the_board_is_light(open_page: Open, city: Town, tmp_path: Path) -> None:
    page = open_page("dora", "/inbox/")
    board = page.url.replace("/inbox/", "/dispatch/")
    assert first_view(page, board, tmp_path) <= FIRST_VIEW


@pytest.mark.parametrize(("width", "height", "colours"), [(1440, 900, "light"), (360, 800, "dark")])
def test_axe_finds_nothing(
    open_page: Open, violations: Look, city: Town, width: int, height: int, colours: str
) -> None:
    report = file(city, "西市场")
    done = file(city, "东市场")
    for verb, move in (("accept", Move()), ("dispatch", Move(holder=city.bob)), ("start", Move())):
        transition(done.pk, verb, city.scope("dora"), move)
    page = board(open_page, width=width, height=height, color_scheme=colours)
    assert violations(settled(page)) == []
    row(page, report).click()
    expect(page.locator(".panel-actions .primary")).to_contain_text("柳芸")
    assert violations(settled(page)) == []
    page.locator('[data-verb="mark_duplicate"]').click()
    expect(page.locator("dialog .verb-option")).to_have_count(1)
    assert violations(settled(page)) == []
    for url in ("/reports/", "/reports/?state=open&late=1", f"/reports/{done.pk}/", "/inbox/"):
        assert violations(settled(open_page("dora", url, width=width, height=height, color_scheme=colours))) == [], url


def settled(page: Page) -> Page:
    """Wait until nothing moves any more: colours in transition have no contrast of their own."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    return page
