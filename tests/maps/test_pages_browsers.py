"""Notices in the browser as pages: turned on, listed, tried, removed, and gone with whoever leaves the browser."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from grids import account_resets
from grids.models import Address, Membership, Parcel, Person
from maps.pages.accounts import AccountAdapter
from maps.pages.this_browser import COOKIE
from maps.privacy import erasing, exporting
from tests.grids.push_service import SITE_KEY, Browser
from tests.town import Town

AsPerson = Callable[[str], Client]
ME, BROWSERS = "/me/notifications/", "/me/browsers/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/gAAAA"


@pytest.fixture(autouse=True)
def _key(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"
    settings.PUSH_KEY = SITE_KEY


def turn_on(client: Client, endpoint: str = ENDPOINT) -> Any:
    return client.post(BROWSERS, Browser(endpoint).form, headers={"User-Agent": FIREFOX})


def test_somebody_turns_it_on_tries_it_and_removes_it(as_person: AsPerson, town: Town) -> None:
    bob = as_person("bob")
    page = bob.get(ME).content.decode()
    assert "In mainland China it works neither in Chrome nor on Android phones" in page
    assert "no browser" in page
    # Nothing is asked of anybody before a tap, and without a script there is no button that does nothing.
    assert re.search(r'action="/me/browsers/"\s+hidden', page)
    assert 'data-own=""' in page
    answer = turn_on(bob)
    assert (answer.status_code, answer["Location"]) == (302, "/me/notifications/#push")
    cookie = answer.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    row = Address.objects.get()
    page = bob.get(ME).content.decode()
    assert f'data-own="{row.endpoint_hash}"' in page
    assert "this browser" in page
    assert "Firefox · Linux" in page
    assert "Besides the inbox, messages reach you by Notice in the browser." in page
    assert ENDPOINT not in page
    assert bob.post(f"{BROWSERS}{row.pk}/test/").status_code == 302
    assert Parcel.objects.get().address == row
    assert bob.post(f"{BROWSERS}{row.pk}/remove/").status_code == 302
    assert not Address.objects.exists()
    assert bob.post(f"{BROWSERS}{row.pk}/test/").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "https://169.254.169.254/latest"},
        {"endpoint": "https://push.evil.cn/"},
        {"endpoint": ENDPOINT + "x" * 3000},
        {"endpoint": "\x00"},
        {"p256dh": "AAAA"},
        {"auth": ""},
        {"auth": "x" * 200},
    ],
)
def test_what_is_no_browser_is_said_in_a_sentence(as_person: AsPerson, town: Town, change: dict[str, str]) -> None:
    answer = as_person("bob").post(BROWSERS, {**Browser(ENDPOINT).form, **change})
    assert answer.status_code == 422
    assert COOKIE not in answer.cookies
    assert not Address.objects.exists()


def test_the_worker_is_told_under_which_key_and_renews_the_same_row(as_person: AsPerson, town: Town) -> None:
    bob = as_person("bob")
    turn_on(bob)
    row = Address.objects.get()
    told = bob.get(f"{BROWSERS}key.json").json()
    assert told["person"] == str(town.bob.pk)
    assert len(told["key"]) == 87
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = bob.cookies
    form = Browser(f"{ENDPOINT}-renewed").form
    assert strict.post(BROWSERS, form).status_code == 403
    token = strict.get(f"{BROWSERS}key.json").json()["token"]
    assert strict.post(BROWSERS, form, headers={"X-CSRFToken": token}).status_code == 302
    renewed = Address.objects.get()
    assert renewed.pk == row.pk
    assert renewed.endpoint_hash != row.endpoint_hash


def test_nobody_else_sees_or_changes_somebodys_browser(as_person: AsPerson, town: Town) -> None:
    turn_on(as_person("bob"))
    row = Address.objects.get()
    alice = as_person("alice")
    assert "no browser" in alice.get(ME).content.decode()
    for verb in ("test", "remove"):
        assert alice.post(f"{BROWSERS}{row.pk}/{verb}/").status_code == 404
    assert Client().get(f"{BROWSERS}key.json").status_code == 302
    assert Address.objects.get() == row


def test_a_browser_that_somebody_signs_out_of_is_told_no_more(town: Town) -> None:
    town.bob.set_password("a-long-one-7")
    town.bob.save()
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": "a-long-one-7"})
    turn_on(client)
    other = Client()
    other.post("/accounts/login/", {"login": "bob", "password": "a-long-one-7"})
    other.post("/accounts/logout/")
    assert Address.objects.count() == 1
    # The session may be another by then: it ended, and the person signed in again.
    del client.cookies["sessionid"]
    client.post("/accounts/login/", {"login": "bob", "password": "a-long-one-7"})
    assert Address.objects.count() == 1
    client.post("/accounts/logout/")
    assert not Address.objects.exists()


def test_whoever_signs_in_after_another_ends_the_others_notices(town: Town) -> None:
    for name in ("bob", "alice"):
        person = Person.objects.get(username=name)
        person.set_password("a-long-one-7")
        person.save()
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": "a-long-one-7"})
    turn_on(client)
    del client.cookies["sessionid"]
    client.post("/accounts/login/", {"login": "alice", "password": "a-long-one-7"})
    assert not Address.objects.exists()


def test_signing_out_everywhere_else_leaves_this_browser(as_person: AsPerson, town: Town) -> None:
    here, other = as_person("bob"), as_person("bob")
    turn_on(here)
    turn_on(other, f"{ENDPOINT}-other")
    row = Address.objects.order_by("pk")[0]
    assert here.post("/account/devices/").status_code == 302
    assert Address.objects.get() == row


def test_a_new_password_and_a_new_start_end_what_other_browsers_are_told(as_person: AsPerson, town: Town) -> None:
    bob = as_person("bob")
    turn_on(bob)
    AccountAdapter(None).set_password(town.bob, "another-long-one-7")
    assert not Address.objects.exists()
    turn_on(as_person("bob"))
    assert Address.objects.exists()
    planner = Membership.objects.get(person=town.paula)
    Membership.objects.create(person=town.dora, role="admin", region=planner.region, period=planner.period)
    account_resets.issue(town.scope("dora"), town.bob, "lost phone")
    assert not Address.objects.exists()


def test_a_browser_goes_with_its_person_and_stands_in_their_export(
    as_person: AsPerson, town: Town, tmp_path: Path
) -> None:
    turn_on(as_person("bob"))
    exporting.export(town.bob, tmp_path / "bob.zip")
    with zipfile.ZipFile(tmp_path / "bob.zip") as archive:
        whole = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))
    assert ENDPOINT in whole
    assert "Firefox · Linux" in whole
    assert Browser(ENDPOINT).form["auth"] not in whole
    erasing.erase(town.bob)
    assert not Address.objects.exists()


def test_the_page_costs_the_same_with_many_browsers(
    as_person: AsPerson, town: Town, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    bob = as_person("bob")
    for number in range(2):
        turn_on(bob, f"{ENDPOINT}{number}")
    # One browser with one cookie that was given two addresses is one row.
    assert Address.objects.count() == 1
    for number in range(4):
        turn_on(as_person("bob"), f"{ENDPOINT}-{number}")
    with django_assert_max_num_queries(12):
        page = bob.get(ME).content.decode()
    assert "5 browsers" in page


def test_without_a_key_the_page_knows_nothing_of_it(as_person: AsPerson, town: Town, settings: Any) -> None:
    settings.PUSH_KEY = ""
    bob = as_person("bob")
    page = bob.get(ME).content.decode()
    assert "this-browser" not in page
    assert "me-notifications.js" not in page
    assert turn_on(bob).status_code == 404
    assert bob.get(f"{BROWSERS}key.json").status_code == 404
