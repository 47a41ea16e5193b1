"""People and their roles: creating somebody, giving a role for a time, ending it. Nothing is ever deleted."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.channels import notify
from grids.models import Assignment, Membership, Notification, Organisation, Person, Region, Team
from grids.models.people import AssignmentRole, Role
from grids.problems import BadInput, Conflict, NotAllowed
from grids.reach import check_manager, check_power, find_person, manages, may_give
from grids.scope import Scope

LONGEST_AGO = timedelta(days=366)
LONGEST_AHEAD = timedelta(days=366)
FARTHEST = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Post:
    """A role in a region, in a team or a body, from a day on, until and with a last day if there is one."""

    role: str
    region: str
    team: int | None = None
    organisation: int | None = None
    since: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What is known of somebody when they are entered."""

    username: str
    name: str
    name_en: str = ""
    phone: str = ""
    party_member: bool = False


def create_person(scope: Scope, newcomer: Newcomer, post: Post) -> Person:
    """Enter somebody with a first role; they cannot sign in before they are given a link.

    Raises BadInput, NotAllowed for a role beyond one's own, Conflict for a user name that is taken.
    """
    with transaction.atomic():
        person = new_person(newcomer)
        give_role(scope, person, post)
        return person


def new_person(newcomer: Newcomer, password: str | None = None) -> Person:
    """Write somebody without a role; the caller gives one in the same transaction."""
    if not newcomer.name.strip():
        raise BadInput(_("Give the name."))
    person = Person(
        username=Person.normalize_username(newcomer.username.strip()),
        name=newcomer.name.strip(),
        name_en=newcomer.name_en.strip(),
        phone=newcomer.phone.strip(),
        party_member=newcomer.party_member,
    )
    person.set_password(password)
    try:
        person.full_clean(validate_unique=False, validate_constraints=False, exclude=["password"])
    except ValidationError as error:
        raise BadInput(" ".join(error.messages)) from error
    if Person.objects.filter(username__iexact=person.username).exists():
        raise Conflict(_("The user name “%(name)s” is taken: choose another.") % {"name": person.username})
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("The user name “%(name)s” is taken: choose another.") % {"name": person.username}) from error
    return person


def give_role(scope: Scope, person: Person, post: Post) -> Membership:
    """Give a role and tell the person.

    Raises NotAllowed for a role or region beyond one's own, BadInput for what does not fit together, Conflict when the
    person has the role there in that time already.
    """
    region, team, organisation = check_post(scope, post)
    membership = write_membership(person, post, region, team, organisation)
    _tell(membership, "role_given")
    return membership


def check_post(scope: Scope, post: Post) -> tuple[Region, Team | None, Organisation | None]:
    """Return region, team and body of a role that somebody may give; raises BadInput or NotAllowed."""
    if post.role not in Role.values:
        raise BadInput(_("Choose the role."))
    if post.last_day:
        _check_last_day(post.last_day)
    region = Region.objects.current().filter(code=post.region).first()
    if region is None:
        raise BadInput(_("Choose the region."))
    if not may_give(scope, post.role, region.code):
        raise NotAllowed(_("This role in this region is not yours to give."))
    team = Team.objects.select_related("region").filter(pk=post.team).first() if post.team else None
    if post.team and (team is None or not _near(team.region.code, region.code)):
        raise BadInput(_("The team does not belong to this region."))
    body = Organisation.objects.current().select_related("region").filter(pk=post.organisation).first()
    if post.organisation and (body is None or not _near(body.region.code, region.code)):
        raise BadInput(_("The body does not belong to this region."))
    if post.role == Role.STAFF and body is None:
        raise BadInput(_("Staff of a body needs the body."))
    return region, team, body


def write_membership(
    person: Person, post: Post, region: Region, team: Team | None, organisation: Organisation | None
) -> Membership:
    """Write a checked role; raises BadInput for its days, Conflict when it overlaps another like it."""
    membership = Membership(
        person=person,
        role=post.role,
        region=region,
        team=team,
        organisation=organisation,
        period=_period(post.since, post.last_day),
    )
    try:
        with transaction.atomic():
            membership.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("%(name)s has this role in this region in that time already.") % {"name": person}) from error
    return membership


