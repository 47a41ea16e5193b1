"""The verbs of a patrol: consent, start, tick, end. Each is safe to repeat, since phones send again what they sent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids import clock
from grids.models import Grid, Person
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope, scope_of
from patrols.folding import fold, lock_days
from patrols.forgetting import forget_recorded
from patrols.measuring import promise_measure
from patrols.models import Consent, LastPosition, Patrol, Sight
from patrols.models.patrol import Mode, PatrolState
from patrols.moments import TOLERANCE, stated_moment
from patrols.reach import THINGS, in_reach

TEXT = "2026-12"  # the version of the text that is consented to
SILENT = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Start:
    """How a patrol begins; the id may be the phone's own."""

    id: UUID | None = None
    grid: int | None = None
    mode: str = Mode.WALK
    at: datetime | None = None


def district_of(scope: Scope) -> str:
    """Return the district that somebody works in; raises NotAllowed for somebody without any role today."""
    codes = sorted(code for codes in scope.regions.values() for code in codes)
    if not codes:
        raise NotAllowed(_("You have no role here at present."))
    return codes[0][:6]


def district_of_person(person: Person) -> str:
    """Return the district that somebody works in; raises NotAllowed for somebody without any role today."""
    return district_of(scope_of(person))


def give_consent(scope: Scope) -> Consent:
    """Record the consent of somebody to being recorded on patrol; a consent that is open stays as it is."""
    person, district = _person(scope), district_of(scope)
    known = Consent.objects.filter(person=person, withdrawn_at__isnull=True).first()
    if known:
        return known
    try:
        with transaction.atomic():
            return Consent.objects.create(person=person, district=district, version=TEXT)
    except IntegrityError:
        return Consent.objects.get(person=person, withdrawn_at__isnull=True)


@transaction.atomic
def withdraw_consent(person: Person) -> None:
    """End a consent and delete what it was for: positions, tracks, and of what was seen which patrol saw it."""
    now = timezone.now()
    Consent.objects.filter(person=person, withdrawn_at__isnull=True).update(withdrawn_at=now)
    forget_recorded(person, now)


@transaction.atomic
def start(scope: Scope, begin: Start) -> Patrol:
    """Start a patrol and return it; the same id again returns the same patrol.

    Raises NotAllowed without a consent, NotFound for a grid that is not one's own, Conflict while another patrol of
    the same person is under way, BadInput for a time that cannot be.
    """
    person, district = _person(scope), district_of(scope)
    known = Patrol.objects.filter(pk=begin.id, person=person).first() if begin.id else None
    if known:
        return known
    if not Consent.objects.filter(person=person, withdrawn_at__isnull=True).exists():
        raise NotAllowed(_("A patrol is recorded only with your consent: give it first."))
    if begin.grid is not None and begin.grid not in scope.grids:
        raise NotFound(_("This grid is not one of yours."))
    now = timezone.now()
    at = stated_moment(begin.at, now)
    if Patrol.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=at), person=person, started_at__lte=now
    ).exists():
        raise Conflict(_("Another patrol of yours covers this time: end it first."))
    grid = Grid.objects.filter(pk=begin.grid).first() if begin.grid else None
    try:
        with transaction.atomic():
            return Patrol.objects.create(
                **({"id": begin.id} if begin.id else {}),
                district=district,
                person=person,
                grid=grid,
                state=PatrolState.ACTIVE,
                mode=begin.mode,
                started_at=at,
                heard_at=at,
            )
    except IntegrityError as error:
        raise Conflict(_("Another patrol of yours covers this time: end it first.")) from error


@transaction.atomic
def end(scope: Scope, identity: UUID, at: datetime | None = None) -> Patrol:
    """End a patrol and let it be measured; one that has ended stays as it ended. Raises NotFound, BadInput."""
    patrol = find(scope, identity, lock=True)
    if patrol.state == PatrolState.ACTIVE:
        assert patrol.started_at
        moment = stated_moment(at, timezone.now())
        if moment < patrol.started_at:
            raise BadInput(_("The patrol cannot end before it began."))
        _finish(patrol, moment)
    return patrol


