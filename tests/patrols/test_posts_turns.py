"""Taking, giving back and swapping a place: one holds it, two never fill it, nobody stands at two posts at once."""

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from grids.models import Notification, Person, Skill
from grids.problems import BadInput, Conflict, NotAllowed, NotFound, Problem
from grids.scope import scope_of
from patrols.models import Shift, Turn
from patrols.models.posts import HELD_STATES, TurnState
from patrols.posts import planning, turns
from patrols.posts.turns import ask_swap, assign, keep, release, remove, take, take_over
from tests.patrols.posting import keep_promises, post, shift, volunteer
from tests.town import Town, build_town


def told(person: Person) -> list[str]:
    return list(Notification.objects.filter(person=person).order_by("pk").values_list("verb", flat=True))


def test_taking_a_place_fills_the_shift_and_again_changes_nothing(town: Town) -> None:
    wanted = shift(post(town))
    first, again = take(town.scope("bob"), wanted.pk), take(town.scope("bob"), wanted.pk)
    assert first == again
    wanted.refresh_from_db()
    assert (wanted.taken, wanted.missing) == (1, 0)
    with pytest.raises(Conflict):
        take(town.scope("alice"), wanted.pk)
    assert Turn.objects.count() == 1


def test_the_outsider_sees_no_shift_of_another_subdistrict(town: Town) -> None:
    wanted = shift(post(town))
    for verb in (take, release, ask_swap, keep, take_over):
        with pytest.raises(NotFound):
            verb(town.scope("charlie"), wanted.pk)
    with pytest.raises(NotFound):
        take(town.scope("bob"), uuid4())
    assert not Turn.objects.exists()


def test_a_place_given_back_is_free_and_the_history_stays(town: Town) -> None:
    wanted = shift(post(town), hours=48)
    take(town.scope("bob"), wanted.pk)
    assert release(town.scope("bob"), wanted.pk).state == TurnState.RELEASED
    assert release(town.scope("bob"), wanted.pk).state == TurnState.RELEASED
    take(town.scope("alice"), wanted.pk)
    wanted.refresh_from_db()
    assert wanted.taken == 1
    assert list(Turn.objects.order_by("since").values_list("person__username", "state")) == [
        ("bob", "released"),
        ("alice", "taken"),
    ]
    assert told(town.dora) == []


def test_a_place_given_back_within_a_day_is_somebodys_task(town: Town) -> None:
    wanted = shift(post(town), hours=5)
    take(town.scope("bob"), wanted.pk)
    release(town.scope("bob"), wanted.pk)
    assert told(town.dora) == ["shift_free"]
    assert told(town.olaf) == []


def test_nobody_gives_a_place_back_once_the_shift_has_begun(town: Town) -> None:
    running = shift(post(town), hours=-0.5)
    take(town.scope("bob"), running.pk)
    with pytest.raises(Conflict):
        release(town.scope("bob"), running.pk)
    with pytest.raises(Conflict):
        ask_swap(town.scope("bob"), running.pk)
    over = shift(post(town, "南门"), hours=-3)
    with pytest.raises(Conflict):
        take(town.scope("bob"), over.pk)


def test_nobody_stands_at_two_posts_at_once(town: Town) -> None:
    here, there = shift(post(town)), shift(post(town, "南门", 0.5, 0.5), hours=25)
    take(town.scope("bob"), here.pk)
    with pytest.raises(Conflict, match="北门路口"):
        take(town.scope("bob"), there.pk)
    there.refresh_from_db()
    assert there.taken == 0
    take(town.scope("bob"), shift(post(town, "东门"), hours=25.5).pk)  # begins as the first ends


def test_a_swap_asks_those_who_are_free_and_tells_both(town: Town) -> None:
    busy, far = volunteer("busy"), town.charlie
    wanted, same_time = shift(post(town)), shift(post(town, "南门"))
    take(scope_of(busy), same_time.pk)
    take(town.scope("bob"), wanted.pk)
    assert ask_swap(town.scope("bob"), wanted.pk).state == TurnState.SWAP_WANTED
    ask_swap(town.scope("bob"), wanted.pk)
    keep_promises()
    assert told(town.alice) == ["swap_asked"]
    assert told(busy) == told(far) == told(town.bob) == []
    turn = take_over(town.scope("alice"), wanted.pk)
    assert (turn.person, turn.state) == (town.alice, TurnState.TAKEN)
    assert told(town.bob) == ["swap_done"]
    assert told(town.alice) == ["swap_asked", "swap_taken"]
    wanted.refresh_from_db()
    assert wanted.taken == 1
    with pytest.raises(Conflict):
        take_over(scope_of(volunteer("late")), wanted.pk)


