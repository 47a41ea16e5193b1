"""The loop of a report driven by chance: several people, some of them at once, on a real database.

What a step does is checked against a small model that knows the cast by hand: who is what to the report. After every
step the history is a chain without a gap that ends where the report stands, and whoever was refused changed nothing.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from grids.problems import Conflict, NotFound, Problem
from patrols.authority import available
from patrols.filing import Draft, file_report
from patrols.models import Event, Party, Report
from patrols.settling import settle
from patrols.transitions import Move, transition
from patrols.workflow import FINAL_STATES, FIXING_STATES, PARKED_STATES, TRANSITIONS, May, Needs, State
from tests.town import LITTER, MANHOLE, PARKING, Town, at

INSIDERS = ("alice", "bob", "dora", "paula", "squad_member")
OUTSIDERS = ("charlie", "olaf")
STANDING = {
    "alice": {May.OWNER, May.MEMBER},
    "bob": {May.MEMBER},
    "dora": {May.DISPATCHER},
    "paula": {May.PLANNER},
    "squad_member": set(),
}
Outcome = Report | Problem


def attempt(town: Town, report: UUID, who: str, verb: str, move: Move) -> Outcome:
    try:
        return transition(report, verb, town.scope(who), move)
    except Problem as problem:
        return problem


def at_once(*works: Callable[[], Outcome]) -> list[Outcome]:
    """Do things at the same moment, each on a connection of its own."""
    barrier, found = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Outcome]) -> None:
        try:
            barrier.wait(timeout=20)
            found[place] = work()  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert all(isinstance(one, Report | Problem) for one in found)
    return found  # type: ignore[return-value]


class Loop(RuleBasedStateMachine):
    """One report and everybody who could do something with it."""

    town: Town

    @initialize(category=st.sampled_from([LITTER, PARKING, MANHOLE]), reporter=st.sampled_from(["alice", "bob"]))
    def begin(self, category: str, reporter: str) -> None:
        point = at(1.5, 1.5)
        self.category, self.reporter = category, reporter
        report = file_report(Draft(category=category, geom=point, anchor=point), self.town.scope(reporter))
        self.id, self.done = report.pk, 1

    @rule(data=st.data(), days=st.integers(1, 9))
    def somebody_does_what_is_offered(self, data: st.DataObject, days: int) -> None:
        before = self.now()
        offers = [(who, row.verb) for who in INSIDERS for row in available(before, self.town.scope(who))]
        if not offers:
            assert before.state == State.WITHDRAWN
            return
        who, verb = data.draw(st.sampled_from(offers))
        outcome = attempt(self.town, self.id, who, verb, self.move(verb, days))
        # What is offered can be done; only urging twice a day and asking for less time than there is cannot.
        if isinstance(outcome, Problem):
            assert verb in {"urge", "extend", "ask_extension", "mark_duplicate"}, (who, verb, outcome)
        self.check(before, who, verb, outcome)

    @rule(who=st.sampled_from([*INSIDERS, *OUTSIDERS]), verb=st.sampled_from(sorted(TRANSITIONS)))
    def somebody_tries_anything(self, who: str, verb: str) -> None:
        before = self.now()
        outcome = attempt(self.town, self.id, who, verb, self.move(verb, 3))
        if who in OUTSIDERS:
            assert isinstance(outcome, NotFound)
        self.check(before, who, verb, outcome)

    @rule(data=st.data())
    def two_do_something_at_once(self, data: st.DataObject) -> None:
        before = self.now()
        offers = [(who, row.verb) for who in INSIDERS for row in available(before, self.town.scope(who))]
        if not offers:
            return
        chosen = [data.draw(st.sampled_from(offers)) for _turn in range(2)]
        works = [
            lambda who=who, verb=verb: attempt(self.town, self.id, who, verb, self.move(verb, 4))
            for who, verb in chosen
        ]
        outcomes = at_once(*works)
        won = [verb for (_who, verb), outcome in zip(chosen, outcomes, strict=True) if isinstance(outcome, Report)]
        self.done += len(won)
        # Nothing that leads out of a state happens twice from it.
        moving = [verb for verb in won if TRANSITIONS[verb].target not in {None, *TRANSITIONS[verb].sources}]
        if len(moving) == 2:
            first, second = self.history()[-2:]
            assert first.after == second.before != before.state

    @rule()
    def time_passes(self) -> None:
        """What was not drawn closes by itself."""
        Report.objects.filter(pk=self.id, settles_at__isnull=False).update(settles_at=timezone.now())
        settle()
        self.done += sum(event.verb == "settle" for event in self.history()[self.done :])

    @invariant()
    def the_history_is_a_chain(self) -> None:
        report, history = self.now(), self.history()
        assert len(history) == self.done
        assert history[0].verb == "file"
        for earlier, later in pairwise(history):
            assert earlier.after == later.before
            row = TRANSITIONS[later.verb]
            assert later.before in row.sources
            assert later.after == (row.target or later.after)
        assert history[-1].after == report.state

    @invariant()
    def the_report_is_whole(self) -> None:
        report = self.now()
        leads = Party.objects.leading().filter(report=report).count()
        if report.state in FIXING_STATES:
            assert leads == 1
            assert report.due_at is not None
        if report.ask:
            assert report.state in FIXING_STATES
        if report.state in PARKED_STATES:
            assert report.came_from
            assert report.hold_until
            assert report.stopped_at
        if report.settles_at:
            assert report.state == State.HANDLED
        if report.state not in FINAL_STATES:
            assert any(available(report, self.town.scope(who)) for who in INSIDERS), report.state
        assert report.urged == sum(event.verb == "urge" for event in self.history())
        assert report.rework == sum(event.verb == "return" for event in self.history())

    def now(self) -> Report:
        return Report.objects.for_list().get(pk=self.id)

    def history(self) -> list[Event]:
        return list(Event.objects.filter(report=self.id).order_by("recorded_at", "transaction", "id"))

    def move(self, verb: str, days: int) -> Move:
        """Return all that a verb may need; volunteers are sent to litter alone."""
        needs = TRANSITIONS[verb].needs
        holder: Any = self.town.bob if self.category == LITTER else self.town.squad
        return Move(
            reason="因为",
            until=timezone.localdate() + timedelta(days=days) if Needs.UNTIL in needs else None,
            holder=holder if Needs.HOLDER in needs else None,
        )

    def check(self, before: Report, who: str, verb: str, outcome: Outcome) -> None:
        """Hold an outcome against the table and what the model knows of the cast."""
        if isinstance(outcome, Problem):
            assert self.now().changed_at == before.changed_at
            return
        self.done += 1
        row, lead = TRANSITIONS[verb], next(iter(before.__dict__["leads"]), None)
        deals = lead is not None and (
            (lead.person_id and lead.person_id == getattr(self.town, who).pk)
            or (lead.organisation_id and who == "squad_member")
        )
        roles = STANDING[who] | ({May.REPORTER} if who == self.reporter else set()) | ({May.PARTY} if deals else set())
        assert before.state in row.sources
        assert roles & row.may, (who, verb, roles)
        if row.by_another:
            assert before.handler_id != getattr(self.town, who).pk
            if verb not in {"approve", "refuse_approval"}:
                assert not deals
        event = self.history()[-1]
        assert (event.verb, event.actor_id) == (verb, getattr(self.town, who).pk)


@pytest.mark.django_db(transaction=True)
def test_the_loop_holds_whatever_people_do(town: Town) -> None:
    class Here(Loop):
        pass

    Here.town = town
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=6,
            stateful_step_count=18,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_does(town: Town) -> None:
    point = at(1.5, 1.5)
    for _turn in range(3):
        report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
        outcomes = at_once(*[partial(attempt, town, report.pk, "dora", "accept", Move())] * 2)
        assert sum(isinstance(one, Report) for one in outcomes) == 1
        assert sum(isinstance(one, Conflict) for one in outcomes) == 1
        assert Event.objects.filter(report=report, verb="accept").count() == 1
