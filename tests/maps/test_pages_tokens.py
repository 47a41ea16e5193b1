"""The page of tokens: made after saying again who one is, shown once, ended by its owner alone."""

import re
from typing import Any

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from grids.models import ApiToken
from grids.tokens import issue
from tests.town import Town

PAGE = "/account/tokens/"
ASKED = {"name": "script", "days": "30", "access": "write"}


def confirmed(client: Client) -> Client:
    """Say again who one is, which is asked before what protects an account."""
    answer = client.post("/accounts/reauthenticate/", {"password": "a-long-password"})
    assert answer.status_code == 302
    return client


def test_whoever_finds_a_browser_open_makes_no_token(town: Town, as_person: Any) -> None:
    answer = as_person("alice").post(PAGE, ASKED)
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not ApiToken.objects.exists()


def test_a_token_is_shown_once_and_works(town: Town, as_person: Any) -> None:
    client = confirmed(as_person("alice"))
    answer = client.post(PAGE, ASKED)
    found = re.search(r"gw_[\w-]{43}", answer.content.decode())
    assert found
    assert "no-store" in answer["Cache-Control"]
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {found[0]}"}).status_code == 200
    page = client.get(PAGE).content.decode()
    assert found[0] not in page
    assert found[0][-4:] in page


def test_what_is_missing_is_said_on_the_page(town: Town, as_person: Any) -> None:
    client = confirmed(as_person("alice"))
    for wrong in ({"name": ""}, {"days": "31"}, {"days": "9" * 5000}, {"name": "\x00"}):
        answer = client.post(PAGE, {**ASKED, **wrong})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_only_the_owner_revokes(town: Town, as_person: Any) -> None:
    token, _secret = issue(town.alice, "script", 30, write=False)
    assert as_person("bob").post(f"{PAGE}{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is None
    as_person("alice").post(f"{PAGE}{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_the_page_costs_the_same_for_many_tokens(
    town: Town, as_person: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _turn in range(10):
        issue(town.alice, "script", 30, write=False)
    client = as_person("alice")
    with django_assert_max_num_queries(8):
        assert client.get(PAGE).content.decode().count("<b>script</b>") == 10