def test_without_a_taker_the_first_stays_responsible(town: Town) -> None:
    wanted = shift(post(town))
    take(town.scope("bob"), wanted.pk)
    ask_swap(town.scope("bob"), wanted.pk)
    assert Turn.objects.get().state in HELD_STATES
    with pytest.raises(Conflict):
        take(town.scope("alice"), wanted.pk)  # no free place: she would have to take over
    assert keep(town.scope("bob"), wanted.pk).state == TurnState.TAKEN
    with pytest.raises(Conflict):
        take_over(town.scope("alice"), wanted.pk)
    keep_promises()
    assert told(town.alice) == []  # the wish was gone before anybody was asked


def test_a_post_that_needs_a_skill_takes_only_who_has_it(town: Town) -> None:
    wanted = shift(post(town, skills=("first-aid",)))
    with pytest.raises(NotAllowed, match="first-aid"):
        take(town.scope("bob"), wanted.pk)
    with pytest.raises(BadInput, match="first-aid"):
        assign(town.scope("paula"), wanted.pk, town.bob.pk)
    Skill.objects.create(person=town.bob, code="first-aid")
    take(town.scope("bob"), wanted.pk)


def test_planners_and_dispatchers_assign_and_take_off_and_each_time_the_person_is_told(town: Town) -> None:
    wanted = shift(post(town))
    assign(town.scope("paula"), wanted.pk, town.bob.pk)
    assign(town.scope("dora"), wanted.pk, town.bob.pk)
    assert told(town.bob) == ["shift_assigned"]
    assert Turn.objects.get().assigned_by == town.paula
    remove(town.scope("dora"), wanted.pk, town.bob.pk)
    remove(town.scope("dora"), wanted.pk, town.bob.pk)
    assert told(town.bob) == ["shift_assigned", "shift_removed"]
    wanted.refresh_from_db()
    assert wanted.taken == 0


@pytest.mark.parametrize("who", ["bob", "alice"])
def test_a_volunteer_assigns_nobody(town: Town, who: str) -> None:
    wanted = shift(post(town))
    with pytest.raises(NotAllowed):
        assign(town.scope(who), wanted.pk, town.bob.pk)
    with pytest.raises(NotAllowed):
        remove(town.scope(who), wanted.pk, town.bob.pk)


def test_whoever_does_not_work_here_cannot_be_assigned(town: Town) -> None:
    wanted = shift(post(town))
    with pytest.raises(BadInput):
        assign(town.scope("paula"), wanted.pk, town.charlie.pk)
    with pytest.raises(BadInput):
        assign(town.scope("paula"), wanted.pk, 999_999)
    town.bob.is_active = False
    town.bob.save()
    with pytest.raises(BadInput):
        assign(town.scope("paula"), wanted.pk, town.bob.pk)


def test_a_cancelled_shift_tells_those_on_it_and_takes_nobody(town: Town) -> None:
    wanted = shift(post(town), wanted=3)
    take(town.scope("bob"), wanted.pk)
    take(town.scope("alice"), wanted.pk)
    with pytest.raises(BadInput):
        planning.cancel(town.scope("paula"), wanted.pk, " ")
    planning.cancel(town.scope("paula"), wanted.pk, "下大雪")
    planning.cancel(town.scope("paula"), wanted.pk, "下大雪")
    assert told(town.bob) == told(town.alice) == ["shift_cancelled"]
    wanted.refresh_from_db()
    assert (wanted.taken, wanted.missing, wanted.reason) == (0, 0, "下大雪")
    with pytest.raises(Conflict):
        take(town.scope("bob"), wanted.pk)
    assert take(town.scope("bob"), shift(wanted.post, hours=24.1).pk)  # the time is free again


def test_fewer_are_wanted_only_down_to_those_who_have_a_place(town: Town) -> None:
    wanted = shift(post(town), wanted=3)
    take(town.scope("bob"), wanted.pk)
    take(town.scope("alice"), wanted.pk)
    planning.set_wanted(town.scope("paula"), wanted.pk, 2)
    with pytest.raises(Conflict):
        planning.set_wanted(town.scope("paula"), wanted.pk, 1)


def test_the_places_of_who_left_are_free(town: Town) -> None:
    wanted = shift(post(town))
    take(town.scope("bob"), wanted.pk)
    assert turns.release_all([town.bob.pk]) == 1
    wanted.refresh_from_db()
    assert wanted.taken == 0


