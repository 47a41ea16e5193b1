"""A planner sees who carries what, changes the grids of a community by hand, and accepts them with their owners."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Polygon
from playwright.sync_api import Page, expect
from pytest_django.plugin import DjangoDbBlocker

from grids import jobs
from grids.models import Assignment, Grid, Job, Outbox, Person, Region
from tests.browser.conftest import DESK, PHONE, Visits
from tests.browser.weight import FIRST_VIEW, first_view

pytestmark = pytest.mark.browser

Look = Callable[[Page], list[str]]
ROWS = "#proposals [data-key]"
TABLET = (800, 1100)


@pytest.fixture(autouse=True)
def _database(site: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a job writes is seen by the server at once: no transaction around a test."""
    with django_db_blocker.unblock():
        yield


def community(page: Page, index: int) -> str:
    """Return the code of one of the communities to choose from; tests change a different one each."""
    return page.locator("#community option").nth(index).get_attribute("value") or ""


def proposal(visits: Visits, index: int, language: str = "zh-hans") -> Page:
    """Open a proposal made of the present grids of a community, ready to be changed."""
    page = visits.open("planner", "/planner/split/", DESK, language)
    page.goto(f"/planner/split/?community={community(page, index)}&view=new")
    page.locator("#from-today button").click()
    page.wait_for_url("**split=*")
    expect(page.locator(".editing-tools").first).to_be_visible()
    return page


def grids(page: Page) -> int:
    return page.locator(ROWS).count()


def use(page: Page, tool: str, grid: int) -> None:
    """Take a tool and choose a grid in the list, by its place there."""
    page.get_by_role("button", name=tool).click()
    page.locator(ROWS).nth(grid).get_by_role("button").click()


@pytest.mark.django_db  # also has the database made when this file runs alone
def test_map_and_list_are_one(visits: Visits) -> None:
    page = visits.open("planner", "/planner/split/", DESK)
    row = page.locator("#loads [data-grid]").nth(2)
    row.get_by_role("button").click()
    expect(row).to_have_attribute("data-selected", "")
    label = page.locator(".gw-split-label:not(.crowded)").first
    number = (label.locator("b").text_content() or "").split()[-1]
    box = label.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#loads [data-selected] button")).to_contain_text(f"第 {number} 网格")


def test_a_planner_goes_from_grids_to_other_grids_with_owners(visits: Visits) -> None:
    page = proposal(visits, 0)
    before = grids(page)
    use(page, "合并网格", 0)
    page.locator(".editing-choices button").first.click()
    expect(page.locator(ROWS)).to_have_count(before - 1)
    expect(page.locator(".editing [role=status]")).to_contain_text("→")
    expect(page.locator(".editing-hint")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator(ROWS)).to_have_count(before)
    page.keyboard.press("Control+y")
    expect(page.locator(ROWS)).to_have_count(before - 1)
    page.get_by_role("button", name="结束调整").press("Enter")
    expect(page.locator("h2.verdict")).to_be_focused()
    page.get_by_role("button", name="采纳……").press("Enter")
    expect(page.locator("h2.verdict")).to_be_focused()
    expect(page.get_by_role("table", name="谁增加、谁减少、谁变动")).to_be_visible()
    expect(page.locator("#proposals")).to_contain_text("不再负责网格")
    page.get_by_role("button", name="采纳这些网格").click()
    expect(page.get_by_role("heading", name=re.compile("新网格已生效"))).to_be_focused()
    page.get_by_role("link", name="查看新的负荷").click()
    expect(page.locator("#loads [data-grid]")).to_have_count(before - 1)
    expect(page.locator("#headline")).to_contain_text(f"{before - 1} 个网格")


def work_off() -> None:
    job = Job.objects.order_by("-created_at")[0]
    jobs.run(str(Outbox.objects.get(topic=jobs.TOPIC, payload__job=str(job.pk)).pk))


