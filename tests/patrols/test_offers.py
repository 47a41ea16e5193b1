"""Asking volunteers: one wins, the others are told once, refusing costs nothing, and nobody asks what is not theirs."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from grids.models import Availability, Membership, Notification, Person, Region, Skill, Team
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope, scope_of
from patrols.authority import lead_of
from patrols.models import Call, Event, Offer, Party, Report
from patrols.offering import calling
from patrols.offering.answering import accept, arrive, decline, finish_work, release, withdraw
from patrols.offering.table import HELD_STATES, LIVE_STATES, STEPS, CallState, OfferState
from patrols.transitions import Move, transition
from tests.patrols.offering import called, filed, helpers, keep_promises, later, offer_to, states, told
from tests.town import MANHOLE, NEAR, PARKING, Town, build_town


def test_every_state_of_an_offer_has_a_way_in_and_live_ones_have_a_way_out() -> None:
    assert {step.target for step in STEPS.values()} == set(OfferState) - {OfferState.OFFERED}
    sources = frozenset().union(*(step.sources for step in STEPS.values()))
    assert sources == LIVE_STATES
    assert all(step.by for step in STEPS.values())


def test_taking_it_dispatches_the_report_and_the_rest_follows_it(town: Town) -> None:
    call = called(town, people=(town.bob.pk,))
    report = Report.objects.get(pk=call.report_id)
    assert (report.state, report.accepted_by) == ("accepted", town.dora)
    offer = offer_to(call, town.bob)
    assert accept(town.scope("bob"), offer.pk).state == "accepted"
    assert accept(town.scope("bob"), offer.pk).state == "accepted"
    report.refresh_from_db()
    assert report.state == "dispatched"
    lead = lead_of(report)
    assert lead
    assert lead.person == town.bob
    arrive(town.scope("bob"), offer.pk)
    report.refresh_from_db()
    assert report.state == "in_progress"
    assert finish_work(town.scope("bob"), offer.pk).state == "done"
    report.refresh_from_db()
    assert (report.state, report.handler) == ("handled", town.bob)
    call.refresh_from_db()
    assert call.state == CallState.FILLED


def test_who_is_not_quick_enough_is_told_so_once(town: Town) -> None:
    call = called(town, people=(town.alice.pk, town.bob.pk))
    accept(town.scope("bob"), offer_to(call, town.bob).pk)
    assert states(call) == {"alice": "withdrawn", "bob": "accepted"}
    with pytest.raises(Conflict) as refusal:
        accept(town.scope("alice"), offer_to(call, town.alice).pk)
    assert "taken" in str(refusal.value.sentence) or "他人接单" in str(refusal.value.sentence)
    keep_promises()
    assert told(town.alice).count("offer_taken") == 1
    assert told(town.bob).count("offer") == 1
    assert "dispatch" not in told(town.bob)


def test_the_database_itself_refuses_two_in_one_place(town: Town) -> None:
    call = called(town, people=(town.alice.pk, town.bob.pk))
    accept(town.scope("bob"), offer_to(call, town.bob).pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(call=call, person=town.alice).update(state=OfferState.ACCEPTED, place=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(call=call, person=town.alice).update(state=OfferState.ACCEPTED, place=None)


def test_a_call_for_two_has_a_lead_and_a_helper_and_passes_on_what_the_lead_gives_back(town: Town) -> None:
    call = called(town, people=(town.alice.pk, town.bob.pk), places=2)
    accept(town.scope("bob"), offer_to(call, town.bob).pk)
    call.refresh_from_db()
    assert call.state == CallState.OPEN
    accept(town.scope("alice"), offer_to(call, town.alice).pk)
    call.refresh_from_db()
    assert call.state == CallState.FILLED
    report = Report.objects.get(pk=call.report_id)
    assert set(Party.objects.present().filter(report=report).values_list("person__username", "role")) == {
        ("bob", "lead"),
        ("alice", "responsible"),
    }
    assert release(town.scope("bob"), offer_to(call, town.bob).pk).state == "released"
    report.refresh_from_db()
    assert report.state == "dispatched"
    assert set(Party.objects.present().filter(report=report).values_list("person__username", "role")) == {
        ("alice", "lead")
    }


@pytest.mark.parametrize("category", [PARKING, MANHOLE])
def test_no_volunteer_is_offered_what_only_a_body_may_do(town: Town, category: str) -> None:
    report = filed(town, category)
    for policy in ({}, {"people": (town.bob.pk,)}):
        with pytest.raises(BadInput):
            called(town, report, **policy)
    assert not Offer.objects.exists()
    report.refresh_from_db()
    assert report.state == "reported"


def test_a_category_that_changed_meanwhile_is_not_taken_on(town: Town) -> None:
    call = called(town, people=(town.bob.pk,))
    Report.objects.filter(pk=call.report_id).update(category=town.parking)
    with pytest.raises(BadInput):
        accept(town.scope("bob"), offer_to(call, town.bob).pk)
    assert states(call) == {"bob": "offered"}


def test_only_the_region_s_dispatchers_ask(town: Town) -> None:
    report = filed(town)
    for name in ("alice", "paula"):
        with pytest.raises(NotAllowed):
            calling.open_call(report.pk, town.scope(name), calling.Policy())
    for name in ("charlie", "olaf"):
        with pytest.raises(NotFound):
            calling.open_call(report.pk, town.scope(name), calling.Policy())
    assert not Call.objects.exists()


def test_nobody_answers_for_another(town: Town) -> None:
    call = called(town, people=(town.bob.pk,))
    offer = offer_to(call, town.bob)
    verbs: tuple[Callable[..., Offer], ...] = (accept, decline, arrive, finish_work, release)
    for verb in verbs:
        for name in ("alice", "charlie", "dora"):
            with pytest.raises(NotFound):
                verb(town.scope(name), offer.pk)
        with pytest.raises(NotFound):
            verb(town.scope("bob"), uuid4())
    for name, problem in (("alice", NotAllowed), ("charlie", NotFound)):
        with pytest.raises(problem):
            withdraw(town.scope(name), offer.pk)
    assert states(call) == {"bob": "offered"}


def test_a_report_is_asked_for_once_at_a_time(town: Town) -> None:
    call = called(town, people=(town.bob.pk,))
    with pytest.raises(Conflict):
        called(town, Report.objects.get(pk=call.report_id))
    calling.withdraw_call(call.report_id, town.scope("dora"))
    assert states(call) == {"bob": "withdrawn"}
    assert told(town.bob) == ["offer", "offer_over"]
    with pytest.raises(Conflict):
        calling.withdraw_call(call.report_id, town.scope("dora"))


# --- waves ---------------------------------------------------------------------------------------------------


def test_waves_widen_with_time_and_end_with_the_dispatchers(town: Town) -> None:
    helpers(town, 3)
    call = called(town, waves=(1, 2), wave_minutes=5, stands_minutes=15)
    assert states(call) == {"alice": "offered"}
    assert later(call, 4) == 0
    assert later(call, 1.1) == 1
    assert len(states(call)) == 3
    assert "helper0" in states(call) or "bob" in states(call)
    assert calling.turn() == 0
    later(call, 10)  # the first offer is over, the others stand
    assert states(call)["alice"] == "offered"
    later(call, 6)
    call.refresh_from_db()
    assert set(states(call).values()) == {"expired"}
    assert call.state == CallState.UNANSWERED
    assert told(town.dora) == ["call_unanswered"]
    verbs = list(
        Event.objects.filter(report=call.report_id).order_by("transaction", "id").values_list("verb", flat=True)
    )
    assert verbs[-3:] == ["call", "call_widened", "call_unanswered"]
    assert Notification.objects.filter(verb="offer").values("person").distinct().count() == 3


def test_the_next_wave_is_asked_at_once_when_all_of_one_said_no(town: Town) -> None:
    call = called(town, waves=(1, 1))
    decline(town.scope("alice"), offer_to(call, town.alice).pk)
    assert states(call) == {"alice": "declined", "bob": "offered"}
    decline(town.scope("bob"), offer_to(call, town.bob).pk)
    call.refresh_from_db()
    assert call.state == CallState.UNANSWERED


def test_one_clock_or_two_ask_the_same(town: Town) -> None:
    helpers(town, 4)
    call = called(town, waves=(1, 2, 2))
    for _again in range(3):
        Call.objects.filter(pk=call.pk).update(next_at=call.opened_at)
        calling.turn()
        calling.turn()
    counts = Offer.objects.filter(call=call).values_list("wave", flat=True)
    assert sorted(counts) == [1, 2, 2, 3, 3]


def test_a_lapsed_offer_is_not_taken_on_even_before_the_clock_came(town: Town) -> None:
    call = called(town, people=(town.bob.pk,))
    Offer.objects.update(expires_at=timezone.now())
    with pytest.raises(Conflict):
        accept(town.scope("bob"), offer_to(call, town.bob).pk)
    assert Report.objects.get(pk=call.report_id).state == "accepted"


def test_what_is_given_back_goes_to_whom_was_not_asked_yet(town: Town) -> None:
    call = called(town, waves=(1, 1))
    offer = offer_to(call, town.alice)
    accept(town.scope("alice"), offer.pk)
    arrive(town.scope("alice"), offer.pk)
    assert release(town.scope("alice"), offer.pk).state == "released"
    report = Report.objects.get(pk=call.report_id)
    assert (report.state, lead_of(report), report.due_at) == ("accepted", None, None)
    assert states(call) == {"alice": "released", "bob": "offered"}
    accept(town.scope("bob"), offer_to(call, town.bob).pk)
    assert Report.objects.get(pk=call.report_id).state == "dispatched"


def test_what_is_given_back_with_nobody_left_waits_for_the_dispatcher(town: Town) -> None:
    call = called(town, people=(town.bob.pk,))
    accept(town.scope("bob"), offer_to(call, town.bob).pk)
    release(town.scope("bob"), offer_to(call, town.bob).pk)
    call.refresh_from_db()
    assert call.state == CallState.UNANSWERED
    keep_promises()
    assert told(town.dora) == ["dispatch", "give_back"]  # the first as who filed it


def test_a_team_is_asked_as_a_whole(town: Town) -> None:
    near = Region.objects.get(code=NEAR)
    team = Team.objects.create(code="east", name="东街队", level=1, region=near)
    Membership.objects.filter(person__in=[town.alice, town.bob]).update(team=team)
    call = called(town, team=team.pk)
    assert states(call) == {"alice": "offered", "bob": "offered"}
    assert call.kind == "team"


# --- what the report does --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "move"),
    [
        ("dispatch", lambda town: Move(holder=town.alice)),
        ("hold", lambda town: Move(reason="x", until=timezone.localdate() + timedelta(days=3))),
    ],
)
def test_what_is_open_is_withdrawn_when_the_report_goes_elsewhere(
    town: Town, verb: str, move: Callable[..., Move]
) -> None:
    call = called(town, people=(town.bob.pk,))
    transition(call.report_id, verb, town.scope("paula" if verb == "hold" else "dora"), move(town))
    call.refresh_from_db()
    assert (call.state, states(call)) == (CallState.WITHDRAWN, {"bob": "withdrawn"})
    assert told(town.bob) == ["offer", "offer_over"]


def test_a_recall_frees_who_has_taken_it_on(town: Town) -> None:
    call = called(town, people=(town.bob.pk,))
    accept(town.scope("bob"), offer_to(call, town.bob).pk)
    transition(call.report_id, "recall", town.scope("dora"), Move(reason="重复"))
    assert states(call) == {"bob": "released"}
    assert told(town.bob) == ["offer", "offer_over"]


def test_the_report_s_own_page_moves_the_offer_too(town: Town) -> None:
    call = called(town, people=(town.bob.pk,))
    accept(town.scope("bob"), offer_to(call, town.bob).pk)
    transition(call.report_id, "start", town.scope("bob"))
    assert states(call) == {"bob": "arrived"}
    transition(call.report_id, "handle", town.scope("bob"))
    assert states(call) == {"bob": "done"}


# --- who can be asked --------------------------------------------------------------------------------------------


def test_who_declined_is_not_asked_again_for_this_and_is_for_everything_else(town: Town) -> None:
    report = filed(town)
    first = called(town, report, people=(town.bob.pk,))
    decline(town.scope("bob"), offer_to(first, town.bob).pk)
    with pytest.raises(BadInput):
        called(town, report, people=(town.bob.pk,))
    called(town, filed(town), people=(town.bob.pk,))


def test_nobody_has_more_in_hand_than_anybody_is_asked_for(town: Town, settings: object) -> None:
    settings.OFFERS_AT_ONCE = 1  # type: ignore[attr-defined]
    calls = [called(town, people=(town.bob.pk,)) for _number in range(2)]
    accept(town.scope("bob"), offer_to(calls[0], town.bob).pk)
    with pytest.raises(Conflict):
        accept(town.scope("bob"), offer_to(calls[1], town.bob).pk)
    with pytest.raises(BadInput):
        called(town, people=(town.bob.pk,))
    finish_work(town.scope("bob"), offer_to(calls[0], town.bob).pk)
    accept(town.scope("bob"), offer_to(calls[1], town.bob).pk)
    settings.OFFERS_A_DAY = 2  # type: ignore[attr-defined]
    with pytest.raises(BadInput):
        called(town, people=(town.bob.pk,))


def test_who_lacks_what_the_category_asks_for_is_not_asked(town: Town) -> None:
    town.litter.skills = ["first-aid"]
    town.litter.save()
    with pytest.raises(BadInput):
        called(town)
    Skill.objects.create(person=town.bob, code="first-aid")
    assert states(called(town)) == {"bob": "offered"}


def test_who_is_not_free_at_this_hour_is_not_asked(town: Town) -> None:
    now = timezone.localtime()
    other = now.isoweekday() % 7 + 1
    Availability.objects.create(person=town.bob, weekday=other, starts="00:00", ends="23:59")
    Person.objects.filter(pk=town.alice.pk).update(quiet_from="00:00", quiet_until="23:59:59.999999")
    with pytest.raises(BadInput) as refusal:
        called(town)
    assert "2" in str(refusal.value.sentence)
    assert not Call.objects.exists()
    Availability.objects.create(person=town.bob, weekday=now.isoweekday(), starts="00:00", ends="23:59:59.999999")
    assert states(called(town)) == {"bob": "offered"}
    town.litter.hazard = True
    town.litter.save()
    assert states(called(town, waves=(5,))) == {"alice": "offered", "bob": "offered"}


# --- two at once -------------------------------------------------------------------------------------------------


def race(*work: tuple[Callable[[Scope], object], str]) -> list[str]:
    """Do several things at once, each as somebody with a connection of their own; return how each ended."""
    start, outcomes = threading.Barrier(len(work)), []

    def run(verb: Callable[[Scope], object], name: str) -> None:
        scope = scope_of(Person.objects.get(username=name))
        start.wait()
        try:
            verb(scope)
            outcomes.append("won")
        except Conflict as problem:
            outcomes.append(str(problem.extra.get("state", "lost")))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    @pytest.fixture
    def town(self) -> Town:
        return build_town()

    def test_of_many_who_take_it_exactly_as_many_win_as_are_needed(self, town: Town) -> None:
        others = helpers(town, 3)
        everybody = [town.alice, town.bob, *others]
        for places in (1, 2):
            call = called(town, people=tuple(one.pk for one in everybody), places=places)
            ids = {one.username: offer_to(call, one).pk for one in everybody}
            outcomes = race(*((partial(accept, identity=key), name) for name, key in ids.items()))
            assert outcomes == ["withdrawn"] * (5 - places) + ["won"] * places
            assert Offer.objects.filter(call=call, state__in=HELD_STATES).count() == places
            assert Event.objects.filter(report=call.report_id, verb="dispatch").count() == 1
            assert Notification.objects.filter(key=f"offer_taken-{call.pk}").count() == 5 - places

    def test_taking_and_withdrawing_at_once_leave_one_story(self, town: Town) -> None:
        for verb in ("dispatch", "withdraw"):
            call = called(town, people=(town.bob.pk,))
            key, report = offer_to(call, town.bob).pk, call.report_id

            def elsewhere(scope: Scope, report: object = report, verb: str = verb) -> object:
                if verb == "dispatch":
                    return transition(report, "dispatch", scope, Move(holder=town.alice))  # type: ignore[arg-type]
                return calling.withdraw_call(report, scope)  # type: ignore[arg-type]

            outcomes = race((partial(accept, identity=key), "bob"), (elsewhere, "dora"))
            assert "won" in outcomes
            call.refresh_from_db()
            lead = lead_of(Report.objects.get(pk=report))
            taken = states(call) == {"bob": "accepted"}
            assert (call.state == CallState.FILLED) == taken
            assert (lead is not None and lead.person == town.bob) == taken

    def test_two_clocks_ask_nobody_twice(self, town: Town) -> None:
        helpers(town, 6)
        calls = [called(town, waves=(1, 3)) for _number in range(2)]
        Call.objects.update(next_at=timezone.now())
        race(*((lambda _scope: calling.turn(), "dora") for _number in range(3)))
        for call in calls:
            assert sorted(Offer.objects.filter(call=call).values_list("wave", flat=True)) == [1, 2, 2, 2]

    def test_the_last_refusal_and_the_clock_ask_the_next_wave_once(self, town: Town) -> None:
        call = called(town, waves=(1, 1))
        Call.objects.update(next_at=timezone.now())
        key = offer_to(call, town.alice).pk
        race((partial(decline, identity=key), "alice"), (lambda _scope: calling.turn(), "dora"))
        assert states(call) == {"alice": "declined", "bob": "offered"}
