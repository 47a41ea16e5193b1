"""Who takes over from whom on a day: responsibilities for places, roles in teams, and the reports in somebody's hands.

What answers for places is dated, so a handover for a coming day is written at once: the old rows end on that day, the
new ones begin on it. Reports have no dates; they move on the day itself, by the clock, as they stand then. Until the
day a handover can be undone.
"""

import logging
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids import clock
from grids.channels import notify
from grids.holders import reach_to
from grids.models import Assignment, Membership, Notification, Person
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.reach import check_manager, find_person, lies_within, managed, may_give, neighbours_of
from grids.responsibility import FARTHEST
from grids.scope import NOBODY, Scope, scope_of
from patrols.models import Handover, HandoverItem, Party, Report
from patrols.models.handover import HandoverState
from patrols.models.parties import PartyRole
from patrols.requirements import may_act
from patrols.transitions import Move, perform
from patrols.workflow import TRANSITIONS

log = logging.getLogger(__name__)
PLACES = {"grids": "grid", "checkpoints": "checkpoint", "stairwells": "stairwell", "zones": "zone"}
KINDS = (*PLACES, "teams", "reports")
REGION_OF = {
    "grid": "grid__region__code",
    "checkpoint": "checkpoint__region__code",
    "stairwell": "stairwell__building__region__code",
    "zone": "zone__region__code",
}
MOVABLE = TRANSITIONS["hand_over"].sources
RECALLABLE = TRANSITIONS["recall"].sources
AT_ONCE = 200  # reports that move within one request or one tick; the rest follow with the next ticks


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be handed over: from whom, to whom or to nobody yet, from which day on, and which kinds of things."""

    person: int
    successor: int | None
    day: date
    kinds: tuple[str, ...]
    reason: str = ""


@dataclass
class Preview:
    """What exactly a plan would move, and what it leaves with the person, each with the reason."""

    person: Person
    successor: Person | None
    day: date
    kinds: tuple[str, ...]
    moves: list[Assignment] = field(default_factory=list)
    replaced: list[Assignment] = field(default_factory=list)  # the successor's lesser rows for the same places
    roles: list[Membership] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    stays: list[tuple[object, str]] = field(default_factory=list)
    held: list[Membership] = field(default_factory=list)  # the person's present and coming roles
    coming: list[Membership] = field(default_factory=list)  # the successor's

    def serves(self, code: str) -> bool:
        """Whether the successor has a role on the day that reaches to a community."""
        return reach_to((row.region.code for row in self.coming if self.day in row.period), code)

    @property
    def empty(self) -> bool:
        """Whether nothing would move, and nothing could by the day."""
        waits = "reports" in self.kinds and self.day > timezone.localdate()
        return not (self.moves or self.roles or self.reports or waits)

    @property
    def fingerprint(self) -> str:
        """A short name of everything that would move: another one means that something changed meanwhile."""
        rows = [*self.moves, *self.replaced, *self.roles]
        parts = [f"{type(row).__name__}-{row.pk}-{row.period}" for row in rows]
        if self.day <= timezone.localdate():  # on a coming day, those that are held by then move
            parts += [f"report-{report.pk}" for report in self.reports]
        return blake2b("|".join([str(self.day), *parts]).encode(), digest_size=12).hexdigest()


def preview(scope: Scope, plan: Plan) -> Preview:
    """Return what a plan would move now.

    Raises NotFound for people out of reach, BadInput for a plan that cannot be, NotAllowed for somebody who looks
    after nobody.
    """
    check_manager(scope)
    person = find_person(scope, plan.person)
    today = timezone.localdate()
    if not today <= plan.day <= today + FARTHEST:
        raise BadInput(_("The day must be today or within a year."))
    kinds = tuple(kind for kind in KINDS if kind in plan.kinds)
    if not kinds or set(plan.kinds) - set(KINDS):
        raise BadInput(_("Choose what is handed over."))
    found = Preview(person, _successor(scope, person, plan), plan.day, kinds)
    _add_memberships(found)
    _add_places(scope, found)
    if "teams" in kinds:
        _add_roles(scope, found)
    if "reports" in kinds:
        _add_reports(managed(scope), found)
    return found


def plan_handover(scope: Scope, plan: Plan, identity: UUID, fingerprint: str) -> Handover:
    """Write a handover as it was previewed, and carry it out if its day is today.

    `identity` makes a repeated request the same. Raises Conflict when what would move is no longer what was shown.
    """
    assert scope.person is not None
    try:
        with transaction.atomic():
            # Two handovers of the same person, or of the same place, wait for each other here.
            both = Person.objects.filter(pk__in=[plan.person, plan.successor or 0]).order_by("pk")
            # Not against whoever only refers to them, such as a message of another handover.
            list(both.select_for_update(no_key=True))
            found = preview(scope, plan)
            if found.fingerprint != fingerprint:
                raise Conflict(_("Something changed since this was shown: look at it again."))
            if found.empty:
                raise BadInput(_("There is nothing to hand over on that day."))
            codes = managed(scope)
            handover = Handover(
                id=identity,
                district=codes[0][:6],
                codes=list(codes),
                person=found.person,
                successor=found.successor,
                day=plan.day,
                kinds=list(found.kinds),
                reason=plan.reason.strip()[:500],
                planned_by=scope.person,
            )
            handover.save(force_insert=True)
            _move_places(handover, found)
            _move_roles(handover, found)
            if plan.day > timezone.localdate():
                _tell(handover, "handover_planned")
            else:
                carry_out(handover)
    except IntegrityError as error:
        raise Conflict(_("Something changed since this was shown: look at it again.")) from error
    return handover


def handovers_of(scope: Scope) -> QuerySet[Handover]:
    """Return the handovers in one's districts of the people whom somebody looks after, the latest day first."""
    own = managed(scope)
    inside = Membership.objects.filter(lies_within(own, "region__code")).values("person")
    # Who once had a role here may hand over elsewhere by now: that is others' business.
    here = Q(person__in=inside, district__in={code[:6] for code in own})
    rows = Handover.objects.filter(here | Q(planned_by=scope.person_id or None))
    return rows.select_related("person", "successor", "planned_by").order_by("-day", "-planned_at", "-pk")


