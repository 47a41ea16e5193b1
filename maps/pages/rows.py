"""What a row of a list shows of a report, in words, on top of its JSON form."""

from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from maps.pages.marks import marks_of
from maps.pages.wording import moment, span


def row_of(report: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return a report's JSON form with its address, its clock and its times in words."""
    recorded = parse_datetime(report["recorded_at"])
    assert recorded is not None
    return {
        **report,
        "url": reverse("report", args=[report["id"]]),
        "pill": pill_of(report, now),
        "marks": marks_of(report),
        "symbol": symbol_of(report),
        "when": moment(recorded, now),
    }


def symbol_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return what the symbol of a report is drawn from, named as in the map's tiles."""
    clock = report["clock"]
    return {
        "glyph": report["category"]["glyph"],
        "hazard": report["category"]["hazard"],
        "state": report["state"],
        "late": clock["late"],
        "dispatched": clock["started"],
        "due": clock["due"],
    }


def pill_of(report: dict[str, Any], now: datetime) -> dict[str, str] | None:
    """Return the clock of a report in words, with its tone: "", "warn" (at risk) or "bad" (late)."""
    if report["hold_until"]:
        until = parse_date(report["hold_until"])
        day = date_format(until, pgettext("date without year", "j M")) if until else ""
        return {"text": _("until %(day)s") % {"day": day}, "tone": ""}
    clock = report["clock"]
    if not clock["due"]:
        return None
    left = datetime.fromtimestamp(clock["due"], UTC) - now
    if left.total_seconds() < 0:
        return {"text": _("%(span)s late") % {"span": span(left)}, "tone": "bad"}
    return {"text": _("%(span)s left") % {"span": span(left)}, "tone": "warn" if clock["at_risk"] else ""}
