"""What leaves the site: once to each person and channel, tried again when it failed, and written down."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler
from typing import Any
from unittest.mock import patch
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from grids import channels
from grids.channels import addresses, courier, fetching, registry, wishes
from grids.channels.courier import Courier
from grids.channels.letters import DELIVERED, Answer, Letter
from grids.models import Address, Delivery, Notification, Parcel, Person, Wishes
from grids.problems import BadInput
from grids.sealed import seal
from tests.grids.receivers import Receiver, answer, drip, hang_up, mailbox, receiving

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 3, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
NIGHT = NOON + timedelta(hours=11)
State = Parcel.State


@pytest.fixture(autouse=True)
def _open_ways(settings: Any) -> None:
    settings.OUTSIDE_LOOPBACK = True
    settings.EMAIL_FROM = "网格守望 <grid@example.cn>"
    settings.BASE_URL = "https://grid.example.cn"


@pytest.fixture
def person() -> Person:
    return Person.objects.create_user("reader", name="读者")


def reach(person: Person, channel: str, **address: str) -> Address:
    now = timezone.now()
    return Address.objects.create(person=person, channel=channel, sealed=seal(address), hint="…", confirmed_at=now)


def hook(person: Person, receiver: Receiver, settings: Any) -> Address:
    settings.OUTSIDE_HOSTS = receiver.hosts
    return reach(person, "webhook", url=receiver.url(), secret="whsec_" + base64.b64encode(b"k" * 32).decode())


def tell(person: Person, key: str = "k", *, urgent: bool = False, verb: str = "role_given", **data: Any) -> None:
    channels.notify([Notification(person=person, key=key, verb=verb, subject="东街口", data=data)], urgent=urgent)


def send(now: datetime | None = None) -> int:
    """Spread and send what is due at a moment, and wait for it."""
    with patch.object(timezone, "now", return_value=now) if now else patch.object(timezone, "now", timezone.now):
        channels.deliver()
        worker = Courier()
        begun = worker.round()
        worker.finish()
    return begun


def outcomes() -> list[tuple[str, str]]:
    return list(Delivery.objects.filter(parcel__isnull=False).order_by("pk").values_list("outcome", "reason"))


def test_a_message_arrives_once_signed_and_with_a_link(person: Person, settings: Any) -> None:
    with receiving() as receiver:
        hook(person, receiver, settings)
        tell(person)
        tell(person)
        assert [send(), send()] == [1, 0]
    [got] = receiver.got
    data = json.loads(got.body)
    [item] = data["data"]["items"]
    message = Notification.objects.get()
    assert item["url"] == f"https://grid.example.cn/inbox/{message.pk}/"
    assert (item["subject"], item["verb"], item["urgent"]) == ("东街口", "role_given", False)
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    expected = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{expected}"
    assert outcomes() == [("delivered", "")]
    assert Parcel.objects.get().state == State.SENT


def test_nothing_is_asked_of_the_network_inside_a_transaction(
    person: Person, settings: Any, transactional_db: None
) -> None:
    seen: list[bool] = []

    def look(_letter: Letter) -> Answer:
        seen.append(connection.in_atomic_block)
        return DELIVERED

    with receiving() as receiver:
        hook(person, receiver, settings)
    tell(person)
    with patch.object(Courier, "_begin", lambda self, errand: (look(errand.letter), None)[1]):
        channels.deliver()
        assert Courier().round() == 1
    assert seen == [False]


def test_a_server_in_trouble_is_asked_again_later_and_its_wish_to_wait_is_kept(person: Person, settings: Any) -> None:
    with receiving(answer(500), answer(429, Retry_After="300"), answer(200)) as receiver:
        hook(person, receiver, settings)
        tell(person)
        now = timezone.now()
        assert send(now) == 1
        assert send(now + timedelta(seconds=29)) == 0
        assert send(now + timedelta(seconds=31)) == 1
        assert send(now + timedelta(seconds=330)) == 0
        assert send(now + timedelta(seconds=332)) == 1
    assert outcomes() == [("failed", "server"), ("failed", "busy"), ("delivered", "")]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert Address.objects.get().failures == 0


def test_what_arrived_after_it_was_given_up_is_not_sent_again(person: Person, settings: Any) -> None:
    go_on = threading.Event()

    def late(handler: BaseHTTPRequestHandler) -> None:
        go_on.wait(5)
        answer(200)(handler)

    with receiving(late) as receiver, patch.object(courier, "PATIENCE_S", 0.0):
        hook(person, receiver, settings)
        tell(person)
        channels.deliver()
        worker = Courier()
        assert worker.round() == 1
        assert worker.round() == 0
        assert outcomes() == [("unknown", "slow")]
        assert Parcel.objects.get().state == State.WAITING
        go_on.set()
        worker.finish(5)
        assert send(timezone.now() + timedelta(minutes=5)) == 0
    assert len(receiver.got) == 1
    assert outcomes() == [("unknown", "slow"), ("delivered", "")]
    assert (Parcel.objects.get().state, Address.objects.get().failures) == (State.SENT, 0)


def test_what_was_given_up_and_failed_is_tried_again(person: Person, settings: Any) -> None:
    go_on = threading.Event()

    def late(handler: BaseHTTPRequestHandler) -> None:
        go_on.wait(5)
        answer(500)(handler)

    with receiving(late, answer(200)) as receiver, patch.object(courier, "PATIENCE_S", 0.0):
        hook(person, receiver, settings)
        tell(person)
        channels.deliver()
        worker = Courier()
        worker.round()
        worker.round()
        go_on.set()
        worker.finish(5)
    assert outcomes() == [("unknown", "slow")]
    assert Parcel.objects.get().state == State.WAITING


def test_what_fails_for_good_ends_and_says_why(person: Person, settings: Any) -> None:
    now = timezone.now()
    with receiving(answer(503)) as receiver:
        hook(person, receiver, settings)
        tell(person)
        for _attempt in range(10):
            send(now)
            now += timedelta(hours=3)
    assert len(receiver.got) == 1 + len(courier.BACKOFF)
    parcel = Parcel.objects.get()
    assert (parcel.state, parcel.attempts, parcel.ended_at is not None) == (State.FAILED, 6, True)
    assert Delivery.objects.filter(parcel=parcel).latest("pk").detail == "HTTP 503"


@pytest.mark.parametrize(("status", "reason"), [(404, "refused"), (302, "redirect"), (410, "refused")])
def test_a_refusal_is_not_tried_again(person: Person, settings: Any, status: int, reason: str) -> None:
    with receiving(answer(status, Location="https://elsewhere.example.cn/")) as receiver:
        hook(person, receiver, settings)
        tell(person)
        send()
        send(timezone.now() + timedelta(hours=1))
    assert outcomes() == [("refused", reason)]
    assert Parcel.objects.get().state == State.FAILED


def test_an_answer_that_is_not_known_is_said_to_be_so_and_tried_again_under_the_same_id(
    person: Person, settings: Any
) -> None:
    with receiving(hang_up, answer(200)) as receiver:
        hook(person, receiver, settings)
        tell(person)
        now = timezone.now()
        send(now)
        send(now + timedelta(minutes=1))
    assert outcomes() == [("unknown", "broken"), ("delivered", "")]
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_a_courier_that_dies_loses_nothing_and_the_next_says_that_it_is_not_known(
    person: Person, settings: Any
) -> None:
    with receiving() as receiver:
        hook(person, receiver, settings)
        tell(person)
        channels.deliver()
        dead = uuid4()
        errand = courier.take(dead, "webhook")
        assert errand is not None
        assert send() == 0
        later = timezone.now() + courier.HELD + timedelta(seconds=1)
        assert send(later) == 0
        # What the dead one might still write is void.
        courier.record(dead, errand, DELIVERED)
        assert send(later + timedelta(minutes=1)) == 1
    assert outcomes() == [("unknown", "stopped"), ("delivered", "")]
    assert len(receiver.got) == 1


def test_two_couriers_share_the_work(person: Person, settings: Any) -> None:
    with receiving() as receiver:
        hook(person, receiver, settings)
        for number in range(6):
            tell(person, f"k{number}")
        channels.deliver()
        one, two = Courier(), Courier()
        assert (one.round(), two.round()) == (4, 2)
        one.finish()
        two.finish()
    assert len(receiver.got) == 6
    assert Parcel.objects.filter(state=State.SENT).count() == 6


def test_a_channel_that_hangs_holds_up_no_other(person: Person, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PATIENCE_S", 1.0)
    with receiving(drip) as receiver, mailbox() as box:
        smtp(settings, box.port)
        hook(person, receiver, settings)
        reach(person, "email", email="reader@example.cn")
        for number in range(8):
            tell(person, f"k{number}", urgent=True)
        channels.deliver()
        worker = Courier()
        worker.round()
        for _round in range(40):
            if len(box.got) == 8:
                break
            for errand in worker._under_way:
                if errand.thread and errand.letter.channel == "email":
                    errand.thread.join(1)
            worker.round()
        assert len(box.got) == 8
        assert Delivery.objects.filter(channel="webhook").count() == 0
        worker.finish()
    assert set(Delivery.objects.filter(channel="webhook").values_list("outcome", "reason")) == {("unknown", "slow")}


def test_a_sender_that_never_comes_back_is_given_up(person: Person, settings: Any) -> None:
    with receiving() as receiver:
        hook(person, receiver, settings)
    tell(person)
    channels.deliver()
    worker = Courier()
    worker_stop = threading.Event()
    with patch.object(courier, "_carry", lambda errand, _send: worker_stop.wait(5)):
        worker.round()
        worker._under_way[0].began -= courier.PATIENCE_S + 1
        worker.round()
        assert outcomes() == [("unknown", "slow")]
        assert worker._free()["webhook"] == registry.CHANNELS["webhook"].at_a_time - 1
        worker_stop.set()
        worker.finish()
    assert outcomes() == [("unknown", "slow")]


def smtp(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def test_mail_comes_in_the_readers_language(person: Person, settings: Any) -> None:
    person.language = "en"
    person.save()
    reach(person, "email", email="reader@example.cn")
    with mailbox() as box:
        smtp(settings, box.port)
        tell(person, urgent=True)
        send()
    mail = message_from_string(box.got[0], policy=policy.default)
    assert mail["Subject"].strip() == "Urgent: A role was given to you · 东街口"
    assert mail["To"] == "reader@example.cn"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert f"https://grid.example.cn/inbox/{Notification.objects.get().pk}/" in text
    assert "https://grid.example.cn/me/notifications/" in text


@pytest.mark.parametrize(
    ("recipient", "greeting", "outcome"),
    [
        ("550 nobody here", "220 here", ("refused", "refused")),
        ("451 later", "220 here", ("failed", "busy")),
        ("250 ok", "421 too many", ("failed", "unreachable")),
    ],
)
def test_what_a_mail_server_says(
    person: Person, settings: Any, recipient: str, greeting: str, outcome: tuple[str, str]
) -> None:
    reach(person, "email", email="reader@example.cn")
    with mailbox(recipient, greeting) as box:
        smtp(settings, box.port)
        tell(person, urgent=True)
        send()
    assert outcomes() == [outcome]
    assert "reader@" not in Delivery.objects.get(parcel__isnull=False).detail


def test_a_mail_server_that_is_not_there(person: Person, settings: Any) -> None:
    reach(person, "email", email="reader@example.cn")
    with mailbox() as box:
        smtp(settings, box.port)
    settings.EMAIL_PORT = 1
    tell(person, urgent=True)
    send()
    assert outcomes() == [("failed", "unreachable")]


def test_the_digest_sums_up_and_what_is_urgent_does_not_wait_for_it(person: Person, settings: Any) -> None:
    reach(person, "email", email="reader@example.cn")
    with mailbox() as box, patch.object(timezone, "now", return_value=NOON):
        smtp(settings, box.port)
        for number in range(3):
            tell(person, f"k{number}", verb="close", report=str(uuid4()))
        tell(person, "fire", urgent=True)
        assert send(NOON) == 1
        assert send(NOON + timedelta(hours=5, minutes=59)) == 0
        # Read in the meantime: not summed up.
        Notification.objects.filter(key="k0").update(read_at=NOON)
        assert send(NOON + timedelta(hours=6)) == 1
    assert len(box.got) == 2
    digest = message_from_string(box.got[1], policy=policy.default)
    assert "2" in digest["Subject"]
    assert digest.get_content().count("/inbox/") == 2
    states = Parcel.objects.order_by("notification__key").values_list("state", flat=True)
    assert list(states) == [State.SENT, State.NEEDLESS, State.SENT, State.SENT]


def test_at_night_only_what_is_urgent_goes_out(person: Person, settings: Any) -> None:
    person.quiet_from, person.quiet_until = time(22), time(7)
    person.save()
    with receiving() as receiver, patch.object(timezone, "now", return_value=NIGHT):
        hook(person, receiver, settings)
        tell(person, "later")
        tell(person, "fire", urgent=True)
        assert send(NIGHT) == 1
        assert send(NIGHT + timedelta(hours=7, minutes=59)) == 0
        assert send(NIGHT + timedelta(hours=8)) == 1
    assert len(receiver.got) == 2


def test_a_choice_is_kept_and_never_means_never(person: Person, settings: Any) -> None:
    with receiving() as receiver:
        hook(person, receiver, settings)
        wishes.save(person, {"webhook": {"urgent": "never", "charge": "digest"}}, [8, 20])
        tell(person, "fire", urgent=True)
        tell(person, "role")
        assert send() == 0
    [parcel] = Parcel.objects.all()
    assert (parcel.notification.key, parcel.digest) == ("role", True)  # type: ignore[union-attr]
    assert timezone.localtime(parcel.due_at).hour in {8, 20}


@pytest.mark.parametrize(
    ("choices", "hours"),
    [
        ({"email": {"urgent": "digest"}}, [18]),
        ({"email": {"gossip": "at_once"}}, [18]),
        ({"pigeon": {"cases": "at_once"}}, [18]),
        ({"email": {"cases": "sometimes"}}, [18]),
        ({}, []),
        ({}, [24]),
        ({}, [1, 2, 3, 4, 5]),
    ],
)
def test_choices_that_there_are_not(person: Person, choices: Any, hours: list[int]) -> None:
    with pytest.raises(BadInput):
        wishes.save(person, choices, hours)
    assert not Wishes.objects.exists()


@pytest.mark.parametrize("gone", ["address", "closed", "unconfirmed"])
def test_who_is_not_reached_any_more_gets_nothing(person: Person, settings: Any, gone: str) -> None:
    with receiving() as receiver:
        address = hook(person, receiver, settings)
        tell(person)
        channels.deliver()
        if gone == "address":
            addresses.forget(person, "webhook")
        elif gone == "closed":
            Person.objects.update(is_active=False)
        else:
            Address.objects.filter(pk=address.pk).update(confirmed_at=None)
        send()
    assert receiver.got == []
    assert Parcel.objects.get().state == State.NEEDLESS


def test_a_courier_with_nothing_to_do_asks_two_questions(django_assert_num_queries: Callable[..., Any]) -> None:
    worker = Courier()
    with django_assert_num_queries(2):
        worker.round()


def test_after_a_restore_nothing_goes_out_that_waited(person: Person, settings: Any) -> None:
    with receiving() as receiver:
        hook(person, receiver, settings)
        tell(person)
        channels.deliver()
        assert courier.stand_down() == 1
        assert send() == 0
    assert receiver.got == []


def test_what_went_out_is_forgotten_after_three_months_and_what_nobody_confirmed_after_two_days(
    person: Person, settings: Any
) -> None:
    settings.WECOM_CORP, settings.WECOM_AGENT, settings.WECOM_SECRET = "c", 1, "s"
    addresses.give(person, "wecom", "somebody")
    with receiving() as receiver:
        hook(person, receiver, settings)
        tell(person)
        send()
    now = timezone.now()
    assert addresses.forget_unconfirmed(now + timedelta(days=1)) == 0
    assert addresses.forget_unconfirmed(now + timedelta(days=3)) == 1
    assert courier.forget_old(now + timedelta(days=80)) == 0
    assert courier.forget_old(now + timedelta(days=91)) >= 1
    assert not Delivery.objects.filter(channel="webhook").exists()
    assert Address.objects.count() == Notification.objects.count() == 1


def test_an_address_sealed_under_a_lost_secret_is_said_to_be_so(person: Person, settings: Any) -> None:
    with receiving() as receiver:
        hook(person, receiver, settings)
        tell(person)
        Address.objects.update(sealed=b"not ours")
        send()
    assert outcomes() == [("refused", "unreadable")]


def test_without_a_channel_nothing_more_is_asked_of_the_database(
    person: Person, settings: Any, django_assert_num_queries: Callable[..., Any]
) -> None:
    settings.EMAIL_FROM = ""
    settings.OUTSIDE_HOSTS = ()
    tell(person)
    with django_assert_num_queries(5):  # savepoint, rows, deliveries, mark, release
        channels.deliver()
    assert not Parcel.objects.exists()
