"""A volunteer on patrol with a phone: positions are scripted, the server measures what was walked."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.plugin import DjangoDbBlocker

from grids.models import Grid, Person
from patrols.coverage import grid_seen
from patrols.folding import fold
from patrols.models import Consent, Fix, GridStreet, LastPosition, Patrol, Report, Sight, Track
from patrols.models.patrol import PatrolState
from tests.browser.conftest import DESK, PHONE, Visits, until
from tests.browser.weight import FIRST_VIEW, first_view
from tests.patrols.test_measuring import keep_promises
from tests.patrols.walks import begun, hours_ago

pytestmark = pytest.mark.browser

Look = Callable[[Page], list[str]]
Place = tuple[float, float]
PACE_MS = 1100  # between two positions
STEP = 9.0  # metres
UNDO_MS = 12_000


def patch() -> Grid:
    """Return the demo leader's grid."""
    grid: Grid = Grid.objects.current().get(assignments__person__username="leader", assignments__role="owner")
    return grid


@pytest.fixture(autouse=True)
def _nothing_recorded(site: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let the leader be somebody who never was on patrol; what a test writes, the server sees."""
    with django_db_blocker.unblock():
        leader = Person.objects.get(username="leader")
        sights = list(Sight.objects.filter(patrol__person=leader))
        Sight.objects.filter(patrol__person=leader).delete()
        fold(patch().code[:6], sights)
        Fix.objects.filter(person=leader).delete()
        LastPosition.objects.filter(person=leader).delete()
        Track.objects.filter(patrol__person=leader).delete()
        Patrol.objects.filter(person=leader).delete()
        Consent.objects.filter(person=leader).delete()
        yield


def a_street() -> GridStreet:
    """Return the shortest street of the grid that is worth a walk and was not walked."""
    left = {row.id for row in grid_seen(patch(), timezone.localdate()).streets if row.state not in ("walked", "due")}
    row = GridStreet.objects.filter(grid=patch(), street__in=left, metres__gt=60).order_by("metres").first()
    assert row
    return row


def way_along(row: GridStreet) -> list[Place]:
    """Return places along the longest part of a street, a few metres apart."""
    line: Any = max(row.geom, key=lambda part: part.length)
    count = max(2, int(row.metres / STEP))
    return [(point.x, point.y) for point in (line.interpolate_normalized(n / count) for n in range(count + 1))]


def stand(context: BrowserContext, place: Place) -> None:
    context.set_geolocation({"longitude": place[0], "latitude": place[1], "accuracy": 5})


def walk(page: Page, way: list[Place]) -> None:
    for place in way:
        stand(page.context, place)
        page.wait_for_timeout(PACE_MS)


def arrive(visits: Visits, place: Place, **options: Any) -> Page:
    geolocation = {"longitude": place[0], "latitude": place[1], "accuracy": 5}
    page = visits.open("leader", "/patrol/", permissions=["geolocation"], geolocation=geolocation, **options)
    expect(page.locator("[data-panel=next] .row").first).to_be_visible()
    return page


def begin(page: Page, place: Place) -> None:
    page.click("[data-does=begin]")
    expect(page.locator("#consent")).to_be_visible()
    expect(page.locator("#consent")).to_contain_text("三十天")
    page.click("[data-step-does=agree]")
    page.click("#begin-form [type=submit]")
    page.wait_for_timeout(300)
    # A position from before the patrol is none of it.
    stand(page.context, place)
    expect(page.locator("#recording")).to_contain_text("正在记录")


def finish(page: Page) -> Patrol:
    """End the patrol, let the time for undoing pass, measure on the server, and wait until the page says so."""
    page.click("[data-does=end]")
    expect(page.locator("#summary-body")).to_contain_text("暂估")
    page.wait_for_timeout(UNDO_MS)
    expect(page.locator("#outbox")).to_be_hidden()
    leader = Person.objects.get(username="leader")
    patrol = Patrol.objects.filter(person=leader).latest("started_at")
    assert patrol.state == PatrolState.ENDED
    keep_promises()
    expect(page.locator("#summary-body")).to_contain_text("已由服务器核算")
    patrol.refresh_from_db()
    return patrol


def covered(patrol: Patrol, row: GridStreet) -> int:
    """Return how many millionths of a street a patrol covered."""
    sight = Sight.objects.filter(patrol=patrol, street=row.street_id, told=False).first()
    return sum(high - low for low, high in sight.covered) if sight else 0


def file(page: Page, name: str) -> None:
    page.click("[data-does=report]")
    page.click(f'#filing-categories button[data-name="{name}"]')
    page.click("#filing-send")


def filed() -> int:
    return Report.objects.filter(reporter__username="leader").count()


def test_a_patrol_from_the_consent_to_what_came_of_it(visits: Visits) -> None:
    row = a_street()
    way = way_along(row)
    page = arrive(visits, way[0])
    assert re.search(r"\d+ 条街巷待巡查", page.locator("#sentence").inner_text())
    reports = filed()
    begin(page, way[0])
    assert Consent.objects.filter(person__username="leader", withdrawn_at__isnull=True).exists()
    expect(page.locator("#sentence")).to_contain_text("正在巡查")
    expect(page.locator("#sentence")).to_contain_text(re.compile(r"已覆盖 \d+ %"))
    walk(page, way)
    # Provisional on the phone, before the server heard of most of it.
    page.click("[data-tab=streets]")
    mine = page.locator(f'[data-panel=streets] .row[data-id="{row.street_id}"]')
    expect(mine.locator(".pill")).to_have_text("刚刚走过")
    page.click("[data-tab=checkpoints]")
    page.locator("[data-panel=checkpoints] button.tick").first.click()
    expect(page.locator(".toast")).to_contain_text("已自报")
    page.click("[data-does=nothing]")
    file(page, "机动车乱停放")
    expect(page.locator(".toast")).to_contain_text("已上报")
    patrol = finish(page)
    assert patrol.nothing_at
    assert filed() == reports + 1
    assert Sight.objects.filter(patrol=patrol, told=True).count() == 1
    assert covered(patrol, row) > 600_000
    state = {one.id: one.state for one in grid_seen(patch(), timezone.localdate()).streets}
    assert state[row.street_id] == "walked"
    expect(page.locator("#summary-body")).to_contain_text("本次巡查走过")
    page.click("[data-step-does=done]")
    expect(page.locator("[data-does=begin]")).to_be_visible()


def test_a_lost_network_and_a_dying_page_lose_nothing_and_double_nothing(visits: Visits) -> None:
    row = a_street()
    way = way_along(row)
    page = arrive(visits, way[0])
    begin(page, way[0])
    third = len(way) // 3
    walk(page, way[:third])
    page.context.set_offline(True)
    walk(page, way[third : 2 * third])
    page.click("[data-tab=checkpoints]")
    page.locator("[data-panel=checkpoints] button.tick").first.click()
    reports = filed()
    file(page, "暴露垃圾")
    expect(page.locator("#outbox")).to_contain_text("未发送")
    expect(page.locator("#recording")).to_contain_text("个定位点未发送")
    context = page.context
    page.close(run_before_unload=False)
    context.set_offline(False)
    again = context.new_page()
    again.on("pageerror", lambda error: visits.complaints.append(str(error)))
    again.goto("/patrol/")
    expect(again.locator("#sentence")).to_contain_text("正在巡查")
    walk(again, way[2 * third :])
    patrol = finish(again)
    assert Patrol.objects.filter(person__username="leader").count() == 1
    assert filed() == reports + 1
    assert Sight.objects.filter(patrol=patrol, told=True).count() == 1
    times = list(Fix.objects.filter(patrol=patrol).values_list("taken_at", flat=True))
    assert len(times) == len(set(times)) >= len(way) * 0.7
    # The same street from end to end, as without any mishap.
    assert covered(patrol, row) > 950_000 * row.parts / 1_000_000
    visits.forgive("ERR_INTERNET_DISCONNECTED")


def elsewhere() -> Patrol:
    """Let the leader be on patrol with another phone."""
    return begun(Person.objects.get(username="leader"), patch().pk, hours_ago(0.5))


def test_starting_anew_ends_the_patrol_that_is_under_way_elsewhere(visits: Visits, violations: Look) -> None:
    other, place = elsewhere(), way_along(a_street())[0]
    page = arrive(visits, place)
    expect(page.locator(".toast")).to_contain_text("您有一次巡查正在进行")
    page.click("[data-does=begin]")
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator("#begin-other")).to_contain_text("另一次巡查会在此结束")
    expect(page.locator("#begin .primary:visible")).to_have_text(["继续巡查"])
    assert violations(page) == []
    page.click("#begin-form [type=submit]")
    expect(page.locator("#recording")).to_be_visible()
    expect(page.locator("#outbox")).to_be_hidden()
    assert until(page, lambda: Patrol.objects.get(pk=other.pk).state != PatrolState.ACTIVE)
    other.refresh_from_db()
    anew = Patrol.objects.get(person__username="leader", state=PatrolState.ACTIVE)
    assert (anew.pk != other.pk, anew.started_at) == (True, other.ended_at)


def test_the_panel_to_start_goes_on_with_the_patrol_that_is_under_way_elsewhere(visits: Visits) -> None:
    other = elsewhere()
    page = arrive(visits, way_along(a_street())[0])
    expect(page.locator(".toast")).to_be_visible()
    page.click("[data-does=begin]")
    page.click("[data-step-does=go-on]")
    expect(page.locator("#recording")).to_be_visible()
    assert Patrol.objects.get(person__username="leader").pk == other.pk
    assert Patrol.objects.get(pk=other.pk).state == PatrolState.ACTIVE


def test_an_end_by_mistake_is_taken_back(visits: Visits) -> None:
    place = way_along(a_street())[0]
    page = arrive(visits, place)
    begin(page, place)
    page.click("[data-does=end]")
    page.click("[data-step-does=resume]")
    expect(page.locator("#recording")).to_be_visible()
    page.wait_for_timeout(UNDO_MS)
    assert Patrol.objects.get(person__username="leader").state == PatrolState.ACTIVE


def test_a_tick_is_taken_back_at_once_and_later(visits: Visits) -> None:
    place = way_along(a_street())[0]
    page = arrive(visits, place)
    begin(page, place)
    page.click("[data-tab=streets]")
    tick = page.locator("[data-panel=streets] button.tick").first
    tick.click()
    expect(tick).to_have_attribute("aria-pressed", "true")
    page.click(".toast-action")
    expect(tick).to_have_attribute("aria-pressed", "false")
    page.wait_for_timeout(6000)
    assert not Sight.objects.filter(patrol__person__username="leader", told=True).exists()


def test_without_permission_it_says_so_and_offers_ticking(visits: Visits) -> None:
    page = visits.open("leader", "/patrol/")
    page.click("[data-does=begin]")
    page.click("[data-step-does=agree]")
    page.click("#begin-form [type=submit]")
    expect(page.locator("#recording")).to_contain_text("没有定位，请手动自报")
    expect(page.locator("[data-panel=next]")).to_contain_text("请在浏览器设置中允许")
    expect(page.locator("[data-panel=next] button.tick").first).to_be_visible()


def test_large_text_stays_large(visits: Visits) -> None:
    page = arrive(visits, way_along(a_street())[0])
    before = page.locator("#sentence").bounding_box()
    page.click(".patrol-more")
    page.check("#large-text")
    page.reload()
    expect(page.locator("html[data-large]")).to_have_count(1)
    after = page.locator("#sentence").bounding_box()
    assert before
    assert after
    assert after["height"] > before["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.parametrize(("size", "scheme", "language"), [(PHONE, "light", "zh-hans"), (DESK, "dark", "en")])
def test_every_step_fits_and_axe_finds_nothing(
    visits: Visits, violations: Look, size: tuple[int, int], scheme: str, language: str
) -> None:
    place = way_along(a_street())[0]
    page = arrive(visits, place, size=size, color_scheme=scheme, language=language)
    found = {"idle": violations(page)}
    page.click("[data-does=begin]")
    found["consent"] = violations(page)
    page.click("[data-step-does=agree]")
    found["begin"] = violations(page)
    page.click("#begin-form [type=submit]")
    expect(page.locator("#recording")).to_be_visible()
    found["recording"] = violations(page)
    page.click("[data-does=end]")
    expect(page.locator("#summary-body .summary-share")).to_be_visible()
    found["summary"] = violations(page)
    assert {step: what for step, what in found.items() if what} == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_first_view_is_light(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("leader", "/reports/")
    assert first_view(page, "/patrol/", tmp_path) <= FIRST_VIEW
