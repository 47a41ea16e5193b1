"""The browsers in which somebody is told by web push: each is an address of theirs, sealed as the others are.

A browser belongs to whoever subscribed in it last: its push service gives one address for the whole site, whoever is
signed in. It needs no code: what is sent there can be read by that browser alone.
"""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids import webpush
from grids.channels import registry, walls
from grids.channels.addresses import check_often
from grids.models import Address, Parcel, Person
from grids.models.outside import PUSH
from grids.problems import BadInput, Conflict, NotFound, TooMany
from grids.rate import count_this_minute, left_of_minute
from grids.sealed import seal

MOST = 10
MOST_A_MINUTE = 6


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser says of itself (PushSubscription): the address at its push service, its key and its secret."""

    endpoint: str
    p256dh: str
    auth: str


def of(person: Person) -> QuerySet[Address]:
    """Return somebody's browsers, the oldest first."""
    return Address.objects.filter(person=person, channel=PUSH).order_by("pk")


def subscribe(person: Person, given: Subscription, name: str, known: int | None = None) -> Address:
    """Tell somebody in a browser from now on, and return its row; raises BadInput, Conflict, NotFound or TooMany.

    `known` is the row under which the browser was known before: it has a new address now.
    """
    if not registry.CHANNELS[PUSH].ready():
        raise NotFound(_("There is no such channel here."))
    _check(given)
    if count_this_minute(f"browser:{person.pk}") > MOST_A_MINUTE:
        raise TooMany(_("That is often enough for now: wait a while, then try again."), left_of_minute())
    digest = digest_of(given.endpoint)
    key = webpush.public_key(settings.PUSH_KEY)
    sealed = seal({"endpoint": given.endpoint, "p256dh": given.p256dh, "auth": given.auth, "key": key})
    with transaction.atomic():
        # One person's browsers are counted and changed one after the other.
        Person.objects.select_for_update().get(pk=person.pk)
        others = Address.objects.filter(endpoint_hash=digest, channel=PUSH).exclude(person=person)
        others.delete()
        if known is not None and not of(person).filter(endpoint_hash=digest).exists():
            of(person).filter(pk=known).update(endpoint_hash=digest)
        theirs = of(person).exclude(endpoint_hash=digest)
        if theirs.count() >= MOST:
            raise Conflict(_("That are %(most)d browsers already: remove one that you do not use.") % {"most": MOST})
        row, _made = Address.objects.update_or_create(
            endpoint_hash=digest,
            channel=PUSH,
            defaults={
                "person": person,
                "sealed": sealed,
                "hint": name[:80],
                "confirmed_at": timezone.now(),
                "failures": 0,
                "rests_until": None,
            },
        )
    return row


def test(person: Person, identity: int) -> None:
    """Send a test to a browser of one's own; raises NotFound, TooMany."""
    row = of(person).filter(pk=identity).first()
    if row is None or not registry.CHANNELS[PUSH].ready():
        raise NotFound(_("There is no such browser of yours."))
    with transaction.atomic():
        check_often(person)
        stamp = timezone.now().strftime("%Y%m%d%H%M%S%f")
        Parcel.objects.create(channel=PUSH, person=person, address=row, key=f"test:{stamp}", payload={"what": "test"})


def remove(person: Person, identity: int) -> None:
    """Tell somebody no more in a browser; what waits for it is not sent. Raises NotFound."""
    if not of(person).filter(pk=identity).delete()[0]:
        raise NotFound(_("There is no such browser of yours."))


def remove_others(person: Person, here: int | None) -> None:
    """Remove all of somebody's browsers but this one: everything else was signed out."""
    of(person).exclude(pk=here or 0).delete()


def left(here: int, person: Person | None) -> None:
    """Remove a browser that somebody has left: they signed out, or `person`, who is another, signed in."""
    rows = Address.objects.filter(pk=here, channel=PUSH)
    (rows.exclude(person=person) if person else rows).delete()


def digest_of(endpoint: str) -> str:
    """Return by what a browser is known again."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def _check(given: Subscription) -> None:
    try:
        walls.target(given.endpoint, settings.PUSH_HOSTS)
    except walls.Forbidden as wall:
        if wall.reason == "host":
            raise BadInput(
                _("The browser's push service is not on the list of those that may be asked; the operator keeps it.")
            ) from wall
        raise BadInput(_("The browser gave no address that can be used.")) from wall
    try:
        webpush.check_receiver(given.p256dh, given.auth)
    except ValueError as error:
        raise BadInput(_("The browser gave no key that can be used.")) from error
