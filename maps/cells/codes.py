"""What stands for a category and a state in the counts: small numbers, 0 for all of them, 100 for any open state.

A number once given stays: rows hold it.
"""

from patrols.workflow import OPEN_STATES, State

ALL = 0
ANY_OPEN = 100
NUMBERS: dict[str, int] = {
    State.REPORTED: 1,
    State.ACCEPTED: 2,
    State.REJECTED: 3,
    State.DUPLICATE: 4,
    State.WITHDRAWN: 5,
    State.AWAITING_APPROVAL: 6,
    State.DISPATCHED: 7,
    State.SENT_BACK: 8,
    State.IN_PROGRESS: 9,
    State.HANDLED: 10,
    State.RETURNED: 11,
    State.ON_HOLD: 12,
    State.DEFERRED: 13,
    State.CLOSED: 14,
    State.REOPENED: 15,
}
OPEN = tuple(sorted(NUMBERS[state] for state in OPEN_STATES))


def number_of(category: str) -> int:
    """Return the number of a category's code of five digits, which is the same in every edition."""
    return int(category)


def code_of(number: int) -> str:
    """Return the code that a number stands for."""
    return f"{number:05d}"
