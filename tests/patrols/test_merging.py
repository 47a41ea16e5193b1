"""Putting two reports together leaves nothing dangling: followers, calls and offers, parts, measures."""

import pytest

from grids.models import Notification
from grids.problems import Conflict
from patrols import measures
from patrols.measures import answers
from patrols.models import Event, Follower, MeasureLink, NoMeasure, Party, Report
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.patrols.offering import called, filed, keep_promises, states
from tests.patrols.requesting import add_companies, wish
from tests.town import Town


def merge(town: Town, report: Report, original: Report) -> Report:
    return transition(report.pk, "mark_duplicate", town.scope("dora"), Move(original=original.pk))


def linked(report: Report) -> set[str]:
    return set(MeasureLink.objects.filter(report=report).values_list("measure__title", flat=True))


def test_what_the_original_has_open_goes_on_and_the_rest_comes_to_it(town: Town) -> None:
    scope = town.scope("dora")
    original, repeated = filed(town), filed(town)
    call = called(town, original, people=(town.bob.pk,))
    Follower.objects.create(
        district=repeated.district, report=repeated, person=town.bob, source="patrol", since=repeated.recorded_at
    )
    measures.make(measures.Draft("加装护栏"), [original.pk, repeated.pk], scope)
    measures.make(measures.Draft("加密巡查"), [repeated.pk], scope)
    merge(town, repeated, original)
    assert states(call) == {"bob": "offered"}
    assert not Follower.objects.filter(report=repeated).exists()
    assert Follower.objects.filter(report=original, person=town.bob, via=repeated).count() == 1
    assert linked(original) == {"加装护栏", "加密巡查"}
    said = Event.objects.filter(report=original, verb="measure_linked").values_list("reason", flat=True)
    assert sorted(said) == ["加密巡查", "加装护栏"]  # the one it had is not linked again
    both = Report.objects.filter(pk__in=[original.pk, repeated.pk])
    assert answers(both)["open"] == 0
    # Opened again it has what it had, and so has the other.
    transition(repeated.pk, "reopen", scope, Move(reason="不是同一件"))
    assert linked(repeated) == linked(original) == {"加装护栏", "加密巡查"}
    assert Follower.objects.filter(report=repeated, person=town.bob).count() == 1


def test_a_measure_stands_instead_of_an_explicit_none_of_the_original(town: Town) -> None:
    original, repeated = filed(town), filed(town)
    measures.say_none([original.pk], "个别现象", town.scope("dora"))
    measures.make(measures.Draft("加密巡查"), [repeated.pk], town.scope("dora"))
    merge(town, repeated, original)
    assert linked(original) == {"加密巡查"}
    assert not NoMeasure.objects.filter(report=original).exists()


def test_whom_volunteers_are_called_for_is_accepted_and_no_duplicate_any_more(town: Town) -> None:
    original, repeated = filed(town), filed(town)
    call = called(town, repeated, people=(town.bob.pk,))
    with pytest.raises(Conflict):
        merge(town, repeated, original)
    assert states(call) == {"bob": "offered"}


def test_the_companies_that_a_repeated_request_was_offered_to_are_let_go_and_told(town: Town) -> None:
    companies = add_companies(town)
    original, repeated = wish(town), wish(town, who="alice")
    asked = Party.objects.busy().filter(report=repeated)
    assert asked.count() == 2
    merge(town, repeated, original)
    assert not asked.exists()
    assert Party.objects.busy().filter(report=original).count() == 2
    keep_promises()
    told = Notification.objects.filter(verb="mark_duplicate", data__report=str(repeated.pk))
    assert {companies.pei.pk, companies.qin.pk} <= set(told.values_list("person", flat=True))
    with pytest.raises(Conflict):
        transition(repeated.pk, "take", town.scope(companies.pei.username))
    assert transition(original.pk, "take", town.scope(companies.qin.username)).state == State.IN_PROGRESS


@pytest.mark.parametrize(("verb", "who"), [("reject", "dora"), ("withdraw", "bob")])
def test_nobody_keeps_a_part_of_what_ends_undone(town: Town, verb: str, who: str) -> None:
    add_companies(town)
    report = wish(town)
    transition(report.pk, verb, town.scope(who), Move(reason="重复"))
    assert not Party.objects.busy().filter(report=report).exists()