def test_a_planner_goes_from_the_boundary_to_accepted_grids_with_owners(visits: Visits) -> None:
    page = visits.open("planner", "/planner/split/", DESK)
    page.goto(f"/planner/split/?community={community(page, 7)}&view=new")
    form = page.locator("#new-proposal")
    form.get_by_label("每个网格的户数").fill("0")
    form.get_by_role("button", name="开始生成").click()
    expect(form.get_by_role("alert")).to_contain_text("1")
    for households in ("400", "250"):
        page.goto(f"{page.url.split('&')[0]}&view=new")
        form.get_by_label("每个网格的户数").fill(households)
        form.get_by_role("button", name="开始生成").click()
        page.wait_for_url("**view=proposals#job-*")
        expect(page.locator(".job")).to_have_attribute("data-state", "waiting")
        expect(page.locator(".job")).to_be_focused()
        work_off()
        expect(page.locator(".job")).to_be_hidden()
        expect(page.locator("h2.verdict")).to_be_focused()
    expect(page.locator(".proposal-card")).to_have_count(2)
    expect(page.locator("h2.verdict")).to_contain_text("方案 A")
    expect(page.get_by_role("table", name="方案指标")).to_contain_text("紧凑度")
    page.locator(".proposal-open").last.click()
    wanted = page.locator(ROWS).count()
    page.get_by_role("button", name="采纳……").click()
    page.get_by_role("button", name="采纳这些网格").click()
    expect(page.get_by_role("heading", name=re.compile("新网格已生效"))).to_be_focused()
    expect(page.locator("#proposals .rows li")).to_have_count(wanted)
    vacant = page.locator(".owners select")
    for index in range(vacant.count()):
        vacant.nth(index).select_option(index=1)
    if vacant.count():
        page.get_by_role("button", name="指定所选责任人").click()
    expect(page.get_by_role("heading", name="每个网格都有责任人")).to_be_visible()
    page.get_by_role("link", name="现状").click()
    expect(page.locator("#loads [data-grid]")).to_have_count(wanted)
    expect(page.locator("#headline")).not_to_contain_text("无责任人")


def test_who_has_no_owner_gets_one_and_a_refusal_stands_at_its_grid(visits: Visits) -> None:
    page = visits.open("planner", "/planner/split/", DESK)
    code = community(page, 6)
    grid = Grid.objects.current().filter(region__code=code, kind="service").order_by("code")[0]
    Assignment.objects.filter(grid=grid).delete()
    page.goto(f"/planner/split/?community={code}")
    page.get_by_role("link", name="指定责任人").click()
    vacant = page.locator(".owners select")
    expect(vacant.first).to_be_visible()
    vacant.first.select_option(index=1)
    with page.expect_response("**/api/v1/assignments"):
        other = Assignment.objects.create(person=Person.objects.get(username="planner"), grid=grid, role="owner")
        page.get_by_role("button", name="指定所选责任人").click()
    expect(page.locator(".owners [role=alert]")).to_be_visible()
    visits.forgive("409")
    other.delete()
    page.reload()
    vacant.first.select_option(index=1)
    before = vacant.count()
    page.get_by_role("button", name="指定所选责任人").click()
    expect(vacant).to_have_count(before - 1)


def test_a_job_is_cancelled_and_says_so(visits: Visits) -> None:
    page = visits.open("planner", "/planner/split/", DESK)
    page.goto(f"/planner/split/?community={community(page, 6)}&view=new")
    page.locator("#new-proposal").get_by_role("button", name="开始生成").click()
    page.wait_for_url("**view=proposals#job-*")
    expect(page.locator(".job")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".job").get_by_role("button", name="取消")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".job")).to_have_attribute("data-state", "cancelled")


def test_who_accepts_second_is_told(visits: Visits) -> None:
    one = proposal(visits, 1)
    address = one.url.replace("task=edit", "task=accept")
    one.goto(address)
    two = visits.open("planner", address, DESK)
    accept = "采纳这些网格"
    expect(one.get_by_role("button", name=accept)).to_be_visible()
    two.get_by_role("button", name=accept).click()
    expect(two.get_by_role("heading", name=re.compile("新网格已生效"))).to_be_visible()
    one.get_by_role("button", name=accept).click()
    expect(one.get_by_role("alert")).to_contain_text("没有做任何更改")
    visits.forgive("409")


