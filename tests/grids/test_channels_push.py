"""Web push: what a push service is sent and what its answers mean; whose a browser is."""

import json
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone, translation

from grids import channels, webpush
from grids.channels import addresses, browsers, registry, wishes
from grids.channels.browsers import Subscription
from grids.channels.courier import Courier
from grids.channels.letters import DELIVERED, Item, Letter
from grids.channels.senders import push
from grids.models import Address, Delivery, Notification, Parcel, Person, Wishes
from grids.problems import BadInput, Conflict, NotFound, TooMany
from grids.sealed import seal, unseal
from tests.grids.push_service import RFC_BROWSER, SITE_KEY, Browser, browser_at, claims_of
from tests.grids.receivers import Receiver, answer, hang_up, receiving

pytestmark = pytest.mark.django_db
State = Parcel.State
TAKEN = answer(201, b"")


@pytest.fixture(autouse=True)
def _open_ways(settings: Any) -> None:
    settings.OUTSIDE_LOOPBACK = True
    settings.PUSH_KEY = SITE_KEY
    settings.EMAIL_FROM = ""
    settings.BASE_URL = "https://grid.example.cn"


@pytest.fixture
def person() -> Person:
    return Person.objects.create_user("reader", name="读者", language="en")


def turned_on(person: Person, receiver: Receiver, settings: Any, path: str = "/push/one") -> tuple[Browser, Address]:
    settings.PUSH_HOSTS = receiver.hosts
    browser = browser_at(receiver, path)
    return browser, browsers.subscribe(person, Subscription(**browser.form), "Firefox · Linux")


def tell(person: Person, key: str = "k", *, urgent: bool = False, verb: str = "offer", **data: Any) -> None:
    channels.notify([Notification(person=person, key=key, verb=verb, subject="东街口", data=data)], urgent=urgent)


def send(now: datetime | None = None) -> int:
    with patch.object(timezone, "now", return_value=now) if now else patch.object(timezone, "now", timezone.now):
        channels.deliver()
        worker = Courier()
        begun = worker.round()
        worker.finish()
    return begun


def outcomes() -> list[tuple[str, str]]:
    return list(Delivery.objects.filter(parcel__isnull=False).order_by("pk").values_list("outcome", "reason"))


def test_a_notice_arrives_once_encrypted_and_signed(person: Person, settings: Any) -> None:
    with receiving(TAKEN) as receiver:
        browser, _row = turned_on(person, receiver, settings)
        tell(person, number="N-7")
        assert [send(), send()] == [1, 0]
    [got] = receiver.got
    message = Notification.objects.get()
    told = browser.told(got)
    assert (told["person"], told["body"], told["urgent"]) == (str(person.pk), "东街口", False)
    assert told["url"] == f"/inbox/{message.pk}/"
    assert "东街口".encode() not in got.body
    assert (got.method, got.path) == ("POST", "/push/one")
    assert got.headers["Content-Encoding"] == "aes128gcm"
    assert claims_of(got, browser.endpoint)["sub"] == "https://grid.example.cn"
    assert outcomes() == [("delivered", "")]
    assert Parcel.objects.get().state == State.SENT


def test_every_browser_is_told_for_itself_and_one_that_fails_holds_up_no_other(person: Person, settings: Any) -> None:
    with receiving(answer(503), TAKEN) as receiver:
        turned_on(person, receiver, settings, "/push/one")
        turned_on(person, receiver, settings, "/push/two")
        tell(person)
        now = timezone.now()
        assert send(now) == 2
        failed = Parcel.objects.get(state=State.WAITING)
        tell(person, "second")
        # The one that failed rests, the other gets the next notice at once.
        assert send(now + timedelta(seconds=1)) == 1
        assert send(now + timedelta(seconds=31)) == 2
    failed.refresh_from_db()
    assert failed.state == State.SENT
    assert sorted(outcomes()) == sorted([("failed", "server"), *[("delivered", "")] * 4])


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_leaves_the_list(person: Person, settings: Any, status: int) -> None:
    with receiving(answer(status), TAKEN) as receiver:
        turned_on(person, receiver, settings)
        tell(person)
        send()
        tell(person, "second")
        assert send() == 0
    assert not Address.objects.exists()
    assert outcomes() == [("refused", "gone")]
    assert Parcel.objects.get().state == State.FAILED


