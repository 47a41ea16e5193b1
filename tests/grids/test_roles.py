"""Roles for a time: who may give which, what does not fit, and that nothing is deleted."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from grids.invitations import Offer, issue
from grids.models import Assignment, Membership, Notification, Person, Region, Team
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.reach import has_power_over, managed, may_give, people_of
from grids.roles import Newcomer, Post, bid_farewell, create_person, end_role, give_role, set_active
from tests.town import DISTRICT, FAR, NEAR, Town

EAST, AWAY = NEAR + "001", FAR + "001"


def today() -> date:
    return timezone.localdate()


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def hire(name: str, role: str, code: str) -> Person:
    person = Person.objects.create_user(name, "a-long-password", name=name)
    period = DateRange(timezone.localdate() - timedelta(days=1), None)
    Membership.objects.create(person=person, role=role, region=Region.objects.get(code=code), period=period)
    return person


def test_a_planner_enters_somebody_with_a_role(town: Town) -> None:
    person = create_person(town.scope("paula"), Newcomer("lin.yi", "林一"), Post("volunteer", EAST))
    membership = Membership.objects.get(person=person)
    assert (membership.role, membership.region.code) == ("volunteer", EAST)
    assert membership.period == DateRange(today(), None)
    assert not person.has_usable_password()
    assert Notification.objects.filter(person=person, verb="role_given").count() == 1


@pytest.mark.parametrize("who", ["alice", "bob", "dora", "squad_member"])
def test_only_who_looks_after_people_gives_roles(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed):
        give_role(town.scope(who), town.bob, Post("volunteer", EAST))


def test_nobody_gives_more_than_their_own_role(town: Town) -> None:
    with pytest.raises(NotAllowed):
        give_role(town.scope("paula"), town.bob, Post("admin", EAST))
    hire("adam", "admin", DISTRICT)
    assert give_role(town.scope("adam"), town.bob, Post("admin", EAST)).role == "admin"


def test_nobody_gives_a_role_outside_of_their_region(town: Town) -> None:
    hire("petra", "planner", FAR)
    assert managed(town.scope("petra")) == (FAR,)
    for code in (EAST, NEAR, DISTRICT):
        assert not may_give(town.scope("petra"), "volunteer", code)
        with pytest.raises(NotAllowed):
            give_role(town.scope("petra"), town.charlie, Post("volunteer", code))


def test_the_same_role_does_not_overlap_itself(town: Town) -> None:
    with pytest.raises(Conflict):
        give_role(town.scope("paula"), town.bob, Post("volunteer", EAST))
    with pytest.raises(Conflict):
        give_role(town.scope("paula"), town.bob, Post("volunteer", EAST, since=in_days(30)))


def test_a_role_follows_one_that_ended(town: Town) -> None:
    held = Membership.objects.get(person=town.bob)
    end_role(town.scope("paula"), town.bob.pk, held.pk, today())
    later = give_role(town.scope("paula"), town.bob, Post("volunteer", EAST, since=in_days(1)))
    assert later.period.lower == in_days(1)


def test_an_ended_role_keeps_its_row_and_gives_nothing_any_more(town: Town) -> None:
    held = Membership.objects.get(person=town.dora)
    end_role(town.scope("paula"), town.dora.pk, held.pk, in_days(-1))
    held.refresh_from_db()
    assert held.period.upper == today()
    assert town.scope("dora").roles == frozenset()
    assert Notification.objects.filter(person=town.dora, verb="role_ended").exists()


def test_a_role_that_has_not_begun_is_called_off_without_a_trace_in_the_scope(town: Town) -> None:
    coming = give_role(town.scope("paula"), town.bob, Post("leader", EAST, since=in_days(10)))
    end_role(town.scope("paula"), town.bob.pk, coming.pk, today())
    coming.refresh_from_db()
    assert coming.period.isempty
    assert not Membership.objects.on(in_days(11)).filter(person=town.bob, role="leader").exists()


def test_a_role_cannot_have_ended_long_ago(town: Town) -> None:
    held = Membership.objects.get(person=town.dora)
    with pytest.raises(BadInput):
        end_role(town.scope("paula"), town.dora.pk, held.pk, in_days(-2))


def test_nobody_ends_their_own_role_or_one_beyond_theirs(town: Town) -> None:
    own = Membership.objects.get(person=town.paula)
    with pytest.raises(NotAllowed):
        end_role(town.scope("paula"), town.paula.pk, own.pk, today())
    adam = hire("adam", "admin", DISTRICT)
    theirs = Membership.objects.get(person=adam)
    with pytest.raises(NotAllowed):
        end_role(town.scope("paula"), adam.pk, theirs.pk, today())


def test_who_is_elsewhere_does_not_exist(town: Town) -> None:
    hire("petra", "planner", FAR)
    held = Membership.objects.get(person=town.bob)
    with pytest.raises(NotFound):
        end_role(town.scope("petra"), town.bob.pk, held.pk, today())
    assert set(people_of(town.scope("petra")).values_list("username", flat=True)) == {"charlie", "olaf", "petra"}


@pytest.mark.parametrize(
    ("post", "sentence"),
    [
        (Post("king", EAST), "role"),
        (Post("volunteer", "000000"), "region"),
        (Post("staff", EAST), "body"),
        (Post("volunteer", EAST, team=99), "team"),
    ],
)
def test_what_does_not_fit_is_said(town: Town, post: Post, sentence: str) -> None:
    with pytest.raises(BadInput):
        give_role(town.scope("paula"), town.charlie, post)


def test_days_in_the_wrong_order_or_far_away_are_refused(town: Town) -> None:
    for since, last in ((in_days(3), in_days(2)), (in_days(900), None), (in_days(-900), None)):
        with pytest.raises(BadInput):
            give_role(town.scope("paula"), town.charlie, Post("volunteer", EAST, since=since, last_day=last))


def test_the_last_day_still_counts(town: Town) -> None:
    given = give_role(town.scope("paula"), town.charlie, Post("volunteer", EAST, last_day=in_days(5)))
    assert given.period.upper == in_days(6)


def test_a_team_of_another_region_is_refused(town: Town) -> None:
    far = Team.objects.create(code="t", name="队", level=1, region=Region.objects.get(code=AWAY))
    with pytest.raises(BadInput):
        give_role(town.scope("paula"), town.charlie, Post("volunteer", EAST, team=far.pk))


@pytest.mark.parametrize("username", ["", "a b", "x" * 61, "王\x00"])
def test_a_user_name_that_cannot_be_is_refused(town: Town, username: str) -> None:
    with pytest.raises(BadInput):
        create_person(town.scope("paula"), Newcomer(username, "林一"), Post("volunteer", EAST))
    assert not Person.objects.filter(name="林一").exists()


def test_a_taken_user_name_is_refused_whatever_its_case(town: Town) -> None:
    with pytest.raises(Conflict):
        create_person(town.scope("paula"), Newcomer("ALICE", "林一"), Post("volunteer", EAST))


def test_a_role_that_cannot_be_given_leaves_nobody_behind(town: Town) -> None:
    with pytest.raises(NotAllowed):
        create_person(town.scope("paula"), Newcomer("lin.yi", "林一"), Post("admin", EAST))
    assert not Person.objects.filter(username="lin.yi").exists()


def test_power_counts_every_present_and_coming_role(town: Town) -> None:
    petra = town.scope(hire("petra", "planner", FAR).username)
    assert has_power_over(petra, town.charlie)
    assert not has_power_over(petra, town.bob)
    period = DateRange(in_days(20), None)
    Membership.objects.create(
        person=town.charlie, role="inspector", region=Region.objects.get(code=NEAR), period=period
    )
    assert not has_power_over(petra, town.charlie)


def test_somebody_who_is_staff_of_the_site_is_for_superusers_only(town: Town) -> None:
    Person.objects.filter(pk=town.bob.pk).update(is_staff=True)
    assert not has_power_over(town.scope("paula"), Person.objects.get(pk=town.bob.pk))


def test_shutting_out_and_letting_in(town: Town) -> None:
    set_active(town.scope("paula"), town.bob, active=False)
    assert not Person.objects.get(pk=town.bob.pk).is_active
    set_active(town.scope("paula"), town.bob, active=True)
    assert Person.objects.get(pk=town.bob.pk).is_active
    with pytest.raises(NotAllowed):
        set_active(town.scope("paula"), town.paula, active=False)


def test_who_answers_for_something_hands_it_over_before_leaving(town: Town) -> None:
    with pytest.raises(Conflict):
        bid_farewell(town.scope("paula"), town.alice)
    Assignment.objects.filter(person=town.alice).update(period=DateRange(in_days(-30), today()))
    bid_farewell(town.scope("paula"), town.alice)
    left = Person.objects.get(pk=town.alice.pk)
    assert left.tombstoned_at
    assert not left.is_active
    assert not Membership.objects.current().filter(person=left).exists()
    assert Membership.objects.filter(person=left).exists()
    with pytest.raises(Conflict):
        bid_farewell(town.scope("paula"), left)


def test_a_last_day_beyond_all_calendars_is_refused(town: Town) -> None:
    paula, bob = town.scope("paula"), town.bob
    with pytest.raises(BadInput, match=r"ten years|十年"):
        give_role(paula, bob, Post("steward", EAST, last_day=date.max))
    membership = give_role(paula, bob, Post("steward", EAST))
    with pytest.raises(BadInput, match=r"ten years|十年"):
        end_role(paula, bob.pk, membership.pk, date.max)
    offer = Offer(id=uuid4(), post=Post("steward", EAST, last_day=date.max), days=7)
    with pytest.raises(BadInput, match=r"ten years|十年"):
        issue(paula, offer)