def test_a_vertex_is_moved_by_keyboard_and_what_cannot_be_is_said(visits: Visits) -> None:
    page = proposal(visits, 2)
    use(page, "拖动拐点", 0)
    vertex = page.locator(".gw-split-vertex").nth(1)
    vertex.focus()
    for _press in range(40):
        page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".editing [role=alert]")).to_be_visible()
    expect(page.locator(".gw-split-vertex").nth(1)).to_be_focused()
    visits.forgive("422")


def test_a_block_is_chosen_by_arrow_keys_without_losing_the_list(visits: Visits) -> None:
    page = proposal(visits, 3)
    use(page, "移动街块", 0)
    blocks = page.locator("#movable")
    for wanted in (1, 2):
        blocks.press("ArrowDown")
        expect(blocks).to_be_focused()
        expect(blocks.locator("option").nth(wanted)).to_have_js_property("selected", True)
    expect(page.locator(".editing-choices button").first).to_be_visible()


def test_only_the_list_scrolls_at_a_desk(visits: Visits) -> None:
    page = proposal(visits, 4)
    assert page.evaluate("document.querySelector('#side').scrollHeight > innerHeight")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def shapes(page: Page) -> list[str]:
    """The outlines on the map, as they are drawn."""
    drawn = "all => all.map(one => one.getAttribute('d')).sort()"
    paths: list[str] = page.locator(".gw-split-grid").evaluate_all(drawn)
    return paths


def drawn_again(page: Page, wanted: list[str]) -> bool:
    """Whether the outlines are the wanted ones again, once the server answered."""
    for _turn in range(100):
        if shapes(page) == wanted:
            return True
        page.wait_for_timeout(100)
    return False


def said(page: Page) -> str:
    """What the last edit came to; fails when it was refused."""
    expect(page.locator(".editing [role=status]")).to_be_visible()
    expect(page.locator(".editing [role=alert]")).to_have_count(0)
    return page.locator(".editing [role=status]").text_content() or ""


def drop(page: Page, touch: bool) -> bool:
    """Drag vertices a little until one may lie where it was put; return whether one was."""
    for index in range(page.locator(".gw-split-vertex").count()):
        box = page.locator(".gw-split-vertex").nth(index).bounding_box()
        assert box
        if touch and box["y"] < 60:
            continue  # under the map's search
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        drag(page, (x, y), (x + 14, y + 18), touch=touch)  # less is no movement of a finger
        answer = page.locator(".editing [role=status], .editing [role=alert]")
        expect(answer).to_be_visible()
        if answer.get_attribute("role") == "status":
            return True
    return False


def drag(page: Page, start: tuple[float, float], end: tuple[float, float], *, touch: bool) -> None:
    """Drag with the mouse, or with a finger as the browser itself would report it."""
    (x, y), (to_x, to_y) = start, end
    steps = [(x + (to_x - x) * part / 5, y + (to_y - y) * part / 5) for part in range(1, 6)]
    if not touch:
        page.mouse.move(x, y)
        page.mouse.down()
        for step in steps:
            page.mouse.move(*step)
        page.mouse.up()
        return
    finger = page.context.new_cdp_session(page)
    for kind, points in (("touchStart", [(x, y)]), *(("touchMove", [step]) for step in steps), ("touchEnd", [])):
        finger.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": east, "y": north} for east, north in points]},
        )
    finger.detach()


@pytest.mark.parametrize(("touch", "size"), [(False, DESK), (True, TABLET)])
def test_a_shared_vertex_is_dragged_and_put_back(visits: Visits, touch: bool, size: tuple[int, int]) -> None:
    desk = proposal(visits, 3)
    page = visits.open("planner", desk.url, size)
    use(page, "拖动拐点", 1)
    page.wait_for_timeout(600)  # the map has arrived
    before = shapes(page)
    assert drop(page, touch)
    changed = [path for path in shapes(page) if path not in before]
    assert len(changed) >= 2  # whoever shares the vertex has it where it lies now
    page.keyboard.press("Control+z")
    assert drawn_again(page, before)
    visits.forgive("422")


