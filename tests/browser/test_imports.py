"""A planner turns a list of 316 points, 40 of them without coordinates, into checkpoints with owners."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect
from pytest_django.plugin import DjangoDbBlocker

from grids import jobs
from grids.models import (
    Assignment,
    Building,
    Checkpoint,
    ListCorrection,
    ListImport,
    ListMapping,
    Membership,
    Outbox,
    Region,
)
from grids.models.lists import ListState
from tests.browser.conftest import DESK, PHONE, Visits
from tests.browser.weight import FIRST_VIEW, first_view

pytestmark = pytest.mark.browser

Look = Callable[[Page], list[str]]
POINTS, LOST = 316, 40
TYPES = ("农贸市场", "公厕", "公园", "居民小区", "楼道", "宣传栏")
HEADINGS = ("序号", "点位名称", "点位类型", "所属社区", "详细地址", "责任人", "联系电话")


def the_list(path: Path) -> None:
    """Write the list as a subdistrict keeps it: a title, headings over two rows, a total below, telephone numbers."""
    houses = list(Building.objects.filter(kind="residential").exclude(name="").select_related("region").order_by("pk"))
    owners: dict[int, list[str]] = {}
    for person, region in Membership.objects.filter(region__level="community").values_list("person__name", "region"):
        owners.setdefault(region, []).append(person)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("点位台账")
        sheet.merge_range("A1:I1", "青岚区文明城市创建点位一览表")
        for column, heading in enumerate(HEADINGS):
            sheet.merge_range(1, column, 2, column, heading)
        sheet.merge_range("H2:I2", "坐标")
        sheet.write_row("H3", ["经度", "纬度"])
        for index in range(POINTS):
            house = houses[index * 5 % len(houses)]
            assert house.region is not None
            point = house.geom.point_on_surface
            address = f"{house.estate}{house.name}"
            kind = "菜场" if index % 100 == 0 else TYPES[index % len(TYPES)]
            owner = owners[house.region_id or 0][index % 3]
            cells: list[Any] = [index + 1, f"{address}门前{index + 1}号点", kind, house.region.name, address, owner]
            place = ["", ""] if index < LOST else [f"{point.x:.6f}", round(point.y, 6)]
            sheet.write_row(3 + index, 0, [*cells, f"1391234{index:04}", *place])
        sheet.write_row(3 + POINTS, 0, ["合计", f"{POINTS}个"])


@pytest.fixture(scope="module")
def file(site: str, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Path:
    path = tmp_path_factory.mktemp("lists") / "点位台账.xlsx"
    with django_db_blocker.unblock():
        the_list(path)
    return path


@pytest.fixture(autouse=True)
def _database(site: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What the test writes, the server sees: no transaction is around it."""
    with django_db_blocker.unblock():
        ListImport.objects.all().delete()
        ListMapping.objects.all().delete()
        ListCorrection.objects.all().delete()
        yield


def upload(page: Page, file: Path) -> str:
    """Send the file and return the address of the list."""
    page.set_default_timeout(60_000)  # a file is read in a process of its own, which a busy machine begins late
    page.set_input_files("#import-file", str(file))
    page.click("#upload button[type=submit]")
    page.wait_for_url("**/columns/")
    return urlsplit(page.url).path.removesuffix("columns/")


def count(page: Page, wanted: int) -> None:
    expect(page.locator("#place-bar")).to_have_attribute("value", str(wanted))


def work_off() -> None:
    promise = Outbox.objects.get(topic=jobs.TOPIC, done_at__isnull=True)
    jobs.run(str(promise.pk))


