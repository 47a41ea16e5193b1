"""Deleting a kept way: everything of it goes, also what comes in later, and coverage stays to the last stretch."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from grids.problems import Conflict, NotFound
from patrols.intake.files import add_gpx
from patrols.models import Coverage, Fix, LastPosition, Patrol, Sight, Track, TrackFile
from patrols.models.patrol import PatrolState
from patrols.patrolling import give_consent, withdraw_consent
from patrols.ways import forget_all_ways, forget_way
from tests.patrols.test_measuring import coverage, keep_promises
from tests.patrols.walks import begun, ended, hours_ago, sent, street, walk
from tests.town import Town, at

WAY = [(1.0, 1.5), (2.0, 1.5)]
UNTIMED = """<gpx version="1.1" creator="t"><trk><trkseg>
<trkpt lat="40.8210" lon="111.6710"/><trkpt lat="40.8220" lon="111.6720"/>
<trkpt lat="40.8230" lon="111.6730"/></trkseg></trk></gpx>"""


def walked(town: Town, hours: float = 2) -> Patrol:
    """Let Bob walk 100 m along a street, end and be measured."""
    since = hours_ago(hours)
    patrol = begun(town.bob, town.grids[5].pk, since)
    sent(town.bob, walk(since, WAY))
    ended(patrol, since + timedelta(seconds=70))
    keep_promises()
    return Patrol.objects.get(pk=patrol.pk)


@pytest.fixture
def way(town: Town) -> Patrol:
    """Bob's measured patrol over a street, with an untimed file."""
    street("along", (1.0, 1.5), (3.0, 1.5))
    patrol = walked(town)
    add_gpx(patrol, UNTIMED.encode(), "d" * 64)
    return patrol


def test_a_deleted_way_leaves_its_coverage_and_nothing_of_whose_it_was(town: Town, way: Patrol) -> None:
    before = coverage()
    assert before
    forget_way(town.scope("bob"), way.pk)
    assert not Track.objects.exists()
    assert not TrackFile.objects.exists()
    assert not Fix.objects.exists()
    assert set(Sight.objects.values_list("patrol", flat=True)) == {None}
    assert coverage() == before
    forget_way(town.scope("bob"), way.pk)
    assert coverage() == before


def test_the_day_folded_again_keeps_what_a_deleted_way_had_covered(town: Town, way: Patrol) -> None:
    before = coverage()["along"]
    forget_way(town.scope("bob"), way.pk)
    walked(town, 1)  # the same stretch again
    assert coverage()["along"] == before
    rows = Coverage.objects.filter(street__name="along")
    assert rows.count() == rows.values("day").distinct().count()


def test_what_comes_in_late_of_a_deleted_way_is_not_kept(town: Town, way: Patrol) -> None:
    forget_way(town.scope("bob"), way.pk)
    assert way.started_at
    late = walk(way.started_at + timedelta(seconds=3), WAY)[:-1]
    stored = sent(town.bob, late)
    assert (stored.new, stored.known) == (0, len(late))
    keep_promises()
    assert not Fix.objects.exists()
    assert not Track.objects.exists()
    with pytest.raises(Conflict):
        add_gpx(Patrol.objects.get(pk=way.pk), UNTIMED.encode(), "e" * 64)


def test_only_ones_own_way_and_not_the_one_under_way(town: Town, way: Patrol) -> None:
    with pytest.raises(NotFound):
        forget_way(town.scope("alice"), way.pk)
    with pytest.raises(NotFound):
        forget_way(town.scope("bob"), uuid4())
    active = begun(town.bob)
    with pytest.raises(Conflict):
        forget_way(town.scope("bob"), active.pk)
    with pytest.raises(Conflict):
        forget_all_ways(town.bob)
    assert Track.objects.count() == 1


def test_all_ways_at_once_and_what_waits_for_a_patrol_too(town: Town, way: Patrol) -> None:
    before = coverage()
    sent(town.bob, walk(hours_ago(5), WAY))  # no patrol of theirs
    assert Fix.objects.filter(patrol__isnull=True).exists()
    assert forget_all_ways(town.bob) == 1
    assert not Fix.objects.exists()
    assert not Track.objects.exists()
    assert coverage() == before
    assert forget_all_ways(town.bob) == 0


