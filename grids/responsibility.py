"""Who answers for which place from a day on: what nobody answers for, and giving it to somebody."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.channels import notify
from grids.holders import holder_for, people_of
from grids.models import Assignment, Checkpoint, Grid, Membership, Notification, Stairwell, Zone
from grids.models.grid import GridKind
from grids.models.people import AssignmentRole, Role
from grids.problems import BadInput, Conflict, NotFound
from grids.reach import lies_within, managed
from grids.scope import Scope

Place = Grid | Checkpoint | Stairwell | Zone
PLACES: dict[str, type[Place]] = {"grid": Grid, "checkpoint": Checkpoint, "stairwell": Stairwell, "zone": Zone}
NEED_OWNERS = ("grid", "checkpoint")  # what is missed when nobody answers for it
FARTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Task:
    """A place of a kind (`PLACES`) that somebody is to answer for, as its owner unless said."""

    kind: str
    place: int
    holder: int
    since: date | None = None
    role: str = AssignmentRole.OWNER
    holder_kind: str = "person"


def places_of(scope: Scope, kind: str) -> QuerySet[Any]:
    """Return the present places of a kind in the regions whose people somebody looks after."""
    rows: QuerySet[Any] = PLACES[kind]._default_manager.all()
    if kind == "stairwell":
        inside = lies_within(managed(scope), "building__region__code")
        return rows.filter(inside).select_related("building__region").defer("building__geom", "building__region__geom")
    rows = rows.filter(period__contains=timezone.localdate())
    if kind == "grid":
        rows = rows.filter(kind=GridKind.SERVICE)
    return rows.filter(lies_within(managed(scope), "region__code")).select_related("region").defer("region__geom")


def vacant(scope: Scope, kind: str) -> QuerySet[Any]:
    """Return the grids or checkpoints that nobody owns today or will own, in the order of their ids."""
    if kind not in NEED_OWNERS:
        raise BadInput(_("Choose grids or checkpoints."))
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
    """Let somebody own a place, or help its owner, from a day on and tell them: a team's members, a body's staff.

    Raises NotFound for a place out of reach, BadInput for a holder who does not reach the place or a day that cannot
    be, Conflict when the place has an owner by then or the holder answers for it already.
    """
    place = places_of(scope, task.kind).filter(pk=task.place).first()
    if place is None:
        raise NotFound(_("There is no such place here."))
    since = task.since or timezone.localdate()
    if not timezone.localdate() <= since <= timezone.localdate() + FARTHEST:
        raise BadInput(_("The day must be today or within a year."))
    region: Any = (place.building if isinstance(place, Stairwell) else place).region
    holder = holder_for(task.holder_kind, task.holder, region.code, place.geom, since)
    what = {task.kind: place, task.holder_kind: holder}
    assignment = Assignment(role=task.role, period=DateRange(since, None), **what)
    same = Assignment.objects.filter(period__overlap=assignment.period, **what)
    if task.role != AssignmentRole.OWNER and same.exists():
        raise Conflict(_("%(name)s answers for “%(place)s” already.") % {"name": holder, "place": place})
    try:
        with transaction.atomic():
            assignment.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("“%(place)s” has an owner by now.") % {"place": place}) from error
    notify(
        [
            Notification(
                person_id=person,
                key=f"assigned-{assignment.pk}",
                verb="assigned",
                subject=getattr(place, "name", "") or str(place),
                data={"grid": place.code} if isinstance(place, Grid) else {},
            )
            for person in sorted(people_of(task.holder_kind, task.holder))
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
