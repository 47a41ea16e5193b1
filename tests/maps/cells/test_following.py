"""The counts follow the events, whatever their order, and a recount says the same."""

import threading
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from grids import clock
from grids.models import Outbox
from grids.models.catalogue import Kind
from grids.problems import Conflict
from maps.cells import following, keeping, recounting
from maps.cells.codes import ALL, ANY_OPEN, NUMBERS
from maps.cells.hexagons import RESOLUTIONS, cell_at, parent
from maps.models import Cell, CellCount, CellCursor, CellDelta
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.maps.cells.counting import BEYOND, begin, by_state, file_at, keep_up, move, table
from tests.town import LITTER, Town, at, build_town

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 5, 12, tzinfo=ZONE)


@pytest.fixture
def counted(town: Town) -> Town:
    """The town, whose counts were made when there was nothing."""
    begin()
    return town


def test_a_report_counts_in_every_size_of_cell_and_for_all_categories_and_states(counted: Town) -> None:
    report = file_at(1.5, 1.5, counted.litter, NOON)
    assert keep_up() == 1
    cell = cell_at(report.anchor.x, report.anchor.y)
    rows = CellCount.objects.filter(cell=cell)
    number, state = int(LITTER), NUMBERS[State.REPORTED]
    by_year = {(ALL, ALL, 2026), (ALL, ANY_OPEN, 2026), (ALL, state, 2026), (number, state, 2026)}
    expected = by_year | {(ALL, ALL, 0), (ALL, ANY_OPEN, 0)}
    assert set(rows.values_list("category", "state", "year")) == expected
    assert set(rows.values_list("count", flat=True)) == {1}
    assert set(Cell.objects.values_list("cell", flat=True)) == {parent(cell, size) for size in RESOLUTIONS}
    assert not CellDelta.objects.exists()


def test_a_transition_moves_it_from_state_to_state_and_a_step_that_stays_changes_nothing(counted: Town) -> None:
    report = file_at(1.5, 1.5, counted.litter, NOON)
    keep_up()
    move(report, State.ACCEPTED)
    move(report, State.ACCEPTED, "urge")
    assert keep_up() == 2
    assert by_state() == {ALL: 1, ANY_OPEN: 1, NUMBERS[State.ACCEPTED]: 1}
    assert keep_up() == 0


def test_what_the_verbs_do_is_counted(counted: Town) -> None:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), counted.scope("bob"))
    transition(report.pk, "accept", counted.scope("dora"), Move(by_hand=True))
    file_report(Draft(category=LITTER, geom=point, anchor=point, on_the_spot=True), counted.scope("bob"))
    keep_up()
    assert by_state() == {ALL: 2, ANY_OPEN: 2, NUMBERS[State.ACCEPTED]: 1, NUMBERS[State.HANDLED]: 1}
    assert recounting.reconcile().differences == 0


def test_only_problems_are_counted(counted: Town) -> None:
    file_at(1.5, 1.5, counted.litter, NOON, kind=Kind.REQUEST)
    assert keep_up() == 1
    assert not CellCount.objects.exists()
    recounting.fill()
    assert not CellCount.objects.exists()


def test_a_report_lies_on_the_local_day(counted: Town) -> None:
    file_at(1.5, 1.5, counted.litter, datetime(2025, 12, 31, 16, 30, tzinfo=ZoneInfo("UTC")))
    keep_up()
    rows = CellCount.objects.exclude(year=0)
    assert set(rows.values_list("year", flat=True)) == {2026}  # the year began half an hour before, in Shanghai
    assert {tuple(days or ()) for days in rows.values_list("days", flat=True)} == {((1 << 22) + (1 << 21) + 1,)}