def test_what_was_sent_before_a_withdrawal_does_not_come_back_with_a_new_consent(town: Town, way: Patrol) -> None:
    withdraw_consent(town.bob)
    give_consent(town.scope("bob"))
    assert way.started_at
    sent(town.bob, walk(way.started_at + timedelta(seconds=3), WAY)[:-1])
    keep_promises()
    assert not Fix.objects.exists()
    assert not Track.objects.exists()


def test_a_last_position_is_newest_first_and_only_of_an_active_patrol(town: Town) -> None:
    since = hours_ago(1)
    patrol = begun(town.bob, None, since)
    readings = walk(since, WAY)
    sent(town.bob, readings[3:])
    newest = LastPosition.objects.get().taken_at
    assert newest == readings[-1].taken_at
    sent(town.bob, readings[:3])  # late
    assert LastPosition.objects.get().taken_at == newest
    ended(patrol)
    assert not LastPosition.objects.exists()
    sent(town.bob, walk(since + timedelta(seconds=5), WAY))
    assert not LastPosition.objects.exists()


def test_a_way_says_when_it_was_silent(town: Town) -> None:
    since = hours_ago(2)
    patrol = begun(town.bob, None, since)
    sent(town.bob, walk(since, WAY))
    sent(town.bob, walk(since + timedelta(minutes=20), WAY[::-1]))
    ended(patrol, since + timedelta(minutes=21, seconds=10))
    keep_promises()
    ((start, end),) = Track.objects.get().gaps
    assert (start, end) == (since.timestamp() + 70, since.timestamp() + 1200)


class TestUntimedPoints:
    """They are kept for the shape, and count for nothing."""

    def test_a_file_of_them_is_shown_and_covers_nothing(self, town: Town, way: Patrol) -> None:
        file = TrackFile.objects.get()
        assert (file.points, file.untimed) == (0, 3)
        assert file.shape
        assert [round(x, 4) for x, _y in file.shape[0].coords] == [111.671, 111.673]  # straight, so simplified
        assert not Fix.objects.filter(patrol=way, geom__isnull=True).exists()
        assert Patrol.objects.get(pk=way.pk).state == PatrolState.MEASURED

    def test_a_private_place_cuts_them_as_well(self, town: Town) -> None:
        from patrols.private_places import mark

        patrol = begun(town.bob)
        mark(town.bob, 111.6710, 40.8210, 100)
        add_gpx(patrol, UNTIMED.encode(), "d" * 64)
        shape: Any = TrackFile.objects.get().shape
        assert shape[0].coords[0][0] > 111.6715

    def test_single_ones_between_timed_ones_make_no_line(self, town: Town) -> None:
        patrol = begun(town.bob, None, hours_ago(1))
        timed = f'<trkpt lat="40.821" lon="111.671"><time>{timezone.now().isoformat()}</time></trkpt>'
        alone = '<trkpt lat="40.822" lon="111.672"/>'
        content = f'<gpx version="1.1" creator="t"><trk><trkseg>{timed}{alone}{timed}</trkseg></trk></gpx>'
        assert add_gpx(patrol, content.encode(), "d" * 64).untimed == 1
        assert TrackFile.objects.get().shape is None

    def test_there_is_an_end_to_files(self, town: Town) -> None:
        patrol = begun(town.bob)
        for number in range(20):
            add_gpx(patrol, UNTIMED.encode(), f"{number:064}")
        with pytest.raises(Conflict):
            add_gpx(patrol, UNTIMED.encode(), "e" * 64)
        assert not add_gpx(patrol, UNTIMED.encode(), f"{3:064}").new


def test_a_new_private_place_cuts_the_ways_that_are_kept(town: Town, way: Patrol) -> None:
    from patrols.private_places import forget, mark

    whole: Any = Track.objects.get().geom
    before = coverage()
    home = at(1.0, 1.5)
    place = mark(town.bob, home.x, home.y, 50, "家")
    cut: Any = Track.objects.get().geom
    assert cut.length == pytest.approx(whole.length / 2, rel=0.02)
    assert coverage() == before
    forget(town.bob, place.pk)
    assert Track.objects.get().geom == cut
    mark(town.bob, home.x, home.y, 500)
    assert Track.objects.get().geom is None
    mark(town.alice, home.x, home.y, 500)
