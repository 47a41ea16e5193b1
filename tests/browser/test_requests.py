"""A wish from the resident's phone to the member who serves it."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from grids.models import Person
from patrols.models import Report
from patrols.request_links import make
from tests.browser.conftest import DESK, PHONE
from tests.patrols.requesting import WISH, Companies, add_companies
from tests.town import NEAR, Town, build_town

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def city(transactional_db: None) -> tuple[Town, Companies]:
    town = build_town()
    return town, add_companies(town)


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[Open]:
    """Opens an address as somebody or nobody; any error that the page does not handle fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(person: Person | None, url: str, size: tuple[int, int] = PHONE) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, timezone_id="Asia/Shanghai", service_workers="block"
        )
        contexts.append(context)
        cookies: dict[str, Any] = {settings.LANGUAGE_COOKIE_NAME: "zh-hans"}
        if person:
            client = Client()
            client.force_login(person)
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": key, "value": value, "url": live_server.url} for key, value in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{live_server.url}{url}")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []


def test_a_wish_is_brought_taken_served_and_followed(
    city: tuple[Town, Companies], open_page: Open, violations: Callable[[Page], list[str]]
) -> None:
    town, companies = city
    _link, token = make(town.scope("dora"), uuid.uuid4(), f"{NEAR}001005")
    resident = open_page(None, f"/r/{token}/")
    assert violations(resident) == []
    resident.check(f"input[name=category][value='{WISH}']")
    resident.fill("[name=words]", "想请人看看水龙头")
    resident.fill("[name=phone]", "13900001234")
    resident.click("form button.primary")
    expect(resident.locator("h1")).to_have_text("已收到，正在安排人员。")
    assert violations(resident) == []

    report = Report.objects.get()
    staff = open_page(companies.pei, f"/reports/{report.pk}/", DESK)
    expect(staff.locator("#contact-show")).to_have_count(0)
    staff.click("[data-verb=take]")
    expect(staff.locator("#report-holder")).to_have_text("甲物业")
    staff.click("#contact-show")
    expect(staff.locator("#contact-shown a")).to_have_attribute("href", "tel:13900001234")
    staff.click("#part-ask button")
    staff.select_option("#part-choice", label="段禾")
    staff.click(".part-reason button.primary")
    expect(staff.locator(".part-list")).to_contain_text("段禾")
    assert violations(staff) == []

    member = open_page(town.bob, f"/reports/{report.pk}/")
    member.click("#contact-show")
    expect(member.locator("#contact-shown")).to_contain_text("13900001234")
    member.get_by_role("button", name="我这部分已办好").click()
    expect(member.locator(".part-list")).to_contain_text("完成")
    expect(member.locator("#contact-show")).to_have_count(0)

    staff.reload()
    expect(staff.locator(".contact-looks")).to_contain_text("段禾")
    staff.click("[data-verb=handle]")
    staff.click(".verb-dialog button.primary")
    expect(staff.locator("#report-state")).to_contain_text("待核查")
    resident.reload()
    expect(resident.locator("h1")).to_have_text("据报已办好，正在核查。")
