"""A grid leader with a phone in one hand."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from grids.models import Grid, Person, Stairwell
from patrols.models import Report
from tests.browser.conftest import DESK, PHONE, Visits
from tests.browser.weight import FIRST_VIEW, first_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

Look = Callable[[Page], list[str]]
# Fixed: of the last minutes a slow machine would lose some while a test counts.
BEGUN = timezone.now() - timedelta(minutes=2)


def patch() -> Grid:
    """Return the demo leader's grid."""
    grid: Grid = Grid.objects.current().get(assignments__person__username="leader", assignments__role="owner")
    return grid


def filed() -> Any:
    """Return the reports that the leader filed during the tests, newest first."""
    leader = Person.objects.get(username="leader")
    return Report.objects.filter(reporter=leader, recorded_at__gte=BEGUN).order_by("-recorded_at")


def choose(page: Page, name: str) -> None:
    page.click(f'#filing-categories button[data-name="{name}"]')


def wait_for_rows(page: Page, count: int) -> None:
    expect(page.locator("[data-panel=now] .row")).to_have_count(count)


def rows(page: Page) -> int:
    return page.locator("[data-panel=now] .row").count()


def test_the_first_second_says_what_is_wrong(visits: Visits) -> None:
    page = visits.open("leader")
    assert page.url.split("#")[0].endswith("/my-grid/")
    sentence = page.locator("h1").inner_text()
    assert re.search(r"\d+ 件待办", sentence)
    assert re.search(r"\d+ 个点位都还没检查过", sentence)
    assert str(rows(page)) in sentence
    page.wait_for_selector("#map canvas")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_a_report_is_filed_in_three_taps_and_once(visits: Visits) -> None:
    page = visits.open("leader")
    before, known = rows(page), filed().count()
    page.click("#bar [data-file=report]")
    expect(page.locator("#filing-place")).not_to_have_value("")
    choose(page, "机动车乱停放")
    page.locator("#filing-send").dblclick()
    expect(page.locator(".toast")).to_contain_text("已上报")
    wait_for_rows(page, before + 1)
    assert filed().count() == known + 1
    report = filed()[0]
    assert (report.category.code, report.state, report.grid) == ("09009", "reported", patch())


def test_what_was_fixed_on_the_spot_takes_two_taps(visits: Visits) -> None:
    page = visits.open("leader")
    known = filed().count()
    page.click("#bar [data-file=spot]")
    assert page.locator("#filing-categories li:visible", has_text="店外经营").count() == 0
    choose(page, "非法小广告")
    expect(page.locator(".toast")).to_contain_text("现场已处置")
    assert filed().count() == known
    expect(page.locator(".toast")).to_contain_text("已记录现场处置", timeout=10_000)
    assert filed().count() == known + 1
    assert filed()[0].state == "handled"


def test_undo_files_nothing(visits: Visits) -> None:
    page = visits.open("leader")
    known = filed().count()
    page.click("#bar [data-file=spot]")
    choose(page, "非法小广告")
    page.click(".toast-action")
    expect(page.locator(".toast")).to_contain_text("没有上报")
    page.wait_for_timeout(6000)
    assert filed().count() == known
    assert kept(page) == []


def test_a_page_that_is_left_too_early_still_sends_what_was_done(visits: Visits) -> None:
    page = visits.open("leader")
    known = filed().count()
    page.click("#bar [data-file=spot]")
    choose(page, "暴露垃圾")
    page.goto("/reports/")
    page.goto("/my-grid/")
    page.wait_for_timeout(6000)
    assert filed().count() == known + 1


def test_without_network_nothing_is_lost_and_nothing_doubled(visits: Visits) -> None:
    page = visits.open("leader")
    known = filed().count()
    page.click("#bar [data-file=report]")
    expect(page.locator("#filing-place")).not_to_have_value("")
    choose(page, "暴露垃圾")
    page.context.set_offline(True)
    page.click("#filing-send")
    expect(page.locator("#outbox")).to_contain_text("1 条未发送")
    assert filed().count() == known
    page.context.set_offline(False)
    expect(page.locator("#outbox")).to_be_hidden()
    page.wait_for_timeout(500)
    assert filed().count() == known + 1
    visits.forgive("ERR_INTERNET_DISCONNECTED")


KEPT = """() => new Promise((resolve) => {
    const opening = indexedDB.open("gridwarden");
    opening.onsuccess = () => {
        const reading = opening.result.transaction("outbox").objectStore("outbox").getAll();
        reading.onsuccess = () => {
            opening.result.close();
            resolve(reading.result.map((entry) => [entry.kind, entry.person]));
        };
    };
})"""


def kept(page: Page) -> Any:
    """Return what lies in the browser's outbox: kind and person of each."""
    return page.evaluate(KEPT)


def sign_out(page: Page, visits: Visits) -> None:
    visits.sessions.pop("leader", None)  # the next test signs in anew
    if not page.locator("form[data-sign-out]").is_visible():
        page.click(".shell-toggle")
    page.click("form[data-sign-out] button")


