"""The state table itself: complete, and honest about what it needs."""

import pytest

from patrols.workflow import FINAL_STATES, FIXING_STATES, PARKED_STATES, TRANSITIONS, WAITING_STATES, May, State


def _targets(state: State) -> set[State | None]:
    found: set[State | None] = set()
    for row in TRANSITIONS.values():
        if state in row.sources:
            found.add(row.target)
    return found


def test_every_state_but_the_first_has_a_way_in() -> None:
    reached = {row.target for row in TRANSITIONS.values()}
    assert reached - {None} == set(State) - {State.REPORTED}


def test_every_state_has_a_way_out_but_withdrawn() -> None:
    stuck = {state for state in State if not _targets(state)}
    assert stuck == {State.WITHDRAWN}


def test_every_state_can_reach_an_end() -> None:
    ends: set[State] = set(FINAL_STATES)
    while True:
        grown = ends | {state for state in State if _targets(state) & ends or (state in PARKED_STATES)}
        if grown == ends:
            break
        ends = grown
    assert ends == set(State)


def test_states_are_either_waiting_fixing_parked_handled_or_final() -> None:
    kinds = [WAITING_STATES, FIXING_STATES, PARKED_STATES, FINAL_STATES, frozenset({State.HANDLED})]
    assert sum(len(kind) for kind in kinds) == len(State)
    assert frozenset().union(*kinds) == set(State)


@pytest.mark.parametrize(
    ("verb", "source", "target"),
    [
        ("handle_on_spot", State.REPORTED, State.HANDLED),
        ("approve", State.AWAITING_APPROVAL, State.DISPATCHED),
        ("dispatch", State.SENT_BACK, State.DISPATCHED),
        ("recall", State.SENT_BACK, State.ACCEPTED),
        ("start", State.RETURNED, State.IN_PROGRESS),
        ("reopen", State.REJECTED, State.REOPENED),
        ("accept", State.REOPENED, State.ACCEPTED),
    ],
)
def test_the_design_s_less_usual_paths_exist(verb: str, source: State, target: State) -> None:
    row = TRANSITIONS[verb]
    assert source in row.sources
    assert row.target == target


def test_verification_and_parking_are_for_somebody_else() -> None:
    assert all(TRANSITIONS[verb].by_another for verb in ("close", "return", "approve", "hold", "defer", "extend"))


def test_no_verb_is_open_to_everybody() -> None:
    assert all(row.may and row.may <= set(May) for row in TRANSITIONS.values())
