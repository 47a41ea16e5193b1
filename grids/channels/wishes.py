"""What a person wants to be told outside of the site: through which channel which kind of message, and when.

Without a word of theirs a channel whose address they confirmed does what stands in DEFAULTS. Urgent messages come at
once or not at all: a digest of what is urgent helps nobody.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.channels.registry import PERSONAL
from grids.models import Notification, Person, Wishes
from grids.problems import BadInput


class Kind(models.TextChoices):
    """Kinds of message (消息类别)."""

    URGENT = "urgent", gettext_lazy("Urgent: hazards and what cannot wait")
    OFFERS = "offers", gettext_lazy("Tasks offered to me")
    CASES = "cases", gettext_lazy("Reports that concern me")
    DUTY = "duty", gettext_lazy("Shifts and posts")
    CHARGE = "charge", gettext_lazy("Grids, roles and handovers")
    WORK = "work", gettext_lazy("Long work that I started")


class When(models.TextChoices):
    """When a kind of message is brought."""

    AT_ONCE = "at_once", gettext_lazy("at once")
    DIGEST = "digest", gettext_lazy("in the digest")
    NEVER = "never", gettext_lazy("never")


_EAGER = dict.fromkeys(Kind.values, When.AT_ONCE)
_CALM = {**_EAGER, Kind.CASES: When.DIGEST, Kind.CHARGE: When.DIGEST, Kind.WORK: When.NEVER}
_SPARING = {**dict.fromkeys(Kind.values, When.NEVER), Kind.URGENT: When.AT_ONCE, Kind.OFFERS: When.AT_ONCE}
DEFAULTS: dict[str, Mapping[str, str]] = {
    "email": _CALM,
    "webhook": _EAGER,
    "sms": _SPARING,
    "wecom": _CALM,
    "push": _CALM,
}
DIGEST_HOURS = [18]
MOST_HOURS = 4


def kind_of(message: Notification) -> str:
    """Return the kind of a message."""
    if message.urgent:
        return Kind.URGENT
    verb, data = message.verb, message.data
    if verb.startswith(("offer", "wave")) or data.get("offer"):
        return Kind.OFFERS
    if verb.startswith(("shift", "swap", "post")):
        return Kind.DUTY
    if data.get("report"):
        return Kind.CASES
    return Kind.WORK if verb.startswith("job") else Kind.CHARGE


def when_for(wishes: Wishes | None, channel: str, kind: str) -> str:
    """Return when a kind of message comes through a channel."""
    chosen = (wishes.choices.get(channel) or {}).get(kind) if wishes else None
    return str(chosen or DEFAULTS[channel][kind])


def hours_of(wishes: Wishes | None) -> list[int]:
    """Return the hours of the day, in the site's time zone, at which a digest is sent."""
    return list(wishes.digest_hours) if wishes and wishes.digest_hours else DIGEST_HOURS


def next_digest(now: datetime, hours: Iterable[int]) -> datetime:
    """Return the next moment after `now` at one of the hours, in the site's time zone."""
    local = timezone.localtime(now)
    start = local.replace(minute=0, second=0, microsecond=0)
    moments = [
        (start + timedelta(days=day)).replace(hour=hour, tzinfo=local.tzinfo) for day in (0, 1) for hour in hours
    ]
    return min(moment for moment in moments if moment > local)


def save(person: Person, choices: Mapping[str, Mapping[str, str]], hours: Iterable[int]) -> None:
    """Keep what somebody wants; raises BadInput for a channel, kind, moment or hour that there is not."""
    chosen = sorted(set(hours))
    if not 1 <= len(chosen) <= MOST_HOURS or not all(0 <= hour <= 23 for hour in chosen):
        raise BadInput(_("Choose one to %(most)d hours for the digest.") % {"most": MOST_HOURS})
    kept: dict[str, dict[str, Any]] = {}
    for channel, kinds in choices.items():
        for kind, when in kinds.items():
            known = channel in PERSONAL and kind in Kind.values and when in When.values
            if not known or (kind == Kind.URGENT and when == When.DIGEST):
                raise BadInput(_("There is no such choice of when to be told."))
            kept.setdefault(channel, {})[kind] = when
    Wishes.objects.update_or_create(person=person, defaults={"choices": kept, "digest_hours": chosen})
