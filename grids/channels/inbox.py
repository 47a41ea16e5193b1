"""The inbox: a message stands there at once; what is urgent does not wait for the end of somebody's quiet hours."""

from collections.abc import Sequence
from datetime import datetime, time

from django.db.models import Q
from django.utils import timezone

from grids.models import Notification, Person
from grids.quiet import attention_at

IN_APP = "in_app"


def notify(messages: Sequence[Notification], *, urgent: bool = False) -> None:
    """Put messages into inboxes, each person's key once, and set when attention may be drawn to them."""
    now = timezone.now()
    quiet = {} if urgent else _quiet_hours({message.person_id for message in messages})
    for message in messages:
        message.urgent = urgent
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


def _quiet_hours(people: set[int]) -> dict[int, tuple[time | None, time | None]]:
    rows = Person.objects.filter(pk__in=people, quiet_from__isnull=False)
    return {pk: (start, end) for pk, start, end in rows.values_list("pk", "quiet_from", "quiet_until")}
