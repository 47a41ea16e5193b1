"""The addresses a person is reached at: given by themselves, confirmed by a code that was sent there, or gone.

The code is made of the address's row and the moment it was asked for, by HMAC under the site's secret: nothing of it
is kept. A webhook needs none: whoever gives it shows with its signed test that it is theirs, and it can lead only to
the servers that the operator lists.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.channels import registry, walls
from grids.channels.senders import webhook
from grids.models import Address, Parcel, Person
from grids.models.outside import PUSH
from grids.problems import BadInput, Conflict, NotFound, TooMany
from grids.rate import count_this_minute, left_of_minute
from grids.sealed import seal

CODE_LIVES = timedelta(minutes=15)
MOST_TRIES = 5
MOST_A_MINUTE = 6
MOST_A_DAY = 20
PHONE = re.compile(r"1[3-9][0-9]{9}")
USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
UNCONFIRMED_KEPT = timedelta(days=2)


def give(person: Person, channel: str, text: str) -> Address:
    """Put an address in the place of the present one and send it a code; raises BadInput, TooMany or NotFound."""
    _check_channel(channel)
    address, hint = _FORMS[channel](text.strip())
    with transaction.atomic():
        check_often(person)
        now = timezone.now()
        confirmed = channel == "webhook"
        row, _made = Address.objects.update_or_create(
            person=person,
            channel=channel,
            defaults={
                "sealed": seal(address),
                "hint": hint[:80],
                "code_from": None if confirmed else now,
                "tries": 0,
                "confirmed_at": now if confirmed else None,
                "failures": 0,
                "rests_until": None,
            },
        )
        # What waited for the old address does not go to the new one unasked.
        Parcel.objects.filter(person=person, channel=channel, state=Parcel.State.WAITING).update(
            state=Parcel.State.NEEDLESS, ended_at=now
        )
        if not confirmed:
            _send(row, "code")
    return row


def confirm(person: Person, channel: str, code: str) -> None:
    """Take the code that was sent to an address; raises BadInput for another, Conflict when there is none to give."""
    row = _own(person, channel)
    if row.confirmed_at:
        return
    alive = row.code_from is not None and timezone.now() < row.code_from + CODE_LIVES
    counted = Address.objects.filter(pk=row.pk, code_from=row.code_from, tries__lt=MOST_TRIES)
    if not alive or not counted.update(tries=row.tries + 1):
        raise Conflict(_("This code is not valid any more: ask for a new one."))
    if not hmac.compare_digest(code_of(row).encode(), "".join(code.split()).encode()):
        raise BadInput(_("This is not the code that was sent."))
    Address.objects.filter(pk=row.pk, code_from=row.code_from).update(confirmed_at=timezone.now(), code_from=None)


def test(person: Person, channel: str) -> None:
    """Send a test to a confirmed address of one's own; raises NotFound, TooMany."""
    _check_channel(channel)
    row = _own(person, channel)
    if row.confirmed_at is None:
        raise Conflict(_("Confirm the address first."))
    with transaction.atomic():
        check_often(person)
        _send(row, "test")


def forget(person: Person, channel: str) -> None:
    """Delete an address; what waits for it is not sent any more. Browsers are removed one by one (`browsers`)."""
    if channel == PUSH:
        raise NotFound(_("There is no such channel here."))
    with transaction.atomic():
        Address.objects.filter(person=person, channel=channel).delete()
        Parcel.objects.filter(person=person, channel=channel, state=Parcel.State.WAITING).update(
            state=Parcel.State.NEEDLESS, ended_at=timezone.now()
        )


def forget_unconfirmed(now: datetime) -> int:
    """Delete the addresses that nobody confirmed in two days, and return how many."""
    return Address.objects.filter(confirmed_at__isnull=True, code_from__lt=now - UNCONFIRMED_KEPT).delete()[0]


def code_of(row: Address) -> str:
    """Return the six digits that confirm an address now."""
    asked = row.code_from.isoformat() if row.code_from else ""
    message = f"address {row.pk} {asked} {bytes(row.sealed).hex()}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


def _send(row: Address, what: str) -> None:
    stamp = timezone.now().strftime("%Y%m%d%H%M%S%f")
    Parcel.objects.create(channel=row.channel, person_id=row.person_id, key=f"{what}:{stamp}", payload={"what": what})


def _check_channel(channel: str) -> None:
    if channel not in _FORMS or channel not in registry.ready():
        raise NotFound(_("There is no such channel here."))


def check_often(person: Person) -> None:
    """Raise TooMany for who has asked for many codes and tests today, or in this minute."""
    today = timezone.now() - timedelta(days=1)
    asked = Parcel.objects.filter(person=person, notification__isnull=True, created_at__gt=today).count()
    if asked >= MOST_A_DAY or count_this_minute(f"address:{person.pk}") > MOST_A_MINUTE:
        raise TooMany(_("That is often enough for now: wait a while, then try again."), left_of_minute())


def _own(person: Person, channel: str) -> Address:
    row = Address.objects.filter(person=person, channel=channel).first() if channel in _FORMS else None
    if row is None:
        raise NotFound(_("There is no such address of yours."))
    return row


def _email(text: str) -> tuple[dict[str, Any], str]:
    try:
        validate_email(text)
    except ValidationError as error:
        raise BadInput(_("This is no e-mail address.")) from error
    name, _at, domain = text.rpartition("@")
    return {"email": text}, f"{name[:2]}…@{domain}"


def _webhook(text: str) -> tuple[dict[str, Any], str]:
    try:
        goal = walls.target(text, settings.OUTSIDE_HOSTS)
    except walls.Forbidden as wall:
        if wall.reason == "host":
            raise BadInput(
                _("This server is not on the list of those that may be asked; the operator of the site keeps it.")
            ) from wall
        raise BadInput(_("Give an address that begins with https://, without a name or a password in it.")) from wall
    return {"url": text, "secret": webhook.new_secret()}, goal.host


def _phone(text: str) -> tuple[dict[str, Any], str]:
    digits = re.sub(r"[\s-]|^\+?86", "", text)
    if not PHONE.fullmatch(digits):
        raise BadInput(_("Give a mobile number of eleven digits."))
    return {"phone": digits}, f"{digits[:3]}****{digits[-4:]}"


def _wecom(text: str) -> tuple[dict[str, Any], str]:
    if not USER.fullmatch(text):
        raise BadInput(_("Give the account (userid) that WeCom knows you by."))
    return {"user": text}, f"{text[:2]}…"


_FORMS: dict[str, Callable[[str], tuple[dict[str, Any], str]]] = {
    "email": _email,
    "webhook": _webhook,
    "sms": _phone,
    "wecom": _wecom,
}
