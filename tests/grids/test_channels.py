"""Messages and quiet hours: at once in the inbox, pointed out and delivered when the person wants it."""

from datetime import datetime, time, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from grids import channels
from grids.models import Delivery, Notification, Person

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 3, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
MORNING = datetime(2026, 11, 4, 7, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def sleeper() -> Person:
    return Person.objects.create_user("sleeper", quiet_from=time(22), quiet_until=time(7))


def tell(person: Person, *, urgent: bool = False, key: str = "k", now: datetime = NIGHT) -> Notification:
    with patch.object(timezone, "now", return_value=now):
        channels.notify([Notification(person=person, key=key, verb="file", subject="x")], urgent=urgent)
    return Notification.objects.get(person=person, key=key)


def badge(person: Person, now: datetime) -> int:
    return Notification.objects.filter(channels.due(now), person=person).count()


def deliver(now: datetime) -> int:
    with patch.object(timezone, "now", return_value=now):
        return channels.deliver()  # type: ignore[return-value]


def test_at_night_a_message_stands_in_the_inbox_and_is_not_counted(sleeper: Person) -> None:
    message = tell(sleeper)
    assert message.due_at == MORNING
    assert badge(sleeper, NIGHT) == 0
    assert badge(sleeper, MORNING - timedelta(seconds=1)) == 0
    assert badge(sleeper, MORNING) == 1


def test_what_is_urgent_does_not_wait(sleeper: Person) -> None:
    assert tell(sleeper, urgent=True).due_at == NIGHT
    assert badge(sleeper, NIGHT) == 1


def test_who_set_no_quiet_hours_is_told_at_once() -> None:
    awake = Person.objects.create_user("awake")
    assert tell(awake).due_at == NIGHT


def test_delivery_is_written_once_and_only_when_it_is_due(sleeper: Person) -> None:
    message = tell(sleeper)
    assert deliver(NIGHT) == 0
    assert not Delivery.objects.exists()
    assert deliver(MORNING) == 1
    assert deliver(MORNING + timedelta(minutes=1)) == 0
    assert list(Delivery.objects.values_list("notification", "channel", "outcome")) == [
        (message.pk, "in_app", "delivered")
    ]


def test_the_same_key_is_told_once(sleeper: Person) -> None:
    tell(sleeper)
    tell(sleeper, now=MORNING + timedelta(hours=2))
    assert Notification.objects.count() == 1


def test_ending_the_quiet_hours_frees_what_waits(sleeper: Person) -> None:
    tell(sleeper)
    sleeper.quiet_from = sleeper.quiet_until = None
    with patch.object(timezone, "now", return_value=NIGHT):
        channels.reschedule(sleeper)
    assert badge(sleeper, NIGHT) == 1


def test_later_hours_hold_back_longer_what_waits_but_nothing_that_was_told(sleeper: Person) -> None:
    tell(sleeper, urgent=True, key="told")
    tell(sleeper, key="waits")
    deliver(NIGHT)
    sleeper.quiet_until = time(9)
    with patch.object(timezone, "now", return_value=NIGHT):
        channels.reschedule(sleeper)
    assert Notification.objects.get(key="waits").due_at == MORNING + timedelta(hours=2)
    assert Notification.objects.get(key="told").due_at == NIGHT


def test_telling_many_costs_two_statements(sleeper: Person, django_assert_num_queries: object) -> None:
    people = [Person.objects.create_user(f"p{number}") for number in range(20)]
    rows = [Notification(person=person, key="many", verb="file", subject="x") for person in people]
    with django_assert_num_queries(2):  # type: ignore[operator]
        channels.notify(rows)
