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
    ASKED = "asked"  # belongs to a body that was asked whether it takes a request
    CLOCK = "clock"  # nobody: it happens by itself at its time
    RESIDENT = "resident"  # who brought a request through a link, and says how they are reached
    LIST = "list"  # nobody by hand: the task is changed or ended of which it is a day


class Needs(StrEnum):
    """What a verb must be given."""

    REASON = "reason"
    HOLDER = "holder"  # the person, team or body it goes to
    ORIGINAL = "original"  # the report it repeats
    UNTIL = "until"  # a day
    AFTER_PHOTO = "after_photo"  # a photo of what it looks like now, where the category says so


class Ask(TextChoices):
    """What who deals with a report may ask for; one at a time, granted or refused by somebody else."""

    EXTENSION = "extension", _("extension")
    DEFERRAL = "deferral", _("deferral")


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
RUNNING_STATES = WAITING_STATES | FIXING_STATES
UNBEGUN_STATES = WAITING_STATES | {State.DISPATCHED}
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
        # A request goes to the first of the bodies that were asked; the others are told that it is taken.
        _row(
            "take",
            pgettext_lazy("verb", "Take the request"),
            {State.REPORTED, State.ACCEPTED},
            State.IN_PROGRESS,
            {May.ASKED},
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
        # What nobody has begun is the resident's to take back, by the page on which they follow it.
        _row(
            "withdraw_request",
            pgettext_lazy("verb", "Withdrawn by the resident"),
            UNBEGUN_STATES,
            State.WITHDRAWN,
            {May.RESIDENT},
        ),
        _row(
            "call_off",
            pgettext_lazy("verb", "Called off with its task"),
            UNBEGUN_STATES,
            State.WITHDRAWN,
            {May.LIST},
        ),
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
            {State.ACCEPTED, State.SENT_BACK},
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
        # What a volunteer has taken on and cannot finish: no fault, so no reason is asked for.
        _row(
            "give_back",
            pgettext_lazy("verb", "Give back"),
            {State.DISPATCHED, State.IN_PROGRESS},
            State.ACCEPTED,
            {May.PARTY},
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
            "settle",
            pgettext_lazy("verb", "Close without verification"),
            {State.HANDLED},
            State.CLOSED,
            {May.CLOCK},
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
        # Asked for by who deals with it, answered by somebody else; whatever else moves the report lets it lapse.
        _row(
            "ask_extension",
            pgettext_lazy("verb", "Ask for an extension"),
            FIXING_STATES,
            None,
            {May.PARTY},
            Needs.REASON,
            Needs.UNTIL,
        ),
        _row(
            "ask_deferral",
            pgettext_lazy("verb", "Ask to defer"),
            FIXING_STATES,
            None,
            {May.PARTY},
            Needs.REASON,
            Needs.UNTIL,
        ),
        _row(
            "approve_extension",
            pgettext_lazy("verb", "Approve the extension"),
            FIXING_STATES,
            None,
            {May.DISPATCHER, May.PLANNER},
            by_another=True,
        ),
        _row(
            "approve_deferral",
            pgettext_lazy("verb", "Approve the deferral"),
            FIXING_STATES,
            State.DEFERRED,
            {May.DISPATCHER, May.PLANNER},
            by_another=True,
        ),
        _row(
            "refuse_ask",
            pgettext_lazy("verb", "Refuse the request"),
            FIXING_STATES,
            None,
            {May.DISPATCHER, May.PLANNER},
            Needs.REASON,
            by_another=True,
        ),
        _row("withdraw_ask", pgettext_lazy("verb", "Withdraw the request"), FIXING_STATES, None, {May.PARTY}),
        _row(
            "urge",
            pgettext_lazy("verb", "Urge"),
            RUNNING_STATES,
            None,
            {May.DISPATCHER, May.PLANNER, May.OWNER, May.REPORTER},
            by_another=True,
        ),
        _row(
            "supervise",
            pgettext_lazy("verb", "Supervise"),
            RUNNING_STATES | PARKED_STATES,
            None,
            {May.DISPATCHER, May.PLANNER},
            Needs.REASON,
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


# What an ask outlives; any other step answers it or lets it lapse.
KEEP_ASK = frozenset({"start", "urge", "supervise"})
ASKS = {"ask_extension": Ask.EXTENSION, "ask_deferral": Ask.DEFERRAL}
GRANTS = {"approve_extension": Ask.EXTENSION, "approve_deferral": Ask.DEFERRAL}
ANSWERS = frozenset({*GRANTS, "refuse_ask", "withdraw_ask"})


def verbs_from(state: str) -> list[Transition]:
    """Return the rows that lead away from a state (or act on it), in the table's order."""
    return [row for row in TRANSITIONS.values() if state in row.sources]
