"""The verbs of a place in a shift: take, give back, swap, assign, take off. Each is safe to repeat.

Every verb holds the shift's row first, so that two never fill one place; the database itself refuses a shift that
holds more people than it wants, and a person at two places at once. Nobody is locked before the shift but the person
who is to stand there.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Person
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope
from patrols.models import Shift, Turn
from patrols.models.posts import HELD_STATES, ShiftState, TurnState
from patrols.posts import telling
from patrols.posts.reach import check_assigner, visible_shifts, why_not


@transaction.atomic
def take(scope: Scope, identity: UUID) -> Turn:
    """Take a free place of a shift; whoever holds one already keeps it.

    Raises NotFound, NotAllowed for who may not stand there, Conflict when it is full, cancelled or over, or when they
    stand elsewhere at that time.
    """
    person = _person(scope)
    shift = locked(scope, identity, person)
    held = _held(shift, person)
    if held:
        return held
    refusal = why_not(person, shift)
    if refusal:
        raise NotAllowed(refusal)
    return _seat(shift, person)


@transaction.atomic
def release(scope: Scope, identity: UUID) -> Turn:
    """Give one's place back before the shift begins; a place given back already stays so.

    Raises NotFound, Conflict once the shift has begun.
    """
    shift = locked(scope, identity)
    turn = _own(shift, _person(scope))
    if turn.state in HELD_STATES:
        _check_not_begun(shift)
        _end(turn, TurnState.RELEASED, scope.person)
        _free(shift)
        telling.place_free(shift, turn)
    return turn


@transaction.atomic
def ask_swap(scope: Scope, identity: UUID) -> Turn:
    """Ask others to take over; until somebody does, the place stays one's own. Raises NotFound, Conflict."""
    shift = locked(scope, identity)
    turn = _own(shift, _person(scope), held=True)
    _check_not_begun(shift)
    if Turn.objects.filter(pk=turn.pk, state=TurnState.TAKEN).update(state=TurnState.SWAP_WANTED):
        turn.state = TurnState.SWAP_WANTED
        telling.promise_swap(turn)
    return turn


@transaction.atomic
def keep(scope: Scope, identity: UUID) -> Turn:
    """Take back the wish to swap. Raises NotFound, Conflict when somebody took over by then."""
    shift = locked(scope, identity)
    turn = _own(shift, _person(scope), held=True)
    Turn.objects.filter(pk=turn.pk, state=TurnState.SWAP_WANTED).update(state=TurnState.TAKEN)
    turn.state = TurnState.TAKEN
    return turn


@transaction.atomic
def take_over(scope: Scope, identity: UUID) -> Turn:
    """Take the place of who wants to swap, of several the one who has held it longest; both are told.

    Raises NotFound, NotAllowed, Conflict when nobody wants to swap any more or the shift has begun.
    """
    person = _person(scope)
    shift = locked(scope, identity, person)
    if _held(shift, person):
        raise Conflict(_("You have a place in this shift yourself."))
    refusal = why_not(person, shift)
    if refusal:
        raise NotAllowed(refusal)
    _check_not_begun(shift)
    waiting = Turn.objects.filter(shift=shift, state=TurnState.SWAP_WANTED).order_by("since", "pk").first()
    if waiting is None:
        raise Conflict(_("Somebody else has taken over already."))
    _end(waiting, TurnState.SWAPPED, person)
    turn = _write(shift, person)
    telling.swapped(shift, waiting, turn)
    return turn


@transaction.atomic
def assign(scope: Scope, identity: UUID, person_id: int) -> Turn:
    """Give somebody a free place and tell them; who has one keeps it.

    Raises NotFound, NotAllowed, BadInput for somebody who cannot stand there, Conflict as `take` does.
    """
    person = Person.objects.filter(pk=person_id).first()
    shift = locked(scope, identity, person)
    check_assigner(scope, shift.post.region.code)
    if person is None:
        raise BadInput(_("There is nobody with that id here."))
    held = _held(shift, person)
    if held:
        return held
    refusal = why_not(person, shift)
    if refusal:
        raise BadInput(refusal)
    turn = _seat(shift, person, by=scope.person)
    telling.assigned(shift, turn)
    return turn


@transaction.atomic
def remove(scope: Scope, identity: UUID, person_id: int) -> Turn:
    """Take somebody off a shift that is not over and tell them; the place is free again.

    Raises NotFound, NotAllowed, Conflict when the shift is over.
    """
    shift = locked(scope, identity)
    check_assigner(scope, shift.post.region.code)
    turn = Turn.objects.filter(shift=shift, person=person_id).order_by("-since").first()
    if turn is None:
        raise NotFound(_("This person has no place in this shift."))
    if turn.state in HELD_STATES:
        _check_not_over(shift)
        _end(turn, TurnState.REMOVED, scope.person)
        _free(shift)
        telling.removed(shift, turn)
    return turn


