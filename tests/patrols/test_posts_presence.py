"""Who was there: by position, by their own word, or unknown; and how they are reminded.

lat 3 +---+---+---+
      |   |   |   |     P = the post, in the middle of grid 5, with a radius of 100 m
lat 2 +---+---+---+
      |   | P |   |     a walk along lat 1.5 passes it, one along lat 0.2 does not
lat 1 +---+---+---+
      |   |   |   |
lat 0 +---+---+---+
"""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from grids.models import Notification, Person
from grids.problems import BadInput, Conflict, NotFound
from patrols.models import Patrol, Shift, Turn
from patrols.models.posts import Presence
from patrols.patrolling import withdraw_consent
from patrols.posts import telling
from patrols.posts.attendance import daily, forget_people, planned_and_there
from patrols.posts.presence import Here, arrive, leave, undo_arrival
from patrols.posts.turns import remove, take
from tests.patrols.posting import keep_promises, local, post, shift
from tests.patrols.walks import begun, ended, hours_ago, sent, walk
from tests.town import DISTRICT, FAR, NEAR, Town, at


def here(east: float, north: float, accuracy: float | None = 5) -> Here:
    point = at(east, north)
    return Here(point.x, point.y, accuracy)


@pytest.fixture
def running(town: Town) -> Shift:
    """A shift that began half an hour ago, with Bob."""
    row = shift(post(town), hours=-0.5, wanted=2)
    take(town.scope("bob"), row.pk)
    return row


@pytest.mark.parametrize(
    ("where", "known"),
    [
        (here(1.5, 1.5), Presence.MEASURED),
        (here(2.45, 1.5), Presence.MEASURED),
        (here(2.6, 1.5), Presence.TOLD),
        (here(2.6, 1.5, accuracy=40), Presence.MEASURED),
        (here(1.5, 1.5, accuracy=300), Presence.TOLD),
        (None, Presence.TOLD),
    ],
    ids=str,
)
def test_a_position_within_the_radius_measures_and_anything_else_is_ones_word(
    town: Town, running: Shift, where: Here | None, known: Presence
) -> None:
    turn = arrive(town.scope("bob"), running.pk, here=where)
    assert turn.presence == Turn.objects.get().presence == known
    assert turn.arrived_at


def test_coming_again_changes_nothing_but_that_a_position_counts_once_it_is_there(town: Town, running: Shift) -> None:
    first = arrive(town.scope("bob"), running.pk)
    again = arrive(town.scope("bob"), running.pk, here=here(1.5, 1.5))
    assert (again.arrived_at, again.presence) == (first.arrived_at, Presence.MEASURED)
    assert arrive(town.scope("bob"), running.pk).presence == Presence.MEASURED


def test_what_a_phone_noted_without_a_network_counts_for_its_own_time(town: Town) -> None:
    over = shift(post(town), hours=-1.4)
    take(town.scope("bob"), over.pk)
    Shift.objects.filter(pk=over.pk).update(ends_at=timezone.now() - timedelta(minutes=5))
    with pytest.raises(BadInput):
        arrive(town.scope("bob"), over.pk)
    at_ = timezone.now() - timedelta(hours=1)
    assert arrive(town.scope("bob"), over.pk, at=at_).arrived_at == at_


def test_coming_hours_before_is_no_coming(town: Town) -> None:
    later = shift(post(town), hours=2)
    take(town.scope("bob"), later.pk)
    with pytest.raises(BadInput):
        arrive(town.scope("bob"), later.pk)


def test_leaving_needs_coming_and_the_first_word_counts(town: Town, running: Shift) -> None:
    with pytest.raises(BadInput):
        leave(town.scope("bob"), running.pk)
    arrive(town.scope("bob"), running.pk)
    first = leave(town.scope("bob"), running.pk).left_at
    assert leave(town.scope("bob"), running.pk).left_at == first
    with pytest.raises(BadInput):
        leave(town.scope("bob"), running.pk, at=timezone.now() - timedelta(hours=3))
    undone = undo_arrival(town.scope("bob"), running.pk)
    assert (undone.arrived_at, undone.left_at, undone.presence) == (None, None, Presence.UNKNOWN)


def test_nobody_says_so_for_another(town: Town, running: Shift) -> None:
    for who in ("alice", "charlie", "paula"):
        with pytest.raises(NotFound):
            arrive(town.scope(who), running.pk)
    remove(town.scope("paula"), running.pk, town.bob.pk)
    with pytest.raises(Conflict):
        arrive(town.scope("bob"), running.pk)


def _walked(town: Town, way: list[tuple[float, float]], since: datetime) -> Patrol:
    patrol = begun(town.bob, since=since)
    readings = walk(since, way, step=0.1)
    sent(Person.objects.get(pk=town.bob.pk), readings)
    last = readings[-1].taken_at
    assert last
    ended(patrol, last)
    keep_promises()
    return patrol


def test_a_patrol_past_the_post_during_the_shift_measures(town: Town) -> None:
    row = shift(post(town), hours=-1)
    take(town.scope("bob"), row.pk)
    since = hours_ago(0.5)
    _walked(town, [(0.2, 1.5), (2.8, 1.5)], since)
    turn = Turn.objects.get()
    assert (turn.presence, turn.arrived_at) == (Presence.MEASURED, None)
    assert turn.tracked_at
    assert since < turn.tracked_at < since + timedelta(minutes=2)
    withdraw_consent(town.bob)
    turn.refresh_from_db()
    assert turn.presence == Presence.UNKNOWN


