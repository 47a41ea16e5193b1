"""What a report's page says of others that are the same problem."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from grids.scope import Scope
from maps.pages.wording import moment
from patrols.models import Report

MOST = 20


def same_of(report: Report, scope: Scope, now: datetime) -> dict[str, Any]:
    """Return the report that one repeats and those that repeat it, as far as somebody may see them, in a query or two.

    Of an original that is not theirs to see they learn how it stands.
    """
    condition = Q(duplicate_of=report.pk) | Q(recurrence_of=report.pk)
    if report.duplicate_of_id:
        condition |= Q(pk=report.duplicate_of_id)
    if report.recurrence_of_id:
        condition |= Q(pk=report.recurrence_of_id)
    found = Report.objects.visible_to(scope).filter(condition).order_by("pk")
    rows = list(found.only("number", "state", "times", "duplicate_of", "recurrence_of")[:MOST])
    original = next((row for row in rows if row.pk == report.duplicate_of_id), None)
    hidden = report.duplicate_of if report.duplicate_of_id and original is None else None
    repeats = [_named(row) for row in rows if row.duplicate_of_id == report.pk]
    chain = [_named(row) for row in rows if row.pk == report.recurrence_of_id or row.recurrence_of_id == report.pk]
    return {
        "original": _named(original) if original else {"state": hidden.get_state_display()} if hidden else None,
        "repeats": repeats,
        "chain": chain,
        "shown": bool(report.duplicate_of_id or repeats or report.further or report.times > 1 or chain),
        "outside": report.outside_number or report.outside_due_at,
        "outside_due": moment(report.outside_due_at, now) if report.outside_due_at else "",
    }


def _named(report: Report) -> dict[str, Any]:
    url = reverse("report", args=[report.pk])
    return {"url": url, "number": report.number, "state": report.get_state_display(), "times": report.times}
