"""Invitations: a role for so many people until a day, and never more than who invites may give."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.hashers import check_password
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from grids.invitations import Gone, Offer, accept, find, invitations_of, issue, join, revoke
from grids.models import Invitation, InvitationUse, Membership, Notification, Person
from grids.problems import BadInput, Conflict, NotAllowed, NotFound, Problem
from grids.roles import Newcomer, Post
from tests.town import FAR, NEAR, Town

EAST = NEAR + "001"
PASSWORD = "eine-lange-losung"


def offer(
    role: str = "volunteer", region: str = EAST, *, days: int = 7, uses: int = 1, last: date | None = None
) -> Offer:
    return Offer(uuid4(), Post(role, region, last_day=last), days, uses)


def invited(town: Town, **more: int) -> tuple[Invitation, str]:
    return issue(town.scope("paula"), offer(**more))  # type: ignore[arg-type]


def newcomer(number: int = 1) -> Newcomer:
    return Newcomer(f"new{number}", f"新人{number}")


def test_who_joins_has_the_role_from_today(town: Town) -> None:
    invitation, token = invited(town)
    person = join(token, newcomer(), PASSWORD)
    membership = Membership.objects.get(person=person)
    assert (membership.role, membership.region.code) == ("volunteer", EAST)
    assert membership.period == DateRange(timezone.localdate(), None)
    assert check_password(PASSWORD, person.password)
    assert InvitationUse.objects.get().person == person
    assert Notification.objects.filter(person=town.paula, verb="joined").count() == 1
    assert invitation.issued_by == town.paula


def test_only_a_hash_of_the_link_is_kept(town: Town) -> None:
    invitation, token = invited(town)
    assert len(token) == 43
    assert token not in str(list(Invitation.objects.values()))
    assert invitation.token_hash != token


def test_it_is_for_so_many_people_and_no_more(town: Town) -> None:
    _invitation, token = invited(town, uses=2)
    join(token, newcomer(1), PASSWORD)
    join(token, newcomer(2), PASSWORD)
    with pytest.raises(Gone):
        join(token, newcomer(3), PASSWORD)
    assert not Person.objects.filter(username="new3").exists()


def test_a_revoked_link_opens_nothing(town: Town) -> None:
    invitation, token = invited(town)
    revoke(town.scope("paula"), invitation.pk)
    with pytest.raises(Gone):
        find(token)
    with pytest.raises(Conflict):
        revoke(town.scope("paula"), invitation.pk)


def test_a_link_past_its_time_opens_nothing(town: Town) -> None:
    _invitation, token = invited(town)
    Invitation.objects.update(valid_until=timezone.now())
    with pytest.raises(Gone):
        find(token)


def test_a_role_whose_last_day_is_over_is_given_to_nobody(town: Town) -> None:
    _invitation, token = issue(town.scope("paula"), offer(last=timezone.localdate()))
    assert find(token)
    Invitation.objects.update(role_until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(Gone):
        find(token)


def test_the_role_ends_when_the_invitation_says(town: Town) -> None:
    last = timezone.localdate() + timedelta(days=3)
    _invitation, token = issue(town.scope("paula"), offer(last=last))
    membership = Membership.objects.get(person=join(token, newcomer(), PASSWORD))
    assert membership.period.upper == last + timedelta(days=1)


def test_it_ends_with_the_power_of_who_issued_it(town: Town) -> None:
    _invitation, token = invited(town)
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(person=town.paula).update(period=DateRange(yesterday, timezone.localdate()))
    with pytest.raises(Gone):
        join(token, newcomer(), PASSWORD)
    assert not Person.objects.filter(username="new1").exists()


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "../../etc/passwd", "A" * 5000])
def test_a_link_that_is_none_is_not_known(town: Town, token: str) -> None:
    with pytest.raises(NotFound):
        find(token)


def test_nobody_invites_to_more_than_they_may_give(town: Town) -> None:
    for role, region in (("admin", EAST), ("planner", "000000")):
        with pytest.raises(Problem):
            issue(town.scope("paula"), offer(role, region))
    with pytest.raises(NotAllowed):
        issue(town.scope("alice"), offer())


@pytest.mark.parametrize(("days", "uses"), [(0, 1), (91, 1), (7, 0), (7, 201)])
def test_bounds_are_kept(town: Town, days: int, uses: int) -> None:
    with pytest.raises(BadInput):
        issue(town.scope("paula"), offer(days=days, uses=uses))


def test_the_same_form_sent_twice_makes_one_invitation(town: Town) -> None:
    twice = offer()
    issue(town.scope("paula"), twice)
    with pytest.raises(Conflict):
        issue(town.scope("paula"), twice)
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("password", ["", "short", "1234567890"])
def test_a_weak_password_makes_no_account(town: Town, password: str) -> None:
    _invitation, token = invited(town)
    with pytest.raises(BadInput):
        join(token, newcomer(), password)
    assert not Person.objects.filter(username="new1").exists()
    assert not InvitationUse.objects.exists()


def test_somebody_with_an_account_takes_the_role_once(town: Town) -> None:
    _invitation, token = invited(town, uses=5)
    accept(token, town.charlie)
    assert town.scope("charlie").reaches("volunteer", EAST)
    with pytest.raises(Conflict):
        accept(token, town.charlie)
    assert InvitationUse.objects.count() == 1


def test_invitations_elsewhere_do_not_exist(town: Town) -> None:
    invitation, _token = invited(town)
    petra = Person.objects.create_user("petra")
    region = town.far_grid.region.parent
    assert region
    assert region.code == FAR
    Membership.objects.create(person=petra, role="planner", region=region)
    assert not invitations_of(town.scope("petra")).exists()
    with pytest.raises(NotFound):
        revoke(town.scope("petra"), invitation.pk)
    with pytest.raises(NotFound):
        revoke(town.scope("paula"), UUID(int=1))