def test_a_list_of_316_points_becomes_owned_checkpoints(visits: Visits, file: Path) -> None:
    page = visits.open("planner", "/imports/", DESK)
    upload(page, file)
    taken = page.locator(".import-column.taken")
    expect(taken).to_have_count(7)
    expect(page.locator(".import-hidden")).to_have_count(1)
    page.click(".import-go button")
    page.wait_for_url("**/rows/**")

    # Four rows call a market 菜场: one correction settles them all.
    problems = page.locator("td.has-problem.bad")
    expect(problems).to_have_count(4)
    problems.first.locator("summary").click()
    expect(problems.first.locator("input[name=value]")).to_have_value("农贸市场")
    problems.first.locator("button[value=correct]").click()
    expect(page.locator("td.has-problem.bad")).to_have_count(0)

    # Forty have no coordinates: the keyboard alone places them.
    page.click(".import-go a.primary")
    page.wait_for_url("**/places/")
    for placed in range(LOST):
        count(page, placed)
        expect(page.locator(".place-candidate").first).to_be_visible()
        page.keyboard.press("Enter")
    count(page, LOST)
    expect(page.locator("#place-all a")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/finish/")

    page.click("form.import-finish button.primary")
    expect(page.locator("[data-job]")).to_be_visible()
    work_off()
    expect(page.locator("#import-summary")).to_contain_text(str(POINTS), timeout=20_000)
    expect(page.locator(".import-preview .gw-map")).to_be_visible()

    listed = ListImport.objects.get()
    made = Checkpoint.objects.current().filter(source=listed.source)
    assert made.count() == POINTS
    assert (
        Assignment.objects.current().filter(checkpoint__in=made, role="owner", person__isnull=False).count() == POINTS
    )
    first = made.get(name__endswith="门前1号点")
    house = Building.objects.get(estate=first.name.split(house_number(first.name))[0], name=house_number(first.name))
    assert house.geom.distance(first.geom) < 0.0005

    # The same file again: it is known, 菜场 is corrected as the last time, and nothing would change.
    page.goto("/imports/")
    upload(page, file)
    expect(page.locator(".import-column.taken")).to_have_count(7)
    again = ListImport.objects.get(state=ListState.OPEN)
    assert again.result is not None
    assert (again.result["unchanged"], again.result.get("new", 0)) == (POINTS, 0)
    page.click("a[href$='?only=corrected']")
    expect(page.locator(".cell-corrected")).to_have_count(4)
    expect(page.locator(".cell-corrected").first).to_contain_text("按上次更正")
    page.locator(".cell-corrected button").first.click()
    expect(page.locator(".notice.success")).to_contain_text("4")
    expect(page.locator(".cell-corrected")).to_have_count(0)

    # And it can be taken back.
    page.goto(f"/imports/{listed.pk}/finish/")
    page.click("form[action$='/undo/'] button")
    expect(page.locator(".notice.success")).to_be_visible(timeout=60_000)
    assert not Checkpoint.objects.filter(source=listed.source).exists()


def house_number(name: str) -> str:
    """Return 3号楼 of 锦园3号楼门前1号点."""
    digits = "".join(character for character in name.split("号楼")[0][-3:] if character.isdigit())
    return f"{digits}号楼"


def test_a_row_is_placed_on_the_map_left_out_and_taken_back(visits: Visits, file: Path) -> None:
    page = visits.open("planner", "/imports/", DESK)
    base = upload(page, file)
    page.goto(f"{base}places/")
    expect(page.locator(".place-candidate").first).to_be_visible()
    title = page.locator("#place-title").inner_text()
    page.wait_for_timeout(800)
    page.locator("#map").click(position={"x": 300, "y": 300})
    expect(page.locator("#map .gw-pin")).to_be_visible()
    page.keyboard.press("Enter")
    count(page, 1)
    expect(page.locator("#place-title")).not_to_have_text(title)
    # What was clicked for one row is not where the next one is: Enter accepts what is offered for it.
    best = page.locator(".place-candidate .row-title").first.inner_text()
    page.keyboard.press("Enter")
    count(page, 2)
    listed = ListImport.objects.get()
    labels = listed.rows.filter(pin__by="hand").order_by("number").values_list("pin__label", flat=True)
    assert list(labels) == ["", best]
    page.keyboard.press("s")
    page.fill("#place-reason", "已拆除")
    page.keyboard.press("Enter")
    count(page, 3)
    page.keyboard.press("p")
    expect(page.locator("#place-undo")).to_be_visible()
    page.keyboard.press("u")
    count(page, 2)
    page.keyboard.press("/")
    expect(page.locator("#place-search")).to_be_focused()
    assert listed.rows.filter(pin__by="hand").count() == 2


def test_enter_on_the_map_chooses_and_the_next_enter_accepts(visits: Visits, file: Path) -> None:
    page = visits.open("planner", "/imports/", DESK)
    base = upload(page, file)
    page.goto(f"{base}places/")
    expect(page.locator(".place-candidate").first).to_be_visible()
    page.wait_for_timeout(800)
    page.locator("#map").focus()
    for _step in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(800)
    page.keyboard.press("Enter")
    expect(page.locator("#map .gw-pin")).to_be_visible()
    count(page, 0)
    page.keyboard.press("Enter")
    count(page, 1)
    assert ListImport.objects.get().rows.get(pin__by="hand").pin["label"] == ""  # type: ignore[index]


def test_the_map_goes_to_the_community_of_a_row_that_nothing_is_like(visits: Visits, tmp_path: Path) -> None:
    path = tmp_path / "甲.csv"
    with_address = "点位名称,点位类型,所属社区,详细地址\n"
    path.write_text(f"{with_address}甲乙,公园,站前社区,青岚北站\n丙丁,公园,文苑社区,老供销社旁\n", encoding="utf-8")
    page = visits.open("planner", "/imports/", DESK)
    base = upload(page, path)
    page.goto(f"{base}places/")
    expect(page.locator(".place-candidate").first).to_be_visible()
    page.wait_for_timeout(800)
    page.keyboard.press("Enter")
    count(page, 1)
    expect(page.locator("#place-title")).to_have_text("丙丁")
    expect(page.locator(".place-candidate")).to_have_count(0)
    page.wait_for_timeout(800)
    middle = Region.objects.get(name="文苑社区").geom.point_on_surface
    page.locator("#map").click(position={"x": 400, "y": 300})
    page.keyboard.press("Enter")
    expect(page.locator("#place-all a")).to_be_focused()
    pinned = ListImport.objects.get().rows.get(values__name="丙丁").pin
    assert pinned is not None
    assert (pinned["lon"], pinned["lat"]) == pytest.approx((middle.x, middle.y), abs=0.01)


def test_the_queue_goes_on_where_it_was_left(visits: Visits, file: Path) -> None:
    page = visits.open("planner", "/imports/", DESK)
    base = upload(page, file)
    page.goto(f"{base}places/")
    expect(page.locator(".place-candidate").first).to_be_visible()
    page.keyboard.press("Enter")
    count(page, 1)
    later = visits.open("planner", "/imports/", DESK)
    later.click(".import-card a")
    later.goto(f"{base}places/")
    count(later, 1)


def test_a_file_that_is_too_large_is_not_even_sent(visits: Visits, tmp_path: Path) -> None:
    large = tmp_path / "大.csv"
    with large.open("wb") as file:
        file.truncate(100 << 20)
    page = visits.open("planner", "/imports/", DESK)
    page.set_input_files("#import-file", str(large))
    expect(page.locator("#import-file-problem")).to_be_visible()
    page.click("#upload button[type=submit]")
    assert urlsplit(page.url).path == "/imports/"
    assert not ListImport.objects.exists()


def test_a_page_saved_as_a_workbook_is_said_to_be_one(visits: Visits, tmp_path: Path) -> None:
    path = tmp_path / "台账.xls"
    path.write_bytes(b"<html><body><table><tr><td>x</td></tr></table></body></html>")
    page = visits.open("planner", "/imports/", PHONE)
    page.set_input_files("#import-file", str(path))
    page.click("#upload button[type=submit]")
    expect(page.locator("#import-problem")).to_be_visible()
    visits.forgive("422")


def test_another_shift_moves_the_points_on_the_map(visits: Visits, file: Path) -> None:
    page = visits.open("planner", "/imports/", DESK)
    upload(page, file)
    expect(page.locator("#import-points")).not_to_be_empty()
    with page.expect_response(lambda answer: "points.json?crs=gcj02" in answer.url) as caught:
        page.check("input[name=crs][value=gcj02]")
    assert caught.value.json()["count"] == POINTS - LOST


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone-light", "desk-dark"])
def test_axe_finds_nothing_and_nothing_runs_out(
    visits: Visits, violations: Look, file: Path, size: tuple[int, int], scheme: Any
) -> None:
    page = visits.open("planner", "/imports/", size, color_scheme=scheme)
    assert violations(page) == []
    base = upload(page, file)
    for step in ("columns/", "rows/", "places/", "finish/", ""):
        page.goto(f"{base}{step}" if step else "/imports/")
        page.wait_for_timeout(900)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_first_view_of_every_step_is_light(visits: Visits, file: Path, tmp_path: Path) -> None:
    page = visits.open("planner", "/imports/", DESK)
    base = upload(page, file)
    for step in ("columns/", "rows/", "places/", "finish/"):
        assert first_view(page, f"{base}{step}", tmp_path) <= FIRST_VIEW


@pytest.mark.django_db  # also has the database made when this file runs alone
def test_who_plans_nothing_has_no_entry_for_lists(visits: Visits) -> None:
    page = visits.open("dispatcher", "/reports/", DESK)
    assert page.locator("a[href='/imports/']").count() == 0
    page = visits.open("planner", "/reports/", DESK)
    page.click("a[href='/imports/']")
    expect(page.locator("#upload")).to_be_visible()
