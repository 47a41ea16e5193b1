"""Volunteers' rights in a real browser: consent, trackers that send as their applications would, places, deleting."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.db import transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from grids.models import Device, Grid, LookLog, Person
from grids.scope import scope_of
from patrols.intake.storing import Sender, store
from patrols.measuring import measure
from patrols.models import Consent, Coverage, Patrol, PrivatePlace, Track
from patrols.patrolling import Start, district_of_person, end, give_consent, start
from patrols.protocols.readings import Reading
from tests.browser.conftest import DESK, PHONE, Visits, apart
from tests.browser.weight import FIRST_VIEW, first_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

Look = Callable[[Page], list[str]]
STEP = 1.5e-4  # degrees, some 15 m


def volunteer() -> Person:
    return Person.objects.get(username="volunteer")


def own_grid(person: Person) -> Grid:
    return Grid.objects.get(pk=min(scope_of(person).grids))


def walk(person: Person, hours: float) -> Patrol:
    """Let somebody walk some hundred metres through their grid, end and be measured."""
    patrol: Patrol = apart(lambda: _walk(person, hours))
    return patrol


def _walk(person: Person, hours: float) -> Patrol:
    give_consent(scope_of(person))
    grid = own_grid(person)
    since = (timezone.now() - timedelta(hours=hours)).replace(microsecond=0)
    patrol = start(scope_of(person), Start(grid=grid.pk, at=since))
    middle = grid.geom.centroid
    readings = [
        Reading(middle.x + turn * STEP, middle.y, since + timedelta(seconds=10 * turn), 8.0) for turn in range(-5, 6)
    ]
    readings = [
        Reading(one.lon, one.lat, since + timedelta(seconds=10 * turn), 8.0) for turn, one in enumerate(readings)
    ]
    store(Sender(person, district_of_person(person)), readings)
    end(scope_of(person), patrol.pk, since + timedelta(seconds=110))
    with transaction.atomic():
        measure(patrol.pk)
    return patrol


@pytest.fixture
def agreed(site: str) -> Person:
    """The volunteer, who consented, has walked nowhere yet and is not on patrol."""
    person: Person = apart(_agreed)
    return person


def _agreed() -> Person:
    person = volunteer()
    Patrol.objects.filter(person=person).delete()
    Device.objects.filter(person=person).delete()
    PrivatePlace.objects.filter(person=person).delete()
    give_consent(scope_of(person))
    return person


def set_out(person: Person, minutes: float) -> Patrol:
    """Let somebody set out in their grid some minutes ago."""
    begin = Start(grid=own_grid(person).pk, at=timezone.now() - timedelta(minutes=minutes))
    patrol: Patrol = apart(lambda: start(scope_of(person), begin))
    return patrol


def test_consent_is_given_and_withdrawn_after_what_happens_was_said(visits: Visits) -> None:
    person = volunteer()
    apart(Patrol.objects.filter(person=person).delete)
    apart(Consent.objects.filter(person=person).delete)
    phone = visits.open("volunteer", "/me/")
    expect(phone.locator("#consent .consent-terms")).to_be_visible()
    phone.locator("#consent form button.primary").click()
    expect(phone.locator("#consent .pill.ok")).to_be_visible()
    patrol = walk(person, 3)
    covered = Coverage.objects.count()
    assert covered
    phone.locator("#consent .confirm summary").click()
    expect(phone.locator("#consent .what-happens")).to_contain_text("无法恢复")
    phone.get_by_role("button", name="撤回并删除").click()
    expect(phone.locator(".messages")).to_contain_text("已撤回")
    assert not Track.objects.filter(patrol=patrol).exists()
    assert Coverage.objects.count() == covered


def test_a_tracker_is_paired_and_its_first_position_arrives_while_one_waits(visits: Visits, agreed: Person) -> None:
    set_out(agreed, 2)
    phone = visits.open("volunteer", "/me/devices/")
    phone.get_by_text("Traccar Client").click()
    phone.fill("#name", "旧手机")
    phone.get_by_role("button", name="生成二维码").click()
    waiting = phone.locator("#first-position")
    expect(waiting).to_contain_text("正在等待第一个定位点")
    assert phone.evaluate("document.querySelector('img.qr').naturalWidth") > 0
    link = phone.locator(".paired-code a").get_attribute("href") or ""
    assert link.startswith("org.traccar.client://config?url=")
    address, secret = (phone.locator(f"#setup-{number}").input_value() for number in (1, 2))
    middle = own_grid(agreed).geom.centroid

    def sends() -> Any:
        return Client().post(
            "/" + address.split("/", 3)[3],
            {
                "location": {
                    "timestamp": timezone.now().isoformat(),
                    "coords": {"latitude": middle.y, "longitude": middle.x, "accuracy": 5, "speed": 1},
                },
                "device_id": secret,
            },
            content_type="application/json",
        )

    sent = apart(sends)
    assert sent.status_code == 200
    expect(waiting).to_contain_text(re.compile(r"\d+ 秒前收到定位"))
    expect(waiting).to_have_attribute("data-state", "ok")
    phone.goto("/me/devices/")
    assert secret not in phone.content()
    expect(phone.locator(".device-row").first).to_contain_text("最近定位")
    phone.locator(".device-row summary").nth(1).click()
    phone.get_by_role("button", name="永久撤销").click()
    expect(phone.locator(".device-row.over")).to_have_count(1)


def test_a_private_place_is_marked_on_the_map_and_cuts_a_kept_way(visits: Visits, agreed: Person) -> None:
    patrol = walk(agreed, 5)
    whole: Any = Track.objects.get(patrol=patrol).geom
    phone = visits.open("volunteer", "/me/places/")
    button = phone.locator("#mark-place")
    expect(button).to_be_disabled()
    box = phone.locator("#map").bounding_box()
    assert box
    phone.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(button).to_be_enabled()
    phone.locator(".gw-pin").focus()
    phone.keyboard.press("ArrowLeft")
    phone.fill("#place-name", "家")
    phone.select_option("#radius", "500")
    button.click()
    expect(phone.locator("[data-place]")).to_contain_text("家")
    cut: Any = Track.objects.get(patrol=patrol).geom
    assert cut is None or cut.length < whole.length
    phone.locator("[data-place] summary").click()
    phone.get_by_role("button", name="移除地点").click()
    expect(phone.locator("[data-place]")).to_have_count(0)


def test_a_way_is_shown_downloaded_as_gpx_and_deleted(visits: Visits, agreed: Person) -> None:
    patrol = walk(agreed, 7)
    phone = visits.open("volunteer", "/me/patrols/")
    phone.locator(f"a[href$='{patrol.pk}/']").click()
    expect(phone.locator(".gw-way").first).to_be_attached()
    with phone.expect_download() as download:
        phone.get_by_role("link", name="GPX").click()
    root = fromstring(Path(download.value.path()).read_bytes())
    assert root.tag.endswith("}gpx")
    assert len(root.findall(".//{*}trkpt")) == 11
    covered = Coverage.objects.count()
    phone.locator(".confirm summary").click()
    phone.get_by_role("button", name="永久删除").click()
    expect(phone.locator("#map")).to_have_count(0)
    expect(phone.locator("main")).to_contain_text("已覆盖的街道仍算已覆盖")
    assert not Track.objects.filter(patrol=patrol).exists()
    assert Coverage.objects.count() == covered


def test_a_dispatcher_sees_who_is_on_patrol_and_the_volunteer_who_looked(visits: Visits, agreed: Person) -> None:
    patrol = set_out(agreed, 5)
    middle = own_grid(agreed).geom.centroid
    reading = Reading(middle.x, middle.y, timezone.now() - timedelta(seconds=5), 8.0)
    apart(lambda: store(Sender(agreed, district_of_person(agreed)), [reading]))
    desk = visits.open("dispatcher", "/dispatch/", DESK)
    expect(desk.locator("#headline")).to_contain_text("名志愿者在巡")
    expect(desk.locator(".gw-person-name", has_text=agreed.name)).to_be_visible()
    desk.locator("#patrolling summary").click()
    expect(desk.locator(".patrolling-row", has_text=agreed.name)).to_contain_text("±8 米")
    LookLog.objects.get(owner=agreed, viewer__username="dispatcher")
    phone = visits.open("volunteer", "/me/looks/")
    expect(phone.locator(".looks li").first).to_contain_text("派遣员")
    apart(lambda: end(scope_of(agreed), patrol.pk))
    expect(desk.locator(".gw-person-name", has_text=agreed.name)).to_have_count(0)


def test_the_record_prints_without_buttons(visits: Visits, agreed: Person) -> None:
    walk(agreed, 9)
    desk = visits.open("volunteer", "/me/record/", DESK)
    expect(desk.locator("#print")).to_be_visible()
    desk.emulate_media(media="print")
    expect(desk.locator("#print")).not_to_be_visible()
    expect(desk.locator(".record-table")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone-light", "desk-dark"])
def test_axe_finds_nothing_and_nothing_runs_out_of_the_screen(
    visits: Visits, violations: Look, agreed: Person, size: tuple[int, int], scheme: Any
) -> None:
    patrol = walk(agreed, 11)
    page = visits.open("volunteer", "/me/", size, color_scheme=scheme)
    for path in ("", "looks/", "patrols/", f"patrols/{patrol.pk}/", "devices/", "places/", "record/", "export/"):
        page.goto(f"/me/{path}")
        page.evaluate("for (const part of document.querySelectorAll('main details')) part.open = true")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path


def test_the_first_view_is_light(visits: Visits, agreed: Person, tmp_path: Path) -> None:
    patrol = walk(agreed, 40)
    page = visits.open("volunteer", "/reports/", DESK)
    for path in ("/me/", f"/me/patrols/{patrol.pk}/", "/me/places/"):
        assert first_view(page, path, tmp_path) <= FIRST_VIEW, path
