"""What is due is written down for every channel that leads to its person: delivered here, to be sent out there.

Done in one transaction with the mark that it was done, so that a crash neither loses nor doubles; the row of a
message and a channel is unique besides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from grids import clock
from grids.channels import registry, wishes
from grids.channels.inbox import IN_APP
from grids.models import Address, Delivery, Notification, Parcel, Wishes
from grids.models.outside import PUSH
from grids.quiet import attention_at

BATCH = 2000


@clock.task("deliver", timedelta(minutes=1))
def deliver() -> int:
    """Show what is due in the application, write down what goes out, once each, and return how many were due."""
    now = timezone.now()
    with transaction.atomic():
        ready = Notification.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            delivered_at__isnull=True, due_at__lte=now
        )
        rows = list(ready.select_related("person").order_by("due_at")[:BATCH])
        if not rows:
            return 0
        Delivery.objects.bulk_create(Delivery(notification=row, channel=IN_APP) for row in rows)
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(delivered_at=now)
        # Who read it in the meantime needs to be told by nothing else.
        Parcel.objects.bulk_create(_parcels([row for row in rows if row.read_at is None], now), ignore_conflicts=True)
    return len(rows)


def _parcels(messages: list[Notification], now: datetime) -> Iterator[Parcel]:
    channels = registry.personal()
    if not channels or not messages:
        return
    reached: dict[int, list[tuple[str, int | None]]] = defaultdict(list)
    people = {message.person_id for message in messages}
    for person, channel, address in _reached(people, channels):
        reached[person].append((channel, address if channel == PUSH else None))
    wished = {row.person_id: row for row in Wishes.objects.filter(person__in=reached)} if reached else {}
    for message in messages:
        if not message.person.is_active:
            continue
        theirs, kind = wished.get(message.person_id), wishes.kind_of(message)
        for channel, browser in reached[message.person_id]:
            when = wishes.when_for(theirs, channel, kind)
            if when != wishes.When.NEVER:
                digest = when == wishes.When.DIGEST
                yield Parcel(
                    channel=channel,
                    notification=message,
                    person_id=message.person_id,
                    address_id=browser,
                    digest=digest,
                    due_at=_digest_at(message, theirs, now) if digest else now,
                )


def _digest_at(message: Notification, theirs: Wishes | None, now: datetime) -> datetime:
    """The next hour of the digest; one that lies in the quiet hours comes at their end."""
    person = message.person
    return attention_at(wishes.next_digest(now, wishes.hours_of(theirs)), person.quiet_from, person.quiet_until)


def _reached(people: Iterable[int], channels: list[str]) -> Iterable[tuple[int, str, int]]:
    rows = Address.objects.filter(person__in=people, channel__in=channels, confirmed_at__isnull=False)
    return rows.order_by("channel", "pk").values_list("person_id", "channel", "pk")
