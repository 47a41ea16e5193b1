"""A dispatcher plans for everybody at once: changes it by keyboard, takes that back, drags, and dispatches it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visits
from tests.browser.weight import FIRST_VIEW, first_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
Look = Callable[[Page], list[str]]


def test_a_plan_is_made_changed_taken_back_dragged_and_dispatched(
    visits: Visits, violations: Look, tmp_path: Path
) -> None:
    page = visits.open("dispatcher", "/dispatch/plan/", DESK)
    expect(page.locator(".plan.ready")).to_be_visible()
    # Without a network it is said, stays said, and the same button works once there is one.
    page.route("**/api/v1/dispatch/plans", lambda route: route.abort())
    page.locator("#plan-make").click()
    expect(page.locator("#plan-notice")).to_contain_text("没有网络")
    page.unroute("**/api/v1/dispatch/plans")
    visits.forgive("ERR_FAILED")
    page.locator("#plan-make").click()
    expect(page.locator("#plan-notice")).to_be_hidden()
    expect(page.locator("#headline")).to_have_text(re.compile("件有人去"))
    groups = page.locator(".plan-group")
    expect(groups.first).to_be_visible()
    count = groups.count()
    assert count >= 2
    expect(page.locator("path.gw-link").first).to_be_attached()

    # By keyboard: whoever comes third goes instead, and Undo brings the first one back.
    page.locator("[data-view=reports]").click()
    row = page.locator(".plan-row", has=page.locator("button")).first
    report = row.get_attribute("data-report")
    row = page.locator(f"[data-report='{report}']")
    before = row.locator(".soft").first.inner_text()
    row.locator("button").first.press("Enter")
    choice = row.locator(".plan-choices button").nth(2)
    other = choice.locator("b").inner_text()
    choice.press("Enter")
    expect(row.locator(".soft").first).to_contain_text(other)
    expect(row.locator("button").first).to_be_focused()
    assert violations(page) == []
    page.locator("#plan-undo").click()
    expect(row.locator(".soft").first).to_contain_text(before.split(" · ")[0])

    # By mouse: the last report of the second goes to the first.
    page.locator("[data-view=people]").click()
    moved = groups.nth(1).locator(".plan-row").last
    name = moved.get_attribute("data-report")
    moved.drag_to(groups.first.locator("header"))
    expect(groups.first.locator(f"[data-report='{name}']")).to_be_visible()

    page.locator("#plan-commit").click()
    expect(page.locator("#dialog-words")).to_contain_text("立即通知本人")
    page.locator("#dialog-yes").click()
    expect(page.locator("#headline")).to_have_text(re.compile(r"已派遣 \d+ 件"))
    expect(page.locator(f"[data-report='{name}'] .plan-outcome")).to_have_text("已派遣")
    expect(page.locator("#plan-commit")).to_be_hidden()
    # Who goes where stays on the map: a line to each stop of each round, with its number, and names where they begin.
    stops = rounds_of(page)
    assert stops
    assert violations(page) == []
    assert first_view(page, page.url, tmp_path) <= FIRST_VIEW
    expect(page.locator("#headline")).to_have_text(re.compile(r"已派遣 \d+ 件"))
    assert rounds_of(page) == stops

    # Nobody has to know the plan's address: the board leads to it all day.
    board = visits.open("dispatcher", "/dispatch/", DESK)
    board.locator(".board-plan").click()
    expect(board.locator("#headline")).to_have_text(re.compile(r"已派遣 \d+ 件"))
    assert rounds_of(board) == stops


def rounds_of(page: Page) -> list[str]:
    """Return the numbers of the stops on the map, sorted, once the map, the list and the lines agree."""
    badges, lines = page.locator(".gw-stop.beside"), page.locator("path.gw-link")
    expect(badges.first).to_be_attached()
    numbers = sorted(badges.all_inner_texts())
    listed = [re.search(r"第 (\d+) 站", text) for text in page.locator(".plan-group .plan-row").all_inner_texts()]
    assert sorted(found[1] for found in listed if found) == numbers
    assert lines.count() == len(numbers)  # in the demo city everybody has a grid to begin in
    assert page.locator(".gw-person").count() == numbers.count("1")
    return numbers


def test_a_volunteer_goes_round_from_where_they_are(visits: Visits) -> None:
    here = {"longitude": 111.676, "latitude": 40.826}
    page = visits.open("volunteer", "/patrol/round/", PHONE, geolocation=here, permissions=["geolocation"])
    stops = page.locator("#round-stops li")
    expect(stops.first).to_be_visible()
    expect(page.locator("#round-start")).to_have_text("从您的网格出发")
    page.locator("#round-here").click()
    expect(page.locator("#round-start")).to_have_text("从您所在位置出发")
    every = stops.count()
    page.locator("[data-kinds=checkpoint]").click()
    expect(stops).not_to_have_count(every)