def test_signing_out_sends_what_is_not_sent_yet(visits: Visits) -> None:
    page = visits.open("leader")
    known = filed().count()
    page.click("#bar [data-file=spot]")
    choose(page, "暴露垃圾")
    sign_out(page, visits)
    page.wait_for_url("**/accounts/login/**")
    assert filed().count() == known + 1
    assert kept(page) == []


def test_signing_out_without_network_asks_before_anything_is_lost(visits: Visits, violations: Look) -> None:
    page = visits.open("leader")
    page.click("#bar [data-file=report]")
    expect(page.locator("#filing-place")).not_to_have_value("")
    choose(page, "暴露垃圾")
    page.route("**/api/v1/reports", lambda route: route.abort())
    page.click("#filing-send")
    expect(page.locator("#outbox")).to_contain_text("1 条未发送")
    sign_out(page, visits)
    expect(page.locator(".leave-dialog")).to_contain_text("1 件还没发出")
    assert violations(page) == []
    page.click(".leave-dialog .primary")
    assert page.url.split("#")[0].split("?")[0].endswith("/my-grid/")
    assert [kind for kind, _person in kept(page)] == ["report"]
    sign_out(page, visits)
    page.locator(".leave-dialog button").last.click()
    page.wait_for_url("**/accounts/login/**")
    assert kept(page) == []
    visits.forgive("ERR_FAILED")


