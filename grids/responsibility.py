"""Who answers for which place from a day on: what nobody answers for, and giving it to somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.channels import notify
from grids.models import Assignment, Checkpoint, Grid, Membership, Notification, Person
from grids.models.grid import GridKind
from grids.models.people import AssignmentRole, Role
from grids.problems import BadInput, Conflict, NotFound
from grids.reach import lies_within, managed
from grids.scope import Scope

PLACES: dict[str, type[Grid] | type[Checkpoint]] = {"grid": Grid, "checkpoint": Checkpoint}
FARTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Task:
    """A place that somebody is to answer for, as its owner unless said: `kind` is "grid" or "checkpoint"."""

    kind: str
    place: int
    person: int
    since: date | None = None
    role: str = AssignmentRole.OWNER


def places_of(scope: Scope, kind: str) -> QuerySet[Any]:
    """Return the present grids or checkpoints in the regions whose people somebody looks after."""
    if kind not in PLACES:
        raise BadInput(_("Choose grids or checkpoints."))
    rows = PLACES[kind]._default_manager.filter(period__contains=timezone.localdate())
    if kind == "grid":
        rows = rows.filter(kind=GridKind.SERVICE)
    return rows.filter(lies_within(managed(scope), "region__code")).select_related("region")


def vacant(scope: Scope, kind: str) -> QuerySet[Any]:
    """Return the places that nobody owns today or will own, in the order of their ids."""
    places = places_of(scope, kind)
    owners = Assignment.objects.not_over().filter(**{kind: OuterRef("pk")}, role=AssignmentRole.OWNER)
    return places.filter(~Exists(owners))


def idle_leaders(scope: Scope) -> QuerySet[Membership]:
    """Return the present leaders of one's regions who own no grid."""
    owns = Assignment.objects.not_over().filter(
        person=OuterRef("person"), grid__isnull=False, role=AssignmentRole.OWNER
    )
    rows: QuerySet[Membership] = Membership.objects.current().filter(
        lies_within(managed(scope), "region__code"), ~Exists(owns), role=Role.LEADER, person__is_active=True
    )
    return rows.select_related("person", "region")


def assign(scope: Scope, task: Task) -> Assignment:
    """Let somebody own a place, or help its owner, from a day on and tell them.

    Raises NotFound for a place or a person out of reach, BadInput for somebody without a role near the place or a day
    that cannot be, Conflict when the place has an owner by then or the person answers for it already.
    """
    place = places_of(scope, task.kind).filter(pk=task.place).first()
    if place is None:
        raise NotFound(_("There is no such place here."))
    since = task.since or timezone.localdate()
    if not timezone.localdate() <= since <= timezone.localdate() + FARTHEST:
        raise BadInput(_("The day must be today or within a year."))
    person = Person.objects.filter(pk=task.person, is_active=True, tombstoned_at=None).first()
    if person is None or not serves(person, place.region.code, since):
        raise BadInput(_("Choose somebody who has a role in this community or above it on that day."))
    assignment = Assignment(person=person, role=task.role, period=DateRange(since, None))
    setattr(assignment, task.kind, place)
    same = Assignment.objects.filter(person=person, period__overlap=assignment.period, **{task.kind: place})
    if task.role != AssignmentRole.OWNER and same.exists():
        raise Conflict(_("%(name)s answers for “%(place)s” already.") % {"name": person, "place": place})
    try:
        with transaction.atomic():
            assignment.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("“%(place)s” has an owner by now.") % {"place": place}) from error
    notify(
        [
            Notification(
                person=person,
                key=f"assigned-{assignment.pk}",
                verb="assigned",
                subject=place.name,
                data={"grid": place.code} if isinstance(place, Grid) else {},
            )
        ]
    )
    return assignment


def release(scope: Scope, identity: int, last_day: date) -> Assignment:
    """Let an assignment end with a day, at the earliest yesterday; one that has not begun is called off.

    Nobody takes over: handing a place to another is a handover. Raises NotFound beyond the regions whose people
    somebody looks after, BadInput for a day that cannot be, Conflict when it is over by then.
    """
    codes = managed(scope)
    mine = lies_within(codes, "grid__region__code") | lies_within(codes, "checkpoint__region__code")
    mine |= lies_within(codes, "stairwell__building__region__code") | lies_within(codes, "zone__region__code")
    if not timezone.localdate() - timedelta(days=1) <= last_day <= timezone.localdate() + FARTHEST:
        raise BadInput(_("The last day must lie between yesterday and a year from today."))
    with transaction.atomic():
        found = Assignment.objects.filter(mine, pk=identity).values("pk")
        assignment: Assignment | None = Assignment.objects.select_for_update().filter(pk__in=found).first()
        if assignment is None:
            raise NotFound(_("There is no such thing here."))
        end, period = last_day + timedelta(days=1), assignment.period
        if period.isempty or (period.upper and period.upper <= end):
            raise Conflict(_("This ends then or earlier already."))
        began = period.lower is None or period.lower < end
        assignment.period = DateRange(period.lower, end) if began else DateRange(empty=True)
        assignment.save(update_fields=["period"])
        return assignment


def serves(person: Person, code: str, day: date) -> bool:
    """Whether a person has a role on a day in a region, in the subdistrict around it, or above."""
    codes = Membership.objects.on(day).filter(person=person).values_list("region__code", flat=True)
    return reach_to(codes, code)


def reach_to(codes: Iterable[str], code: str) -> bool:
    """Whether roles in regions reach to a community: there, in the subdistrict around it, or above."""
    return any(code.startswith(own) or own.startswith(code[:9]) for own in codes)
