"""Taking a list back: everything as it was, or nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone, translation

from grids.lists import staging
from grids.lists.undoing import can_be_taken_back, take_back
from grids.models import Assignment, Checkpoint, Designation, ListCorrection, ListImport
from grids.models.lists import ListKind, ListState, RowState
from grids.problems import Conflict
from tests.grids.list_town import bring_in, row, rows_of, spot, take_in
from tests.town import Town


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_what_a_list_created_goes_and_what_it_changed_is_as_before(town: Town) -> None:
    first = bring_in(take_in(town, [row("西口", 0.5, owner="柳芸")]))
    day = timezone.localdate() - timedelta(days=3)
    Assignment.objects.filter(checkpoint__source=first.source).update(period=(day, None))
    point = Checkpoint.objects.get(source=first.source)
    before = point.geom.wkt
    second = bring_in(take_in(town, [row("西口", 2.5, owner="段禾"), row("东口", 9.5, owner="许棠")]))
    assert take_back(second) == 2
    point.refresh_from_db()
    assert point.geom.wkt == before
    assert list(Checkpoint.objects.filter(source=first.source)) == [point]
    (owner,) = Assignment.objects.filter(checkpoint=point)
    assert (owner.person, owner.period.lower, owner.period.upper) == (town.alice, day, None)
    assert not Assignment.objects.filter(person=town.charlie, checkpoint__isnull=False).exists()
    second.refresh_from_db()
    assert second.state == ListState.UNDONE


def test_where_rows_were_placed_by_hand_is_known_when_the_list_comes_again(town: Town) -> None:
    rows = [row("西口", None), row("东口", None), row("南口")]
    listed = take_in(town, rows)
    staging.pin(listed, 2, *spot(0.5, 1.5), label="站前")
    staging.leave_out(listed, 3, "已拆除")
    take_back(bring_in(listed))
    again = take_in(town, rows)
    assert [each.state for each in rows_of(again)] == [RowState.READY, RowState.UNPLACED, RowState.READY]
    assert (rows_of(again)[0].pin or {})["label"] == "站前"
    bring_in(again, leave_out=True)
    assert not ListCorrection.objects.exists()
    point = Checkpoint.objects.get(name="西口")
    assert (point.geom.x, point.geom.y) == pytest.approx(spot(0.5, 1.5))


def test_what_was_changed_since_is_not_taken_back(town: Town) -> None:
    listed = bring_in(take_in(town, [row("西口"), row("东口", 2.5)]))
    Checkpoint.objects.filter(name="东口").update(geom=Point(111.6705, 40.8205, srid=4326))
    with pytest.raises(Conflict, match="changed since"):
        take_back(listed)
    assert Checkpoint.objects.filter(source=listed.source).count() == 2


def test_what_is_used_is_not_taken_back(town: Town) -> None:
    listed = bring_in(take_in(town, [row("西口"), row("东口", 2.5)]))
    Designation.objects.create(checkpoint=Checkpoint.objects.get(name="东口"))
    with pytest.raises(Conflict, match="refer to it"):
        take_back(listed)
    assert Checkpoint.objects.filter(source=listed.source).count() == 2


def test_after_a_day_and_after_an_ending_there_is_no_way_back(town: Town) -> None:
    rows = [row("西口"), row("东口", 2.5)]
    listed = bring_in(take_in(town, rows))
    assert can_be_taken_back(listed)
    ListImport.objects.filter(pk=listed.pk).update(finished_at=timezone.now() - timedelta(hours=25))
    listed.refresh_from_db()
    assert not can_be_taken_back(listed)
    with pytest.raises(Conflict):
        take_back(listed)
    assert not can_be_taken_back(bring_in(take_in(town, rows[1:]), end_gone=True))


def test_a_list_is_taken_back_once(town: Town) -> None:
    listed = bring_in(take_in(town, [row("西口")]))
    take_back(listed)
    with pytest.raises(Conflict):
        take_back(listed)


def test_accounts_are_never_taken_back(town: Town) -> None:
    people = [["王芳", "志愿者"]]
    listed = bring_in(take_in(town, people, ("姓名", "角色"), kind=ListKind.PEOPLE))
    assert not can_be_taken_back(listed)


def test_an_owner_of_the_same_day_comes_back(town: Town) -> None:
    first = bring_in(take_in(town, [row("西口", 0.5, owner="柳芸")]))
    second = bring_in(take_in(town, [row("西口", 0.5, owner="段禾")]))
    take_back(second)
    assert Assignment.objects.get(checkpoint__source=first.source).person == town.alice