def undo(scope: Scope, identity: UUID) -> Handover:
    """Take a planned handover back before its day.

    Raises NotFound, NotAllowed outside of one's regions, Conflict from its day on or when what it wrote was changed.
    """
    if not handovers_of(scope).filter(pk=identity).exists():
        raise NotFound(_("There is no such handover here."))
    with transaction.atomic():
        handover = Handover.objects.select_for_update().get(pk=identity)
        own = managed(scope)
        if not all(code.startswith(tuple(own)) for code in handover.codes):
            raise NotAllowed(_("This handover reaches beyond your region."))
        if handover.state != HandoverState.PLANNED or handover.day <= timezone.localdate():
            raise Conflict(_("A handover can be undone until its day."))
        for item in handover.items.select_for_update(of=("self",)).order_by("pk"):
            _restore(handover, item)
        handover.state, handover.cancelled_at, handover.cancelled_by = (
            HandoverState.CANCELLED,
            timezone.now(),
            scope.person,
        )
        handover.save(update_fields=["state", "cancelled_at", "cancelled_by"])
        _tell(handover, "handover_cancelled")
    return handover


@clock.task("succession", timedelta(minutes=1))
def carry_out_due() -> int:
    """Carry out the handovers whose day has come, and return how many are done."""
    done = 0
    due = Handover.objects.filter(state=HandoverState.PLANNED, day__lte=timezone.localdate())
    for identity in due.order_by("day", "planned_at").values_list("pk", flat=True)[:50]:
        with transaction.atomic():
            rows = Handover.objects.select_for_update(skip_locked=True, of=("self",))
            handover = rows.filter(pk=identity, state=HandoverState.PLANNED).first()
            done += bool(handover and carry_out(handover))
    return done


def carry_out(handover: Handover) -> bool:
    """Move the reports that the person holds by now; return whether the handover is done. The caller holds its lock."""
    more = False
    if "reports" in handover.kinds:
        more = _move_reports(handover)
    if more:
        return False
    handover.state, handover.done_at = HandoverState.DONE, timezone.now()
    handover.save(update_fields=["state", "done_at"])
    _tell(handover, "handover_done")
    return True


