"""Sign-in, sign-out and the other pages of accounts."""

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from django.test.utils import override_settings

from grids.models import Person
from maps.demo.people import ACCOUNTS
from maps.pages.accounts import DEMO_ACCOUNTS, AccountAdapter
from tests.town import Town

SignIn = Callable[[str], Client]
OURS = "maps/base.html"


def drawn_with(answer: object) -> list[str]:
    return [template.name for template in answer.templates]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "url",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/inactive/",
        "/accounts/password/forgotten/",
    ],
)
def test_every_page_for_visitors_looks_like_ours(client: Client, db: None, url: str) -> None:
    answer = client.get(url, follow=True)
    assert answer.status_code == 200
    assert OURS in drawn_with(answer)


@pytest.mark.parametrize("url", ["/accounts/logout/", "/accounts/password/change/"])
def test_every_page_for_people_looks_like_ours(town: Town, as_person: SignIn, url: str) -> None:
    answer = as_person("alice").get(url)
    assert answer.status_code == 200
    assert OURS in drawn_with(answer)


def test_the_right_password_signs_in_and_leads_home(client: Client, town: Town) -> None:
    Person.objects.create_user("lena", "correct horse battery")
    answer = client.post("/accounts/login/", {"login": "lena", "password": "correct horse battery"})
    assert answer["Location"] == "/"


def test_a_wrong_password_is_said_and_signs_nobody_in(client: Client, town: Town) -> None:
    answer = client.post("/accounts/login/", {"login": "alice", "password": "wrong"})
    assert 'role="alert"' in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_a_post(town: Town, as_person: SignIn) -> None:
    client = as_person("alice")
    client.get("/accounts/logout/")
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client: Client, db: None) -> None:
    assert not AccountAdapter().is_open_for_signup(RequestFactory().get("/"))
    client.post("/accounts/signup/", {"username": "mallory", "password1": "correct horse battery"})
    assert not Person.objects.filter(username="mallory").exists()


@override_settings(DEMO=True, DEMO_PASSWORD="demo")
def test_the_demonstration_offers_its_accounts(client: Client, db: None) -> None:
    html = client.get("/accounts/login/").content.decode()
    for username in ACCOUNTS:
        assert f'value="{username}"' in html


@override_settings(DEMO=False)
def test_no_account_is_offered_outside_the_demonstration(client: Client, db: None) -> None:
    html = client.get("/accounts/login/").content.decode()
    assert 'value="leader"' not in html
    assert 'type="hidden" name="password"' not in html


def test_the_offered_accounts_are_those_of_the_demo_city() -> None:
    assert tuple(account.username for account in DEMO_ACCOUNTS) == ACCOUNTS