def empty(shift: Shift, by: Person | None) -> None:
    """End the turns of a locked shift that is cancelled, and tell those who had a place."""
    for turn in Turn.objects.filter(shift=shift, state__in=HELD_STATES).order_by("pk"):
        _end(turn, TurnState.CANCELLED, by)
        telling.cancelled(shift, turn)
    Shift.objects.filter(pk=shift.pk).update(taken=0)


def release_all(people: Iterable[int]) -> int:
    """Free the coming places of people who are not there any more, and return how many."""
    now = timezone.now()
    rows = Turn.objects.filter(person__in=people, state__in=HELD_STATES, shift__starts_at__gt=now)
    count = 0
    for identity in rows.order_by("shift").values_list("shift", flat=True).distinct():
        with transaction.atomic():
            shift = Shift.objects.select_for_update(no_key=True).get(pk=identity)
            for turn in rows.filter(shift=shift):
                _end(turn, TurnState.REMOVED, None)
                _free(shift)
                count += 1
    return count


def locked(scope: Scope, identity: UUID, person: Person | None = None) -> Shift:
    """Return a shift that somebody sees, its row held; before it that of the person who is to stand there."""
    shift = visible_shifts(scope).filter(pk=identity).first()
    if shift is None:
        raise NotFound(_("There is no such shift here."))
    if person:
        Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values("pk").first()
    row = Shift.objects.select_for_update(no_key=True).get(pk=shift.pk)
    shift.taken, shift.wanted, shift.state = row.taken, row.wanted, row.state
    return shift


def _seat(shift: Shift, person: Person, by: Person | None = None) -> Turn:
    _check_not_over(shift)
    free = Shift.objects.filter(pk=shift.pk, state=ShiftState.OPEN, taken__lt=F("wanted"))
    if free.update(taken=F("taken") + 1) != 1:
        raise Conflict(_("Others have taken every place of this shift by now."))
    return _write(shift, person, by)


def _write(shift: Shift, person: Person, by: Person | None = None) -> Turn:
    try:
        with transaction.atomic():
            return Turn.objects.create(
                district=shift.district,
                shift=shift,
                person=person,
                during=DateTimeTZRange(shift.starts_at, shift.ends_at),
                assigned_by=by,
            )
    except IntegrityError as error:
        name = {"name": person, "place": _elsewhere(shift, person)}
        raise Conflict(_("%(name)s stands at “%(place)s” at that time.") % name) from error


def _elsewhere(shift: Shift, person: Person) -> str:
    during: Any = DateTimeTZRange(shift.starts_at, shift.ends_at)
    other = Turn.objects.filter(person=person, state__in=HELD_STATES, during__overlap=during)
    found = other.select_related("shift__post").first()
    return found.shift.post.local_name if found else ""


def _end(turn: Turn, state: TurnState, by: Person | None) -> None:
    now = timezone.now()
    rows = Turn.objects.filter(pk=turn.pk, state__in=HELD_STATES)
    if rows.update(state=state, ended_at=now, ended_by=by) != 1:
        raise Conflict(_("Somebody else changed this meanwhile. Look again."))
    turn.state, turn.ended_at, turn.ended_by = state, now, by


def _free(shift: Shift) -> None:
    Shift.objects.filter(pk=shift.pk, taken__gt=0).update(taken=F("taken") - 1)


def _held(shift: Shift, person: Person) -> Turn | None:
    return Turn.objects.filter(shift=shift, person=person, state__in=HELD_STATES).first()


def _own(shift: Shift, person: Person, *, held: bool = False) -> Turn:
    turn = Turn.objects.filter(shift=shift, person=person).order_by("-since").first()
    if turn is None:
        raise NotFound(_("You have no place in this shift."))
    if held and turn.state not in HELD_STATES:
        raise Conflict(_("You have no place in this shift any more."))
    return turn


def _check_not_begun(shift: Shift, now: datetime | None = None) -> None:
    _check_open(shift)
    if shift.starts_at <= (now or timezone.now()):
        raise Conflict(_("The shift has begun: tell a planner or dispatcher if you cannot stay."))


def _check_not_over(shift: Shift) -> None:
    _check_open(shift)
    if shift.ends_at <= timezone.now():
        raise Conflict(_("The shift is over."))


def _check_open(shift: Shift) -> None:
    if shift.state != ShiftState.OPEN:
        raise Conflict(_("The shift was cancelled."))


def _person(scope: Scope) -> Person:
    if scope.person is None:
        raise NotAllowed(_("You have no role here at present."))
    return scope.person
