"""Whoever is invited, protects their account, and looks after people, in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from grids.models import Assignment, Grid, Person
from tests.browser.conftest import DESK, PHONE, Visits
from tests.browser.weight import FIRST_VIEW, first_view

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

Look = Callable[[Page], list[str]]
PASSWORD = "eine-lange-losung"


def invited(visits: Visits, role: str) -> str:
    """Let the planner invite somebody and return the link's path."""
    desk = visits.open("planner", "/people/invitations/new/", DESK)
    desk.select_option("#post-role", role)
    desk.select_option("#post-region", index=1)
    desk.click("main button.primary")
    expect(desk.locator("#paper-card img.qr")).to_be_visible()
    return urlsplit(desk.input_value("#the-link")).path


def joined(visits: Visits, link: str, username: str) -> Page:
    phone = visits.open(None, link)
    phone.fill("#join-name", "林一")
    phone.fill("#join-username", username)
    phone.fill("#join-password", PASSWORD)
    phone.click("main button.primary")
    phone.wait_for_url(lambda url: "/join/" not in url)
    return phone


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))


def test_who_is_invited_joins_and_sees_the_home_of_the_role(visits: Visits) -> None:
    link = invited(visits, "dispatcher")
    phone = joined(visits, link, "invited.dispatcher")
    assert urlsplit(phone.url).path == "/dispatch/"
    late = visits.open(None, link)
    expect(late.locator("h1")).to_be_visible()
    assert late.locator("form[action^='/join/']").count() == 0
    visits.forgive("410")


def test_the_card_prints_as_a6_and_as_a4(visits: Visits) -> None:
    desk = visits.open("planner", "/people/invitations/new/", DESK)
    desk.select_option("#post-role", "volunteer")
    desk.click("main button.primary")
    desk.evaluate("window.print = () => {}")
    for paper, box in (("a6", b"29"), ("a4", b"594")):
        desk.click(f"[data-print={paper}]")
        printed = desk.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox \[[^]]*\]", printed)
        assert len(boxes) == 1, boxes
        assert boxes[0].startswith(b"/MediaBox [0 0 " + box), boxes


def test_setting_up_the_second_factor_and_signing_in_with_it(visits: Visits) -> None:
    phone = joined(visits, invited(visits, "volunteer"), "invited.volunteer")
    phone.goto("/account/")
    phone.click("a[href='/accounts/mfa/totp/activate/']")
    phone.click(".steps summary")
    secret = phone.locator("code.secret").inner_text().strip()
    expect(phone.locator("img.qr")).to_be_visible()
    assert phone.evaluate("document.querySelector('img.qr').naturalWidth") > 0
    phone.fill("#id_code", code_for(secret))
    phone.click("main button.primary")
    expect(phone.locator(".codes code")).to_have_count(10)
    rescue = phone.locator(".codes code").first.inner_text()
    for code in (code_for(secret), rescue):
        page = visits.open(None, "/accounts/login/")
        page.fill("[name=login]", "invited.volunteer")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/accounts/mfa/authenticate/")
        page.fill("#id_code", code)
        page.press("#id_code", "Enter")
        page.wait_for_url("**/my-grid/")


def test_a_security_key_is_added_and_signs_in(visits: Visits, site: str) -> None:
    joined(visits, invited(visits, "steward"), "invited.steward")
    page = visits.open(None, site.replace("127.0.0.1", "localhost") + "/accounts/login/")
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})

    def with_password() -> None:
        page.fill("[name=login]", "invited.steward")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")

    with_password()
    page.wait_for_url("**/my-grid/")
    page.goto(page.url.replace("/my-grid/", "/accounts/mfa/keys/add/"))
    page.wait_for_url("**/accounts/mfa/keys/add/")  # loaded, so that the button listens
    page.click("#add-key")
    expect(page.locator(".codes code")).to_have_count(10)
    page.goto(page.url.replace("/accounts/mfa/codes/", "/accounts/logout/"))
    page.click("main button.primary")
    page.wait_for_url("**/accounts/login/")
    with_password()
    page.wait_for_url("**/accounts/mfa/authenticate/")
    page.click("#use-key")
    page.wait_for_url("**/my-grid/")


def test_a_grid_without_owner_gets_one_in_one_step(visits: Visits) -> None:
    desk = visits.open("planner", "/people/vacancies/", DESK)
    row = desk.locator(".vacancy").first
    before = desk.locator(".vacancy").count()
    row.locator("select").select_option(index=1)
    row.get_by_role("button").click()
    expect(desk.locator(".vacancy")).to_have_count(before - 1)


def test_a_handover_is_looked_at_confirmed_and_undone(visits: Visits) -> None:
    leader = Person.objects.get(username="outsider")
    grid: Any = Grid.objects.current().get(assignments__person=leader, assignments__role="owner")
    desk = visits.open("planner", f"/people/{leader.pk}/handover/", DESK)
    desk.locator("input[name=to]").nth(1).check()
    desk.evaluate(
        "document.getElementById('handover-day').value = new Date(Date.now() + 9 * 864e5).toISOString().slice(0, 10)"
    )
    desk.click(".handover-form button.primary")
    expect(desk.locator("#preview-title")).to_be_visible()
    desk.fill("#handover-reason", "轮岗")
    desk.click("form[method=post].handover-form button.primary")
    desk.wait_for_url("**/people/handovers/*/")
    assert Assignment.objects.filter(grid=grid, role="owner").count() == 2
    desk.click("main form button")
    desk.wait_for_load_state("networkidle")
    assert [row.person for row in Assignment.objects.current().filter(grid=grid, role="owner")] == [leader]


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone-light", "desk-dark"])
def test_axe_finds_nothing_and_nothing_runs_out_of_the_screen(
    visits: Visits, violations: Look, size: tuple[int, int], scheme: Any
) -> None:
    leader = Person.objects.get(username="leader").pk
    page = visits.open("planner", "/people/", size, color_scheme=scheme)
    for path in (
        "/people/",
        f"/people/{leader}/",
        f"/people/{leader}/handover/?to=nobody&kind=grids&kind=reports",
        f"/people/{leader}/reset/",
        "/people/new/",
        "/people/vacancies/",
        "/people/invitations/",
        "/people/invitations/new/",
        "/people/handovers/",
        "/account/",
        "/inbox/",
    ):
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path


def test_the_first_view_is_light(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("planner", "/reports/", DESK)
    assert first_view(page, "/people/", tmp_path) <= FIRST_VIEW
