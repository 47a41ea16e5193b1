"""My account: name and language, quiet hours, signed-in devices."""

import time as time_module
from collections.abc import Callable
from datetime import date, time

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from grids.models import Membership, Person
from maps.pages.account import device_of
from tests.town import Town

SignIn = Callable[[str], Client]
PASSWORD = "a-long-password"


def sign_in(name: str = "bob", agent: str = "Mozilla/5.0 (Linux; Android 14) Chrome/130") -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    return client


def test_the_page_shows_what_is_on_and_where_somebody_is_signed_in(town: Town) -> None:
    first, second = sign_in(agent="Mozilla/5.0 (Windows NT 10.0) Firefox/130"), sign_in()
    page = second.get("/account/")
    assert [device["name"] for device in page.context["devices"]] == ["Chrome · Android", "Firefox · Windows"]
    assert [device["here"] for device in page.context["devices"]] == [True, False]
    assert first.get("/account/").status_code == 200


def test_the_page_shows_the_roles_with_their_days(town: Town) -> None:
    role = Membership.objects.get(person=town.bob)
    role.period = (date(2026, 1, 5), date(2026, 3, 1))
    role.save()
    html = sign_in().get("/account/", headers={"accept-language": "en"}).content.decode()
    assert "2026-01-05 to 2026-02-28" in html
    Membership.objects.all().delete()
    assert "You have no role yet" in sign_in().get("/account/", headers={"accept-language": "en"}).content.decode()


def test_what_was_saved_is_said_where_the_page_comes_back_to(town: Town) -> None:
    client = sign_in()
    for form in ({"quiet": "on", "from": "22:00", "until": "07:00"}, {"quiet": "on", "from": "x", "until": "x"}):
        answer = client.post("/account/quiet/", form)
        assert answer["Location"] == "/account/#quiet"
        html = client.get("/account/").content.decode()
        section = html.split('id="quiet"')[1].split("</section>")[0]
        assert html.count('class="notice') == section.count('class="notice') == 1


def test_signing_out_the_others_leaves_this_one(town: Town) -> None:
    first, second = sign_in(), sign_in()
    stranger = sign_in("alice")
    second.post("/account/devices/")
    assert first.get("/inbox/").status_code == 302
    assert second.get("/inbox/").status_code == 200
    assert stranger.get("/inbox/").status_code == 200


def test_a_new_password_signs_the_other_devices_out(town: Town) -> None:
    first, second = sign_in(), sign_in()
    change = {"oldpassword": PASSWORD, "password1": "eine-lange-losung", "password2": "eine-lange-losung"}
    assert second.post("/accounts/password/change/", change).status_code == 302
    assert first.get("/inbox/").status_code == 302
    assert second.get("/inbox/").status_code == 200
    assert UserSession.objects.filter(user=town.bob).count() == 1


def test_the_last_use_is_written_every_ten_minutes_at_most(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in()
    UserSession.objects.update(last_seen_at="2026-01-01T00:00:00Z")
    client.get("/inbox/")
    assert UserSession.objects.get().last_seen_at.year == 2026
    assert UserSession.objects.get().last_seen_at.month == 1
    later = time_module.time() + 601
    monkeypatch.setattr("maps.site.signed_in.time.time", lambda: later)
    client.get("/inbox/")
    assert UserSession.objects.get().last_seen_at.month != 1 or UserSession.objects.get().last_seen_at.day != 1


def test_name_and_language_are_saved_and_spoken_at_once(town: Town, as_person: SignIn) -> None:
    client = as_person("bob")
    answer = client.post("/account/profile/", {"name": "段禾苗", "name_en": "Duan", "language": "en"})
    assert answer.cookies["django_language"].value == "en"
    bob = Person.objects.get(pk=town.bob.pk)
    assert (bob.name, bob.name_en, bob.language) == ("段禾苗", "Duan", "en")
    assert 'lang="en"' in client.get("/account/").content.decode()


@pytest.mark.parametrize("language", ["", "de", "zh-hans'"])
def test_a_language_that_is_none_is_refused(town: Town, as_person: SignIn, language: str) -> None:
    as_person("bob").post("/account/profile/", {"name": "段", "language": language})
    assert Person.objects.get(pk=town.bob.pk).name == "段禾"


def test_signing_in_speaks_the_person_s_language(town: Town) -> None:
    Person.objects.filter(pk=town.bob.pk).update(language="en")
    client = Client()
    answer = client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert answer.cookies["django_language"].value == "en"


def test_quiet_hours_are_set_and_ended(town: Town, as_person: SignIn) -> None:
    client = as_person("bob")
    client.post("/account/quiet/", {"quiet": "on", "from": "22:00", "until": "07:00"})
    bob = Person.objects.get(pk=town.bob.pk)
    assert (bob.quiet_from, bob.quiet_until) == (time(22), time(7))
    client.post("/account/quiet/", {"from": "22:00", "until": "07:00"})
    assert Person.objects.get(pk=town.bob.pk).quiet_from is None


@pytest.mark.parametrize(("start", "end"), [("", ""), ("25:00", "07:00"), ("07:00", "07:00"), ("abends", "07:00")])
def test_hours_that_cannot_be_are_refused(town: Town, as_person: SignIn, start: str, end: str) -> None:
    client = as_person("bob")
    client.post("/account/quiet/", {"quiet": "on", "from": start, "until": end})
    assert Person.objects.get(pk=town.bob.pk).quiet_from is None


def test_the_page_costs_the_same_with_one_device_and_with_many(town: Town) -> None:
    client = sign_in()

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/account/")
        return len(captured)

    few = count()
    for _number in range(5):
        sign_in()
    assert count() == few <= 12


def test_a_browser_that_says_nothing_is_unknown() -> None:
    assert device_of("") == device_of("curl/8")