def test_an_address_that_was_renewed_meanwhile_stays(person: Person, settings: Any) -> None:
    with receiving(answer(410)) as receiver:
        _browser, row = turned_on(person, receiver, settings)
        tell(person)
        channels.deliver()
        worker = Courier()
        worker.round()
        other = browser_at(receiver, "/push/renewed")
        renewed = browsers.subscribe(person, Subscription(**other.form), "Firefox", row.pk)
        worker.finish()
    assert renewed.pk == row.pk
    assert unseal(Address.objects.get().sealed)["endpoint"] == other.endpoint


def test_a_service_in_trouble_is_asked_again_when_it_wishes_and_lost_answers_are_said_to_be_so(
    person: Person, settings: Any
) -> None:
    with receiving(answer(429, Retry_After="300"), hang_up, answer(403), TAKEN) as receiver:
        turned_on(person, receiver, settings)
        tell(person)
        now = timezone.now()
        assert send(now) == 1
        assert send(now + timedelta(seconds=299)) == 0
        assert send(now + timedelta(seconds=301)) == 1
        assert send(now + timedelta(hours=1)) == 1
        assert send(now + timedelta(hours=3)) == 1
    assert outcomes() == [("failed", "busy"), ("unknown", "broken"), ("failed", "login"), ("delivered", "")]
    assert len({got.headers["Topic"] for got in receiver.got}) == 1


def test_with_another_key_of_the_site_a_browser_is_not_asked_in_vain(person: Person, settings: Any) -> None:
    with receiving(TAKEN) as receiver:
        turned_on(person, receiver, settings)
        settings.PUSH_KEY = RFC_BROWSER
        tell(person)
        send()
    assert receiver.got == []
    assert not Address.objects.exists()
    assert outcomes() == [("refused", "gone")]


def test_quiet_hours_hold_back_all_but_what_is_urgent_and_a_digest_is_one_notice(person: Person, settings: Any) -> None:
    Wishes.objects.create(person=person, choices={"push": {"cases": "digest"}}, digest_hours=[18])
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    with receiving(TAKEN) as receiver, patch.object(timezone, "now", return_value=noon):
        browser, _row = turned_on(person, receiver, settings)
        other, _row = turned_on(person, receiver, settings, "/push/two")
        for number in range(3):
            tell(person, f"k{number}", verb="accept", report="x", number=f"N-{number}")
        assert send(noon) == 0
        assert send(noon + timedelta(hours=6, minutes=1)) == 2
    assert {got.path for got in receiver.got} == {"/push/one", "/push/two"}
    readers = {"/push/one": browser, "/push/two": other}
    for got in receiver.got:
        told = readers[got.path].told(got)
        assert told["title"] == "Gridwarden: 3 messages"
        assert told["url"] == "/inbox/"
        assert got.headers["Urgency"] == "low"
    assert Parcel.objects.filter(state=State.SENT).count() == 6


def test_who_read_it_in_the_inbox_is_told_in_no_browser(person: Person, settings: Any) -> None:
    with receiving(TAKEN) as receiver:
        turned_on(person, receiver, settings)
        tell(person)
        channels.deliver()
        Notification.objects.update(read_at=timezone.now())
        assert send() == 0
    assert receiver.got == []


def letter(*items: Item, endpoint: str = "https://web.push.apple.com/x", language: str = "en") -> Letter:
    browser = Browser(endpoint)
    return Letter("i" * 32, "push", browser.form, items, "T", language, timezone.now(), person=7)


def item(kind: str, verb: str = "accept", *, urgent: bool = False, number: str = "N-7", what: str = "Filed") -> Item:
    return Item(what, "东街口", "https://grid.example.cn/inbox/7/", urgent, {"verb": verb, "number": number}, kind)


