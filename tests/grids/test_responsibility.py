"""What nobody answers for, and giving it to somebody."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from grids.models import Assignment, Membership, Notification, Person
from grids.problems import BadInput, Conflict, NotFound
from grids.responsibility import Task, assign, idle_leaders, vacant
from tests.town import Town


def test_grids_without_owner_are_found_and_members_do_not_count(town: Town) -> None:
    Assignment.objects.create(person=town.bob, grid=town.grids[1], role="member")
    found = vacant(town.scope("paula"), "grid")
    assert {grid.number for grid in found} == {1, 2, 3, 4, 6, 7, 8, 9}


def test_who_looks_after_nobody_sees_nothing_vacant(town: Town) -> None:
    for who in ("alice", "dora"):
        assert not vacant(town.scope(who), "grid").exists()


def test_a_grid_whose_owner_comes_later_is_not_vacant(town: Town) -> None:
    begins = timezone.localdate() + timedelta(days=9)
    Assignment.objects.create(person=town.bob, grid=town.grids[1], role="owner", period=DateRange(begins, None))
    assert town.grids[1] not in vacant(town.scope("paula"), "grid")


def test_the_new_owner_sees_the_grid_and_is_told(town: Town) -> None:
    assign(town.scope("paula"), Task("grid", town.grids[1].pk, town.bob.pk))
    assert town.grids[1].pk in town.scope("bob").owned
    assert Notification.objects.filter(person=town.bob, verb="assigned").count() == 1


def test_a_checkpoint_gets_an_owner_on_a_coming_day(town: Town) -> None:
    day = timezone.localdate() + timedelta(days=5)
    row = assign(town.scope("paula"), Task("checkpoint", town.checkpoint.pk, town.alice.pk, day))
    assert row.period == DateRange(day, None)


def test_two_owners_do_not_fit(town: Town) -> None:
    with pytest.raises(Conflict):
        assign(town.scope("paula"), Task("grid", town.grids[5].pk, town.bob.pk))
    assert not Notification.objects.exists()


def test_an_owner_has_a_role_there_on_that_day(town: Town) -> None:
    with pytest.raises(BadInput):
        assign(town.scope("paula"), Task("grid", town.grids[1].pk, town.charlie.pk))
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(person=town.bob).update(period=DateRange(yesterday, timezone.localdate()))
    with pytest.raises(BadInput):
        assign(town.scope("paula"), Task("grid", town.grids[1].pk, town.bob.pk))


@pytest.mark.parametrize("days", [-1, 400])
def test_the_day_is_today_or_within_a_year(town: Town, days: int) -> None:
    since = timezone.localdate() + timedelta(days=days)
    with pytest.raises(BadInput):
        assign(town.scope("paula"), Task("grid", town.grids[1].pk, town.bob.pk, since))


def test_a_place_elsewhere_does_not_exist(town: Town) -> None:
    petra = Person.objects.create_user("petra")
    Membership.objects.create(person=petra, role="planner", region=town.far_grid.region)
    with pytest.raises(NotFound):
        assign(town.scope("petra"), Task("grid", town.grids[1].pk, town.bob.pk))


def test_leaders_without_a_grid_are_found(town: Town) -> None:
    assert not idle_leaders(town.scope("paula")).exists()
    Assignment.objects.filter(person=town.alice).delete()
    assert [row.person for row in idle_leaders(town.scope("paula"))] == [town.alice]
