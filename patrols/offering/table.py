"""The life of an offer as a table, as `patrols.workflow` is that of a report: which verb leads from where to where."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OfferState(TextChoices):
    """Where an offer stands."""

    OFFERED = "offered", pgettext_lazy("offer", "asked")
    ACCEPTED = "accepted", pgettext_lazy("offer", "taken on")
    ARRIVED = "arrived", pgettext_lazy("offer", "on the spot")
    DONE = "done", pgettext_lazy("offer", "done")
    DECLINED = "declined", pgettext_lazy("offer", "not this time")
    EXPIRED = "expired", pgettext_lazy("offer", "lapsed")
    WITHDRAWN = "withdrawn", pgettext_lazy("offer", "withdrawn")
    RELEASED = "released", pgettext_lazy("offer", "given back")


class CallState(TextChoices):
    """Where a round of asking stands."""

    OPEN = "open", pgettext_lazy("call", "asking")
    FILLED = "filled", pgettext_lazy("call", "found")
    UNANSWERED = "unanswered", pgettext_lazy("call", "nobody came forward")
    WITHDRAWN = "withdrawn", pgettext_lazy("call", "withdrawn")


class By(StrEnum):
    """Who may use a verb on an offer."""

    ASKED = "asked"  # whose offer it is
    DISPATCHER = "dispatcher"  # dispatches in the report's region
    CLOCK = "clock"  # nobody: time does it
    REPORT = "report"  # it follows from what was done with the report


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table."""

    verb: str
    label: Promise
    sources: frozenset[OfferState]
    target: OfferState
    by: frozenset[By]


# Who holds a place of a call, and who still works at it.
HELD_STATES = frozenset({OfferState.ACCEPTED, OfferState.ARRIVED, OfferState.DONE})
WORKING_STATES = frozenset({OfferState.ACCEPTED, OfferState.ARRIVED})
LIVE_STATES = WORKING_STATES | {OfferState.OFFERED}


def _step(verb: str, label: Promise, sources: set[OfferState], target: OfferState, *by: By) -> Step:
    return Step(verb, label, frozenset(sources), target, frozenset(by))


STEPS: dict[str, Step] = {
    step.verb: step
    for step in (
        _step("accept", pgettext_lazy("offer", "Take it"), {OfferState.OFFERED}, OfferState.ACCEPTED, By.ASKED),
        _step("decline", pgettext_lazy("offer", "Not now"), {OfferState.OFFERED}, OfferState.DECLINED, By.ASKED),
        _step("expire", _("Lapse"), {OfferState.OFFERED}, OfferState.EXPIRED, By.CLOCK),
        _step(
            "withdraw",
            pgettext_lazy("offer", "Withdraw"),
            {OfferState.OFFERED},
            OfferState.WITHDRAWN,
            By.DISPATCHER,
            By.REPORT,
        ),
        _step("arrive", _("I am there"), {OfferState.ACCEPTED}, OfferState.ARRIVED, By.ASKED, By.REPORT),
        _step("done", pgettext_lazy("offer", "Done"), set(WORKING_STATES), OfferState.DONE, By.ASKED, By.REPORT),
        _step("release", _("Give it back"), set(WORKING_STATES), OfferState.RELEASED, By.ASKED, By.REPORT),
    )
}