def end_role(scope: Scope, person_id: int, membership_id: int, last_day: date) -> Membership:
    """Let a role end with a day, at the earliest yesterday; one that has not begun is called off by any earlier day.

    Raises NotFound, NotAllowed for one's own role or one beyond one's reach, BadInput for a day that cannot be,
    Conflict for a role that is over.
    """
    person = find_person(scope, person_id)
    with transaction.atomic():
        rows = Membership.objects.select_for_update(of=("self",)).select_related("region")
        membership: Membership | None = rows.filter(pk=membership_id, person=person).first()
        if membership is None or not manages(scope, membership.region.code):
            raise BadInput(_("Choose a role of this person in your region."))
        if person.pk == scope.person_id or not may_give(scope, membership.role, membership.region.code):
            raise NotAllowed(_("This role is not yours to end."))
        if last_day < timezone.localdate() - timedelta(days=1):
            raise BadInput(_("A role ends yesterday at the earliest: what was done in it stays."))
        _check_last_day(last_day)
        end = last_day + timedelta(days=1)
        if membership.period.isempty or (membership.period.upper and membership.period.upper <= end):
            raise Conflict(_("This role ends then or earlier already."))
        begins = membership.period.lower
        membership.period = DateRange(empty=True) if begins and begins >= end else DateRange(begins, end)
        membership.save(update_fields=["period"])
        _tell(membership, "role_ended")
    return membership


def set_active(scope: Scope, person: Person, *, active: bool) -> None:
    """Shut somebody out, or let them in again; raises NotAllowed."""
    check_manager(scope)
    check_power(scope, person)
    Person.objects.filter(pk=person.pk, tombstoned_at__isnull=True).update(is_active=active)


def bid_farewell(scope: Scope, person: Person) -> None:
    """Let somebody leave: their roles end and nobody signs in as them any more; what they did stays theirs.

    Raises NotAllowed, and Conflict while they answer for something: that is handed over first.
    """
    check_power(scope, person)
    today = timezone.localdate()
    with transaction.atomic():
        locked = Person.objects.select_for_update().filter(pk=person.pk, tombstoned_at__isnull=True).first()
        if locked is None:
            raise Conflict(_("%(name)s has left already.") % {"name": person})
        answers = Assignment.objects.not_over().filter(person=person)
        if answers.filter(role=AssignmentRole.OWNER).exists():
            raise Conflict(_("%(name)s still answers for places: hand them over first.") % {"name": person})
        for row in [*Membership.objects.not_over().filter(person=person), *answers]:
            row.period = DateRange(row.period.lower, today) if row.period.lower < today else DateRange(empty=True)
            row.save(update_fields=["period"])
        Person.objects.filter(pk=person.pk).update(is_active=False, tombstoned_at=timezone.now())


def _period(since: date | None, last_day: date | None) -> DateRange:
    today = timezone.localdate()
    since = since or today
    if not today - LONGEST_AGO <= since <= today + LONGEST_AHEAD:
        raise BadInput(_("The first day must lie within a year of today."))
    if last_day and last_day < since:
        raise BadInput(_("The last day lies before the first."))
    return DateRange(since, last_day + timedelta(days=1) if last_day else None)


def _check_last_day(last_day: date) -> None:
    if last_day > timezone.localdate() + FARTHEST:
        raise BadInput(_("The last day must lie within ten years of today."))


def _near(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _tell(membership: Membership, verb: str) -> None:
    period = membership.period
    days = "" if period.isempty else f"{period.lower}/{period.upper or ''}"
    notify(
        [
            Notification(
                person_id=membership.person_id,
                key=f"{verb}-{membership.pk}-{days}",
                verb=verb,
                subject=membership.region.name,
                data={"role": membership.role},
            )
        ]
    )
