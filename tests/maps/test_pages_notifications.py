"""How I am told, group robots and the delivery log, as pages."""

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone

from grids import channels
from grids.channels.courier import Courier
from grids.models import Address, GroupRobot, Membership, Notification, Parcel, Person, Wishes
from grids.sealed import seal
from maps.privacy import exporting
from tests.grids.receivers import answer, receiving
from tests.grids.test_channels_ways import URLS
from tests.town import DISTRICT, NEAR, Town

AsPerson = Callable[[str], Client]
ME = "/me/notifications/"


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"
    settings.EMAIL_FROM = "Grid <grid@example.cn>"
    settings.OUTSIDE_LOOPBACK = True


def send(later: int = 1) -> None:
    with patch.object(timezone, "now", return_value=timezone.now() + timedelta(seconds=later)):
        channels.deliver()
        worker = Courier()
        worker.round()
        worker.finish()


def test_somebody_gives_an_address_confirms_it_and_sends_a_test(
    as_person: AsPerson, town: Town, mailoutbox: list[Any]
) -> None:
    bob = as_person("bob")
    assert "reach you nowhere else" in bob.get(ME).content.decode()
    refused = bob.post(f"{ME}email/address/", {"address": "bob"})
    assert refused.status_code == 422
    assert "This is no e-mail address." in refused.content.decode()
    assert bob.post(f"{ME}email/address/", {"address": "bob@example.cn"}).status_code == 302
    send()
    [mail] = mailoutbox
    assert mail.to == ["bob@example.cn"]
    [code] = re.findall(r"\d{6}", mail.subject)
    assert "not confirmed" in bob.get(ME).content.decode()
    assert bob.post(f"{ME}email/confirm/", {"code": "1"}).status_code == 422
    assert bob.post(f"{ME}email/confirm/", {"code": code}).status_code == 302
    assert bob.post(f"{ME}email/test/").status_code == 302
    send()
    assert "A test from Gridwarden" in mailoutbox[1].subject
    page = bob.get(ME).content.decode()
    assert "Besides the inbox, messages reach you by E-mail." in page
    assert page.count("sent") >= 2
    assert "bob@example.cn" not in page.replace(f'value="{town.bob.email}"', "")
    assert bob.post(f"{ME}email/forget/").status_code == 302
    assert not Address.objects.exists()


def test_choices_are_saved_and_come_back(as_person: AsPerson, town: Town) -> None:
    bob = as_person("bob")
    Wishes.objects.create(person=town.bob, choices={"sms": {"cases": "digest"}}, digest_hours=[18])
    body = {"email:cases": "never", "email:urgent": "at_once", "hour": ["8", "12"]}
    assert bob.post(ME, body).status_code == 302
    kept = Wishes.objects.get()
    assert kept.choices == {"email": {"cases": "never", "urgent": "at_once"}, "sms": {"cases": "digest"}}
    assert kept.digest_hours == [8, 12]
    page = " ".join(bob.get(ME).content.decode().split())
    assert re.search(r'name="email:cases">.*?<option value="never" selected', page)
    refused: list[dict[str, Any]] = [
        {"hour": []},
        {"email:urgent": "digest", "hour": ["8"]},
        {"x:y": "z", "hour": ["8"]},
    ]
    for wrong in refused:
        assert bob.post(ME, wrong).status_code == 422
    assert Wishes.objects.get().digest_hours == [8, 12]


def test_a_webhooks_secret_is_shown_once(as_person: AsPerson, town: Town, settings: Any) -> None:
    settings.OUTSIDE_HOSTS = ("hooks.example.cn",)
    bob = as_person("bob")
    made = bob.post(f"{ME}webhook/address/", {"address": "https://hooks.example.cn/grid"})
    assert "whsec_" in made.content.decode()
    assert "whsec_" not in bob.get(ME).content.decode()
    strange = bob.post(f"{ME}webhook/address/", {"address": "https://10.0.0.1/"})
    assert strange.status_code == 422
    assert "not on the list" in strange.content.decode()


def test_the_export_says_where_somebody_is_reached_and_keeps_the_secret(town: Town, tmp_path: Path) -> None:
    sealed = seal({"url": "https://hooks.example.cn/mine", "secret": "whsec_never"})
    Address.objects.create(person=town.bob, channel="webhook", sealed=sealed, hint="x", confirmed_at=timezone.now())
    exporting.export(town.bob, tmp_path / "bob.zip")
    with zipfile.ZipFile(tmp_path / "bob.zip") as archive:
        whole = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "https://hooks.example.cn/mine" in whole
    assert "whsec_never" not in whole


