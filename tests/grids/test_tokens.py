"""The life of a token: made once, used, limited, ended; and whose tokens open nothing."""

import json
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from grids import rate
from grids.models import ApiToken, Person
from grids.problems import BadInput, Conflict
from grids.tokens import LIFETIMES, MOST, PREFIX, issue, revoke
from tests.town import LITTER, Town, at

ME, REPORTS = "/api/v1/me", "/api/v1/reports"
FILED = {"category": LITTER, "lon": at(1.5, 1.5).x, "lat": at(1.5, 1.5).y}


def ask(secret: str, url: str = ME, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).get(url, headers={"Authorization": f"Bearer {secret}"}, **more)


def tell(secret: str, body: object, url: str = REPORTS, client: Client | None = None) -> Any:
    headers = {"Authorization": f"Bearer {secret}"}
    return (client or Client()).post(url, json.dumps(body), content_type="application/json", headers=headers)


def refused(answer: Any, status: int = 401) -> str:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    if status == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer ")
    sentence: str = answer.json()["detail"]
    assert sentence
    return sentence


@pytest.fixture
def secret(town: Town) -> str:
    return issue(town.alice, "script", 30, write=True)[1]


def test_a_token_opens_the_api_as_its_person(town: Town, secret: str) -> None:
    answer = ask(secret).json()
    assert answer["username"] == "alice"
    assert answer["token"]["scopes"] == ["read", "write"]
    assert answer["limits"]["requests_a_minute"] == django_settings.TOKEN_RATE
    assert [grid["code"] for grid in answer["grids"]] == [town.grids[5].code]


def test_only_a_fingerprint_is_kept(secret: str) -> None:
    token = ApiToken.objects.get()
    assert secret.startswith(PREFIX)
    assert len(secret) == 46
    assert token.ending == secret[-4:]
    assert all(secret not in str(value) for value in ApiToken.objects.values().get().values())


def test_a_token_writes_without_a_token_against_forgery_and_a_session_does_not(town: Town, secret: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert tell(secret, FILED, client=strict).status_code == 201
    strict.force_login(town.alice)
    answer = strict.post(REPORTS, json.dumps(FILED), content_type="application/json")
    assert answer.status_code == 403


def test_a_bad_token_is_not_made_good_by_a_session(town: Town) -> None:
    client = Client()
    client.force_login(town.alice)
    refused(ask("gw_" + "A" * 43, client=client))


def test_a_token_for_reading_does_not_write(town: Town) -> None:
    _token, secret = issue(town.alice, "reader", 30, write=False)
    assert ask(secret, REPORTS).status_code == 200
    refused(tell(secret, FILED), 403)


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "bearer gw_", "Bearer gw_" + "A" * 43, "Bearer gw_" + "é" * 43, "Bearer a b c"],
)
def test_what_is_no_token_is_refused_in_a_sentence(town: Town, header: str) -> None:
    answer = Client().get(ME, headers={"Authorization": header})
    refused(answer)
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_without_a_token_nothing_is_said_of_one(db: None) -> None:
    answer = Client().get(ME)
    refused(answer)
    assert "error" not in answer["WWW-Authenticate"]


def test_a_token_is_no_password_and_no_session(town: Town, secret: str) -> None:
    """Tokens are for the API: pages and tiles of one's own ask for a session."""
    assert ask(secret, "/my-grid/").status_code == 302
    assert ask(secret, "/tiles/reports/12/3318/1547.mvt").status_code == 401


def test_revoking_works_at_once_and_once(town: Town, secret: str) -> None:
    token = ApiToken.objects.get()
    assert ask(secret).status_code == 200
    assert not revoke(town.bob, token.pk)
    assert ask(secret).status_code == 200
    assert revoke(town.alice, token.pk)
    refused(ask(secret))
    assert not revoke(town.alice, token.pk)


def test_an_expired_token_is_refused(secret: str) -> None:
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(ask(secret))


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"tombstoned_at": timezone.now()}], ids=["shut out", "has left"]
)
def test_whoever_may_not_sign_in_has_no_token_either(town: Town, secret: str, change: dict[str, Any]) -> None:
    Person.objects.filter(pk=town.alice.pk).update(**change)
    refused(ask(secret))


def test_invented_people_have_no_tokens_in_production(town: Town, secret: str, settings: Settings) -> None:
    Person.objects.filter(pk=town.alice.pk).update(invented=True)
    assert ask(secret).status_code == 200
    settings.PRODUCTION = True
    refused(ask(secret))


def test_a_token_sees_what_its_person_sees_today(town: Town, secret: str) -> None:
    filed = tell(secret, FILED).json()["id"]
    charlie = issue(town.charlie, "x", 7, write=True)[1]
    assert ask(charlie, f"{REPORTS}/{filed}").status_code == 404


def test_the_last_use_is_written_once_a_minute_at_most(
    secret: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ask(secret)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(3):  # the token with its person, their reach, their grids
        ask(secret)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    ask(secret)
    again = ApiToken.objects.get().last_used_at
    assert again is not None
    assert again >= first


@pytest.mark.parametrize("redis", [True, False], ids=["with Redis", "without Redis"])
def test_a_token_that_asks_too_often_waits_for_the_next_minute(
    town: Town, settings: Settings, monkeypatch: pytest.MonkeyPatch, redis: bool
) -> None:
    settings.TOKEN_RATE = 2
    if not redis:
        settings.REDIS_URL = "unix:///nowhere/redis.sock"
    # A minute of its own: ids begin anew in each test's database, the counters in Redis do not.
    minute = time.time_ns()
    monkeypatch.setattr(rate, "time", SimpleNamespace(time=lambda: minute * 60.0))
    _token, secret = issue(town.alice, "busy", 7, write=False)
    assert [ask(secret).status_code for _turn in range(2)] == [200, 200]
    answer = ask(secret)
    refused(answer, 429)
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_a_name_and_a_lifetime_are_asked_for(town: Town) -> None:
    for name, days in (("", 30), ("  ", 30), ("x" * 81, 30), ("x", 31), ("x", 0)):
        with pytest.raises(BadInput):
            issue(town.alice, name, days, write=False)
    assert not ApiToken.objects.exists()


def test_nobody_hoards_tokens(town: Town) -> None:
    for _turn in range(MOST):
        token, _secret = issue(town.alice, "x", LIFETIMES[0], write=False)
    with pytest.raises(Conflict):
        issue(town.alice, "x", LIFETIMES[0], write=False)
    revoke(town.alice, token.pk)
    issue(town.alice, "x", LIFETIMES[0], write=False)
