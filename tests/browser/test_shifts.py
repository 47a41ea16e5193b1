"""A post, its week, and a place that changes hands: planner and two volunteers in a real browser."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from grids.models import Outbox, Person
from grids.outbox import run
from grids.scope import scope_of
from patrols.models import Post, Shift, Turn
from patrols.models.posts import Presence, TurnState
from patrols.posts.turns import assign
from tests.browser.conftest import DESK, PHONE, Visits
from tests.browser.test_offline import wait_until_kept
from tests.browser.weight import FIRST_VIEW, first_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

T = TypeVar("T")
Look = Callable[[Page], list[str]]


def made_post(visits: Visits, name: str) -> Post:
    """Let the planner make a post by a tap on the map."""
    desk = visits.open("planner", "/posts/", DESK)
    desk.click("a[href='/posts/new/']")
    desk.fill("#post-name", name)
    desk.fill("#post-instruction", "看好路口")
    field = desk.locator("#map")
    desk.fill("#map-search", "锦园小学")
    desk.locator("[role=option]").first.click()
    expect(desk.locator("#post-lon")).not_to_have_value("")
    box = field.bounding_box()
    assert box
    before = desk.input_value("#post-lon")
    field.click(position={"x": box["width"] / 2 + 40, "y": box["height"] / 2})
    expect(desk.locator("#post-lon")).not_to_have_value(before)
    desk.click("main button.primary")
    desk.wait_for_url(re.compile(r"/posts/\d+/$"))
    return Post.objects.get(name=name)


def committed(work: Callable[[], T]) -> T:
    """Do something that the server sees: on a connection of its own, outside of the test's transaction."""

    def alone() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(alone).result()


def keep_promises() -> None:
    """Ask the others, as the worker would."""
    for promise in Outbox.objects.filter(topic="shift.swap", done_at__isnull=True):
        run(str(promise.pk))


def given(where: Post) -> tuple[Shift, Shift]:
    """Let the planner give the volunteer a shift in twenty minutes and one in an hour and a half, and no other."""
    volunteer = Person.objects.get(username="volunteer")
    planner = scope_of(Person.objects.get(username="planner"))
    Turn.objects.filter(person=volunteer).update(state=TurnState.REMOVED)
    both = soon(where, 20), soon(where, 90)
    for row in both:
        assign(planner, row.pk, volunteer.pk)
    return both


def soon(where: Post, minutes: int, wanted: int = 1) -> Shift:
    start = timezone.now() + timedelta(minutes=minutes)
    return Shift.objects.create(
        district=where.district,
        post=where,
        day=timezone.localdate(start),
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        wanted=wanted,
    )


def test_from_the_plan_to_the_swap(visits: Visits, violations: Look) -> None:
    where = made_post(visits, "东门岗")
    desk = visits.open("planner", f"/posts/{where.pk}/", DESK)
    for day in ("6", "7"):
        desk.check(f".weekdays input[value='{day}']")
    desk.uncheck("[name=worked_days]")
    desk.fill("#week-starts", "11:50")
    desk.fill("#week-ends", "12:20")
    desk.get_by_role("button", name="排班", exact=True).click()
    expect(desk.locator(".pattern-list")).to_contain_text("每天 11:50–12:20")
    assert violations(desk) == []
    desk.goto("/posts/roster/")
    week = desk.get_by_role("link", name="下一周")
    week.click()
    row = desk.locator("tr", has_text="东门岗")
    expect(row.locator(".roster-shift.vacant")).to_have_count(7)
    assert violations(desk) == []

    phone = visits.open("volunteer", "/shifts/")
    free = phone.locator(".shift.free", has_text="东门岗").first
    key = UUID(str(free.get_attribute("data-shift")))
    free.get_by_role("button", name="我来值守").click()
    toast = phone.locator(".toast")
    expect(toast).to_contain_text("已报名")
    mine = phone.locator(f"#shift-{key}")
    expect(mine).to_be_visible()
    toast.get_by_role("button", name="撤销").click()
    expect(mine).to_have_count(0)
    assert not Turn.objects.filter(shift=key, state=TurnState.TAKEN).exists()
    phone.locator(f"[data-shift='{key}'] button").click()
    mine.get_by_role("button", name="请求换班").click()
    expect(mine).to_contain_text("仍由我值守")
    assert violations(phone) == []
    committed(keep_promises)

    other = visits.open("leader", "/inbox/")
    other.get_by_role("link", name=re.compile("有人请求换班")).first.click()
    other.wait_for_url("**/shifts/**")
    other.locator(f"[data-shift='{key}'] button[data-verb=take-over]").click()
    expect(other.locator(f"#shift-{key}")).to_be_visible()
    turn = Turn.objects.get(shift=key, state=TurnState.TAKEN)
    assert turn.person.username == "leader"
    phone.goto("/inbox/")
    expect(phone.locator("main")).to_contain_text("您的班次已有人接班")


