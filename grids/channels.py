"""How people are told: into the inbox at once, and with their attention drawn to it when they want it to be.

What is urgent does not wait for the end of somebody's quiet hours. The one channel is the page itself: its badge
counts what is due. `deliver()` writes down when each message became visible, and is where other channels would send.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from grids import clock
from grids.models import Delivery, Notification, Person
from grids.quiet import attention_at

IN_APP = "in_app"
BATCH = 2000


def notify(messages: Sequence[Notification], *, urgent: bool = False) -> None:
    """Put messages into inboxes, each person's key once, and set when attention may be drawn to them."""
    now = timezone.now()
    quiet = {} if urgent else _quiet_hours({message.person_id for message in messages})
    for message in messages:
        message.due_at = attention_at(now, *quiet.get(message.person_id, (None, None)))
    Notification.objects.bulk_create(messages, ignore_conflicts=True)


def due(now: datetime) -> Q:
    """Return the condition that a message is unread and may be pointed out at a moment."""
    return Q(read_at__isnull=True, due_at__lte=now)


def reschedule(person: Person) -> None:
    """Apply somebody's changed quiet hours to what is waiting for their end."""
    now = timezone.now()
    waiting = Notification.objects.filter(person=person, delivered_at__isnull=True, due_at__gt=now)
    waiting.update(due_at=attention_at(now, person.quiet_from, person.quiet_until))


@clock.task("deliver", timedelta(minutes=1))
def deliver() -> int:
    """Deliver what is due through the channels, once each, and return how many."""
    now = timezone.now()
    with transaction.atomic():
        ready = Notification.objects.select_for_update(skip_locked=True).filter(
            delivered_at__isnull=True, due_at__lte=now
        )
        rows = list(ready.order_by("due_at").values_list("pk", flat=True)[:BATCH])
        Delivery.objects.bulk_create(Delivery(notification_id=row, channel=IN_APP, succeeded=True) for row in rows)
        Notification.objects.filter(pk__in=rows).update(delivered_at=now)
    return len(rows)


def _quiet_hours(people: set[int]) -> dict[int, tuple[time | None, time | None]]:
    rows = Person.objects.filter(pk__in=people, quiet_from__isnull=False)
    return {pk: (start, end) for pk, start, end in rows.values_list("pk", "quiet_from", "quiet_until")}
