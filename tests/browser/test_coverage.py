"""The leader sees which streets nobody walked, and the planner which grids."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from grids.models import Grid
from patrols.coverage import Walked, grid_seen
from tests.browser.conftest import DESK, PHONE, Visits
from tests.browser.weight import FIRST_VIEW, first_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

Look = Callable[[Page], list[str]]
ROWS = "[data-panel=streets] .row"


def patch() -> Grid:
    """Return the demo leader's grid."""
    grid: Grid = Grid.objects.current().get(assignments__person__username="leader", assignments__role="owner")
    return grid


def selected(page: Page) -> str | None:
    """Return the id of the selected street in the address."""
    found = re.search(r"[?&]street=(\d+)", page.url)
    return found[1] if found else None


def test_the_sentence_names_the_street_that_was_left_most(visits: Visits) -> None:
    page = visits.open("leader")
    sentence = page.locator("h1").inner_text()
    found = re.search(r"；([^；]+?)( \d+ 天未巡查|从未巡查)", sentence)
    assert found, sentence
    seen = grid_seen(patch(), timezone.localdate())
    assert found[1] in {street.name for state in (Walked.OVERDUE, Walked.NEVER) for street in seen.of(state)}
    page.click("a[data-tab=streets]")
    expect(page.locator(ROWS, has_text=found[1]).first).to_be_visible()
    pills = page.locator(f"{ROWS} .street-pill").all_inner_texts()
    assert "从未巡查" in pills[0] or "天未巡查" in pills[0]


def test_a_street_is_chosen_in_the_list_and_on_the_map(visits: Visits) -> None:
    page = visits.open("leader", "/my-grid/?tab=streets", DESK)
    page.wait_for_selector("#map canvas")
    row = page.locator(ROWS).nth(2)
    row.locator("a").click()
    expect(row).to_have_attribute("data-selected", "")
    key = row.get_attribute("data-id")
    assert selected(page) == key
    page.reload()
    expect(page.locator(f'{ROWS}[data-id="{key}"]')).to_have_attribute("data-selected", "")
    page.locator(ROWS).nth(2).locator("a").click()
    assert selected(page) is None
    page.go_back()
    assert selected(page) == key


def test_the_layer_is_switched_and_the_address_keeps_it(visits: Visits) -> None:
    page = visits.open("leader", "/my-grid/", DESK)
    button = page.locator("#coverage-key button")
    expect(button).to_have_attribute("aria-pressed", "false")
    # A tile beside the patch is empty, and may be the first to come.
    with page.expect_response(lambda answer: "/tiles/coverage/" in answer.url and answer.status == 200):
        button.click()
    expect(page.locator("#coverage-key [data-lines]")).to_be_visible()
    assert "coverage=1" in page.url
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    page.click("a[data-tab=streets]")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.click("a[data-tab=now]")
    expect(button).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_planner_reads_first_where_nobody_is_known_to_have_been(
    visits: Visits, violations: Look, size: tuple[int, int]
) -> None:
    page = visits.open("planner", "/planner/coverage/?period=7", size)
    page.wait_for_selector("body.ready")
    assert re.search(r"\d+ 个网格", page.locator("h1").inner_text())
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert violations(page) == []


def test_the_first_view_is_light(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("planner", "/inbox/")
    assert first_view(page, "/planner/coverage/", tmp_path) <= FIRST_VIEW


def test_the_table_sorts_by_keyboard_and_meets_the_map(visits: Visits) -> None:
    page = visits.open("planner", "/planner/coverage/?period=30", DESK)
    page.wait_for_selector("body.ready")
    heading = page.locator("#coverage thead a", has_text="待补街巷")
    heading.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#coverage thead [aria-sort]")).to_contain_text("待补街巷")
    left = [int(text.split()[0]) for text in page.locator("#coverage tbody td:nth-child(4)").all_inner_texts()]
    assert left == sorted(left, reverse=True)
    page.wait_for_selector("body.ready")
    button = page.locator("#coverage [data-choose]").nth(1)
    button.click()
    expect(page.locator("#coverage tr[data-selected]")).to_have_count(1)
    assert "grid=" in page.url
    expect(button).to_have_attribute("aria-pressed", "true")


def test_a_period_is_chosen_and_the_days_are_asked_for_only_then(visits: Visits) -> None:
    page = visits.open("planner", "/planner/coverage/", DESK)
    page.wait_for_selector("body.ready")
    expect(page.locator("#since")).to_be_hidden()
    page.select_option("#period-name", "30")
    page.wait_for_url(re.compile("period=30"))
    page.wait_for_selector("body.ready")
    page.select_option("#period-name", "own")
    expect(page.locator("#since")).to_be_visible()
    page.fill("#since", "2020-01-01")
    page.click("#period button[type=submit]")
    expect(page.locator("[role=alert]")).to_contain_text("时段")
    visits.forgive("400")


def test_the_table_is_taken_away(visits: Visits) -> None:
    page = visits.open("planner", "/planner/coverage/?period=30", DESK)
    for words, ending in (("CSV", ".csv"), ("Excel", ".xlsx")):
        link = page.locator(".coverage-files a", has_text=words)
        answer = page.request.get(link.evaluate("link => link.href"))
        assert answer.ok
        assert answer.headers["content-disposition"].endswith(f'{ending}"')