def tap_along(page: Page, *places: tuple[float, float]) -> None:
    """Set points of a line, given as shares of the chosen grid's width and height."""
    box = page.locator(".gw-split-grid.chosen").bounding_box()
    assert box
    for east, south in places:
        page.mouse.click(box["x"] + box["width"] * east, box["y"] + box["height"] * south)
        page.wait_for_timeout(300)  # two taps are no double tap


def test_a_border_is_redrawn_with_the_mouse(visits: Visits) -> None:
    page = proposal(visits, 3)
    before = shapes(page)
    use(page, "重画边界", 0)
    page.locator(".editing-choices button").first.click()
    tap_along(page, (0.3, 0.5), (0.6, 0.5))
    expect(page.locator(".gw-split-line-dot")).to_have_count(2)
    page.get_by_role("button", name="退回一点").click()
    expect(page.locator(".gw-split-line-dot")).to_have_count(1)
    page.get_by_role("button", name="放弃").click()
    expect(page.locator(".gw-split-line-dot")).to_have_count(0)
    page.locator(".editing-choices button").first.click()
    # From beyond one side to beyond the other: the way round buildings is found by the server.
    tap_along(page, (-0.02, 0.5), (1.02, 0.5))
    page.get_by_role("button", name="采用这条线").click()
    said(page)
    changed = [path for path in shapes(page) if path not in before]
    assert len(changed) >= 2
    page.get_by_role("button", name="撤销").click()
    assert drawn_again(page, before)


def test_compared_proposals_are_on_maps_that_move_together(visits: Visits) -> None:
    one, page = proposal(visits, 3), proposal(visits, 3)
    pair = ".".join(re.findall(r"split=(\d+)", one.url + page.url))
    page.goto(f"{page.url.split('&')[0]}&view=proposals&compare={pair}")
    maps = page.locator(".planner-pane .gw-map")
    expect(maps).to_have_count(2)
    scales = page.locator(".leaflet-control-scale-line")
    wide = scales.first.text_content()
    maps.last.focus()
    page.keyboard.press("+")
    expect(scales.first).not_to_have_text(wide or "")
    expect(scales.last).to_have_text(scales.first.text_content() or "")
    west = page.locator(".planner-pane").first.locator(".gw-split-label").first
    start = west.bounding_box()
    page.keyboard.press("ArrowRight")
    assert start
    page.wait_for_timeout(600)  # the map slides
    end = west.bounding_box()
    assert end
    assert end["x"] < start["x"] - 50
    # What is chosen on the second map is listed of the second proposal.
    page.get_by_role("group", name="列出哪个方案的网格").get_by_role("button", name="B").click()
    page.locator(ROWS).first.get_by_role("button").click()
    expect(page.locator(".planner-pane").last.locator(".gw-split-grid.chosen")).to_have_count(1)
    expect(page.locator(".planner-pane").first.locator(".gw-split-grid.chosen")).to_have_count(0)
    page.locator(".proposal-picture").first.click()
    expect(maps).to_have_count(1)
    page.get_by_role("button", name="并排对比地图").click()
    expect(maps).to_have_count(2)
    phone = visits.open("planner", page.url, PHONE)
    phone.get_by_role("button", name="地图", exact=True).click()
    expect(phone.locator(".planner-pane figcaption")).to_have_count(2)
    above, below = (phone.locator(".planner-pane").nth(index).bounding_box() for index in (0, 1))
    assert above
    assert below
    assert below["y"] >= above["y"] + above["height"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_ready_made_grids_are_read_by_a_job_and_shown_with_their_repairs(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("planner", "/planner/split/", DESK)
    code = community(page, 2)
    file = tmp_path / "grids.geojson"
    file.write_text(json.dumps(halves(code, apart=1e-5)))
    page.goto(f"/planner/split/?community={code}&view=new")
    form = page.locator("#bring-grids")
    form.locator("input[type=file]").set_input_files(file)
    form.locator("[type=submit]").click()
    page.wait_for_url("**view=proposals#job-*")
    expect(page.locator(".job")).to_have_attribute("data-state", "waiting")
    work_off()
    page.wait_for_url("**split=*")
    expect(page.locator(".remarks")).to_contain_text("缝隙")
    expect(page.locator(".gw-split-repair").first).to_be_attached()
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page.get_by_role("button", name="采纳……")).to_be_visible()


def halves(code: str, apart: float) -> dict[str, Any]:
    """A community in two halves with a strip between them, as a file of grids."""
    outline = Region.objects.current().get(code=code).geom
    west, south, east, north = outline.extent
    middle = (west + east) / 2
    parts = [
        outline.intersection(Polygon.from_bbox(box))
        for box in ((west, south, middle, north), (middle + apart, south, east, north))
    ]
    features = [{"type": "Feature", "properties": {}, "geometry": json.loads(part.geojson)} for part in parts]
    return {"type": "FeatureCollection", "features": features}


def test_the_grids_before_come_back_after_the_same_preview(visits: Visits) -> None:
    page = proposal(visits, 5)
    before = grids(page)
    use(page, "合并网格", 0)
    page.locator(".editing-choices button").first.click()
    expect(page.locator(ROWS)).to_have_count(before - 1)
    page.get_by_role("button", name="结束调整").click()
    page.get_by_role("button", name="采纳……").click()
    page.get_by_role("button", name="采纳这些网格").click()
    page.get_by_role("link", name="查看新的负荷").click()
    expect(page.locator("#loads [data-grid]")).to_have_count(before - 1)
    page.get_by_role("button", name=re.compile("^恢复 .* 的网格")).click()
    expect(page.get_by_role("table", name="谁增加、谁减少、谁变动")).to_be_visible()
    page.get_by_role("button", name="采纳这些网格").click()
    expect(page.locator("#proposals .rows li")).to_have_count(before)


def test_every_state_is_a_link_and_back_works(visits: Visits) -> None:
    page = proposal(visits, 4)
    address = page.url
    page.get_by_role("button", name="结束调整").click()
    page.get_by_role("button", name="全部方案").click()
    expect(page.locator(".proposal-card").first).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.locator(".editing")).to_be_visible()
    assert page.url == address
    again = visits.open("planner", address, DESK)
    expect(again.locator(".editing")).to_be_visible()


