"""A resident with a phone: is it known already, report it, and what became of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from grids.models import Person
from grids.scope import scope_of
from patrols.models import Report
from patrols.transitions import transition
from tests.browser.conftest import Visits, apart

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_a_resident_reports_what_is_seen_and_follows_it(
    visits: Visits, violations: Callable[[Page], list[str]]
) -> None:
    known = apart(lambda: Report.objects.filter(state="in_progress", kind="problem").select_related("category").first())
    page = visits.open(None, "/public/")
    expect(page.locator("h1")).to_contain_text(re.compile(r"本月已解决 \d+ 件，\d+ 件正在处理"))
    page.locator("#places a").first.click()
    page.locator("#places [data-box]").first.click()
    expect(page).to_have_url(re.compile("region=.*#"))
    map_box = page.locator("#map").bounding_box()
    assert map_box
    page.wait_for_load_state("networkidle")
    page.touchscreen.tap(map_box["x"] + map_box["width"] / 2, map_box["y"] + map_box["height"] / 2)
    expect(page.locator("#report-here")).to_have_attribute("href", re.compile("lon="))

    page.goto(f"/public/report/?category={known.category.code}&lon={known.anchor.x}&lat={known.anchor.y}")
    expect(page.locator("#known")).to_contain_text("附近已有")
    page.fill("#words", "井盖边上塌了一块")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("h1")).to_have_text("已收到，等待受理。")
    assert violations(page) == []

    number = page.locator(".request-number").inner_text()
    report = apart(lambda: Report.objects.get(public_number=number))
    assert (report.source, report.description) == ("resident", "井盖边上塌了一块")
    board = visits.open("dispatcher", f"/reports/{report.pk}/", size=(1440, 900))
    expect(board.locator("main")).to_contain_text("井盖边上塌了一块")
    apart(lambda: transition(report.pk, "accept", scope_of(Person.objects.get(username="dispatcher"))))
    page.goto("/public/")
    page.fill("#number", number.lower())
    page.press("#number", "Enter")
    expect(page.locator("h1")).to_have_text("已受理，正在安排人员。")
    assert "井盖" not in page.locator("main").inner_text()