def test_nothing_is_read_beyond_the_oldest_running_transaction(counted: Town) -> None:
    file_at(1.5, 1.5, counted.litter, NOON)
    # Its event was written by the transaction that runs.
    assert following.follow() == 0
    assert following.follow(below=BEYOND) == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_long_transaction_commits_late_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The older transaction began before the counts were made and commits after a younger one was there to be read.

    older     ├ files ──────────────────────────┤
    counts         ├ made ┤        ├ nothing ┤     ├ both ┤
    younger                  ├ files ┤
    """
    town = build_town()
    filed, read = threading.Event(), threading.Event()

    def older() -> None:
        with transaction.atomic():
            file_at(1.5, 1.5, town.litter, NOON)
            filed.set()
            read.wait(20)
        connection.close()

    thread = threading.Thread(target=older)
    thread.start()
    assert filed.wait(20)
    assert recounting.fill().problems == 0
    file_at(0.5, 0.5, town.litter, NOON, number="T-younger", public_number="P-younger")
    assert following.follow() == 0
    read.set()
    thread.join(20)
    # Transactions of other databases hold the reading up, too: here they are not waited for.
    assert keep_up() == 2
    assert by_state() == {ALL: 2, ANY_OPEN: 2, NUMBERS[State.REPORTED]: 2}
    assert keep_up() == 0
    assert recounting.reconcile().differences == 0

    # Counted anew they take the place of the old ones only when nobody reads those; until then the old ones stay.
    right = table()
    reader = connection.copy()
    reader.set_autocommit(False)
    with reader.cursor() as cursor:
        cursor.execute("select count(*) from maps_cellcount")
    monkeypatch.setattr(recounting, "TURNS", 1)
    monkeypatch.setattr(recounting, "PAUSE", 0)
    with pytest.raises(Conflict):
        recounting.fill()
    reader.close()
    assert table() == right
    recounting.fill()
    assert table() == right


def test_before_the_first_count_a_worker_is_asked_for_it_once(town: Town) -> None:
    file_at(1.5, 1.5, town.litter, NOON)
    keeping.keep_up()
    keeping.keep_up()
    [promise] = Outbox.objects.filter(topic=keeping.FILL)
    keeping.first(promise.pk, {})
    assert by_state()[ALL] == 1


def test_the_clock_knows_the_tasks() -> None:
    assert {"cells", "cells-check"} <= set(clock._tasks)


def test_a_cursor_that_no_transaction_has_come_to_is_of_another_database(counted: Town) -> None:
    CellCursor.objects.update(transaction=BEYOND)
    assert following.follow() is None


def test_folding_again_and_following_again_costs_a_few_queries(
    counted: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(20):
        file_at(place / 7, place / 9, counted.litter, NOON - timedelta(days=place))
    with django_assert_max_num_queries(17):
        keep_up()
    assert by_state()[ALL] == 20


def test_broken_counts_are_found_named_and_put_right(counted: Town) -> None:
    for place in range(6):
        file_at(place / 2, 1, counted.parking, NOON - timedelta(days=9 * place))
    keep_up()
    right = table()
    wrong = CellCount.objects.filter(category=ALL, state=ALL, year=0).first()
    gone = CellCount.objects.filter(category__gt=0).first()
    assert wrong
    assert gone
    CellCount.objects.filter(pk=wrong.pk).update(count=77)
    CellCount.objects.filter(pk=gone.pk).delete()
    CellCount.objects.create(
        district="150199", cell=wrong.cell, category=9, year=5, state=3, region_code="150199001001", count=2
    )
    result = recounting.reconcile()
    assert result.differences == 3
    assert {(one.kept, one.expected) for one in result.examples} == {(77, wrong.count), (None, gone.count), (2, None)}
    assert table() == right
    cursor = CellCursor.objects.get()
    assert cursor.differences == 3
    assert cursor.checked_at
    assert recounting.reconcile().differences == 0


def test_the_proof_holds_while_events_wait_to_be_read_and_folded(counted: Town) -> None:
    first = file_at(1.5, 1.5, counted.litter, NOON)
    keep_up()
    move(first, State.ACCEPTED)
    file_at(0.5, 0.5, counted.litter, NOON)
    following.follow(below=BEYOND)
    move(first, State.DISPATCHED)
    assert CellDelta.objects.exists()
    assert recounting.reconcile().differences == 0
    keep_up()
    assert by_state() == {ALL: 2, ANY_OPEN: 2, NUMBERS[State.REPORTED]: 1, NUMBERS[State.DISPATCHED]: 1}


STEPS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(sorted(State)), st.integers(0, 3)), min_size=1, max_size=16
)


@settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_any_history_in_any_portions_ends_with_what_a_recount_says(counted: Town, steps: Any) -> None:
    """A report goes from any state to any other, at any time folded or only followed."""
    Report.objects.all().delete()
    begin()
    known: dict[int, Report] = {}
    for which, state, then in steps:
        if which in known:
            move(known[which], state)
        else:
            known[which] = file_at(which / 2, which % 2, counted.manhole, NOON - timedelta(days=which * 20))
        if then == 1:
            following.follow(below=BEYOND)
        elif then == 2:
            keep_up()
    keep_up()
    followed = table()
    recounting.fill()
    assert table() == followed