def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key(visits: Visits) -> None:
    page = visits.open("leader")
    known, keys = filed().count(), []

    def lose_the_first(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/reports", lose_the_first)
    page.click("#bar [data-file=report]")
    choose(page, "暴露垃圾")
    page.click("#filing-send")
    page.locator("#outbox button").click()
    page.locator(".outbox-dialog footer .primary").click()
    expect(page.locator(".toast")).to_contain_text("已上报")
    assert len(set(keys)) == 1
    assert filed().count() == known + 1
    visits.forgive("ERR_FAILED")


def test_what_the_server_refuses_comes_back_with_its_reason(visits: Visits) -> None:
    page = visits.open("leader")
    problem = '{"status": 422, "title": "no", "detail": "这个位置不在任何社区内。"}'
    page.route(
        "**/api/v1/reports",
        lambda route: route.fulfill(status=422, body=problem, content_type="application/problem+json"),
    )
    page.click("#bar [data-file=report]")
    choose(page, "暴露垃圾")
    page.fill("#filing-description", "桶旁三袋")
    page.click("#filing-send")
    expect(page.locator("#filing-error")).to_have_text("这个位置不在任何社区内。")
    expect(page.locator("#filing-description")).to_have_value("桶旁三袋")
    visits.forgive("422")


def test_the_place_is_where_the_phone_is(visits: Visits) -> None:
    centre = patch().geom.point_on_surface
    here = {"latitude": centre.y + 0.0002, "longitude": centre.x, "accuracy": 8}
    page = visits.open("leader", geolocation=here, permissions=["geolocation"])
    page.click("#bar [data-file=report]")
    expect(page.locator("#filing-where")).to_contain_text("手机定位，误差 ±8 米")
    choose(page, "暴露垃圾")
    page.click("#filing-send")
    expect(page.locator(".toast")).to_contain_text("已上报")
    anchor = filed()[0].anchor
    assert anchor.y == pytest.approx(here["latitude"], abs=1e-6)
    assert anchor.x == pytest.approx(here["longitude"], abs=1e-6)


def test_a_stairwell_is_chosen_by_the_person_and_never_by_the_position(visits: Visits) -> None:
    door = Stairwell.objects.filter(geom__coveredby=patch().geom).first()
    assert door
    here = {"latitude": door.geom.y, "longitude": door.geom.x, "accuracy": 5}
    page = visits.open("leader", geolocation=here, permissions=["geolocation"])
    known = filed().count()
    page.click("#bar [data-file=spot]")
    expect(page.locator("#filing-where")).to_contain_text("手机定位")
    choose(page, "楼道堆物")
    expect(page.locator("#filing-stairwells input").first).to_be_visible()
    assert page.locator("#filing-stairwells input:checked").count() == 0
    page.check(f'#filing-stairwells input[value="{door.pk}"]')
    page.click("#filing-send")
    expect(page.locator(".toast")).to_contain_text("已记录现场处置", timeout=12_000)
    assert filed().count() == known + 1
    assert filed()[0].stairwell == door


def test_the_sheet_has_three_heights(visits: Visits) -> None:
    page = visits.open("leader")
    height = "document.getElementById('sheet').offsetHeight"
    half = page.evaluate(height)
    page.focus("#sheet-handle")
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(300)
    full = page.evaluate(height)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(300)
    low = page.evaluate(height)
    assert low < half < full
    expect(page.locator(".tabs")).to_be_visible()


def test_a_position_far_away_is_not_the_place(visits: Visits) -> None:
    away = {"latitude": 39.9, "longitude": 116.4, "accuracy": 8}
    page = visits.open("leader", geolocation=away, permissions=["geolocation"])
    page.click("#bar [data-file=report]")
    page.wait_for_timeout(1500)
    expect(page.locator("#filing-where")).to_contain_text("地图中心")


def test_a_tap_on_the_map_starts_filing_there(visits: Visits) -> None:
    page = visits.open("leader", "/my-grid/#19/40.82000/111.67000")
    page.wait_for_timeout(1500)
    chip = page.locator("#map-chip button")
    for x, y in ((60, 190), (120, 220), (200, 170), (90, 260)):
        page.locator("#map").click(position={"x": x, "y": y - 130})
        page.wait_for_timeout(300)
        if chip.is_visible():
            break
    chip.click()
    expect(page.locator("#filing-where")).to_contain_text("您点的位置")


def test_list_and_map_are_the_same_thing_and_the_address_keeps_it(visits: Visits) -> None:
    page = visits.open("leader")
    row = page.locator("[data-panel=now] .row").nth(1)
    identity = row.get_attribute("data-id")
    row.locator(".row-main").click()
    expect(row.locator(".row-more")).to_be_visible()
    assert f"report={identity}" in page.url
    page.click("[data-tab=people]")
    expect(page.locator("[data-panel=people]")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-panel=now]")).to_be_visible()
    again = visits.open("leader", page.url.removeprefix(visits.site))
    expect(again.locator(f'.row[data-id="{identity}"] .row-more')).to_be_visible()
    page.go_back()
    expect(page.locator(".row[data-selected]")).to_have_count(0)


def test_the_lists_work_without_a_script(visits: Visits) -> None:
    page = visits.open("leader", java_script_enabled=False)
    assert rows(page) > 0
    expect(page.locator("#map")).to_be_hidden()
    for tab in ("checkpoints", "streets", "people"):
        page.click(f"[data-tab={tab}]")
        expect(page.locator(f"[data-panel={tab}]")).to_be_visible()
        expect(page.locator("[data-panel=now]")).to_be_hidden()


def test_a_report_can_be_filed_with_the_keyboard_alone(visits: Visits) -> None:
    page = visits.open("leader", size=DESK)
    known = filed().count()
    page.focus("#bar [data-file=report]")
    page.keyboard.press("Enter")
    expect(page.locator("#filing-title")).to_be_focused()
    page.focus("#filing-search")
    page.keyboard.type("消防")
    page.keyboard.press("Enter")
    expect(page.locator("#filing-send")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("占用消防通道")
    assert filed().count() == known + 1


def test_escape_leaves_filing_and_goes_back_to_the_button(visits: Visits) -> None:
    page = visits.open("leader", size=DESK)
    page.focus("#bar [data-file=report]")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#filing")).to_be_hidden()
    expect(page.locator("#bar [data-file=report]")).to_be_focused()


def test_a_lost_connection_is_said(visits: Visits) -> None:
    page = visits.open("leader")
    page.context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-synced]")).to_contain_text("网络不通")
    page.close()  # it goes on asking, and every question would be a complaint
    visits.forgive("ERR_INTERNET_DISCONNECTED")


def test_the_dispatcher_sees_what_the_leader_filed(visits: Visits) -> None:
    phone = visits.open("leader")
    phone.click("#bar [data-file=report]")
    choose(phone, "机动车乱停放")
    phone.fill("#filing-place", "西门口第二根灯杆")
    phone.click("#filing-send")
    expect(phone.locator(".toast")).to_contain_text("已上报")
    desk = visits.open("dispatcher", "/dispatch/", DESK)
    expect(desk.locator("#queue")).to_contain_text("西门口第二根灯杆")


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone-light", "desk-dark"])
def test_axe_finds_nothing(visits: Visits, violations: Look, size: tuple[int, int], scheme: Any) -> None:
    page = visits.open(None, "/accounts/login/", size, color_scheme=scheme)
    assert violations(page) == []
    page = visits.open("leader", size=size, color_scheme=scheme)
    page.wait_for_timeout(800)
    for tab in ("people", "streets", "checkpoints", "now"):
        page.click(f"[data-tab={tab}]")
        assert violations(page) == []
    page.locator("[data-panel=now] .row-main").first.click()
    assert violations(page) == []
    page.click("#bar [data-file=report]")
    page.wait_for_timeout(500)
    assert violations(page) == []
    choose(page, "楼道堆物")
    assert violations(page) == []


def test_the_first_view_is_light(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("leader", "/reports/")
    assert first_view(page, "/my-grid/", tmp_path) <= FIRST_VIEW


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_runs_out_of_a_narrow_screen(visits: Visits, language: str) -> None:
    page = visits.open("leader", language=language)
    for tab in ("now", "checkpoints", "streets", "people"):
        page.click(f"[data-tab={tab}]")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
