"""A dispatcher tells a chat group of a report by hand: a text in the clipboard, a picture to keep."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patrols.filing import Draft, file_report
from tests.town import LITTER, at, build_town

pytestmark = pytest.mark.browser


def test_a_report_is_told_to_a_group_by_text_and_picture(
    chromium: Browser, live_server: LiveServer, transactional_db: None, violations: Callable[[Page], list[str]]
) -> None:
    town = build_town()
    place = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=place, anchor=place, place="北门口"), town.scope("bob"))
    client = Client()
    client.force_login(town.dora)
    context = chromium.new_context(viewport={"width": 360, "height": 800}, locale="zh-CN")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    problems: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/reports/{report.pk}/")
    page.get_by_role("button", name="转发到群").click()
    window = page.get_by_role("dialog", name="转发到群")
    expect(window.get_by_role("img")).to_be_visible()
    assert violations(page) == []
    window.get_by_role("button", name="复制文字").click()
    text = page.evaluate("navigator.clipboard.readText()")
    assert f"/reports/{report.pk}/" in text
    assert "北门口" in text
    assert town.bob.name not in text
    width, height = page.evaluate(
        "(({naturalWidth, naturalHeight}) => [naturalWidth, naturalHeight])(document.querySelector('.share-picture'))"
    )
    assert width == 720
    assert height > width
    with page.expect_download() as kept:
        window.get_by_role("link", name="保存长图").click()
    assert kept.value.suggested_filename == f"{report.number}.png"
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="转发到群")).to_be_focused()
    context.close()
    assert problems == []
