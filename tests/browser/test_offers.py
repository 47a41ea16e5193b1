"""Asking on the board and answering on the phone: one story, from the question to the word that it is done."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from patrols.models import Offer
from tests.browser.test_dispatcher import ARRIVAL, Look, Open, board, city, file, open_page, row, state_of
from tests.browser.weight import FIRST_VIEW, first_view
from tests.town import Town

pytestmark = pytest.mark.browser
__all__ = ["city", "open_page"]  # fixtures


def test_two_phones_are_asked_and_one_takes_it(
    open_page: Open, city: Town, live_server: LiveServer, violations: Look, tmp_path: Path
) -> None:
    report = file(city, "西市场", who="dora")
    page = board(open_page)
    row(page, report).click()
    page.locator(".call-ask summary").click()
    page.locator(".call-ask select").first.select_option("several")
    for person in page.locator(".call-person").all():
        person.click()
    page.locator(".call-ask button[type=submit]").click()
    expect(page.locator(".call-status")).to_contain_text("已邀 2 人")
    expect(row(page, report)).to_contain_text("已邀 2 人", timeout=ARRIVAL)

    bob, alice = (open_page(name, "/offers/", 360, 780, base_url=live_server.url) for name in ("bob", "alice"))
    for phone in (bob, alice):
        expect(phone.locator("h1")).to_have_text("1 条任务邀约")
        expect(phone.locator(".offer.asked")).to_contain_text("西市场")
    assert violations(bob) == []
    bob.click("[data-verb=accept]")
    expect(bob.locator(".toast")).to_contain_text("接单成功")
    expect(page.locator(".call-status")).to_contain_text("段禾", timeout=ARRIVAL)
    # The other phone has not heard of it yet, or has: either way it reads that somebody else goes.
    if alice.locator("[data-verb=accept]").count():
        alice.click("[data-verb=accept]")
    expect(alice.locator("main")).to_contain_text("已由他人接单", timeout=ARRIVAL)
    assert state_of(report) == "dispatched"

    bob.context.set_offline(True)
    bob.click("[data-verb=arrive]")
    expect(bob.locator("#outbox")).to_contain_text("1")
    bob.context.set_offline(False)
    expect(bob.locator(".offer .pill")).to_have_text("已到场", timeout=ARRIVAL)
    assert state_of(report) == "in_progress"
    bob.click("[data-verb=release]")
    expect(bob.locator("h1")).to_have_text("现在没有任务邀约", timeout=ARRIVAL)
    assert state_of(report) == "accepted"
    assert Offer.objects.filter(state="released").count() == 1
    expect(row(page, report)).to_contain_text("无人接单", timeout=ARRIVAL)
    assert first_view(bob, "/offers/", tmp_path) <= FIRST_VIEW
