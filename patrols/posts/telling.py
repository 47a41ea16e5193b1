"""Who is told what of shifts, and when they are reminded: through the inbox, and never in their quiet hours."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from grids import clock, outbox
from grids.channels import notify
from grids.models import Membership, Notification, Skill
from grids.models.people import Role
from patrols.models import Shift, Turn
from patrols.models.posts import HELD_STATES, ShiftState, TurnState

SWAP = "shift.swap"
MOST_ASKED = 300
SHORT = timedelta(hours=24)  # a place that gets free later than this is somebody's task today
EVENING = time(18)
SOON = timedelta(minutes=30)
EVE_TOLD, SOON_TOLD = 1, 2
FIELD_ROLES = (Role.LEADER, Role.STEWARD, Role.VOLUNTEER)


def assigned(shift: Shift, turn: Turn) -> None:
    """Tell somebody that they were given a place."""
    _tell("shift_assigned", shift, [turn.person_id], turn.pk)


def removed(shift: Shift, turn: Turn) -> None:
    """Tell somebody that they were taken off."""
    _tell("shift_removed", shift, [turn.person_id], turn.pk)


def cancelled(shift: Shift, turn: Turn) -> None:
    """Tell somebody that their shift does not take place."""
    _tell("shift_cancelled", shift, [turn.person_id], turn.pk)


def swapped(shift: Shift, before: Turn, after: Turn) -> None:
    """Tell both: one is free, the other stands there."""
    _tell("swap_done", shift, [before.person_id], before.pk)
    _tell("swap_taken", shift, [after.person_id], after.pk)


def place_free(shift: Shift, turn: Turn) -> None:
    """Tell the region's dispatchers and planners of a place that was given back within a day of the shift."""
    if shift.starts_at - timezone.now() > SHORT:
        return
    code = shift.post.region.code
    near = Membership.objects.current().filter(
        role__in=[Role.DISPATCHER, Role.PLANNER], region__code__in=[code[:9], code]
    )
    _tell("shift_free", shift, near.values_list("person_id", flat=True), turn.pk)


def promise_swap(turn: Turn) -> None:
    """Promise to ask the others, within the caller's transaction."""
    outbox.put(SWAP, turn=str(turn.pk))


@outbox.handles(SWAP)
def ask_others(_promise: UUID, payload: dict[str, Any]) -> None:
    """Ask who could take over, unless the wish is gone by then."""
    turn = (
        Turn.objects.filter(pk=payload["turn"], state=TurnState.SWAP_WANTED)
        .select_related("shift__post__region")
        .first()
    )
    if turn and turn.shift.starts_at > timezone.now():
        _tell("swap_asked", turn.shift, could_take_over(turn), turn.pk)


def could_take_over(turn: Turn) -> list[int]:
    """Return the ids of volunteers of the post's community, or of a region above, who are free then and fit."""
    shift, code = turn.shift, turn.shift.post.region.code
    busy = Turn.objects.filter(person=OuterRef("person"), state__in=HELD_STATES, during__overlap=turn.during)
    rows = (
        Membership.objects.on(shift.day)
        .filter(
            ~Exists(busy),
            role__in=FIELD_ROLES,
            region__code__in=[code[:6], code[:9], code],
            person__is_active=True,
            person__tombstoned_at=None,
        )
        .exclude(person=turn.person_id)
    )
    skills = shift.post.skills
    if skills:
        able = Skill.objects.filter(code__in=skills).values("person").annotate(count=Count("pk"))
        rows = rows.filter(person__in=able.filter(count=len(set(skills))).values("person"))
    return list(rows.order_by("person").values_list("person_id", flat=True).distinct()[:MOST_ASKED])


@clock.task("shift-reminders", timedelta(minutes=5))
def remind() -> int:
    """Remind of tomorrow's shifts in the evening, and of every shift half an hour before; return how many were told."""
    now = timezone.now()
    soon = Q(shift__starts_at__gt=now, shift__starts_at__lte=now + SOON)
    count = _remind("shift_soon", soon, SOON_TOLD)
    local = timezone.localtime(now)
    if local.time() >= EVENING:
        tomorrow = local.date() + timedelta(days=1)
        # Whoever took a place since the afternoon knows of it.
        known = timezone.make_aware(datetime.combine(local.date(), EVENING))
        count += _remind("shift_tomorrow", Q(shift__day=tomorrow, since__lt=known), EVE_TOLD)
    return count


def _remind(verb: str, when: Q, level: int) -> int:
    rows = Turn.objects.filter(
        when, state__in=HELD_STATES, shift__state=ShiftState.OPEN, reminders__lt=level, arrived_at=None
    )
    turns = list(rows.select_for_update(of=("self",), skip_locked=True).select_related("shift__post"))
    Turn.objects.filter(pk__in=[turn.pk for turn in turns]).update(reminders=level)
    for turn in turns:
        _tell(verb, turn.shift, [turn.person_id], turn.pk)
    return len(turns)


def subject_of(shift: Shift) -> str:
    """Return what messages call a shift: the post and its time, in no language."""
    start, end = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
    return f"{shift.post.name} · {start:%Y-%m-%d %H:%M}–{end:%H:%M}"[:200]


def _tell(verb: str, shift: Shift, people: Iterable[int], key: UUID) -> None:
    notify(
        [
            Notification(
                person_id=person,
                key=f"{verb}-{key}",
                verb=verb,
                subject=subject_of(shift),
                data={"shift": str(shift.pk)},
            )
            for person in sorted(set(people))
        ]
    )
