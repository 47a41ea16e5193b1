"""Trackers that a volunteer has paired: each has a secret of its own, shown once, kept as a hash, ended at any moment.

How the secret travels is the protocol's: as the identifier of an OsmAnd query, as the password of Basic authentication
or as a Bearer token. It opens nothing but the storing of its owner's positions.
"""

import base64
import binascii
import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Device, Person
from grids.problems import BadInput, Conflict, NotAllowed, NotFound, Problem, TooMany
from grids.rate import count_this_minute, left_of_minute
from patrols.models import Consent

MOST = 5  # a person's paired devices
# OsmAnd itself sends metres a second; whoever else speaks its protocol is taken at Traccar's word, which is knots.
USUAL_SPEED: dict[str, str] = {Device.Protocol.OSMAND: Device.Speed.METRES_A_SECOND}
SEEN_EVERY = timedelta(minutes=1)
HEARD_EVERY = timedelta(seconds=10)
LONGEST_NAME = 80


class UnknownDevice(Problem):
    """The credential opens nothing, with the reason."""

    status = 401


def pair(person: Person, name: str, protocol: str, speed_unit: str = "", crs: str = "") -> tuple[Device, str]:
    """Make a device and return it with its secret; raises BadInput, Conflict, or NotAllowed without a consent."""
    if not Consent.objects.filter(person=person, withdrawn_at__isnull=True).exists():
        raise NotAllowed(_("A patrol is recorded only with your consent: give it first."))
    name = _name(name)
    unit, system = speed_unit or USUAL_SPEED.get(protocol, Device.Speed.KNOTS), crs or Device.Crs.WGS84
    if protocol not in Device.Protocol.values or unit not in Device.Speed.values or system not in Device.Crs.values:
        raise BadInput(_("Choose the application, its unit of speed and its coordinates from the lists."))
    if Device.objects.filter(person=person, revoked_at__isnull=True).count() >= MOST:
        raise Conflict(_("You have %(most)d paired devices already: revoke one first.") % {"most": MOST})
    secret = secrets.token_urlsafe(24)
    device = Device.objects.create(
        person=person,
        name=name,
        protocol=protocol,
        speed_unit=unit,
        crs=system,
        secret_hash=_hash(secret),
    )
    return device, secret


def revoke(person: Person, identity: int) -> bool:
    """End a device at once and for ever; false when there is no such paired device."""
    mine = Device.objects.filter(person=person, pk=identity, revoked_at__isnull=True)
    return mine.update(revoked_at=timezone.now()) == 1


def device_for(secret: str) -> Device:
    """Return the paired device of a secret with its person; raises UnknownDevice, or TooMany for one in a hurry."""
    device = Device.objects.select_related("person").filter(secret_hash=_hash(secret)).first() if secret else None
    if device is None:
        raise UnknownDevice(_("This device is not known here: pair it again."))
    if device.revoked_at:
        raise UnknownDevice(_("This device was revoked: pair it again."))
    if not device.person.is_active or device.person.tombstoned_at:
        raise UnknownDevice(_("Who this device belongs to may not sign in."))
    if count_this_minute(f"device:{device.pk}") > settings.DEVICE_RATE:
        raise TooMany(_("This device sends too often: wait until the next minute."), left_of_minute())
    now = timezone.now()
    stale = Q(last_seen_at__isnull=True) | Q(last_seen_at__lte=now - SEEN_EVERY)
    if device.last_seen_at is None or device.last_seen_at <= now - SEEN_EVERY:
        Device.objects.filter(stale, pk=device.pk).update(last_seen_at=now)
    return device


# What becomes of the positions of somebody without any role today.
NO_ROLE = "no_role"


def note(device: Device, became: str, now: datetime) -> None:
    """Note when a device's newest position came in, and what became of it if it does not count: a word."""
    if device.heard_at is None or device.heard != became or device.heard_at <= now - HEARD_EVERY:
        Device.objects.filter(pk=device.pk).update(heard_at=now, heard=became)


def rename(person: Person, identity: int, name: str) -> Device:
    """Give one's own paired device another name; raises BadInput, NotFound."""
    name = _name(name)
    if not Device.objects.filter(person=person, pk=identity, revoked_at__isnull=True).update(name=name):
        raise NotFound(_("There is no such paired device of yours."))
    return Device.objects.get(pk=identity)


def basic_password(header: str) -> str:
    """Return the password of an Authorization header, empty without one; whatever stands as the user name."""
    kind, _space, coded = header.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def bearer(header: str) -> str:
    """Return the token of an Authorization header, empty without one."""
    kind, _space, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _name(text: str) -> str:
    if not text.strip() or len(text) > LONGEST_NAME:
        raise BadInput(_("Give the device a name of at most 80 characters."))
    return text.strip()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
