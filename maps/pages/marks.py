"""What stands out about a report beside its state and its clock; js/lib/marks.js says the same on the board."""

from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def marks_of(report: dict[str, Any]) -> list[dict[str, str]]:
    """Return the marks of a report's JSON form in words, each with its kind: what is pressing first."""
    marks = []
    if report["supervised"]:
        marks.append({"kind": "supervised", "text": _counted(_("supervised"), report["supervised"])})
    if report["urged"]:
        marks.append({"kind": "urged", "text": _counted(_("urged"), report["urged"])})
    if report["ask"]:
        marks.append({"kind": "ask", "text": ask_words(report["ask"])})
    # Once, and now: its state says so.
    if report["rework"] > (report["state"] == "returned"):
        marks.append({"kind": "rework", "text": _counted(_("rework"), report["rework"])})
    if report["settles_at"]:
        at = date_format(timezone.localtime(parse_datetime(report["settles_at"])), "H:i")
        marks.append({"kind": "settles", "text": _("closes by itself at %(clock)s") % {"clock": at}})
    return marks


def ask_words(ask: dict[str, Any]) -> str:
    """Return what is asked for and until when."""
    until = parse_date(ask["until"])
    day = date_format(until, pgettext("date without year", "j M")) if until else ""
    words = _("asks to defer until %(day)s") if ask["kind"] == "deferral" else _("asks for time until %(day)s")
    return words % {"day": day}


def _counted(word: str, count: int) -> str:
    return word if count == 1 else _("%(word)s ×%(count)s") % {"word": word, "count": count}
