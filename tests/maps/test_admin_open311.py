"""Clients of Open311 in the administration: a key is shown once, and ended for ever."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from grids.models import Membership, Region
from patrols.models import Open311Client
from patrols.open311.keys import SHAPE, client_of
from tests.town import DISTRICT, FAR, NEAR, Town

LIST = "/admin/patrols/open311client/"


@pytest.fixture
def admin(town: Town) -> Client:
    """Alice, who administers the near subdistrict."""
    since = Membership.objects.get(person=town.alice).period
    near = Region.objects.get(code=NEAR)
    Membership.objects.create(person=town.alice, role="admin", region=near, period=since)
    client = Client()
    client.force_login(town.alice)
    return client


def add(admin: Client, code: str, **changes: Any) -> Any:
    region = Region.objects.get(code=code).pk
    return admin.post(f"{LIST}add/", {"name": "小程序", "contact": "运维组", "region": region, "rate": 30, **changes})


def test_a_key_is_shown_once_and_opens(admin: Client, town: Town) -> None:
    response = add(admin, NEAR)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    [key] = re.findall(SHAPE.pattern, response.content.decode())
    row = Open311Client.objects.get()
    assert (client_of(key), row.made_by, row.ending) == (row, town.alice, key[-4:])
    for path in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/history/"):
        seen = admin.get(path)
        assert seen.status_code == 200
        assert key not in seen.content.decode()
        assert row.key_hash not in seen.content.decode()


@pytest.mark.parametrize("code", [FAR, DISTRICT])
def test_nobody_gives_a_key_for_more_than_they_administer(admin: Client, code: str) -> None:
    response = add(admin, code)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not Open311Client.objects.exists()


@pytest.mark.parametrize("rate", ["0", "6001", "x"])
def test_a_rate_that_cannot_be_is_refused(admin: Client, rate: str) -> None:
    assert "errorlist" in add(admin, NEAR, rate=rate).content.decode()


def test_a_revoked_key_stays_revoked(admin: Client) -> None:
    add(admin, NEAR)
    row = Open311Client.objects.get()
    chosen = {"action": "revoke", "_selected_action": [row.pk]}
    assert admin.post(LIST, chosen).status_code == 302
    revoked = Open311Client.objects.get().revoked_at
    assert revoked is not None
    assert revoked <= timezone.now()
    admin.post(LIST, chosen)
    assert Open311Client.objects.get().revoked_at == revoked
    assert admin.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