def _successor(scope: Scope, person: Person, plan: Plan) -> Person | None:
    if plan.successor is None:
        return None
    successor = neighbours_of(scope).filter(pk=plan.successor, is_active=True, tombstoned_at=None).first()
    if successor is None:
        raise NotFound(_("There is nobody with that id here."))
    if successor == person:
        raise BadInput(_("Choose somebody else to take over."))
    return successor


def _add_memberships(found: Preview) -> None:
    people = [found.person, *([found.successor] if found.successor else [])]
    rows = Membership.objects.not_over().filter(person__in=people).select_related("region", "team").order_by("pk")
    for row in rows.defer("region__geom"):
        (found.held if row.person_id == found.person.pk else found.coming).append(row)


def _add_places(scope: Scope, found: Preview) -> None:
    fields = [PLACES[kind] for kind in found.kinds if kind in PLACES]
    of_kinds = Q(pk__in=[])
    for name in fields:
        of_kinds |= Q(**{f"{name}__isnull": False})
    rows = (
        Assignment.objects.not_over()
        .filter(of_kinds, person=found.person)
        .select_related("grid__region", "checkpoint__region", "stairwell__building__region", "zone__region")
    )
    own = managed(scope)
    for row in rows.order_by("grid__code", "checkpoint__name", "stairwell__building__name", "stairwell__label", "pk"):
        code = region_code(row)
        if not (code and code.startswith(own)):
            found.stays.append((row, _("lies outside of your region")))
        elif row.period.upper and row.period.upper <= found.day:
            continue
        elif row.period.lower >= found.day:
            found.stays.append((row, _("begins on that day or later")))
        else:
            if found.successor and not found.serves(code):
                found.stays.append((row, _("%(name)s has no role there") % {"name": found.successor}))
            else:
                found.moves.append(row)
    if found.successor and found.moves:
        _add_replaced(found)


def _add_replaced(found: Preview) -> None:
    """Find the successor's own rows for the places that come to them: nobody answers twice for one place."""
    same = Q(pk__in=[])
    for name in PLACES.values():
        places = [getattr(row, f"{name}_id") for row in found.moves if getattr(row, f"{name}_id")]
        if places:
            same |= Q(**{f"{name}__in": places})
    rows = Assignment.objects.on(found.day).filter(same, person=found.successor, period__startswith__lt=found.day)
    found.replaced = list(rows.order_by("pk"))


def _add_roles(scope: Scope, found: Preview) -> None:
    held = {
        (row.role, row.region_id) for row in found.coming if row.period.upper is None or row.period.upper > found.day
    }
    for row in found.held:
        if row.team is None or found.day not in row.period:
            continue
        if row.period.lower >= found.day:
            found.stays.append((row, _("begins on that day or later")))
        elif not may_give(scope, row.role, row.region.code):
            found.stays.append((row, _("lies outside of your region")))
        elif (row.role, row.region_id) in held:
            found.stays.append((row, _("%(name)s has this role there already") % {"name": found.successor}))
        else:
            found.roles.append(row)


def _add_reports(codes: tuple[str, ...], found: Preview) -> None:
    for report in held_reports(found.person, codes).prefetch_related(None).order_by("recorded_at", "pk"):
        refusal = _refusal(report, found.successor, served=found.serves(report.region_code))
        if refusal:
            found.stays.append((report, refusal))
        else:
            found.reports.append(report)


def held_reports(person: Person, codes: tuple[str, ...]) -> QuerySet[Report]:
    """Return the open reports that a person leads themselves, within regions."""
    leads = Party.objects.present().filter(role=PartyRole.LEAD, person=person).values("report")
    return Report.objects.filter(lies_within(codes, "region_code"), pk__in=leads, state__in=MOVABLE).for_list()


def _refusal(report: Report, successor: Person | None, *, served: bool) -> str:
    """Return why a report cannot go to somebody, or back to the dispatcher; nothing if it can."""
    if successor is None:
        return "" if report.state in RECALLABLE else _("is being worked on: somebody has to take it over")
    if not served:
        return _("%(name)s has no role there") % {"name": successor}
    if not may_act(report.category, successor):
        return _("“%(name)s” may only be dealt with by a body with powers.") % {"name": report.category}
    return ""


