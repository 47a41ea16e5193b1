"""Others: a program that files by Open311, and a resident without an account; the dispatcher sees what both report."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from grids.models import Category, Person, Region
from patrols import public_cells
from patrols.models import Open311Client, PublicCell, Report
from patrols.open311.keys import give_key
from patrols.public import centre_of, public_problems
from tests.browser.conftest import DESK, PHONE, Visits, apart
from tests.patrols import pictures
from tests.patrols.test_public import cell_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

WORDS = "井盖边上塌了一块"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    backend = "patrols.photos.durable.DurableFileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}}


def new_key() -> str:
    """Make a client of Open311 for the demo's district and return its key."""
    admin = Person.objects.get(username="admin")
    client = Open311Client(name="城市小程序", contact="-", region=Region.objects.get(level="district"), made_by=admin)
    key = give_key(client)
    client.save()
    return key


def public_place() -> tuple[Any, str]:
    """Return the middle of a cell that is public, and the code of a category that no public cell has."""
    column, row = cell_of(public_problems().order_by("-recorded_at")[0])
    there = PublicCell.objects.filter(shown=True).values("category__code")
    code = Category.objects.filter(active=True, kind="problem").exclude(code__in=there).values_list("code", flat=True)
    return centre_of(column, row), code[0]


def test_a_program_files_and_the_dispatcher_sees_that_very_report(visits: Visits) -> None:
    key, (at, category) = apart(new_key), apart(public_place)
    board = visits.open("dispatcher", "/dispatch/", DESK)
    expect(board.locator("#board.ready")).to_be_visible()
    program = visits.browser.new_context(base_url=visits.site)
    visits.contexts.append(program)
    file = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": pictures.photo(400, 300)}
    form = {"service_code": category, "lat": str(at.y), "long": str(at.x), "address_string": "北门岗亭", "media": file}
    refused = program.request.post("/open311/v2/requests.json", multipart={"api_key": "g311_wrong", **form})
    assert refused.status == 403
    filed = program.request.post("/open311/v2/requests.json", multipart={"api_key": key, **form})
    assert filed.status == 201, filed.text()
    identity = filed.json()[0]["service_request_id"]
    row = board.locator(".queue-row", has_text="北门岗亭")
    expect(row).to_be_visible()
    row.click()
    expect(board.locator("#panel")).to_contain_text("城市小程序")
    expect(board.locator("#panel .photo-thumb")).to_have_count(1)
    report = apart(lambda: Report.objects.get(public_number=identity.partition("-")[2]))
    assert str(report.pk) in board.url
    [told] = program.request.get(f"/open311/v2/requests/{identity}.json").json()
    assert (told["status"], told["description"], told["lat"]) == ("open", None, None)


def test_a_resident_reports_and_follows_and_it_appears_on_the_map(
    visits: Visits, violations: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    at, category = apart(public_place)
    picture = tmp_path / "IMG.jpg"
    picture.write_bytes(pictures.photo(800, 600))
    page = visits.open(None, "/public/")
    expect(page.locator("h1")).to_contain_text(re.compile(r"本月已解决 \d+ 件，\d+ 件正在处理"))
    page.click("#report-here")
    page.goto(f"{page.url}?lon={at.x}&lat={at.y}")
    page.select_option("#category", category)
    expect(page.locator("#known")).to_have_text("附近还没有同类问题。")
    page.fill("#words", WORDS)
    page.set_input_files("#photo", str(picture))
    assert violations(page) == []
    page.get_by_role("button", name="提交").click()
    expect(page.locator("h1")).to_have_text("已收到，等待受理。")
    number = page.locator(".request-number").inner_text()

    report = apart(lambda: Report.objects.get(public_number=number))
    board = visits.open("dispatcher", f"/dispatch/?report={report.pk}", DESK)
    expect(board.locator("#panel")).to_contain_text(WORDS)
    expect(board.locator("#panel .photo-thumb")).to_have_count(1)
    board.click("#panel [data-verb=accept]")
    expect(board.locator(".panel-pills")).to_contain_text("已立案")

    # The next one who comes by is told, and says that it is this one: nothing is filed.
    page.goto(f"/public/report/?category={category}&lon={at.x}&lat={at.y}")
    expect(page.locator("#known legend")).to_have_text("附近已有 1 件，是其中一件吗？")
    page.locator("#known input").first.check()
    page.get_by_role("button", name="提交").click()
    expect(page.locator("main")).to_contain_text("您反映的是已知的一件")
    assert page.locator(".request-number").inner_text() != number
    assert apart(lambda: Report.objects.get(pk=report.pk).further) == 1

    page.goto("/public/")
    page.fill("#number", number.lower())
    page.press("#number", "Enter")
    expect(page.locator("h1")).to_have_text("已受理，正在安排人员。")
    assert violations(page) == []

    apart(public_cells.refresh)
    page.goto(f"/public/?region={report.region_code}&category={category}")
    place = page.locator("#places [data-box]")
    expect(place).to_have_count(1)
    expect(page.locator("body.ready")).to_be_attached()
    place.click()
    # Only now: the tap on the list brings the map into view.
    box = page.locator("#map").bounding_box()
    assert box
    for _turn in range(50):
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        if page.locator("#cell").is_visible():
            break
        page.wait_for_timeout(200)
    expect(page.locator("#cell")).to_contain_text("1 件正在处理")
    told, people = page.locator("main").inner_text(), apart(lambda: list(Person.objects.values_list("name", flat=True)))
    assert not [word for word in (WORDS, number, report.number, *people) if word and word in told]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
