"""Posts and their weekly shifts: written ahead once, on the days that were meant; whoever is concerned is told."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from grids.geometry_guard import parse_point
from grids.models import Notification, WorkingDay
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from patrols.models import Pattern, Post, Shift
from patrols.models.posts import ShiftState
from patrols.posts import planning
from patrols.posts.planning import Once, Week, generate, keep_ahead
from patrols.posts.recurrence import days_of
from patrols.posts.turns import take
from tests.patrols.posting import local, post, shift, week
from tests.town import NEAR, Town, at

TODAY = timezone.localdate()
MONDAY = date(2026, 9, 28)  # before the National Day of 2026; the 10th of October is worked instead


def october(day: date) -> bool:
    """Whether a day of that autumn is worked: off from the 1st to the 7th, and Saturday the 10th worked."""
    return day == date(2026, 10, 10) or (day.weekday() < 5 and not date(2026, 10, 1) <= day <= date(2026, 10, 7))


def test_days_off_are_left_out_and_make_up_days_come_in() -> None:
    found = [day.day for day in days_of((1, 2, 3, 4, 5), MONDAY, date(2026, 10, 12), october)]
    assert found == [28, 29, 30, 8, 9, 10, 12]


def test_a_pattern_of_single_days_has_no_make_up_day() -> None:
    assert [day.day for day in days_of((1, 6), MONDAY, date(2026, 10, 12), october)] == [28, 3, 10, 12]


def test_without_the_calendar_the_weekdays_alone_count() -> None:
    assert len(list(days_of((4,), MONDAY, date(2026, 10, 12)))) == 2


@given(weekdays=st.sets(st.integers(1, 7), min_size=1), length=st.integers(0, 400))
def test_every_day_lies_in_the_span_once_on_a_chosen_weekday(weekdays: set[int], length: int) -> None:
    last = MONDAY + timedelta(days=length)
    found = list(days_of(weekdays, MONDAY, last))
    assert found == sorted(set(found))
    assert all(MONDAY <= day <= last and day.isoweekday() in weekdays for day in found)
    assert len(found) >= length // 7 * len(weekdays)


def test_a_weekly_shift_writes_four_weeks_and_again_changes_nothing(town: Town) -> None:
    pattern = planning.add_pattern(town.scope("paula"), post(town).pk, week((1, 2, 3, 4, 5, 6, 7), worked_days=False))
    before = set(Shift.objects.values_list("pk", "starts_at"))
    assert 28 <= len(before) <= 29
    generate(pattern)
    keep_ahead()
    assert set(Shift.objects.values_list("pk", "starts_at")) == before
    row = Shift.objects.order_by("starts_at").last()
    assert row
    assert row.starts_at == local(TODAY + timedelta(days=28), time(7, 30))
    assert row.ends_at - row.starts_at == timedelta(hours=1.5)


def test_the_weeks_go_on_by_themselves(town: Town) -> None:
    pattern = planning.add_pattern(town.scope("paula"), post(town).pk, week((1, 2, 3, 4, 5, 6, 7), worked_days=False))
    count = Shift.objects.count()
    generate(pattern, TODAY + timedelta(days=7))
    assert Shift.objects.count() == count + 7


def test_a_cancelled_shift_does_not_come_back(town: Town) -> None:
    pattern = planning.add_pattern(town.scope("paula"), post(town).pk, week((1, 2, 3, 4, 5, 6, 7), worked_days=False))
    gone = Shift.objects.order_by("-starts_at")[0]
    planning.cancel(town.scope("paula"), gone.pk, "x")
    generate(pattern)
    assert Shift.objects.filter(day=gone.day).get().state == ShiftState.CANCELLED


def test_a_pattern_holds_on_worked_days_until_its_last_day(town: Town) -> None:
    first = TODAY + timedelta(days=1)
    for offset in range(10):
        WorkingDay.objects.create(day=first + timedelta(days=offset), working=offset != 2)
    last = first + timedelta(days=4)
    planning.add_pattern(town.scope("paula"), post(town).pk, week(since=first, last_day=last))
    assert sorted(Shift.objects.values_list("day", flat=True)) == [first + timedelta(days=n) for n in (0, 1, 3, 4)]


def test_a_day_that_becomes_a_day_off_cancels_its_shift_and_tells(town: Town) -> None:
    day = TODAY + timedelta(days=3)
    WorkingDay.objects.create(day=day, working=True)
    planning.add_pattern(town.scope("paula"), post(town).pk, week(since=day, last_day=day))
    take(town.scope("bob"), Shift.objects.get().pk)
    WorkingDay.objects.filter(day=day).update(working=False)
    keep_ahead()
    assert Shift.objects.get().state == ShiftState.CANCELLED
    assert Notification.objects.get(person=town.bob).verb == "shift_cancelled"


def test_ending_a_weekly_shift_cancels_what_comes_later(town: Town) -> None:
    pattern = planning.add_pattern(town.scope("paula"), post(town).pk, week((1, 2, 3, 4, 5, 6, 7), worked_days=False))
    last_day = TODAY + timedelta(days=7)
    planning.end_pattern(town.scope("paula"), pattern.pk, last_day)
    states = Shift.objects.values_list("day", "state")
    assert all((state == "cancelled") == (day > last_day) for day, state in states)
    keep_ahead()
    assert not Shift.objects.filter(day__gt=last_day, state="open").exists()
    with pytest.raises(Conflict):
        planning.end_pattern(town.scope("paula"), pattern.pk, last_day)


def test_closing_a_post_ends_everything_there(town: Town) -> None:
    where = post(town)
    planning.add_pattern(town.scope("paula"), where.pk, week((1, 2, 3, 4, 5, 6, 7), worked_days=False))
    single = shift(where, hours=24 * 40)
    take(town.scope("bob"), single.pk)
    planning.close(town.scope("paula"), where.pk, TODAY + timedelta(days=2))
    assert not Shift.objects.filter(day__gt=TODAY + timedelta(days=2), state="open").exists()
    assert not Pattern.objects.on(TODAY + timedelta(days=3)).exists()
    assert Notification.objects.get(person=town.bob).verb == "shift_cancelled"
    with pytest.raises(Conflict):
        planning.close(town.scope("paula"), where.pk, TODAY + timedelta(days=5))
    with pytest.raises(BadInput):
        planning.add_shift(town.scope("paula"), where.pk, Once(TODAY + timedelta(days=9), time(8), time(9)))


def test_a_single_shift_is_added_once(town: Town) -> None:
    where, once = post(town), Once(TODAY + timedelta(days=2), time(8), time(9), 3)
    made = planning.add_shift(town.scope("paula"), where.pk, once)
    assert (made.wanted, made.taken, made.starts_at) == (3, 0, local(once.day, time(8)))
    with pytest.raises(Conflict):
        planning.add_shift(town.scope("paula"), where.pk, once)
    planning.cancel(town.scope("paula"), made.pk, "x")
    planning.add_shift(town.scope("paula"), where.pk, once)  # after all


def test_the_community_follows_from_the_place(town: Town) -> None:
    where = post(town)
    assert (where.region.code, where.district) == (f"{NEAR}001", NEAR[:6])
    with pytest.raises(BadInput):
        post(town, east=50, north=50)


@pytest.mark.parametrize("who", ["alice", "bob", "dora"])
def test_only_planners_plan(town: Town, who: str) -> None:
    where = post(town)
    scope, point = town.scope(who), at(1, 1)
    with pytest.raises(NotAllowed):
        planning.enter(scope, planning.Entry("x", parse_point(point.x, point.y)))
    with pytest.raises(NotAllowed):
        planning.change(scope, where.pk, planning.Change(name="x"))
    with pytest.raises(NotAllowed):
        planning.close(scope, where.pk, TODAY)
    with pytest.raises(NotAllowed):
        planning.add_pattern(scope, where.pk, week())
    with pytest.raises(NotAllowed):
        planning.add_shift(scope, where.pk, Once(TODAY, time(8), time(9)))
    with pytest.raises(NotAllowed):
        planning.cancel(scope, shift(where).pk, "x")


def test_the_outsider_knows_of_no_post(town: Town) -> None:
    where = post(town)
    with pytest.raises(NotFound):
        planning.change(town.scope("charlie"), where.pk, planning.Change(name="x"))


def test_a_post_is_changed_and_moved_within_its_community(town: Town) -> None:
    where, point, away = post(town), at(2, 2), at(9.5, 1)
    changed = planning.change(
        town.scope("paula"), where.pk, planning.Change(name=" 北门 ", radius=60, place=parse_point(point.x, point.y))
    )
    assert (changed.name, changed.radius) == ("北门", 60)
    assert Post.objects.get().geom.equals_exact(point, 1e-9)
    with pytest.raises(BadInput):
        planning.change(town.scope("paula"), where.pk, planning.Change(place=parse_point(away.x, away.y)))


@pytest.mark.parametrize(
    "wrong",
    [
        Week((), time(7), time(9)),
        Week((8,), time(7), time(9)),
        Week((1,), time(9), time(7)),
        Week((1,), time(9), time(9)),
        Week((1,), time(1), time(23)),
        Week((1,), time(7), time(9), wanted=0),
        Week((1,), time(7), time(9), wanted=99),
        Week((1,), time(7), time(9), since=TODAY - timedelta(days=1)),
        Week((1,), time(7), time(9), since=TODAY, last_day=TODAY - timedelta(days=1)),
    ],
    ids=str,
)
def test_a_week_that_cannot_be_is_refused_with_a_sentence(town: Town, wrong: Week) -> None:
    with pytest.raises(BadInput):
        planning.add_pattern(town.scope("paula"), post(town).pk, wrong)
    assert not Shift.objects.exists()


@pytest.mark.parametrize("wrong", [{"name": " "}, {"radius": 10}, {"radius": 900}], ids=str)
def test_a_post_that_cannot_be_is_refused_with_a_sentence(town: Town, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        post(town, **wrong)
    assert not Post.objects.exists()
