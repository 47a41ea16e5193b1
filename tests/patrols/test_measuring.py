"""From fixes to coverage: the same whatever order, repetition or delay, folded without person or patrol."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grids.models import Outbox
from grids.outbox import run
from patrols.measuring import measure
from patrols.models import Coverage, Fix, LastPosition, Patrol, Sight, Track
from patrols.models.patrol import PatrolState
from patrols.patrolling import end_abandoned, tick, withdraw_consent
from tests.patrols.walks import begun, ended, hours_ago, sent, street, walk
from tests.town import Town, at

WAY = [(1.0, 1.5), (2.0, 1.5)]


def keep_promises() -> None:
    for row in Outbox.objects.filter(done_at__isnull=True, topic="patrol.measure"):
        run(str(row.pk))


def coverage() -> dict[str, tuple[Any, Any, bool]]:
    """Covered and unknown stretches of each street in hundredths of its length."""
    return {
        row.street.name if row.street else row.checkpoint.name: (  # type: ignore[union-attr]
            [(round(a / 1e4, 1), round(b / 1e4, 1)) for a, b in row.covered],
            [(round(a / 1e4, 1), round(b / 1e4, 1)) for a, b in row.unknown],
            row.told,
        )
        for row in Coverage.objects.select_related("street", "checkpoint")
    }


@pytest.fixture
def middle(town: Town) -> Town:
    """
    The middle grid with a street along its middle, one across and one that nobody walks:

    2   +----|----+
        |----|----|   along, from 1 to 2 and on to 3
    1   +----|----+
        1  across  2
    """
    street("along", (1.0, 1.5), (3.0, 1.5))
    street("across", (1.5, 1.0), (1.5, 2.0))
    street("far", (9.2, 0.5), (9.8, 0.5))
    street("rails", (1.0, 1.51), (3.0, 1.51), kind="rail")
    return town


def test_an_ended_patrol_covers_what_it_walked(middle: Town) -> None:
    since = hours_ago(2)
    patrol = begun(middle.bob, middle.grids[5].pk, since)
    assert sent(middle.bob, walk(since, WAY)).new == 8
    ended(patrol, since + timedelta(seconds=70))
    keep_promises()
    seen = coverage()
    # 100 of 200 m and 15 m more; 30 m of the street across; the checkpoint at (1.5, 1.5).
    assert seen["along"] == ([(0.0, pytest.approx(57.5, abs=0.2))], [], False)
    assert seen["across"][0] == [(pytest.approx(35, abs=0.3), pytest.approx(65, abs=0.3))]
    assert seen["西市场"] == ([(0.0, 100.0)], [], False)
    assert set(seen) == {"along", "across", "西市场"}
    assert Patrol.objects.get().state == PatrolState.MEASURED
    track = Track.objects.get()
    assert track.geom
    assert track.geom.num_coords == 8


def test_order_repetition_and_delay_do_not_matter(middle: Town) -> None:
    since = hours_ago(3)
    readings = [*walk(since, WAY), *walk(since + timedelta(minutes=20), [(2.0, 1.5), (1.5, 1.5), (1.5, 2.0)])]
    patrol = begun(middle.bob, middle.grids[5].pk, since)
    sent(middle.bob, readings)
    ended(patrol, since + timedelta(minutes=25))
    keep_promises()
    expected = coverage()
    assert len(expected) == 3
    assert expected["along"][1]
    Patrol.objects.all().delete()
    Coverage.objects.all().delete()

    shuffled = random.Random(3).sample(readings * 2, len(readings) * 2)
    patrol = begun(middle.bob, middle.grids[5].pk, since)
    sent(middle.bob, shuffled[:3])
    ended(patrol, since + timedelta(minutes=25))
    keep_promises()
    assert coverage() != expected
    sent(middle.bob, shuffled[3:20])
    sent(middle.bob, shuffled[20:])
    keep_promises()
    assert coverage() == expected
    assert Fix.objects.count() == len(readings)
    # Nothing new, nothing measured.
    sent(middle.bob, readings)
    assert Patrol.objects.get().state == PatrolState.MEASURED


def test_two_patrols_are_folded_into_one_day_and_each_can_be_measured_again(middle: Town) -> None:
    since = hours_ago(3)
    first = begun(middle.bob, None, since)
    sent(middle.bob, walk(since, [(1.0, 1.5), (1.4, 1.5)]))
    second = begun(middle.alice, None, since)
    sent(middle.alice, walk(since, [(2.6, 1.5), (3.0, 1.5)]))
    for patrol in (first, second):
        ended(patrol, since + timedelta(minutes=2))
    keep_promises()
    low, high = coverage()["along"][0]
    assert low[0] == 0
    assert high[1] == 100
    assert low[1] < 50 < high[0]
    sent(middle.bob, walk(since + timedelta(seconds=40), [(1.5, 1.5), (1.8, 1.5)]))
    keep_promises()
    assert coverage()["along"][0] == [(0.0, pytest.approx(47.5, abs=0.3)), high]


def test_a_gap_leaves_streets_of_the_grid_unknown_and_no_others(middle: Town) -> None:
    since = hours_ago(3)
    street("elsewhere", (2.2, 2.2), (2.8, 2.8))
    patrol = begun(middle.bob, middle.grids[5].pk, since)
    sent(middle.bob, walk(since, [(1.0, 1.5), (1.2, 1.5)]))
    ended(patrol, since + timedelta(minutes=10))
    keep_promises()
    seen = coverage()
    assert seen["across"] == ([], [(0.0, 100.0)], False)
    assert seen["along"][1][0][1] == 100
    assert "elsewhere" not in seen


def test_a_patrol_without_a_single_fix_knows_nothing_of_its_grid(middle: Town) -> None:
    patrol = begun(middle.bob, middle.grids[5].pk, hours_ago(2))
    ended(patrol)
    keep_promises()
    assert coverage() == {"along": ([], [(0.0, 100.0)], False), "across": ([], [(0.0, 100.0)], False)}


def test_what_one_walked_another_leaves_not_unknown(middle: Town) -> None:
    since = hours_ago(3)
    first = begun(middle.bob, middle.grids[5].pk, since)
    ended(first, since + timedelta(minutes=30))
    second = begun(middle.alice, middle.grids[5].pk, since)
    sent(middle.alice, walk(since, WAY))
    ended(second, since + timedelta(seconds=70))
    keep_promises()
    covered, unknown, _told = coverage()["along"]
    assert covered[0][1] == unknown[0][0]


def test_fixes_that_came_before_their_patrol_are_adopted(middle: Town) -> None:
    since = hours_ago(3)
    withdrawn = begun(middle.bob, None, hours_ago(5))
    ended(withdrawn, hours_ago(4))
    stored = sent(middle.bob, walk(since, WAY))
    assert (stored.new, stored.waiting) == (0, 8)
    patrol = begun(middle.bob, None, since)
    ended(patrol, since + timedelta(seconds=70))
    keep_promises()
    assert coverage()["along"][0]


def test_a_tick_counts_apart_from_what_was_measured(middle: Town) -> None:
    patrol = begun(middle.bob, None, hours_ago(1))
    along = street("told", (1.2, 1.2), (1.4, 1.2))
    for _again in range(2):
        tick(middle.scope("bob"), patrol.pk, "street", along.pk)
    assert coverage() == {"told": ([], [], True)}
    ended(patrol)
    keep_promises()
    assert coverage()["told"][2]


def test_coverage_knows_neither_person_nor_patrol() -> None:
    names = {field.name for field in Coverage._meta.get_fields()}
    assert names == {
        "id",
        "district",
        "day",
        "street",
        "checkpoint",
        "stairwell",
        "building",
        "covered",
        "unknown",
        "told",
    }


def test_withdrawing_consent_deletes_what_it_was_for_and_keeps_the_coverage(middle: Town) -> None:
    since = hours_ago(2)
    patrol = begun(middle.bob, None, since)
    sent(middle.bob, walk(since, WAY))
    ended(patrol, since + timedelta(seconds=70))
    keep_promises()
    before = coverage()
    withdraw_consent(middle.bob)
    assert not Fix.objects.exists()
    assert not Track.objects.exists()
    assert set(Sight.objects.values_list("patrol", flat=True)) == {None}
    assert coverage() == before
    # Another's patrol of the same day leaves it there.
    second = begun(middle.alice, None, since)
    sent(middle.alice, walk(since, [(2.6, 1.5), (3.0, 1.5)]))
    ended(second, since + timedelta(minutes=2))
    keep_promises()
    assert before["along"][0][0] in coverage()["along"][0]
    assert not sent(middle.bob, walk(since, WAY)).consented
    assert not Fix.objects.filter(person=middle.bob).exists()


def test_an_active_patrol_shows_where_it_is_and_an_ended_one_does_not(middle: Town) -> None:
    since = hours_ago(0.5)
    patrol = begun(middle.bob, None, since)
    readings = walk(since, WAY)
    sent(middle.bob, readings[4:])
    sent(middle.bob, readings[:4])
    position = LastPosition.objects.get()
    assert position.taken_at == readings[-1].taken_at
    ended(patrol)
    assert not LastPosition.objects.exists()


def test_an_abandoned_patrol_ends_at_its_last_sign_of_life(middle: Town) -> None:
    since = hours_ago(5)
    begun(middle.bob, None, since)
    sent(middle.bob, walk(since, WAY))
    assert end_abandoned() == 1
    patrol = Patrol.objects.get()
    assert (patrol.state, patrol.ended_at) == (PatrolState.ENDED, since + timedelta(seconds=70))
    assert end_abandoned() == 0


def test_measuring_costs_the_same_queries_for_a_short_and_a_long_walk(middle: Town) -> None:
    counts = []
    for person, length in ((middle.bob, 3), (middle.alice, 8)):
        since = hours_ago(2)
        patrol = begun(person, middle.grids[5].pk, since)
        sent(person, walk(since, [(1.0 + turn % 2, 1.5) for turn in range(length)]))
        ended(patrol, since + timedelta(minutes=20))
        with CaptureQueriesContext(connection) as captured:
            measure(patrol.pk)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 26


def test_a_walk_over_midnight_belongs_to_two_days(middle: Town) -> None:
    midnight = hours_ago(30).replace(hour=16, minute=0, second=0)  # 00:00 in Shanghai
    since = midnight - timedelta(seconds=40)
    patrol = begun(middle.bob, None, since)
    sent(middle.bob, walk(since, WAY))
    ended(patrol, since + timedelta(seconds=70))
    keep_promises()
    days = Coverage.objects.filter(street__name="along").order_by("day").values_list("day", "covered")
    assert len(days) == 2
    assert days[0][1][0][0] == 0
    assert days[1][1][-1][1] == pytest.approx(575_000, abs=3_000)


def test_places_are_exact_to_the_seventh_decimal(middle: Town) -> None:
    since = hours_ago(1)
    begun(middle.bob, None, since)
    (reading, *_rest) = walk(since, WAY)
    sent(middle.bob, [reading])
    moved = type(reading)(reading.lon + 4e-9, reading.lat, reading.taken_at, reading.accuracy)  # type: ignore[operator]
    assert sent(middle.bob, [moved]).known == 1
    assert Fix.objects.get().geom.distance(at(1.0, 1.5)) < 1e-7  # type: ignore[union-attr]
