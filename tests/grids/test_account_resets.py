"""A new start: everything that opens the account is closed at once, and one link of an hour opens it again."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from grids.account_resets import find, finish, issue
from grids.invitations import Gone
from grids.models import AccountReset, ApiToken, Device, Membership, Notification, Person, Region
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from tests.town import DISTRICT, FAR, Town

PASSWORD = "eine-lange-losung"


def test_every_entrance_is_closed_at_once(town: Town) -> None:
    client = Client()
    assert client.login(username="bob", password="a-long-password")
    soon = timezone.now() + timedelta(days=1)
    ApiToken.objects.create(person=town.bob, name="x", secret_hash="a", expires_at=soon)
    Device.objects.create(person=town.bob, name="x", protocol="osmand", secret_hash="b")
    Authenticator.objects.create(user=town.bob, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=town.bob, type="recovery_codes", data={"seed": "x"})
    issue(town.scope("paula"), town.bob, "手机丢失")
    assert client.get("/inbox/").status_code == 302
    assert not Client().login(username="bob", password="a-long-password")
    assert not Authenticator.objects.exists()
    assert ApiToken.objects.get().revoked_at
    assert Device.objects.get().revoked_at


def test_who_and_why_is_kept_and_told(town: Town) -> None:
    reset, token = issue(town.scope("paula"), town.bob, "手机丢失")
    assert (reset.issued_by, reset.reason, reset.person) == (town.paula, "手机丢失", town.bob)
    assert token not in str(list(AccountReset.objects.values()))
    notice = Notification.objects.get(person=town.bob, verb="account_reset")
    assert "手机丢失" in notice.subject
    assert "潘越" in notice.subject


def test_the_owner_chooses_a_password_and_signs_in(town: Town) -> None:
    _reset, token = issue(town.scope("paula"), town.bob, "手机丢失")
    assert finish(token, PASSWORD) == town.bob
    assert Client().login(username="bob", password=PASSWORD)


def test_the_link_works_once(town: Town) -> None:
    _reset, token = issue(town.scope("paula"), town.bob, "手机丢失")
    finish(token, PASSWORD)
    with pytest.raises(Gone):
        finish(token, "another-long-password")
    assert Client().login(username="bob", password=PASSWORD)


def test_the_link_lives_for_an_hour(town: Town) -> None:
    reset, token = issue(town.scope("paula"), town.bob, "手机丢失")
    assert timedelta(minutes=59) < reset.valid_until - timezone.now() <= timedelta(hours=1)
    AccountReset.objects.update(valid_until=timezone.now())
    with pytest.raises(Gone):
        find(token)


def test_a_newer_link_ends_the_older(town: Town) -> None:
    _first, old = issue(town.scope("paula"), town.bob, "手机丢失")
    _second, new = issue(town.scope("paula"), town.bob, "链接没收到")
    with pytest.raises(Gone):
        find(old)
    assert find(new)


def test_a_weak_password_leaves_the_link_usable(town: Town) -> None:
    _reset, token = issue(town.scope("paula"), town.bob, "手机丢失")
    with pytest.raises(BadInput):
        finish(token, "short")
    assert finish(token, PASSWORD)


def test_nobody_resets_somebody_with_more_power(town: Town) -> None:
    adam = Person.objects.create_user("adam", "a-long-password", name="亚当")
    Membership.objects.create(person=adam, role="admin", region=Region.objects.get(code=DISTRICT))
    Membership.objects.create(person=town.bob, role="inspector", region=Region.objects.get(code=FAR))
    petra = Person.objects.create_user("petra")
    Membership.objects.create(person=petra, role="planner", region=Region.objects.get(code=FAR))
    for actor, target in (("paula", adam), ("petra", town.bob), ("petra", town.paula)):
        with pytest.raises(NotAllowed):
            issue(town.scope(actor), target, "好奇")
    assert not AccountReset.objects.exists()
    assert Client().login(username="adam", password="a-long-password")


@pytest.mark.parametrize("who", ["alice", "dora", "squad_member"])
def test_who_looks_after_nobody_resets_nobody(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed):
        issue(town.scope(who), town.bob, "好奇")


def test_nobody_resets_themselves(town: Town) -> None:
    with pytest.raises(NotAllowed):
        issue(town.scope("paula"), town.paula, "好奇")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_reason_is_given(town: Town, reason: str) -> None:
    with pytest.raises(BadInput):
        issue(town.scope("paula"), town.bob, reason)
    assert Client().login(username="bob", password="a-long-password")


def test_a_closed_account_gets_no_link(town: Town) -> None:
    Person.objects.filter(pk=town.bob.pk).update(is_active=False)
    with pytest.raises(Conflict):
        issue(town.scope("paula"), town.bob, "手机丢失")


def test_an_unknown_link_is_not_known(town: Town) -> None:
    with pytest.raises(NotFound):
        find("A" * 43)