def _move_places(handover: Handover, found: Preview) -> None:
    items = []
    for row in [*found.replaced, *found.moves]:
        before = row.period
        row.period = DateRange(before.lower, handover.day)
        row.save(update_fields=["period"])
        item = _item(handover, assignment=row, ended_before=before.upper)
        if row in found.moves and found.successor:
            item.new_assignment = Assignment.objects.create(
                person=found.successor,
                role=row.role,
                period=DateRange(handover.day, before.upper),
                **{f"{name}_id": getattr(row, f"{name}_id") for name in PLACES.values()},
            )
        items.append(item)
    HandoverItem.objects.bulk_create(items)


def _move_roles(handover: Handover, found: Preview) -> None:
    items = []
    for row in found.roles:
        before = row.period
        row.period = DateRange(before.lower, handover.day)
        row.save(update_fields=["period"])
        item = _item(handover, membership=row, ended_before=before.upper)
        if found.successor:
            item.new_membership = Membership.objects.create(
                person=found.successor,
                role=row.role,
                region_id=row.region_id,
                team_id=row.team_id,
                organisation_id=row.organisation_id,
                period=DateRange(handover.day, before.upper),
            )
        items.append(item)
    HandoverItem.objects.bulk_create(items)


def _item(handover: Handover, **what: object) -> HandoverItem:
    return HandoverItem(handover=handover, district=handover.district, **what)


def _move_reports(handover: Handover) -> bool:
    """Move up to a batch of reports and return whether more are left."""
    # The planner's own reach was checked when the handover was planned; the history names them as the actor.
    actor = scope_of(handover.planned_by) if handover.planned_by else NOBODY
    verb, move = "hand_over", Move(reason=handover.reason, holder=handover.successor)
    if handover.successor is None:
        verb, move = "recall", Move(reason=handover.reason or _("Handover: nobody has taken over yet"))
    reports = held_reports(handover.person, tuple(handover.codes)).order_by("recorded_at", "pk")
    moved: list[HandoverItem] = []
    more = False
    codes = Membership.objects.current().filter(person=handover.successor).values_list("region__code", flat=True)
    near = list(codes) if handover.successor and handover.successor.is_active else []
    for report in reports:
        if len(moved) == AT_ONCE:
            more = True
            break
        if _refusal(report, handover.successor, served=reach_to(near, report.region_code)):
            continue
        try:
            with transaction.atomic():
                perform(TRANSITIONS[verb], report, actor, move)
        except Conflict:
            log.info("the report %s moved by itself", report.number)
            continue
        moved.append(_item(handover, report=report))
    HandoverItem.objects.bulk_create(moved)
    return more


def _restore(handover: Handover, item: HandoverItem) -> None:
    """Put one item back as it was; raises Conflict when somebody changed it since."""
    old = item.assignment or item.membership
    new = item.new_assignment or item.new_membership
    assert old is not None
    if new is not None:
        expected = DateRange(handover.day, item.ended_before)
        _replace_period(new, expected, DateRange(empty=True))
    _replace_period(old, DateRange(old.period.lower, handover.day), DateRange(old.period.lower, item.ended_before))


def _replace_period(row: Assignment | Membership, expected: DateRange, period: DateRange) -> None:
    changed = _("“%(what)s” was changed since: undo that first.") % {"what": row}
    try:
        with transaction.atomic():
            if type(row).objects.filter(pk=row.pk, period=expected).update(period=period) != 1:
                raise Conflict(changed)
    except IntegrityError as error:
        raise Conflict(changed) from error


def region_code(row: Assignment) -> str:
    """Return the code of the region that an assignment's place lies in; nothing where it is not known."""
    if row.stairwell:
        return row.stairwell.building.region.code if row.stairwell.building.region else ""
    place = row.grid or row.checkpoint or row.zone
    assert place is not None
    return place.region.code


def subject_of(handover: Handover) -> str:
    """Return what a message about a handover says: from whom, to whom, from when on."""
    successor = handover.successor.name if handover.successor else "—"
    return f"{handover.person.name} → {successor} · {handover.day:%Y-%m-%d}"


def _tell(handover: Handover, verb: str) -> None:
    people = {handover.person_id, handover.successor_id, handover.planned_by_id if verb == "handover_done" else None}
    subject = subject_of(handover)
    notify(
        [
            Notification(
                person_id=person,
                key=f"{verb}-{handover.pk}",
                verb=verb,
                subject=subject,
                data={"handover": str(handover.pk)},
            )
            for person in sorted(filter(None, people))
        ]
    )