def test_coming_is_measured_at_the_post_and_told_elsewhere(visits: Visits) -> None:
    where = Post.objects.order_by("pk").first()
    assert where
    here, then = committed(lambda: given(where))
    at = {"longitude": where.geom.x, "latitude": where.geom.y, "accuracy": 8}
    phone = visits.open("volunteer", "/shifts/", geolocation=at, permissions=["geolocation"])
    mine = phone.locator(f"#shift-{here.pk}")
    expect(phone.locator(f"#shift-{then.pk} button[data-verb=arrive]")).to_be_hidden()
    mine.get_by_role("button", name="我已到岗").click()
    expect(mine).to_contain_text("定位")
    assert Turn.objects.get(shift=here).presence == Presence.MEASURED
    phone.locator(".toast").get_by_role("button", name="撤销").click()
    expect(mine.get_by_role("button", name="我已到岗")).to_be_visible()
    phone.context.clear_permissions()
    phone.context.set_offline(True)
    mine.get_by_role("button", name="我已到岗").click()
    expect(phone.locator("#outbox")).to_be_visible()
    assert Turn.objects.get(shift=here).arrived_at is None
    phone.context.set_offline(False)
    expect(mine).to_contain_text("自报")
    assert Turn.objects.get(shift=here).presence == Presence.TOLD
    visits.forgive("ERR_INTERNET_DISCONNECTED")
    desk = visits.open("dispatcher", "/posts/", DESK)
    if timezone.localdate() == here.day:
        expect(desk.locator(f"#post-{where.pk}")).to_contain_text("到岗 · 自报")


def test_ones_shifts_open_without_a_network_and_coming_is_sent_later(visits: Visits) -> None:
    where = Post.objects.order_by("pk").last()
    assert where
    here, _then = committed(lambda: given(where))
    phone = visits.open("volunteer", "/shifts/", service_workers="allow")
    expect(phone.locator(f"#shift-{here.pk}")).to_be_visible()
    wait_until_kept(phone, "/shifts/")
    phone.context.set_offline(True)
    phone.goto("/shifts/")
    mine = phone.locator(f"#shift-{here.pk}")
    mine.get_by_role("button", name="我已到岗").click()
    expect(phone.locator("#outbox")).to_be_visible()
    phone.context.set_offline(False)
    expect(mine).to_contain_text("自报")
    assert Turn.objects.get(shift=here).presence == Presence.TOLD
    visits.forgive("ERR_INTERNET_DISCONNECTED")
    visits.forgive("ERR_FAILED")


def test_the_first_views_are_light(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("volunteer", "/inbox/", PHONE)
    assert first_view(page, "/shifts/", tmp_path) <= FIRST_VIEW
    desk = visits.open("planner", "/inbox/", DESK)
    assert first_view(desk, "/posts/", tmp_path) <= FIRST_VIEW
