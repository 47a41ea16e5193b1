"""A planner makes service grids of whole unit grids, changes them by hand, and accepts both levels."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.plugin import DjangoDbBlocker

from grids import jobs
from grids.models import Grid, Outbox, Region
from grids.splits.running import Wish, computed
from grids.splits.storing import store
from tests.browser.conftest import DESK, PHONE, Visits

pytestmark = pytest.mark.browser

Look = Callable[[Page], list[str]]
ROWS = "#proposals [data-key]"


@pytest.fixture(autouse=True)
def _database(site: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a job writes is seen by the server at once: no transaction around a test."""
    with django_db_blocker.unblock():
        yield


def community(index: int) -> Region:
    """Return one of the communities of the demo city; each test changes another."""
    region: Region = Region.objects.current().filter(level="community").order_by("code")[index]
    return region


def work_off() -> None:
    promise = Outbox.objects.get(topic=jobs.TOPIC, done_at__isnull=True)
    jobs.run(str(promise.pk))


@pytest.mark.django_db  # also has the database made when this file runs alone; nothing is written in its transaction
def test_the_area_is_asked_for_only_with_unit_grids(visits: Visits) -> None:
    page = visits.open("planner", "/planner/split/?view=new", PHONE, "en")
    area = page.get_by_label("Area of a unit grid, in m²")
    expect(area).to_be_hidden()
    page.get_by_text("Make each grid of whole unit grids").click()
    expect(area).to_have_value("10000")
    page.get_by_text("Make each grid of whole unit grids").click()
    expect(area).to_be_hidden()


def test_both_levels_go_from_the_form_to_the_grids_in_force(visits: Visits) -> None:
    code = community(0).code
    page = visits.open("planner", f"/planner/split/?community={code}&view=new", DESK)
    form = page.locator("#new-proposal")
    area = form.get_by_label("单元网格面积（平方米）")
    form.get_by_text("每个网格由完整的单元网格组成").click()
    area.fill("900")
    form.get_by_role("button", name="开始生成").click()
    expect(form.get_by_role("alert")).to_contain_text("1000")
    area.fill("10000")
    form.get_by_role("button", name="开始生成").click()
    page.wait_for_url("**view=proposals#job-*")
    expect(page.locator(".job")).to_have_attribute("data-state", "waiting")
    work_off()
    expect(page.locator(".job")).to_be_hidden()
    expect(page.get_by_role("table", name="方案指标")).to_contain_text("其中单元网格")
    page.locator(".proposal-open").click()
    expect(page.locator(".gw-split-within").first).to_be_attached()
    services = page.locator(ROWS).count()
    page.get_by_role("button", name="单元网格", exact=True).click()
    expect(page.locator(".opened-figures")).to_contain_text("面积（平方米）")
    expect(page.locator(ROWS).first).to_contain_text(re.compile(r"第 1 单元网格.*在第 \d+ 网格内"))
    units = page.locator(ROWS).count()
    assert units > services
    expect(page.locator(".gw-split-unit")).to_have_count(units)
    expect(page.locator(".gw-split-around")).to_have_count(services)
    page.get_by_role("button", name="采纳……").click()
    page.get_by_role("button", name="采纳这些网格").click()
    expect(page.get_by_role("heading", name=re.compile("新网格已生效"))).to_be_focused()
    expect(page.locator("#proposals .rows li")).to_have_count(services)
    current = Grid.objects.current().filter(region__code=code)
    assert current.filter(kind="service").count() == services
    assert current.filter(kind="unit", parent__in=current.filter(kind="service")).count() == units


def test_a_unit_grid_moves_to_another_service_grid_and_a_phone_shows_both_levels(
    visits: Visits, violations: Look
) -> None:
    region = community(1)
    run = store(computed(region, Wish(number=5, mode="nested").parameters(), None))
    parents = dict(run.grids.filter(kind="unit").values_list("key", "parent"))
    address = f"/planner/split/?community={region.code}&view=proposals&split={run.pk}"
    page = visits.open("planner", f"{address}&task=edit", DESK)
    page.get_by_role("button", name="移动街块").click()
    page.locator(ROWS).first.get_by_role("button").click()
    page.locator("#movable").select_option(index=1)
    page.locator(".editing-choices button").first.click()
    expect(page.locator(".editing [role=status]")).to_be_visible()
    now = dict(run.grids.filter(kind="unit", present=True).values_list("key", "parent"))
    assert sum(now[key] != parents[key] for key in parents) == 1
    for language, words in (("zh-hans", "单元网格"), ("en", "Unit grids")):
        phone = visits.open("planner", address, PHONE, language, color_scheme="dark")
        phone.get_by_role("button", name=words, exact=True).click()
        expect(phone.locator(ROWS)).to_have_count(len(parents))
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert violations(phone) == []


def test_compared_proposals_show_their_unit_grids_as_thin_lines_or_not(visits: Visits, violations: Look) -> None:
    region = community(4)
    wish = Wish(households=300, mode="nested", unit_area=20000.0)
    nested = [store(computed(region, {**wish.parameters(), "seed": seed}, None)) for seed in (1, 2)]
    units = sum(run.grids.filter(present=True, kind="unit").count() for run in nested)
    page = visits.open("planner", f"/planner/split/?community={region.code}&view=proposals", DESK)
    lines = page.locator(".planner-pane .gw-split-within")
    expect(lines).to_have_count(units)
    switch = page.get_by_role("button", name="以细线显示单元网格")
    expect(switch).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []
    switch.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(lines).to_have_count(0)
    switch.press("Enter")
    page.get_by_role("button", name="A 在地图上看").click()
    expect(lines).to_have_count(nested[1].grids.filter(present=True, kind="unit").count())
