"""What every page has around its content, and the way home."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone

from grids.models import Membership, Notification, Person
from tests.town import Town

SignIn = Callable[[str], Client]


@pytest.mark.parametrize(
    ("who", "page"),
    [("alice", "/my-grid/"), ("bob", "/my-grid/"), ("dora", "/dispatch/"), ("paula", "/planner/")],
)
def test_home_is_the_page_of_the_role(town: Town, as_person: SignIn, who: str, page: str) -> None:
    assert as_person(who).get("/")["Location"] == page


def test_visitors_are_sent_from_home_to_the_sign_in(client: Client, db: None) -> None:
    assert client.get("/")["Location"].startswith("/accounts/login/")


def test_the_navigation_shows_only_what_the_role_has(town: Town, as_person: SignIn) -> None:
    def links(who: str) -> list[str]:
        return [item["url"] for item in as_person(who).get("/reports/").context["navigation"]]

    assert links("alice") == ["/my-grid/", "/patrol/", "/shifts/", "/offers/", "/reports/", "/inbox/", "/me/"]
    assert links("dora") == ["/dispatch/", "/posts/", "/reports/", "/tasks/", "/measures/", "/inbox/"]
    planned = ["/planner/", "/posts/", "/reports/", "/tasks/", "/measures/", "/people/", "/imports/"]
    assert links("paula") == [*planned, "/inbox/", "/jobs/", "/admin/"]


def test_every_entry_of_the_navigation_can_be_opened(town: Town, as_person: SignIn) -> None:
    for who in ("alice", "dora", "paula"):
        client = as_person(who)
        for item in client.get("/reports/").context["navigation"]:
            assert client.get(item["url"]).status_code == 200


def test_unread_messages_are_counted(town: Town, as_person: SignIn) -> None:
    for number, read in enumerate([None, None, timezone.now()]):
        Notification.objects.create(person=town.alice, key=str(number), verb="file", read_at=read)
    page = as_person("alice").get("/my-grid/")
    assert page.context["waiting"]["unread"] == 2
    assert 'class="dot"' in page.content.decode()


@pytest.mark.parametrize(("cookie", "lang"), [("zh-hans", "zh-Hans"), ("en", "en")])
def test_the_page_names_its_language_and_offers_the_other(
    town: Town, as_person: SignIn, cookie: str, lang: str
) -> None:
    client = as_person("alice")
    client.cookies["django_language"] = cookie
    page = client.get("/my-grid/")
    assert f'<html lang="{lang}">' in page.content.decode()
    assert page.context["other_language"][0] != cookie


def test_the_language_can_be_changed_and_leads_back(client: Client, db: None) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/my-grid/?tab=people"})
    assert answer["Location"] == "/my-grid/?tab=people"
    assert client.cookies["django_language"].value == "en"


@pytest.mark.parametrize("url", ["/my-grid/", "/reports/", "/inbox/", "/accounts/password/change/"])
def test_no_page_has_inline_code_without_nonce(town: Town, as_person: SignIn, url: str) -> None:
    page = as_person("alice").get(url)
    html = page.content.decode()
    nonce = re.search(r"'nonce-([^']+)'", page["Content-Security-Policy"])
    assert nonce
    for tag in re.findall(r"<script[^>]*>", html):
        assert "src=" in tag or 'type="application/json"' in tag or f'nonce="{nonce[1]}"' in tag
    assert not re.search(r"<[^>]+\s(style|on\w+)=", html)
    assert "<style" not in html


def test_the_manifest_names_icons_and_the_start(client: Client) -> None:
    body = json.loads(client.get("/manifest.webmanifest").content)
    assert body["start_url"] == "/"
    assert {icon["sizes"] for icon in body["icons"]} == {"any", "192x192", "512x512"}


def test_the_old_name_of_the_icon_leads_to_the_icon(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"].endswith(".png")


def test_somebody_who_dispatches_and_leads_begins_at_the_board(town: Town, as_person: SignIn) -> None:
    dora = Person.objects.get(username="dora")
    Membership.objects.create(
        person=dora,
        role="leader",
        region=town.grids[5].region,
        period=DateRange(timezone.localdate() - timedelta(days=1), None),
    )
    assert as_person("dora").get("/")["Location"] == "/dispatch/"