def test_what_failed_is_said_in_plain_words(as_person: AsPerson, town: Town, settings: Any) -> None:
    with receiving(answer(503)) as receiver:
        settings.OUTSIDE_HOSTS = receiver.hosts
        Address.objects.create(
            person=town.bob,
            channel="webhook",
            sealed=seal({"url": receiver.url(), "secret": "whsec_aaaa"}),
            hint="x",
            confirmed_at=timezone.now(),
        )
        channels.notify([Notification(person=town.bob, key="k", verb="role_given", subject="东街", data={})])
        send()
    page = as_person("bob").get(ME).content.decode()
    assert "the server has a problem of its own" in page
    assert "tried again" in page


def test_a_page_costs_the_same_however_much_was_sent(
    as_person: AsPerson, town: Town, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(30):
        Parcel.objects.create(channel="email", person=town.bob, key=f"test:{number}", payload={"what": "test"})
    bob = as_person("bob")
    with django_assert_max_num_queries(12):
        bob.get(ME)
    for number in range(8):
        GroupRobot.objects.create(
            name=f"g{number}",
            kind="wecom",
            region=Membership.objects.get(person=town.dora).region,
            sealed=b"",
            hint="",
            verbs=["file"],
            made_by=town.paula,
        )
    paula = as_person("paula")
    with django_assert_max_num_queries(12):
        paula.get("/robots/")


def test_a_planner_sets_a_robot_up_changes_it_and_takes_it_away(as_person: AsPerson, town: Town) -> None:
    paula = as_person("paula")
    body = {"name": "一组", "kind": "wecom", "region": NEAR, "url": URLS["wecom"], "verb": ["file", "close"]}
    wrong = paula.post("/robots/", {**body, "url": "https://example.cn/?key=very-secret"})
    assert wrong.status_code == 422
    assert "no address of a robot" in wrong.content.decode()
    assert "very-secret" not in wrong.content.decode()
    assert paula.post("/robots/", {**body, "verb": ["gossip"]}).status_code == 422
    assert paula.post("/robots/", {**body, "category": ["gossip"]}).status_code == 422
    assert paula.post("/robots/", body).status_code == 302
    robot = GroupRobot.objects.get()
    page = paula.get("/robots/").content.decode()
    assert "1 chat groups" in page or "1 chat group" in page
    assert URLS["wecom"][-20:] not in page
    assert paula.post(f"/robots/{robot.pk}/change/", {"verb": ["handle"]}).status_code == 302
    robot.refresh_from_db()
    assert robot.verbs == ["handle"]
    assert paula.post(f"/robots/{robot.pk}/test/").status_code == 302
    assert Parcel.objects.filter(robot=robot).count() == 1
    assert paula.post(f"/robots/{robot.pk}/end/").status_code == 302
    assert not re.search("一组", paula.get("/robots/").content.decode())


def test_administrators_see_what_does_not_arrive_in_their_regions(
    as_person: AsPerson, town: Town, settings: Any
) -> None:
    near = Membership.objects.get(person=town.paula).region
    assert near.code == DISTRICT
    Membership.objects.create(
        person=town.dora, role="admin", region=near, period=Membership.objects.get(person=town.paula).period
    )
    with receiving(answer(404)) as receiver:
        settings.OUTSIDE_HOSTS = receiver.hosts
        address = {"url": receiver.url(), "secret": "whsec_aaaa"}
        outside = Person.objects.create_user("nobody-of-theirs")
        for person in (town.bob, outside):
            Address.objects.create(
                person=person, channel="webhook", sealed=seal(address), hint="x", confirmed_at=timezone.now()
            )
            channels.notify([Notification(person=person, key="k", verb="role_given", subject="secret-place")])
        send()
    page = as_person("dora").get("/deliveries/").content.decode()
    assert "1 message of the last seven days did not arrive." in page
    assert "HTTP 404" in page
    assert "secret-place" not in page
    assert str(receiver.port) not in page
    assert as_person("bob").get("/deliveries/").status_code == 404
    assert as_person("dora").get("/deliveries/?channel=email").status_code == 200
