"""The keys of programs that file reports: shown once, kept as a hash, ended at any moment.

A key is `g311_` and 192 random bits: there is nothing to guess, so a plain SHA-256 hides it.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.problems import NotAllowed, TooMany
from grids.rate import count_this_minute, left_of_minute
from patrols.models import Open311Client

PREFIX = "g311_"
SHAPE = re.compile(r"g311_[A-Za-z0-9_-]{32}")
SEEN_EVERY = timedelta(minutes=1)


def give_key(client: Open311Client) -> str:
    """Give a client that is not saved yet its key and return it; nobody can read it again."""
    key = PREFIX + secrets.token_urlsafe(24)
    client.key_hash, client.ending = _hash(key), key[-4:]
    return key


def client_of(key: str) -> Open311Client:
    """Return the client of a key with its region's code; raises NotAllowed, or TooMany for one in a hurry."""
    if not key:
        raise NotAllowed(_("Give your key as api_key, in the body of the request."))
    client = None
    if SHAPE.fullmatch(key):
        client = (
            Open311Client.objects.select_related("region").defer("region__geom").filter(key_hash=_hash(key)).first()
        )
    if client is None:
        raise NotAllowed(_("This key is not known here."))
    if client.revoked_at:
        raise NotAllowed(_("This key was revoked."))
    if count_this_minute(f"open311:{client.pk}") > client.rate:
        raise TooMany(_("This key asked too often: wait until the next minute."), left_of_minute())
    _seen(client, timezone.now())
    return client


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _seen(client: Open311Client, now: datetime) -> None:
    """Write down that a key was used, once a minute at most."""
    if client.last_used_at is None or client.last_used_at <= now - SEEN_EVERY:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - SEEN_EVERY)
        Open311Client.objects.filter(stale, pk=client.pk).update(last_used_at=now)