def test_the_database_itself_refuses_too_many_and_two_places_at_once(town: Town) -> None:
    here, there = shift(post(town)), shift(post(town, "南门"))
    take(town.scope("bob"), here.pk)
    with pytest.raises(IntegrityError, match="shift_not_overfilled"), transaction.atomic():
        Shift.objects.filter(pk=here.pk).update(taken=2)
    turn = Turn.objects.get()
    with pytest.raises(IntegrityError, match="turn_one_place_at_a_time"), transaction.atomic():
        Turn.objects.create(district=turn.district, shift=there, person=town.bob, during=turn.during)


def _together(verbs: list[Callable[[], object]]) -> list[object]:
    """Let several do something at the same moment, each on a connection of their own; return results or problems."""
    gate = threading.Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> object:
        try:
            gate.wait(10)
            return verb()
        except Problem as problem:
            return problem
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_last_place_at_once_get_it_once() -> None:
    town = build_town()
    wanted = shift(post(town), wanted=2)
    people = [town.bob, town.alice, volunteer("carol"), volunteer("dan")]
    got = _together([partial(take, scope_of(who), wanted.pk) for who in people])
    assert sum(isinstance(one, Turn) for one in got) == 2
    assert sum(isinstance(one, Conflict) for one in got) == 2
    wanted.refresh_from_db()
    assert wanted.taken == Turn.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_person_taking_two_places_at_once_gets_one() -> None:
    town = build_town()
    both = [shift(post(town)).pk, shift(post(town, "南门")).pk]
    got = _together([partial(take, scope_of(Person.objects.get(pk=town.bob.pk)), one) for one in both * 2])
    kept = {one.shift_id for one in got if isinstance(one, Turn)}
    assert len(kept) == 1
    assert Turn.objects.count() == 1
    assert sorted(Shift.objects.values_list("taken", flat=True)) == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_over_one_does_and_the_asker_is_free_once() -> None:
    town = build_town()
    wanted = shift(post(town))
    take(scope_of(town.bob), wanted.pk)
    ask_swap(scope_of(town.bob), wanted.pk)
    others = [town.alice, volunteer("carol")]
    verbs = [partial(take_over, scope_of(who), wanted.pk) for who in others]
    got = _together([*verbs, lambda: planning.cancel(town.scope("paula"), wanted.pk, "x")])
    assert sum(isinstance(one, Turn) for one in got) <= 1
    wanted.refresh_from_db()
    assert wanted.taken == Turn.objects.filter(state__in=HELD_STATES).count() == 0


Act = tuple[str, int, int]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["take", "release", "ask_swap", "keep", "take_over", "assign", "remove", "cancel"]),
        st.integers(0, 2),
        st.integers(0, 3),
    ),
    max_size=25,
)


class WhateverIsDone(TestCase):
    """Whatever is done in whatever order, the counts are true and nobody is at two places."""

    def setUp(self) -> None:
        self.town = build_town()
        self.people = [self.town.alice, self.town.bob, volunteer("carol")]
        here, there = post(self.town), post(self.town, "南门", 0.5, 0.5)
        self.shifts = [shift(here), shift(there, hours=25), shift(there, hours=30, wanted=2), shift(here, hours=-0.5)]

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(acts=ACTS)
    def test_counts_stay_true_and_nobody_is_at_two_places(self, acts: list[Act]) -> None:
        for verb, who, where in acts:
            self._do(verb, self.people[who], self.shifts[where].pk)
            for row in Shift.objects.all():
                held = row.turns.filter(state__in=HELD_STATES)
                assert row.taken == held.count() <= row.wanted
            for person in self.people:
                spans = Turn.objects.filter(person=person, state__in=HELD_STATES).order_by("during")
                times = [(turn.during.lower, turn.during.upper) for turn in spans]
                assert all(a[1] <= b[0] for a, b in itertools.pairwise(times))

    def _do(self, verb: str, person: Person, where: UUID) -> None:
        planner = self.town.scope("paula")
        try:
            if verb == "cancel":
                planning.cancel(planner, where, "x")
            elif verb in {"assign", "remove"}:
                getattr(turns, verb)(planner, where, person.pk)
            else:
                getattr(turns, verb)(scope_of(person), where)
        except Problem:
            return


def test_a_shift_one_had_stays_to_be_read_after_moving_away(town: Town) -> None:
    past = shift(post(town), hours=-0.5)
    take(town.scope("bob"), past.pk)
    town.bob.memberships.update(period="[2020-01-01,2020-02-01)")
    town.bob.assignments.update(period="[2020-01-01,2020-02-01)")
    with pytest.raises(Conflict):
        release(town.scope("bob"), past.pk)
    assert Turn.objects.get().since <= timezone.now()
