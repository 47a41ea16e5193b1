"""Looking for a place: on every map, with the keyboard alone, and in the filing sheet."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visits

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

Look = Callable[[Page], list[str]]
ROWS = ".found:popover-open [role=option]"
MAPS = [("leader", "/my-grid/", PHONE), ("leader", "/my-grid/", DESK), ("dispatcher", "/dispatch/", DESK)]


def look_for(page: Page, words: str, field: str = "#map-search") -> None:
    page.wait_for_selector("#map canvas")
    page.click(field)
    page.fill(field, words)
    expect(page.locator(ROWS).first).to_be_visible()


@pytest.mark.parametrize(("who", "path", "size"), [*MAPS, ("dispatcher", "/reports/", DESK)])
def test_every_map_has_a_search_that_goes_to_a_place(
    visits: Visits, who: str, path: str, size: tuple[int, int]
) -> None:
    page = visits.open(who, path, size)
    look_for(page, "renminyiyuan")
    first = page.locator(ROWS).first
    assert "人民医院" in first.inner_text()
    assert first.locator("mark").count() > 0
    before = page.evaluate("location.hash")
    page.keyboard.press("Enter")
    expect(page.locator(".gw-mark")).to_be_visible()
    assert page.locator("#map-search").input_value() == "青岚区人民医院"
    page.wait_for_function("before => location.hash !== before", arg=before)


def test_the_keyboard_is_enough(visits: Visits, violations: Look) -> None:
    page = visits.open("leader", "/my-grid/", DESK)
    look_for(page, "锦园")
    field = page.locator("#map-search")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    active = field.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    assert violations(page) == []
    name = page.locator(f"#{active} .found-name").inner_text()
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(page.locator(ROWS).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value(name)
    expect(field).to_be_focused()


def test_nothing_found_says_what_to_try(visits: Visits) -> None:
    page = visits.open("leader")
    page.wait_for_selector("#map canvas")
    page.click("#map-search")
    page.fill("#map-search", "qqqq")
    expect(page.locator(".found-words")).to_be_visible()
    assert page.locator(ROWS).count() == 0


def test_one_can_report_what_one_looked_for(visits: Visits) -> None:
    page = visits.open("leader")
    look_for(page, "锦园小学")
    page.keyboard.press("Enter")
    page.click("#map-chip button")
    expect(page.locator("#filing")).to_be_visible()
    expect(page.locator("#filing-place")).to_have_value("锦园小学")


def test_the_place_of_a_report_can_be_searched_for(visits: Visits) -> None:
    page = visits.open("leader")
    page.click("#bar [data-file=report]")
    page.wait_for_selector("#filing:not([hidden])")
    look_for(page, "锦园3号楼", "#filing-place")
    page.keyboard.press("Escape")
    expect(page.locator("#filing")).to_be_visible()
    page.fill("#filing-place", "jinyuanxiaoqu3haolou")
    expect(page.locator(ROWS).first).to_contain_text("锦园小区3号楼")
    with page.expect_response("**/places/near?*"):
        page.locator(ROWS).first.click()
    expect(page.locator("#filing-place")).to_have_value("锦园小区3号楼")
    expect(page.locator("#filing-where")).to_contain_text("您选的位置")


def test_words_of_ones_own_stay_as_they_are(visits: Visits) -> None:
    page = visits.open("leader")
    page.click("#bar [data-file=report]")
    page.wait_for_selector("#filing:not([hidden])")
    page.click("#filing-place")
    page.fill("#filing-place", "老王修车铺门口")
    page.keyboard.press("Enter")
    expect(page.locator("#filing-place")).to_have_value("老王修车铺门口")


def test_the_last_choice_is_offered_again(visits: Visits) -> None:
    page = visits.open("dispatcher", "/dispatch/", DESK)
    look_for(page, "夜市")
    page.keyboard.press("Enter")
    page.fill("#map-search", "")
    expect(page.locator(ROWS)).to_have_count(1)
    assert "南市小吃街" in page.locator(ROWS).inner_text()