def test_a_proposal_that_is_not_there_is_said(visits: Visits) -> None:
    page = visits.open("planner", "/planner/split/?split=999999", DESK)
    expect(page.get_by_role("alert")).to_contain_text("这里没有这个方案")
    page.get_by_role("button", name="全部方案").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    visits.forgive("404")


def test_a_phone_reads_and_compares_but_does_not_edit(visits: Visits) -> None:
    desk = proposal(visits, 5)
    page = visits.open("planner", desk.url, PHONE)
    expect(page.locator(".small-screen")).to_be_visible()
    expect(page.get_by_role("button", name="合并网格")).to_be_hidden()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE[0]
    page.get_by_role("button", name="地图").click()
    expect(page.locator(".gw-split-grid").first).to_be_attached()


@pytest.mark.parametrize(("language", "size", "scheme"), [("zh-hans", PHONE, "dark"), ("en", DESK, "light")])
def test_axe_finds_nothing(visits: Visits, violations: Look, language: str, size: tuple[int, int], scheme: str) -> None:
    made = proposal(visits, 6, language)
    page = visits.open("planner", "/planner/split/", size, language, color_scheme=scheme)
    assert violations(page) == []
    for path in ("&view=new", "&view=proposals", "&view=owners"):
        page.goto(made.url.split("&")[0] + path, wait_until="networkidle")
        assert violations(page) == []
    for task in ("", "&task=edit", "&task=accept"):
        page.goto(made.url.replace("&task=edit", task), wait_until="networkidle")
        assert violations(page) == []


@pytest.mark.parametrize("path", ["/planner/split/", "/planner/split/?view=proposals"])
def test_the_first_view_is_light(visits: Visits, path: str, tmp_path: Path) -> None:
    page = visits.open("planner", "/inbox/", DESK)
    assert first_view(page, path, tmp_path) <= FIRST_VIEW
