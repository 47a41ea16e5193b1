"""Notices in a real browser: turned on by a tap, sent to a push service, shown by the worker, gone after signing out.

No maker's push service is asked: what the browser would get from one stands in the page, and what the site sends is
read with the browser's key and handed to its worker by the browser's own tools.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from grids.channels.courier import Courier
from grids.models import Address
from tests.browser.conftest import DESK, Visits, apart
from tests.grids.push_service import SITE_KEY, browser_at
from tests.grids.receivers import answer, receiving

# The one without windows shows no notices and knows no push service.
BROWSER = "/usr/bin/chromium"
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

Look = Callable[[Page], list[str]]
# Chromium has no push service without Google's.
PRESENT = """
  const made = { endpoint: %(endpoint)r, options: {}, unsubscribe: async () => true,
    toJSON: () => ({ endpoint: %(endpoint)r, keys: { p256dh: %(p256dh)r, auth: %(auth)r } }) };
  let on = Boolean(localStorage.getItem("test-push"));
  PushManager.prototype.getSubscription = async () => (on ? made : null);
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    if (applicationServerKey.length !== 65) throw new Error("no key");
    on = true;
    localStorage.setItem("test-push", "1");
    return made;
  };
"""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({ title, body, data }) => [title, body, data.url])"""


def send() -> None:
    """Send what is due a moment from now."""
    with patch.object(timezone, "now", return_value=timezone.now() + timedelta(seconds=1)):
        worker = Courier()
        worker.round()
        worker.finish()


def test_a_notice_is_turned_on_arrives_and_ends_with_signing_out(
    visits: Visits, violations: Look, settings: Any
) -> None:
    with receiving(answer(201, b"")) as receiver:
        settings.PUSH_KEY, settings.PUSH_HOSTS, settings.OUTSIDE_LOOPBACK = SITE_KEY, receiver.hosts, True
        browser = browser_at(receiver)
        page = visits.open("volunteer", "/me/", DESK, service_workers="allow", permissions=["notifications"])
        page.context.add_init_script(PRESENT % browser.form)
        page.goto("/me/notifications/")
        page.get_by_role("button", name="在此浏览器开启").click()
        expect(page.get_by_text("本浏览器", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="在此浏览器开启")).to_be_hidden()
        assert violations(page) == []
        page.get_by_role("button", name="给我发测试消息").click()
        expect(page.locator("#lately li")).to_have_count(1)
        apart(send)
    [got] = receiver.got
    payload = browser.opened(got.body).decode()
    tools = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    tools.send("ServiceWorker.enable")
    for _turn in range(100):
        if found:
            break
        page.wait_for_timeout(100)

    def push() -> list[list[str]]:
        where = {"origin": f"{visits.site}/", "registrationId": found[-1]["registrationId"]}
        tools.send("ServiceWorker.deliverPushMessage", {**where, "data": payload})
        page.wait_for_timeout(500)
        shown: list[list[str]] = page.evaluate(SHOWN)
        return shown

    [[title, _body, url]] = push()
    assert "网格守望" in title
    assert url == "/me/notifications/"
    page.click("form[data-sign-out] button")
    page.wait_for_url("**/accounts/login/**")
    assert not Address.objects.filter(channel="push").exists()
    assert push() == []
