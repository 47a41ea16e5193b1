"""The dispatcher's queue: what is open in their regions, most urgent first, and whether anything happened since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, cast

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    Q,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Least, RowNumber
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from grids.models.people import Role
from grids.scope import Scope
from patrols.models import Event, Report
from patrols.models.parties import PartyRole, PartyState
from patrols.offering.showing import board_calls
from patrols.presentation import report_json
from patrols.queries import ReportQuerySet, at_risk_at, late_at
from patrols.workflow import FIXING_STATES, PARKED_STATES, WAITING_STATES, State

ROWS_PER_TAB = 60


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of the queue."""

    key: str
    label: Promise
    states: frozenset[State]


TABS = (
    Tab(
        "waiting",
        _("To dispatch"),
        frozenset({State.REPORTED, State.ACCEPTED, State.AWAITING_APPROVAL, State.REOPENED}),
    ),
    Tab("sent_back", _("Sent back"), frozenset({State.SENT_BACK})),
    Tab("handling", _("Being handled"), FIXING_STATES),
    Tab("verify", _("To verify"), frozenset({State.HANDLED})),
    Tab("parked", _("Parked"), PARKED_STATES),
)


TAB_NUMBER = Case(
    *(When(state__in=tab.states, then=Value(index)) for index, tab in enumerate(TABS)), output_field=IntegerField()
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def dispatching(scope: Scope) -> Scope:
    """Return the part of a person's reach in which they dispatch, and nothing else."""
    codes = scope.regions.get(Role.DISPATCHER, ())
    nothing: frozenset[int] = frozenset()
    return Scope(None, {Role.DISPATCHER: codes} if codes else {}, nothing, nothing, nothing, nothing)


def with_lead(reports: ReportQuerySet) -> ReportQuerySet:
    """Fetch with each report all that a row shows, in the one query."""
    taking_part = [state for state in PartyState.values if state != PartyState.LEFT]
    lead = FilteredRelation("parties", condition=Q(parties__role=PartyRole.LEAD) & Q(parties__state__in=taking_part))
    # The type checker does not see that `lead` was annotated the line before.
    return (
        reports.annotate(lead=lead)
        .select_related(  # type: ignore[misc]
            "category",
            "grid",
            "reporter",
            "stairwell__building",
            "lead__person",
            "lead__team",
            "lead__organisation",
        )
        .defer("geom", "grid__geom", "stairwell__geom", "stairwell__building__geom", "lead__organisation__jurisdiction")
    )


def keep_lead(report: Report) -> Report:
    """Put the lead fetched by `with_lead` where `for_list` puts it."""
    lead = getattr(report, "lead", None)
    report.__dict__["leads"] = [lead] if lead else []
    return report


def in_queue(scope: Scope) -> ReportQuerySet:
    """Return all that is open where somebody dispatches, each with the number of its tab and how urgent it is in it."""
    urgency = Case(
        When(state__in=FIXING_STATES, then=Least("due_at", "outside_due_at")),
        When(state=State.HANDLED, then=F("handled_at")),
        When(state__in=PARKED_STATES, then=Cast("hold_until", DateTimeField())),
        default=Least("dispatch_due_at", "outside_due_at"),
    )
    return Report.objects.visible_to(dispatching(scope)).open().annotate(tab=TAB_NUMBER, urgency=urgency)


def queued_json(row: Any, now: datetime) -> dict[str, Any]:
    """Return what the board knows of a row of `in_queue`; `urgency` orders it within its tab, in microseconds."""
    urgency = None if row.urgency is None else (row.urgency - EPOCH) // timedelta(microseconds=1)
    return {**report_json(keep_lead(row), now), "tab": TABS[row.tab].key, "urgency": urgency}


def add_calls(rows: list[dict[str, Any]]) -> None:
    """Put beside rows of the board what was asked of volunteers for those that wait, in one query."""
    calls = board_calls([row["id"] for row in rows if row["state"] in WAITING_STATES])
    for row in rows:
        row["call"] = calls.get(row["id"])


def queue_of(scope: Scope, now: datetime) -> dict[str, Any]:
    """Return the first rows of every tab, how many each has, how many wait late for dispatch, and how many are at risk.

    It is one query, and one for who is asked to go.

    Within a tab the clock that ends first comes first: the one until dispatch, the one until the fix; what is to be
    verified by how long it has waited, what is parked by the day it comes back.
    """
    order = [F("urgency").asc(nulls_last=True), F("recorded_at").asc(), F("id").asc()]
    rows = (
        with_lead(in_queue(scope))
        .annotate(
            in_tab=Window(Count("id"), partition_by=[F("tab")]),
            late_in_tab=Window(Count("id", filter=late_at(now)), partition_by=[F("tab")]),
            risk_in_all=Window(Count("id", filter=at_risk_at(now))),
            rank=Window(RowNumber(), partition_by=[F("tab")], order_by=order),
        )
        .filter(rank__lte=ROWS_PER_TAB)
        .order_by("tab", "rank")
    )
    counts = dict.fromkeys((tab.key for tab in TABS), 0)
    late = dict.fromkeys(counts, 0)
    risk = 0
    results = []
    for row in cast(Iterable[Any], rows):
        key = TABS[row.tab].key
        counts[key], late[key], risk = row.in_tab, row.late_in_tab, row.risk_in_all
        results.append(queued_json(row, now))
    add_calls(results)
    return {"now": now.timestamp(), "counts": counts, "late": late["waiting"], "risk": risk, "results": results}


class _Snapshot(Func):
    """The transactions that the running statement sees: `xmin:xmax:running,…`."""

    template = "pg_current_snapshot()::text"
    output_field = TextField()


@dataclass(frozen=True, slots=True)
class Mark:
    """What the board knows: the tag of its queue, and from where on what happens is new to it (empty: everything)."""

    etag: str
    cursor: str


def queue_etag(scope: Scope) -> str:
    """Return the tag of a person's queue alone."""
    return mark_of(scope).etag


def mark_of(scope: Scope) -> Mark:
    """Return a tag that changes whenever an event in the person's districts becomes visible, and reads no report.

    The cursor that comes with it is the snapshot that saw those events.

    The newest visible event and the transactions with lower ids that still run say exactly which events are visible:
    one that commits late under a lower id leaves the running ones and changes the tag, so none is ever skipped.
    """
    reach = dispatching(scope)
    districts = {code[:6] for code in reach.wide}
    newest = (
        Event.objects.filter(district__in=districts)
        .annotate(snapshot=_Snapshot())
        .order_by("-transaction", "-id")
        .values_list("transaction", "id", "snapshot")
        .first()
    )
    seen: tuple[object, ...] = ()
    if newest:
        transaction, event, snapshot = newest
        seen = (transaction, event, *running_below(snapshot, transaction))
    reader = (scope.person_id, scope.key, reach.key, get_language())
    cursor = f"{_digest(reader)}-{newest[2]}" if newest else ""
    return Mark(f'"{_digest((*reader, seen))}"', cursor)


def _digest(parts: tuple[object, ...]) -> str:
    return blake2b(repr(parts).encode(), digest_size=12).hexdigest()


def running_below(snapshot: str, transaction: int) -> list[int]:
    """Return the transactions of a snapshot that still ran and have a lower id than one."""
    running = snapshot.split(":")[2]
    return [int(one) for one in running.split(",") if one and int(one) < transaction]
