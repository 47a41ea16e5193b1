"""Every page, as somebody whose work it is: no wider than the window, and nothing that axe finds, light and dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, Visits

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PAGES = {
    None: ["/accounts/login/", "/accounts/password/forgotten/", "/public/", "/public/report/", "/public/poster/"],
    "leader": [
        "/my-grid/",
        "/patrol/",
        "/reports/",
        "/inbox/",
        "/account/",
        "/account/tokens/",
        "/shifts/",
        "/me/notifications/",
        "/patrol/round/",
    ],
    "dispatcher": [
        "/dispatch/",
        "/dispatch/plan/",
        "/calendar/",
        "/posts/",
        "/requests/links/",
        "/requests/new/",
        "/sheets/",
        "/sheets/new/",
        "/tasks/",
        "/tasks/new/?rows=2",
    ],
    "planner": [
        "/planner/",
        "/planner/split/",
        "/planner/coverage/",
        "/planner/replay/",
        "/people/",
        "/people/vacancies/",
        "/people/handovers/",
        "/people/invitations/",
        "/imports/",
        "/jobs/",
        "/posts/",
        "/posts/new/",
        "/posts/roster/",
        "/robots/",
    ],
    "admin": [
        "/people/new/",
        "/people/invitations/new/",
        "/admin/",
        "/admin/changes/",
        "/admin/grids/grid/",
        "/deliveries/",
    ],
}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [(PHONE, "light", "zh-hans"), (DESK, "dark", "en")],
    ids=["phone-light-zh", "desk-dark-en"],
)
@pytest.mark.parametrize("who", PAGES)
def test_every_page_fits_the_window_and_axe_finds_nothing(
    visits: Visits,
    violations: Callable[[Page], list[str]],
    who: str | None,
    size: tuple[int, int],
    scheme: str,
    language: str,
) -> None:
    page = visits.open(who, PAGES[who][0], size=size, language=language, color_scheme=scheme)
    found: dict[str, list[str]] = {}
    for path in PAGES[who]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        wider = page.evaluate(WIDER)
        found[path] = violations(page) + ([f"{wider} px wider than the window"] if wider > 0 else [])
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize("who", PAGES)
def test_every_page_fits_a_phone_in_the_longer_language(visits: Visits, who: str | None) -> None:
    page = visits.open(who, PAGES[who][0], language="en", color_scheme="dark")
    wider: dict[str, int] = {}
    for path in PAGES[who]:
        page.goto(path)
        wider[path] = page.evaluate(WIDER)
    assert {path: pixels for path, pixels in wider.items() if pixels > 0} == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_bar_of_who_may_do_much_fits_every_window(visits: Visits, language: str) -> None:
    page = visits.open("planner", "/people/", size=(1440, 700), language=language)
    heights = "nodes => nodes.map((node) => Math.round(node.getBoundingClientRect().height))"
    for width in (900, 1024, 1152, 1280, 1366, 1440):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate(WIDER) <= 0, width
        assert set(page.locator(".shell-menu nav a").evaluate_all(heights)) == {44}, width


def test_the_map_of_a_phone_keeps_its_room_until_somebody_searches(visits: Visits) -> None:
    page = visits.open("leader", "/my-grid/")
    field = page.locator("#map-search")
    closed = field.bounding_box()
    assert closed
    assert (closed["width"], closed["height"]) == (44, 44)
    field.click()
    opened = field.bounding_box()
    assert opened
    assert opened["width"] > 300
    field.fill("青岚")
    page.locator("#sheet-handle").focus()
    kept = field.bounding_box()
    assert kept
    assert kept["width"] > 300


def test_small_tabs_and_the_sheets_handle_answer_to_a_whole_finger(visits: Visits) -> None:
    page = visits.open("leader", "/reports/")
    tab = page.locator(".queue-tabs a").nth(1)
    box = tab.bounding_box()
    assert box
    x, middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    hit = "([x, y]) => document.elementFromPoint(x, y)?.closest('a')?.getAttribute('href')"
    href = tab.get_attribute("href")
    assert [page.evaluate(hit, [x, middle + off]) for off in (-21, 21)] == [href, href]
    page.goto("/my-grid/")
    handle = page.locator("#sheet-handle").bounding_box()
    assert handle
    above = [handle["x"] + handle["width"] / 2, handle["y"] - 18]
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y)?.id", above) == "sheet-handle"


def test_the_administrations_header_holds_its_links_on_a_phone(visits: Visits) -> None:
    page = visits.open("admin", "/admin/grids/grid/")
    header, links = page.locator("#header").bounding_box(), page.locator("#user-tools").bounding_box()
    assert header
    assert links
    assert links["y"] + links["height"] <= header["y"] + header["height"]
