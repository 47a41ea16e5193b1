"""The page of offers on the phone: what one is asked, what one has in hand, and what is over."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patrols.models import Offer, Report
from patrols.offering.answering import accept, decline
from tests.patrols.offering import called, filed, offer_to
from tests.town import Town

SignIn = Callable[[str], Client]


def page(client: Client) -> str:
    answer: Any = client.get("/offers/", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    words: str = answer.content.decode()
    return words


def test_what_one_is_asked_says_what_where_until_when_and_by_whom(town: Town, as_person: SignIn) -> None:
    report = filed(town)
    Report.objects.filter(pk=report.pk).update(description="一堆纸箱")
    call = called(town, report, people=(town.bob.pk,))
    seen = page(as_person("bob"))
    for words in ("1 offer for you", "Category 06010", "北门口", "一堆纸箱", "Asked by Dora", 'data-verb="accept"'):
        assert words in seen
    assert offer_to(call, town.bob).seen_at
    assert "北门口" not in page(as_person("alice"))


def test_what_one_has_in_hand_leads_there_and_what_was_declined_is_gone(town: Town, as_person: SignIn) -> None:
    taken, refused = called(town, people=(town.bob.pk,)), called(town, people=(town.bob.pk,))
    accept(town.scope("bob"), offer_to(taken, town.bob).pk)
    decline(town.scope("bob"), offer_to(refused, town.bob).pk)
    seen = page(as_person("bob"))
    assert "geo:40.82" in seen
    assert f"/reports/{taken.report_id}/" in seen
    assert str(refused.report_id) not in seen


def test_who_was_not_quick_enough_reads_so_without_the_place(town: Town, as_person: SignIn) -> None:
    call = called(town, people=(town.alice.pk, town.bob.pk))
    accept(town.scope("alice"), offer_to(call, town.alice).pk)
    seen = page(as_person("bob"))
    assert "Somebody else has taken it." in seen
    assert "data-lon" not in seen
    assert 'data-verb="accept"' not in seen


def test_the_poll_answers_only_what_changed(town: Town, as_person: SignIn) -> None:
    bob = as_person("bob")
    first = bob.get("/offers/offers.json")
    assert first.json() == {"asked": 0}
    etag = first["ETag"]
    assert bob.get("/offers/offers.json", headers={"If-None-Match": etag}).status_code == 304
    called(town, people=(town.bob.pk,))
    second = bob.get("/offers/offers.json", headers={"If-None-Match": etag})
    assert second.json() == {"asked": 1}
    Offer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    third = bob.get("/offers/offers.json", headers={"If-None-Match": second["ETag"]})
    assert third.json() == {"asked": 0}


def test_an_offer_is_counted_in_the_navigation_and_stands_on_the_patrol_page(town: Town, as_person: SignIn) -> None:
    call = called(town, people=(town.bob.pk,))
    bob = as_person("bob")
    assert bob.get("/inbox/").context["waiting"] == {"unread": 1, "asked": 1}
    [row] = bob.get("/patrol/bundle.json").json()["offers"]
    assert (row["id"], row["state"], row["place"]) == (str(offer_to(call, town.bob).pk), "offered", "北门口")
    message = bob.get("/inbox/").context["rows"][0]
    assert bob.get(message["url"])["Location"] == "/offers/"


def test_the_page_costs_the_same_with_many(town: Town, as_person: SignIn, settings: Any) -> None:
    bob = as_person("bob")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(bob)
        return len(asked)

    called(town, people=(town.bob.pk,))
    page(bob)
    few = queries()
    for _number in range(4):
        called(town, people=(town.bob.pk,))
    page(bob)
    assert queries() == few <= 12