def test_how_long_how_urgent_and_what_replaces_what() -> None:
    assert set(push.LIVES_S) == set(wishes.Kind.values)
    urgent, offer, case = letter(item("urgent", urgent=True)), letter(item("offers", "offer")), letter(item("cases"))
    assert [push.urgency(each) for each in (urgent, offer, case)] == ["high", "high", "normal"]
    assert all(0 < push.lives_s(each) <= 28 * 86_400 for each in (urgent, offer, case, letter(item("", number=""))))
    assert push.topic(case) == push.topic(urgent) != push.topic(offer)
    assert push.topic(offer) == push.topic(letter(item("offers", "offer_taken")))
    assert push.topic(letter(item("cases", number="N-8"))) != push.topic(case)
    alone = [letter(item("duty", number="")), letter(item("cases"), item("cases"))]
    assert [push.topic(each) for each in alone] == ["i" * 32] * 2
    assert push.urgency(alone[1]) == "low"


def test_a_notice_is_in_the_readers_language_and_fits_however_much_there_is_to_say(settings: Any) -> None:
    told = json.loads(push.payload(letter(item("urgent", urgent=True, what="已派遣"), language="zh-hans")))
    assert told["title"] == "紧急：已派遣"
    assert told["lang"] == "zh-hans"
    assert "N-7" not in json.dumps(told)
    long = [item("cases", what='"\n' + "长" * 400) for _number in range(50)]
    for items in (long, long[:1]):
        data = push.payload(letter(*items))
        assert len(data) <= push.MOST_BYTES
        assert json.loads(data)["body"]


def test_what_the_makers_services_want_besides(person: Person, settings: Any) -> None:
    seen: list[dict[str, Any]] = []

    def look(_url: str, _read: object, **more: Any) -> Any:
        seen.append(more["headers"])
        return DELIVERED

    settings.EMAIL_FROM = "Grid <grid@example.cn>"
    key = webpush.public_key(SITE_KEY)
    with patch.object(push, "exchange", look):
        for host in ("wns2-sg2p.notify.windows.com", "web.push.apple.com"):
            sent = letter(item("cases"), endpoint=f"https://{host}/w/?token=a%2b")
            sent.address["key"] = key
            push.send(sent)
    assert [headers.get("X-WNS-Cache-Policy") for headers in seen] == ["cache", None]
    assert push.contact() == "mailto:grid@example.cn"
    settings.EMAIL_FROM, settings.BASE_URL = "", "http://127.0.0.1:8000"
    assert push.contact() == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"endpoint": "https://10.0.0.1/push"}, "not on the list"),
        ({"endpoint": "https://127.0.0.1/push"}, "not on the list"),
        ({"endpoint": "https://push.example.cn/x"}, "not on the list"),
        ({"endpoint": "https://web.push.apple.com.evil.cn/x"}, "not on the list"),
        ({"endpoint": "https://web.push.apple.com:8443/x"}, "not on the list"),
        ({"endpoint": "https://notify.windows.com/x"}, "not on the list"),
        ({"endpoint": "https://me:you@web.push.apple.com/x"}, "no address"),
        ({"endpoint": "http://web.push.apple.com/x"}, "no address"),
        ({"endpoint": "https://web.push.apple.com/" + "x" * 2000}, "no address"),
        ({"endpoint": "javascript:alert(1)"}, "no address"),
        ({"endpoint": ""}, "no address"),
        ({"p256dh": "AAAA"}, "no key"),
        ({"auth": "AAAA"}, "no key"),
        ({"p256dh": ""}, "no key"),
    ],
)
def test_what_is_no_browser(person: Person, settings: Any, change: dict[str, str], sentence: str) -> None:
    settings.OUTSIDE_LOOPBACK = False
    given = {**Browser("https://web.push.apple.com/QGfx").form, **change}
    with translation.override("en"), pytest.raises(BadInput, match=sentence):
        browsers.subscribe(person, Subscription(**given), "x")
    assert not Address.objects.exists()


