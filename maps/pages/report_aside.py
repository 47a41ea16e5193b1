"""What the page of a request or a task shows beside what every report has: its contact and the parts of others."""

from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import pgettext

from grids.models.catalogue import Kind
from grids.models.people import Role
from grids.scope import Scope
from maps.pages.wording import full_moment
from patrols.contacts import kept_until, looks_at, role_of
from patrols.models import Report

MOST_LOOKS = 20


def aside_of(report: Report, scope: Scope, now: datetime) -> dict[str, Any] | None:
    """Return what the page shows; None for a problem, which costs no query.

    Whether there is a contact, and who looked at it, is for those who may look.
    """
    if report.kind == Kind.PROBLEM:
        return None
    if report.kind == Kind.TASK:
        return {"contact": None, "day": _day(report.task_day)}
    if role_of(report, scope) is None:
        return {"contact": None}
    roles = dict(Role.choices)
    looks = [
        {"who": str(look.viewer), "role": roles.get(look.role, ""), "when": full_moment(look.at, now)}
        for look in looks_at(report)[:MOST_LOOKS]
    ]
    return {"contact": {"purge_on": _day(kept_until(report, scope, now)), "looks": looks}}


def _day(day: date | None) -> str:
    return date_format(day, pgettext("date with year", "j M Y")) if day else ""