def _finish(patrol: Patrol, moment: datetime) -> None:
    patrol.state, patrol.ended_at = PatrolState.ENDED, moment
    patrol.save(update_fields=["state", "ended_at"])
    LastPosition.objects.filter(patrol=patrol).delete()
    promise_measure(patrol.pk, timedelta())


@transaction.atomic
def tick(scope: Scope, identity: UUID, thing: str, key: int, at: datetime | None = None) -> date:
    """Note that a street or place was looked at, by the volunteer's own word (自报), and return the day it counts for.

    Raises NotFound, also for what lies out of reach, and BadInput.
    """
    patrol = find(scope, identity, lock=True)
    if thing not in THINGS:
        raise NotFound(_("There is no such place here."))
    if not in_reach(scope, patrol, thing, key):
        raise NotFound(_("This street or place is not in your grids."))
    moment = stated_moment(at, timezone.now())
    assert patrol.started_at
    if moment < patrol.started_at or (patrol.ended_at and moment > patrol.ended_at + TOLERANCE):
        raise BadInput(_("This time lies outside of the patrol."))
    day = timezone.localdate(moment)
    lock_days(patrol.district, [day])
    sight = Sight(patrol=patrol, district=patrol.district, day=day, told=True, **{f"{thing}_id": key})
    Sight.objects.bulk_create([sight], ignore_conflicts=True)
    fold(patrol.district, [sight])
    return day


@transaction.atomic
def untick(scope: Scope, identity: UUID, thing: str, key: int, at: datetime | None = None) -> date:
    """Take a tick of the day of a moment back, and return that day; what is not ticked stays as it is.

    Raises NotFound, BadInput.
    """
    patrol = find(scope, identity, lock=True)
    if thing not in THINGS:
        raise NotFound(_("There is no such place here."))
    day = timezone.localdate(stated_moment(at, timezone.now()))
    lock_days(patrol.district, [day])
    ticked = Sight.objects.filter(patrol=patrol, day=day, told=True, **{f"{thing}_id": key})
    sights = list(ticked)
    ticked.delete()
    fold(patrol.district, sights)
    return day


@transaction.atomic
def say_nothing(scope: Scope, identity: UUID, *, said: bool, at: datetime | None = None) -> Patrol:
    """Note that the volunteer found nothing to report so far (没有发现问题), or take it back.

    Raises NotFound, BadInput.
    """
    patrol = find(scope, identity, lock=True)
    patrol.nothing_at = stated_moment(at, timezone.now()) if said else None
    patrol.save(update_fields=["nothing_at"])
    return patrol


def find(scope: Scope, identity: UUID, *, lock: bool = False) -> Patrol:
    """Return one's own patrol; raises NotFound, also for somebody else's."""
    rows = Patrol.objects.select_for_update() if lock else Patrol.objects.all()
    return _one_of(rows, scope.person, identity)


def find_of(person: Person, identity: UUID) -> Patrol:
    """Return a patrol of somebody without asking for their reach; raises NotFound, also for somebody else's."""
    return _one_of(Patrol.objects.all(), person, identity)


def _one_of(rows: QuerySet[Patrol], person: Person | None, identity: UUID) -> Patrol:
    patrol = rows.filter(pk=identity, person=person).first() if person else None
    if patrol is None:
        raise NotFound(_("There is no such patrol of yours."))
    assert person
    patrol.person = person
    return patrol


@clock.task("abandoned-patrols", timedelta(minutes=10))
def end_abandoned() -> int:
    """End the patrols that have been silent for long, at their last sign of life, and return how many."""
    count = 0
    silent = Patrol.objects.filter(state=PatrolState.ACTIVE, heard_at__lt=timezone.now() - SILENT)
    for patrol in silent.select_for_update(skip_locked=True):
        _finish(patrol, patrol.heard_at or timezone.now())
        count += 1
    return count


def _person(scope: Scope) -> Person:
    if scope.person is None:
        raise NotAllowed(_("You have no role here at present."))
    return scope.person