def test_a_push_service_that_leads_inside_is_not_asked(person: Person, settings: Any) -> None:
    browsers.subscribe(person, Subscription(**Browser("https://web.push.apple.com/QGfx").form), "x")
    tell(person)
    inside = [(2, 1, 6, "", ("10.1.2.3", 443))]
    with patch("socket.getaddrinfo", return_value=inside):
        send()
    assert outcomes() == [("refused", "inside")]


def test_a_browser_is_whoevers_turned_it_on_last(person: Person, settings: Any) -> None:
    other = Person.objects.create_user("other")
    with receiving(TAKEN) as receiver:
        browser, _row = turned_on(person, receiver, settings)
        tell(person)
        channels.deliver()
        browsers.subscribe(other, Subscription(**browser.form), "Firefox")
        assert send() == 0
        tell(other)
        assert send() == 1
    assert Address.objects.get().person == other
    assert browser.told(receiver.got[0])["person"] == str(other.pk)
    assert set(Parcel.objects.values_list("person", "state")) == {
        (person.pk, State.NEEDLESS),
        (other.pk, State.SENT),
    }


def test_turning_on_twice_is_one_browser_and_so_many_are_enough(person: Person, settings: Any) -> None:
    form = Browser("https://web.push.apple.com/QGfx").form
    with patch.object(browsers, "count_this_minute", return_value=1):
        assert len({browsers.subscribe(person, Subscription(**form), "x").pk for _time in range(2)}) == 1
        for number in range(browsers.MOST - 1):
            browsers.subscribe(person, Subscription(**{**form, "endpoint": f"{form['endpoint']}{number}"}), "x")
        with pytest.raises(Conflict):
            browsers.subscribe(person, Subscription(**{**form, "endpoint": f"{form['endpoint']}more"}), "x")
        browsers.subscribe(person, Subscription(**form), "x")
    assert Address.objects.count() == browsers.MOST
    with patch.object(browsers, "count_this_minute", return_value=7), pytest.raises(TooMany):
        browsers.subscribe(person, Subscription(**form), "x")


def test_a_test_goes_to_one_browser_and_nobody_elses(person: Person, settings: Any) -> None:
    with receiving(TAKEN) as receiver:
        browser, row = turned_on(person, receiver, settings)
        turned_on(person, receiver, settings, "/push/two")
        browsers.test(person, row.pk)
        assert send(timezone.now() + timedelta(seconds=1)) == 1
    [got] = receiver.got
    assert "A test from Gridwarden" in browser.told(got)["title"]
    assert got.headers["TTL"] == str(push.TEST_LIVES_S)
    other = Person.objects.create_user("other")
    for verb in (browsers.test, browsers.remove):
        with pytest.raises(NotFound):
            verb(other, row.pk)
    assert Address.objects.count() == 2


def test_what_waits_for_a_browser_that_was_removed_is_not_sent(person: Person, settings: Any) -> None:
    with receiving(TAKEN) as receiver:
        _browser, row = turned_on(person, receiver, settings)
        turned_on(person, receiver, settings, "/push/two")
        tell(person)
        channels.deliver()
        browsers.remove(person, row.pk)
        assert send() == 1
    assert [got.path for got in receiver.got] == ["/push/two"]
    assert sorted(Parcel.objects.values_list("state", flat=True)) == [State.NEEDLESS, State.SENT]


def test_without_a_key_there_is_no_such_channel(person: Person, settings: Any) -> None:
    settings.PUSH_KEY = ""
    assert "push" not in registry.personal()
    with pytest.raises(NotFound):
        browsers.subscribe(person, Subscription(**Browser("https://web.push.apple.com/QGfx").form), "x")


def test_a_browser_is_no_address_that_is_typed_in(person: Person, settings: Any) -> None:
    browsers.subscribe(person, Subscription(**Browser("https://web.push.apple.com/QGfx").form), "x")
    for verb in (
        lambda: addresses.give(person, "push", "https://web.push.apple.com/QGfx"),
        lambda: addresses.confirm(person, "push", "1"),
        lambda: addresses.test(person, "push"),
        lambda: addresses.forget(person, "push"),
    ):
        with pytest.raises(NotFound):
            verb()
    assert Address.objects.get().sealed != seal({})
