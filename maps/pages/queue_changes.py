"""What changed in the dispatcher's queue since an earlier answer: the rows that did, those that left, and the counts.

The cursor is the snapshot of the earlier answer, so an event is new exactly when that snapshot did not see it: one
whose transaction began before it and committed after is told, none is told twice for nothing, and none is skipped.
"""

import re
from datetime import datetime
from typing import Any, cast

from django.db.models import BooleanField, Count, Func, Q, TextField, Value
from django.utils.translation import gettext as _

from grids.problems import Problem
from grids.scope import Scope
from maps.pages.queue import TABS, Mark, add_calls, dispatching, in_queue, queued_json, with_lead
from patrols.models import Event, Report
from patrols.queries import at_risk_at, late_at

# More than this many changes: the whole queue is no longer.
MOST_CHANGES = 100
LONGEST = 2_000
# A transaction's id has 64 bits.
_ID = r"[0-9]{1,18}"
_CURSOR = re.compile(rf"([0-9a-f]{{24}})-(({_ID}):({_ID}):(?:{_ID}(?:,{_ID})*)?)")


class _Unseen(Func):
    """Whether a snapshot did not see a transaction."""

    template = "NOT pg_visible_in_snapshot(%(expressions)s)"
    output_field = BooleanField()


def changes_since(scope: Scope, mark: Mark, since: str, now: datetime) -> dict[str, Any] | None:
    """Return what happened in a person's queue since a cursor, or None where the whole queue is to be told.

    `changed` are the open rows that something happened to, `left` the ids of those that are open no more; counts are of
    all. Raises Problem (400) for a cursor that is none.
    """
    if not since:
        return None
    read = _CURSOR.fullmatch(since) if len(since) <= LONGEST else None
    if read is None:
        raise Problem(_("The cursor cannot be read: start again from the first page."))
    present = _CURSOR.fullmatch(mark.cursor)
    # Somebody else's, or in another language, or of a database that was put back since.
    if present is None or present[1] != read[1] or not int(read[3]) <= int(read[4]) <= int(present[4]):
        return None
    changed = _changed(scope, read[2], int(read[3]))
    if len(changed) > MOST_CHANGES:
        return None
    rows: list[Any] = list(with_lead(in_queue(scope).filter(pk__in=changed))) if changed else []
    open_now = {row.pk for row in rows}
    gone = [identity for identity in changed if identity not in open_now]
    # Only of what they see: another's reports are not named.
    seen = Report.objects.visible_to(dispatching(scope))
    left = seen.filter(pk__in=gone).values_list("pk", flat=True) if gone else ()
    told = [queued_json(row, now) for row in rows]
    add_calls(told)
    return {
        "now": now.timestamp(),
        "changed": told,
        "left": [str(identity) for identity in left],
        **_counts(scope, now),
    }


def _changed(scope: Scope, snapshot: str, low: int) -> set[Any]:
    """Return the ids of reports with an event that a snapshot did not see, at most one more than is told."""
    districts = {code[:6] for code in dispatching(scope).wide}
    seen_then = Func(Value(snapshot), template="%(expressions)s::pg_snapshot", output_field=TextField())
    unseen = _Unseen("transaction", seen_then)
    found = Event.objects.filter(unseen, district__in=districts, transaction__gte=low)
    return set(found.order_by().values_list("report", flat=True).distinct()[: MOST_CHANGES + 1])


def _counts(scope: Scope, now: datetime) -> dict[str, Any]:
    counts = dict.fromkeys((tab.key for tab in TABS), 0)
    late, risk = 0, 0
    each = cast(Any, in_queue(scope).order_by()).values("tab")
    late_here, at_risk = Count("id", filter=Q(late_at(now))), Count("id", filter=at_risk_at(now))
    for row in each.annotate(number=Count("id"), late_here=late_here, at_risk=at_risk):
        key = TABS[row["tab"]].key
        counts[key] = row["number"]
        risk += row["at_risk"]
        late += row["late_here"] if key == "waiting" else 0
    return {"counts": counts, "late": late, "risk": risk}
