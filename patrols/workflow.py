"""The life of a report as a table: which verb leads from which states to which, who may use it, what it needs.

Everything else reads this table: the verb functions, the buttons on a page, the API, the drawing in the docs and the
tests that every state has a way in and a way out.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    """Where a report stands."""

    REPORTED = "reported", _("reported")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    DUPLICATE = "duplicate", _("duplicate")
    WITHDRAWN = "withdrawn", _("withdrawn")
    AWAITING_APPROVAL = "awaiting_approval", _("awaiting approval")
    DISPATCHED = "dispatched", _("dispatched")
    SENT_BACK = "sent_back", _("sent back")
    IN_PROGRESS = "in_progress", _("in progress")
    HANDLED = "handled", _("handled")
    RETURNED = "returned", _("returned for rework")
    ON_HOLD = "on_hold", _("on hold")
    DEFERRED = "deferred", _("deferred")
    CLOSED = "closed", _("closed")
    REOPENED = "reopened", _("reopened")


class May(StrEnum):
    """In which capacity somebody may use a verb."""

    REPORTER = "reporter"  # who filed it
    OWNER = "owner"  # leads or answers for its grid
    MEMBER = "member"  # belongs to its grid
    DISPATCHER = "dispatcher"  # dispatches in its region
    PLANNER = "planner"  # plans in its region
    PARTY = "party"  # was asked to deal with it, or belongs to the body that was


class Needs(StrEnum):
    """What a verb must be given."""

    REASON = "reason"
    HOLDER = "holder"  # the person, team or body it goes to
    ORIGINAL = "original"  # the report it repeats
    UNTIL = "until"  # a day


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `target` None leads back to where the report came from, or leaves it where it is."""

    verb: str
    label: Promise
    sources: frozenset[State]
    target: State | None
    may: frozenset[May]
    needs: frozenset[Needs] = field(default_factory=frozenset)
    by_another: bool = False  # by somebody other than who handled it or asked for it


WORKING_STATES = frozenset(
    {
        State.ACCEPTED,
        State.DISPATCHED,
        State.IN_PROGRESS,
        State.RETURNED,
        State.SENT_BACK,
        State.AWAITING_APPROVAL,
    }
)
PARKED_STATES = frozenset({State.ON_HOLD, State.DEFERRED})
WAITING_STATES = frozenset({State.REPORTED, State.ACCEPTED, State.AWAITING_APPROVAL, State.SENT_BACK, State.REOPENED})
FIXING_STATES = frozenset({State.DISPATCHED, State.IN_PROGRESS, State.RETURNED})
FINAL_STATES = frozenset({State.REJECTED, State.DUPLICATE, State.WITHDRAWN, State.CLOSED})
OPEN_STATES = tuple(sorted(set(State) - FINAL_STATES))


def _row(
    verb: str,
    label: Promise,
    sources: set[State] | frozenset[State],
    target: State | None,
    may: set[May],
    *needs: Needs,
    by_another: bool = False,
) -> Transition:
    return Transition(verb, label, frozenset(sources), target, frozenset(may), frozenset(needs), by_another)


TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        _row(
            "accept",
            pgettext_lazy("verb", "Accept"),
            {State.REPORTED, State.REOPENED},
            State.ACCEPTED,
            {May.DISPATCHER},
        ),
        _row(
            "reject",
            pgettext_lazy("verb", "Reject"),
            {State.REPORTED},
            State.REJECTED,
            {May.DISPATCHER},
            Needs.REASON,
        ),
        _row(
            "mark_duplicate",
            pgettext_lazy("verb", "Mark as duplicate"),
            {State.REPORTED},
            State.DUPLICATE,
            {May.DISPATCHER},
            Needs.ORIGINAL,
        ),
        _row("withdraw", pgettext_lazy("verb", "Withdraw"), {State.REPORTED}, State.WITHDRAWN, {May.REPORTER}),
        _row(
            "handle_on_spot",
            pgettext_lazy("verb", "Fixed on the spot"),
            {State.REPORTED},
            State.HANDLED,
            {May.REPORTER},
        ),
        _row(
            "request_approval",
            pgettext_lazy("verb", "Ask for approval"),
            {State.ACCEPTED},
            State.AWAITING_APPROVAL,
            {May.DISPATCHER},
            Needs.HOLDER,
        ),
        _row(
            "approve",
            pgettext_lazy("verb", "Approve"),
            {State.AWAITING_APPROVAL},
            State.DISPATCHED,
            {May.DISPATCHER, May.PLANNER, May.OWNER},
            by_another=True,
        ),
        _row(
            "refuse_approval",
            pgettext_lazy("verb", "Refuse"),
            {State.AWAITING_APPROVAL},
            State.ACCEPTED,
            {May.DISPATCHER, May.PLANNER, May.OWNER},
            Needs.REASON,
            by_another=True,
        ),
        _row(
            "dispatch",
            pgettext_lazy("verb", "Dispatch"),
            {State.ACCEPTED, State.SENT_BACK},
            State.DISPATCHED,
            {May.DISPATCHER},
            Needs.HOLDER,
        ),
        _row(
            "recall",
            pgettext_lazy("verb", "Recall"),
            {State.DISPATCHED, State.SENT_BACK},
            State.ACCEPTED,
            {May.DISPATCHER},
            Needs.REASON,
        ),
        _row(
            "send_back",
            pgettext_lazy("verb", "Send back"),
            {State.DISPATCHED},
            State.SENT_BACK,
            {May.PARTY, May.DISPATCHER},
            Needs.REASON,
        ),
        _row(
            "start",
            pgettext_lazy("verb", "Start"),
            {State.DISPATCHED, State.RETURNED},
            State.IN_PROGRESS,
            {May.PARTY, May.DISPATCHER},
        ),
        _row(
            "handle",
            pgettext_lazy("verb", "Report as handled"),
            {State.IN_PROGRESS},
            State.HANDLED,
            {May.PARTY, May.DISPATCHER},
        ),
        _row(
            "close",
            pgettext_lazy("verb", "Verify and close"),
            {State.HANDLED},
            State.CLOSED,
            {May.DISPATCHER, May.OWNER},
            by_another=True,
        ),
        _row(
            "return",
            pgettext_lazy("verb", "Return for rework"),
            {State.HANDLED},
            State.RETURNED,
            {May.DISPATCHER, May.OWNER},
            Needs.REASON,
            by_another=True,
        ),
        _row(
            "hold",
            pgettext_lazy("verb", "Put on hold"),
            WORKING_STATES,
            State.ON_HOLD,
            {May.DISPATCHER, May.PLANNER},
            Needs.REASON,
            Needs.UNTIL,
            by_another=True,
        ),
        _row(
            "defer",
            pgettext_lazy("verb", "Defer"),
            WORKING_STATES,
            State.DEFERRED,
            {May.DISPATCHER, May.PLANNER},
            Needs.REASON,
            Needs.UNTIL,
            by_another=True,
        ),
        _row("resume", pgettext_lazy("verb", "Resume"), PARKED_STATES, None, {May.DISPATCHER, May.PARTY}),
        _row(
            "extend",
            pgettext_lazy("verb", "Extend the time limit"),
            {State.DISPATCHED, State.IN_PROGRESS, State.RETURNED},
            None,
            {May.DISPATCHER, May.PLANNER},
            Needs.REASON,
            Needs.UNTIL,
            by_another=True,
        ),
        # From whoever leads it to another, where it stands: a handover of responsibilities uses it for many at once.
        _row(
            "hand_over",
            pgettext_lazy("verb", "Hand over"),
            FIXING_STATES | PARKED_STATES | {State.AWAITING_APPROVAL},
            None,
            {May.DISPATCHER},
            Needs.HOLDER,
        ),
        _row(
            "reopen",
            pgettext_lazy("verb", "Reopen"),
            {State.REJECTED, State.DUPLICATE, State.CLOSED},
            State.REOPENED,
            {May.DISPATCHER},
            Needs.REASON,
        ),
    )
}


def verbs_from(state: str) -> list[Transition]:
    """Return the rows that lead away from a state (or act on it), in the table's order."""
    return [row for row in TRANSITIONS.values() if state in row.sources]
