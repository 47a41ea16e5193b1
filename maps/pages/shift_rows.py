"""What pages show of a shift, in words: when, where, who is missing, and what is known of who came."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from maps.pages.wording import coming, coming_day
from patrols.models import Shift, Turn
from patrols.models.posts import Presence, ShiftState, TurnState
from patrols.posts.presence import EARLY

MOST_NAMES = 12


def row_of(shift: Any, now: datetime) -> dict[str, Any]:
    """Return what every list shows of a shift."""
    return {
        "id": str(shift.pk),
        "post": shift.post_id,
        "place": shift.post.local_name,
        "region": shift.post.region.local_name,
        "instruction": shift.post.instruction,
        "day": coming_day(shift.day, timezone.localdate(now)),
        "clock": clock_of(shift),
        "when": f"{coming(shift.starts_at, now)}–{date_format(timezone.localtime(shift.ends_at), 'H:i')}",
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "wanted": shift.wanted,
        "taken": shift.taken,
        "missing": shift.missing,
        "vacancy": vacancy(shift),
        "cancelled": shift.state == ShiftState.CANCELLED,
        "reason": shift.reason,
        "running": shift.starts_at <= now < shift.ends_at,
        "over": shift.ends_at <= now,
    }


def clock_of(shift: Shift) -> str:
    """Return from when until when, on the site's clock."""
    start, end = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
    return f"{date_format(start, 'H:i')}–{date_format(end, 'H:i')}"


def vacancy(shift: Shift) -> str:
    """Return whom a shift still needs."""
    if not shift.missing:
        return ""
    return ngettext("%(count)s person missing", "%(count)s people missing", shift.missing) % {"count": shift.missing}


def attendance(shift: Any, now: datetime) -> str:
    """Return what is known of who came: by position and by their own word apart, unknown where nothing is known."""
    if shift.starts_at > now or shift.state == ShiftState.CANCELLED:
        return ""
    parts = []
    if shift.there:
        parts.append(_("%(count)s there by position") % {"count": shift.there})
    if shift.by_word:
        parts.append(_("%(count)s by their own word") % {"count": shift.by_word})
    return pgettext("list", ", ").join(parts) or _("unknown who came")


def presence_words(turn: Turn, now: datetime) -> str:
    """Return in words what is known of somebody's having come, with its time; nothing where nothing is known."""
    known = turn.presence
    if known == Presence.UNKNOWN:
        return ""
    at = turn.arrived_at or turn.tracked_at
    assert at
    clock = date_format(timezone.localtime(at), "H:i")
    how = _("by position") if known == Presence.MEASURED else _("own word")
    words = _("there since %(clock)s · %(how)s") % {"clock": clock, "how": how}
    if turn.left_at:
        left = date_format(timezone.localtime(turn.left_at), "H:i")
        words = _("there %(clock)s–%(left)s · %(how)s") % {"clock": clock, "left": left, "how": how}
    return words


def own_row(shift: Any, turn: Turn, crew: Iterable[Turn], now: datetime) -> dict[str, Any]:
    """Return one's own shift: who else is there, what is known, and which verbs are open to one."""
    swap = turn.state == TurnState.SWAP_WANTED
    before = shift.starts_at > now
    near = shift.starts_at - EARLY <= now <= shift.ends_at
    others = [row.person.local_name for row in crew if row.person_id != turn.person_id]
    return {
        **row_of(shift, now),
        "others": pgettext("list", ", ").join(others[:MOST_NAMES]),
        "swap": swap,
        "presence": presence_words(turn, now),
        "may_arrive": near,
        "to_arrive": not turn.arrived_at and now <= shift.ends_at,
        "opens": int((shift.starts_at - EARLY).timestamp()),
        "closes": int(shift.ends_at.timestamp()),
        "may_leave": bool(turn.arrived_at) and not turn.left_at and now <= shift.ends_at + timedelta(hours=2),
        "may_swap": before and not swap,
        "may_keep": before and swap,
        "may_release": before,
    }
