"""The administration and the working calendar in a browser: nothing breaks the policy, and a map can be drawn on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from grids.models import Grid, Place, ServicePoint, WorkingDay
from tests.browser.conftest import DESK, PHONE, Visits

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
Look = Callable[[Page], list[str]]
FORBIDDEN = "403"


def middle(page: Page, dx: float = 0, dy: float = 0) -> tuple[float, float]:
    box = page.locator(".gw-geometry-map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy


def test_a_point_is_drawn_and_saved(visits: Visits) -> None:
    grid = Grid.objects.current().order_by("code").first()
    assert grid is not None
    page = visits.open("admin", "/admin/grids/servicepoint/add/", DESK)
    page.fill("#id_name", "画出来的服务点")
    page.fill("#id_kind", "雷锋站")
    page.locator(".field-region .select2-selection").click()
    page.fill(".select2-search__field", grid.region.name)
    page.locator(".select2-results__option", has_text=grid.region.name).first.click()
    at = grid.geom.point_on_surface
    page.locator(".gw-geometry-text summary").click()
    page.fill("#id_geom", f'{{"type":"Point","coordinates":[{at.x},{at.y}]}}')
    page.locator("#id_geom").dispatch_event("change")
    page.locator(".gw-pin").wait_for()
    page.locator(".leaflet-pm-icon-marker").click()
    page.mouse.click(*middle(page, 20, 10))
    expect(page.locator(".gw-drawn, .gw-pin")).to_have_count(1)
    drawn = page.input_value("#id_geom")
    assert drawn.startswith('{"type":"Point"')
    assert f"{at.x}" not in drawn
    page.click("[name=_save]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    point = ServicePoint.objects.get(name="画出来的服务点")
    assert 0 < point.geom.distance(at) < 0.01


def test_an_area_is_drawn_with_the_mouse(visits: Visits) -> None:
    page = visits.open("planner", "/admin/grids/place/add/", DESK)
    page.fill("#id_name", "画出来的公园")
    page.select_option("#id_kind", "park")
    page.locator(".leaflet-pm-icon-polygon").click()
    for dx, dy in ((-80, -60), (80, -60), (80, 60), (-80, 60), (-80, -60)):
        page.mouse.click(*middle(page, dx, dy))
        page.wait_for_timeout(120)
    expect(page.locator("#id_geom")).not_to_have_value("")
    page.click("[name=_save]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Place.objects.get(name="画出来的公园").geom.geom_type == "Polygon"


def test_a_grid_s_outline_is_shown_and_not_to_be_drawn(visits: Visits) -> None:
    grid = Grid.objects.current().order_by("code").first()
    assert grid is not None
    page = visits.open("planner", f"/admin/grids/grid/{grid.pk}/change/", PHONE)
    page.locator("path.gw-drawn").wait_for()
    assert not page.locator(".leaflet-pm-toolbar").count()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_calendar_is_used_with_the_keyboard_and_read_aloud(
    visits: Visits, violations: Look, size: tuple[int, int]
) -> None:
    # Read only: a row that the test's own transaction changed would keep the page waiting.
    ahead = WorkingDay.objects.filter(day__gt=timezone.localdate() + timedelta(days=3), working=True)
    day = ahead.order_by("day")[0 if size == PHONE else 1].day
    page = visits.open("planner", f"/calendar/?year={day.year}", size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    link = page.locator(f'a.day[href*="day={day.isoformat()}"]')
    link.focus()
    link.press("Enter")
    page.fill("#reason", "停电检修")
    page.keyboard.press("Enter")
    expect(page.locator(".messages .success")).to_be_visible()
    assert WorkingDay.objects.get(day=day).working is False
    assert violations(page) == []


def test_the_pages_of_history_are_read_aloud(visits: Visits, violations: Look) -> None:
    page = visits.open("admin", "/admin/changes/", DESK)
    assert page.locator(".gw-change").count() == 50
    assert violations(page) == []


TOUCHED = "#container :is(a, button, input, select, textarea, summary, .select2-selection)"
SMALL = """(touched) => [...document.querySelectorAll(touched)]
  .filter((one) => one.type !== "hidden" && !one.matches(".select2-hidden-accessible, .skip-to-content-link"))
  .map((one) => [one, (one.matches("[type=checkbox]") && one.labels[0]) || one])
  .map(([one, touched]) => [one, touched.getBoundingClientRect()])
  .filter(([, box]) => box.width && box.height && box.height < 44)
  .map(([one, box]) => `${one.outerHTML.slice(0, 80)}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
EMPTY = (
    "() => [...document.querySelectorAll('th')].filter((one) => !one.textContent.trim() && !one.querySelector('input'))"
)


def test_on_a_phone_every_page_fits_keeps_the_policy_and_is_for_fingers(visits: Visits) -> None:
    page = visits.open("admin", "/admin/", PHONE)
    page.add_init_script(
        "window.refused = []; addEventListener('securitypolicyviolation', (one) => refused.push(one.sample))"
    )
    tables = page.eval_on_selector_all(".module th a", "links => links.map((link) => link.getAttribute('href'))")
    assert len(tables) >= 20
    found: dict[str, list[str]] = {}

    def look(address: str) -> None:
        page.goto(address, wait_until="networkidle" if address.endswith("/add/") else "load")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        said = [f"{wider} px too wide"] if wider > 0 else []
        said += page.evaluate(SMALL, TOUCHED)
        said += [f"{count} empty headings" for count in [page.evaluate(f"({EMPTY})().length")] if count]
        choice = page.locator(".select2-container:not(.select2-container--disabled) .select2-selection:visible")
        if address.endswith("/add/") and choice.count():
            choice.first.click()
            page.locator(".select2-results__option").first.wait_for()
        said += [f"refused: {sample}" for sample in page.evaluate("window.refused")]
        if said:
            found[address] = said

    for address in ("/admin/", "/admin/changes/"):
        look(address)
    for table in tables:
        look(table)
        first = page.locator("#result_list tbody a").first
        change = first.get_attribute("href") if first.count() else None
        for below in (f"{table}add/", change, change and change.split("?")[0].replace("/change/", "/history/")):
            if below:
                look(below)
        visits.forgive(FORBIDDEN)  # some tables take no new rows
    assert found == {}


def test_on_a_phone_the_cell_of_the_box_chooses_the_row(visits: Visits) -> None:
    page = visits.open("admin", "/admin/grids/checkpoint/", PHONE)
    cell = page.locator("#result_list tbody td.action-checkbox").first
    box = cell.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 6, box["y"] + box["height"] / 2)
    expect(cell.locator("input")).to_be_checked()
    expect(page.locator("#result_list tbody tr").first).to_have_class("selected")
