"""The planner sees where problems are: the map and the list are the same, time is played, and every state is a link."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from maps.cells.recounting import fill
from tests.browser.conftest import DESK, Visits, apart
from tests.browser.weight import FIRST_VIEW, first_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_a_planner_finds_the_place_sees_it_through_time_and_goes_to_its_reports(
    visits: Visits, violations: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    apart(fill)
    page = visits.open("planner", "/inbox/", DESK, "en")
    assert first_view(page, "/planner/?period=92", tmp_path) <= FIRST_VIEW
    expect(page.locator("#headline")).to_contain_text(re.compile(r"\d+ problems found in the last 92 days"))
    row = page.locator("#top [data-cell]").first
    expect(row).to_be_visible()

    # Chosen in the list, it is chosen on the map, and the address says so.
    row.locator("button").click()
    expect(row).to_have_attribute("data-selected", "")
    card = page.locator("#card[data-chosen]")
    expect(card).to_contain_text("per hectare")
    cell = row.get_attribute("data-cell")
    assert f"cell={cell}" in page.url
    reports = card.locator("a").get_attribute("href")
    assert reports is not None
    assert "kind=problem" in reports
    assert "since=" in reports
    assert violations(page) == []

    # A step of time has figures of its own, and the whole period comes back.
    slider = page.locator("#time-at")
    slider.focus()
    with page.expect_response(lambda answer: "/tiles/heat/" in answer.url and "since=" in answer.url):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#time-words")).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d"))
    assert "at=" in page.url
    page.locator("#time-whole").click()
    expect(page.locator("#time-words")).to_have_text("Whole period")

    # Compared, the legend and the list tell more and fewer; the page was never loaded anew.
    page.evaluate("window.stayed = true")
    page.select_option("#versus", "before")
    expect(page.locator("#legend")).to_contain_text("clearly more")
    expect(page.locator("#top [data-cell]").first).to_contain_text("was ")
    assert page.evaluate("window.stayed")
    page.go_back()
    expect(page.locator("#legend")).to_contain_text("Reports per hectare")

    page.goto(reports)
    expect(page.locator("main li a[href*='/reports/']").first).to_be_visible()
