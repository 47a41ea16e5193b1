"""How a report's state is said by GeoReport v2: open or closed, and CitySDK's five steps."""

from patrols.workflow import FINAL_STATES, State

OPEN, CLOSED = "open", "closed"
STATUSES: dict[str, frozenset[State]] = {OPEN: frozenset(State) - FINAL_STATES, CLOSED: FINAL_STATES}
DETAILED: dict[str, frozenset[State]] = {
    "RECEIVED": frozenset({State.REPORTED, State.ACCEPTED, State.AWAITING_APPROVAL, State.SENT_BACK, State.REOPENED}),
    "IN_PROCESS": frozenset({State.DISPATCHED, State.IN_PROGRESS, State.RETURNED, State.ON_HOLD, State.DEFERRED}),
    "PROCESSED": frozenset({State.HANDLED}),
    "ARCHIVED": frozenset({State.CLOSED}),
    "REJECTED": frozenset({State.REJECTED, State.DUPLICATE, State.WITHDRAWN}),
}


def status_of(state: str) -> str:
    """Return open or closed."""
    return CLOSED if state in FINAL_STATES else OPEN


def detailed_of(state: str) -> str:
    """Return the step of CitySDK."""
    return next(word for word, states in DETAILED.items() if state in states)
