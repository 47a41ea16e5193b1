"""Tokens by which programs use the API: shown once, kept as a hash, ended at any moment.

A token is `gw_` and 256 random bits, so a plain SHA-256 hides it: there is nothing to guess. It can do what its person
can do, only read unless it was made for writing too, and only under /api/ and /ogc/.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.accounts import PersonBackend
from grids.models import ApiToken, Person
from grids.problems import BadInput, Conflict, Problem

PREFIX = "gw_"
SHAPE = re.compile(rb"gw_[A-Za-z0-9_-]{43}")
READ, WRITE = "read", "write"
LIFETIMES = (7, 30, 90, 365)  # days
MOST = 20  # a person's valid tokens
SEEN_EVERY = timedelta(minutes=1)


class Refused(Problem):
    """The token opens nothing, with the reason."""

    status = 401


def issue(person: Person, name: str, days: int, *, write: bool) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which is not kept; raises BadInput or Conflict."""
    if not name.strip() or len(name) > 80:
        raise BadInput(_("Give the token a name of at most 80 characters."))
    if days not in LIFETIMES:
        raise BadInput(_("Choose how long the token is to be valid."))
    if valid_of(person).count() >= MOST:
        raise Conflict(_("You have %(most)d valid tokens already: revoke one first.") % {"most": MOST})
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person,
        name=name.strip(),
        secret_hash=hash_of(secret.encode()),
        ending=secret[-4:],
        scopes=[READ, WRITE] if write else [READ],
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, secret


def valid_of(person: Person) -> QuerySet[ApiToken]:
    """Return a person's tokens that open something."""
    return ApiToken.objects.filter(person=person, revoked_at__isnull=True, expires_at__gt=timezone.now())


def revoke(person: Person, identity: int) -> bool:
    """End a token of a person at once and for ever; false when there is no such valid token."""
    return valid_of(person).filter(pk=identity).update(revoked_at=timezone.now()) == 1


def token_for(secret: bytes) -> ApiToken:
    """Return the token of a secret with its person; raises Refused with the reason in one sentence."""
    if not SHAPE.fullmatch(secret):
        raise Refused(_("This is not a token: one begins with gw_ and has 46 characters."))
    token = ApiToken.objects.select_related("person").filter(secret_hash=hash_of(secret)).first()
    if token is None:
        raise Refused(_("This token is not known here."))
    now = timezone.now()
    if token.revoked_at:
        raise Refused(_("This token was revoked."))
    if token.expires_at <= now:
        raise Refused(_("This token is no longer valid: its time is over."))
    person = token.person
    if person.tombstoned_at or not PersonBackend().user_can_authenticate(person):
        raise Refused(_("Who this token belongs to may not sign in."))
    _seen(token, now)
    return token


def hash_of(secret: bytes) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret).hexdigest()


def _seen(token: ApiToken, now: datetime) -> None:
    """Write down that a token was used, once a minute at most."""
    if token.last_used_at and token.last_used_at > now - SEEN_EVERY:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - SEEN_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