@pytest.mark.parametrize(
    ("way", "hours"), [([(0.2, 0.2), (2.8, 0.2)], 0.5), ([(0.2, 1.5), (2.8, 1.5)], 3)], ids=["elsewhere", "before"]
)
def test_a_patrol_elsewhere_or_at_another_time_says_nothing(
    town: Town, way: list[tuple[float, float]], hours: float
) -> None:
    row = shift(post(town), hours=-1)
    take(town.scope("bob"), row.pk)
    _walked(town, way, hours_ago(hours))
    assert Turn.objects.get().presence == Presence.UNKNOWN


def test_the_figures_of_a_day_name_nobody_and_nothing_known_is_unknown(town: Town) -> None:
    where = post(town)
    morning, noon, evening = (shift(where, hours=hours, length=1, wanted=2) for hours in (-5, -3, -1.5))
    for row in (morning, noon, evening):
        Shift.objects.filter(pk=row.pk).update(ends_at=timezone.now() + timedelta(hours=1))
        take(town.scope("bob"), row.pk) if row == morning else None
    arrive(town.scope("bob"), morning.pk, here=here(1.5, 1.5))
    take(town.scope("alice"), evening.pk)
    arrive(town.scope("alice"), evening.pk)
    Shift.objects.update(ends_at=timezone.now() - timedelta(minutes=1), day=timezone.localdate())
    (day,) = daily(where, timezone.localdate(), timezone.localdate())
    assert day == {
        "day": timezone.localdate(),
        "shifts": 3,
        "wanted_people": 6,
        "places_taken": 2,
        "there_measured": 1,
        "there_told": 1,
        "unknown": 1,
    }
    plan = {"shifts": 3, "places": 6, "measured_there": 1, "told_there": 1, "unknown": 1}
    today = timezone.localdate()
    assert [planned_and_there(code, today, today) for code in (DISTRICT, NEAR)] == [plan, plan]
    assert planned_and_there(FAR, today, today) == dict.fromkeys(plan, 0)


def test_forgetting_who_stood_there_leaves_the_figures(town: Town, running: Shift) -> None:
    arrive(town.scope("bob"), running.pk, here=here(1.5, 1.5))
    long_ago = timezone.now() - timedelta(days=500)
    Shift.objects.update(starts_at=long_ago, ends_at=long_ago + timedelta(hours=1), day=long_ago.date())
    before = daily(running.post, long_ago.date(), long_ago.date())
    assert forget_people(timezone.now() - timedelta(days=400)) == 1
    assert forget_people(timezone.now() - timedelta(days=400)) == 0
    assert not Turn.objects.exists()
    assert daily(running.post, long_ago.date(), long_ago.date()) == before
    running.refresh_from_db()
    assert (running.measured, running.told) == (1, 0)


def _now_is(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


def _told(verb: str) -> list[Notification]:
    return list(Notification.objects.filter(verb=verb))


def test_reminders_come_the_evening_before_and_half_an_hour_before_once_each(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    row = shift(post(town))
    start = local(tomorrow, time(7, 30))
    Shift.objects.update(day=tomorrow, starts_at=start, ends_at=start + timedelta(hours=1))
    row.refresh_from_db()
    take(town.scope("bob"), row.pk)
    Turn.objects.update(since=timezone.now() - timedelta(days=2))
    _now_is(monkeypatch, local(tomorrow - timedelta(days=1), time(17, 55)))
    assert telling.remind() == 0
    _now_is(monkeypatch, local(tomorrow - timedelta(days=1), time(18, 5)))
    assert (telling.remind(), telling.remind()) == (1, 0)
    assert "07:30" in _told("shift_tomorrow")[0].subject
    _now_is(monkeypatch, local(tomorrow, time(7, 5)))
    assert (telling.remind(), telling.remind()) == (1, 0)
    assert len(_told("shift_soon")) == 1


def test_a_reminder_in_quiet_hours_waits_for_their_end(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    Person.objects.filter(pk=town.bob.pk).update(quiet_from=time(18), quiet_until=time(7))
    row = shift(post(town))
    start = local(tomorrow, time(7, 30))
    Shift.objects.update(day=tomorrow, starts_at=start, ends_at=start + timedelta(hours=1))
    row.refresh_from_db()
    take(town.scope("bob"), row.pk)
    Turn.objects.update(since=timezone.now() - timedelta(days=2))
    _now_is(monkeypatch, local(tomorrow - timedelta(days=1), time(19)))
    telling.remind()
    assert _told("shift_tomorrow")[0].due_at == local(tomorrow, time(7))


def test_whoever_took_the_place_this_evening_needs_no_reminder_of_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = shift(post(town), hours=1)
    take(town.scope("bob"), row.pk)
    arrive(town.scope("bob"), row.pk, at=timezone.now() + timedelta(minutes=1))
    _now_is(monkeypatch, row.starts_at - timedelta(minutes=10))
    assert telling.remind() == 0  # is there already
