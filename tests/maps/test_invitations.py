"""Inviting in the browser: the card shown once, joining, and what a closed link says."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from grids.models import Invitation, Membership, Person
from tests.town import NEAR, Town

SignIn = Callable[[str], Client]
EAST = NEAR + "001"
NEWCOMER = {"name": "林一", "username": "lin.yi", "password": "eine-lange-losung"}


def invite(client: Client, **more: object) -> Any:
    form = {"key": str(uuid4()), "role": "volunteer", "region": EAST, "uses": "1", "days": "7", **more}
    return client.post("/people/invitations/new/", form)


def link_of(answer: Any) -> str:
    return str(answer.context["link"])


def test_the_card_carries_link_and_code_and_the_list_does_not(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    page = invite(client, note="给志愿者活动")
    html = page.content.decode()
    assert "data:image/svg+xml;base64," in html
    assert link_of(page) in html
    listed = client.get("/people/invitations/").content.decode()
    assert "给志愿者活动" in listed
    assert link_of(page).rsplit("/", 2)[1] not in listed
    assert "no-store" in page["Cache-Control"]


def test_joining_leads_to_the_home_of_the_role(town: Town, as_person: SignIn) -> None:
    link = link_of(invite(as_person("paula"), role="dispatcher"))
    visitor = Client()
    assert visitor.get(link).status_code == 200
    assert visitor.post(link, NEWCOMER)["Location"] == "/"
    assert visitor.get("/")["Location"] == "/dispatch/"
    assert Membership.objects.get(person__username="lin.yi").role == "dispatcher"


@override_settings(REQUIRE_MFA=frozenset({"dispatcher"}))
def test_who_joins_with_a_role_that_needs_it_sets_up_the_second_factor_first(town: Town, as_person: SignIn) -> None:
    with override_settings(REQUIRE_MFA=frozenset()):
        link = link_of(invite(as_person("paula"), role="dispatcher"))
    visitor = Client()
    visitor.post(link, NEWCOMER)
    assert visitor.get("/dispatch/")["Location"] == "/accounts/mfa/totp/activate/"
    assert visitor.get("/accounts/mfa/totp/activate/").status_code == 200  # the password was chosen a moment ago


def test_the_history_does_not_keep_the_key_of_a_link_that_still_opens(town: Town, as_person: SignIn) -> None:
    link = link_of(invite(as_person("paula"), uses="5"))
    Client().post(link, NEWCOMER)
    person = Person.objects.get(username="lin.yi")
    addresses = {event.pgh_context["url"] for event in person.history.all()}  # type: ignore[attr-defined]
    assert addresses == {"/join/-/"}


def test_somebody_signed_in_takes_the_role_with_their_account(town: Town, as_person: SignIn) -> None:
    link = link_of(invite(as_person("paula")))
    client = as_person("charlie")
    assert "许棠" in client.get(link).content.decode()
    assert client.post(link)["Location"] == "/"
    assert Membership.objects.filter(person=town.charlie, role="volunteer", region__code=EAST).exists()
    assert client.post(link).status_code == 410


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"username": "alice"}, 409),
        ({"username": "Alice"}, 409),
        ({"username": "a b"}, 422),
        ({"password": "short"}, 422),
        ({"password": "qwertyuiop"}, 422),
        ({"name": ""}, 422),
        ({"name": "林\x00一"}, 422),
    ],
)
def test_what_is_wrong_is_said_and_uses_nothing_up(
    town: Town, as_person: SignIn, change: dict[str, str], status: int
) -> None:
    link = link_of(invite(as_person("paula")))
    answer = Client().post(link, {**NEWCOMER, **change})
    assert answer.status_code == status
    html = answer.content.decode()
    assert 'role="alert"' in html
    assert NEWCOMER["password"] not in html
    assert Client().post(link, NEWCOMER).status_code == 302


def test_closed_links_say_why_in_a_sentence(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    used, revoked, over = (link_of(invite(client)) for _number in range(3))
    Client().post(used, NEWCOMER)
    rows = {row["id"]: row for row in client.get("/people/invitations/").context["rows"]}
    newest = list(Invitation.objects.order_by("-issued_at"))
    assert rows[newest[2].pk]["state"] == "used"
    client.post(f"/people/invitations/{newest[1].pk}/revoke/")
    Invitation.objects.filter(pk=newest[0].pk).update(valid_until=timezone.now())
    said = set()
    for link in (used, revoked, over):
        answer = Client().get(link)
        assert answer.status_code == 410
        said.add(answer.context["sentence"])
        assert Client().post(link, {**NEWCOMER, "username": "other"}).status_code == 410
    assert len(said) == 3
    assert Client().get("/join/" + "A" * 43 + "/").status_code == 404
    assert not Person.objects.filter(username="other").exists()


@pytest.mark.parametrize(
    ("change", "status"),
    [({"role": "admin"}, 403), ({"days": "x"}, 422), ({"days": "900"}, 422), ({"uses": "0"}, 422), ({"key": "x"}, 422)],
)
def test_an_invitation_that_cannot_be_is_refused(
    town: Town, as_person: SignIn, change: dict[str, str], status: int
) -> None:
    assert invite(as_person("paula"), **change).status_code == status
    assert not Invitation.objects.exists()


def test_sending_the_form_again_makes_no_second_link(town: Town, as_person: SignIn) -> None:
    client, key = as_person("paula"), str(uuid4())
    assert invite(client, key=key).status_code == 200
    assert invite(client, key=key).status_code == 409
    assert Invitation.objects.count() == 1


@override_settings(ACCOUNT_RATE_LIMITS={"signup": "3/m/ip"})
def test_attempts_are_counted_by_address(town: Town, as_person: SignIn) -> None:
    cache.clear()
    link = link_of(invite(as_person("paula")))
    weak = {**NEWCOMER, "password": "x"}
    assert [Client().post(link, weak).status_code for _number in range(4)] == [422, 422, 422, 429]
    assert Client().post(link, NEWCOMER).status_code == 429
    assert not Person.objects.filter(username="lin.yi").exists()
