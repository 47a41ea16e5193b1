"""The courier: takes what is due, has it sent by threads that know no database, and writes down what became of it.

A parcel is held under this courier's number for `HELD` before anything is sent. Whoever dies in between leaves a row
whose time runs out: then nobody knows whether it arrived, that is written down as such, and it is tried again. So a
message is sent once at most, except where a receiver's answer is not known; the letter's id stays the same, for those
that can tell a second one by it (webhook-id, Message-ID, WeCom's check of duplicates).
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    models,
    transaction,
)
from django.db.models import F, Q
from django.utils import timezone

from grids.channels import packing, registry
from grids.channels.browsers import digest_of
from grids.channels.letters import Answer, Letter, Outcome
from grids.channels.spreading import deliver
from grids.models import Address, Delivery, GroupRobot, Parcel
from grids.models.outside import PUSH

log = logging.getLogger(__name__)
State = Parcel.State
HELD = timedelta(seconds=90)
# A sender that has not come back by then is given up; its place is free again when it does.
PATIENCE_S = 30.0
BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 7200))
# What a receiver that failed rests, whatever waits for it; an urgent message is not held up for longer.
RESTS = BACKOFF[:3]
PAUSE_S = 1.0
LAST_WORDS_S = 5.0
MOST_ITEMS = 50
KEPT = timedelta(days=90)
ROBOT_PAUSE = timedelta(seconds=4)  # 15 a minute where 20 are allowed


@dataclass
class Errand:
    """A letter under way and the parcels that it carries."""

    letter: Letter
    parcels: list[int]
    person: int | None
    robot: UUID | None
    address: int | None
    began: float = field(default_factory=time.monotonic)
    answer: Answer | None = None
    told: bool = False
    thread: threading.Thread | None = None


class Courier:
    """One courier; several of them, in several processes, share the work without doubling it."""

    def __init__(self) -> None:
        self.id = uuid4()
        self._under_way: list[Errand] = []

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; survive a database that comes and goes."""
        while not stop.is_set():
            try:
                deliver()
                self.round()
            except (OperationalError, InterfaceError) as error:
                log.warning("the database does not answer: %s", error)
                connection.close()
                stop.wait(2)
            except Exception:
                log.exception("the courier had an accident")
                stop.wait(10)
            close_old_connections()
            stop.wait(PAUSE_S)
        self.finish(LAST_WORDS_S)
        connection.close()

    def round(self) -> int:
        """Write down what came back, hold and send what is due, and return how many letters were begun."""
        self._collect()
        give_up_held()
        begun = 0
        # One question while nothing is due, which is most of the time.
        wanted = set(_due_channels(timezone.now()))
        for key, free in self._free().items():
            for _place in range(free if key in wanted else 0):
                errand = take(self.id, key)
                if errand is None:
                    break
                self._begin(errand)
                begun += 1
        return begun

    def finish(self, patience_s: float = PATIENCE_S) -> None:
        """Wait for what is under way, so long, and write down what became of it."""
        until = time.monotonic() + patience_s
        for errand in self._under_way:
            if errand.thread:
                errand.thread.join(max(0.0, until - time.monotonic()))
        self._collect()

    def _free(self) -> dict[str, int]:
        busy = Counter(errand.letter.channel for errand in self._under_way)
        return {key: registry.CHANNELS[key].at_a_time - busy[key] for key in registry.ready()}

    def _begin(self, errand: Errand) -> None:
        send = registry.CHANNELS[errand.letter.channel].send
        errand.thread = threading.Thread(target=_carry, args=(errand, send), daemon=True, name=errand.letter.channel)
        self._under_way.append(errand)
        errand.thread.start()

    def _collect(self) -> None:
        for errand in list(self._under_way):
            alive = errand.thread is not None and errand.thread.is_alive()
            slow = time.monotonic() - errand.began > PATIENCE_S
            if errand.told and not alive:
                record_late(errand)
            elif not errand.told and (not alive or slow):
                record(self.id, errand, errand.answer or Answer(Outcome.UNKNOWN, "slow"))
                errand.told = True
            if not alive:
                self._under_way.remove(errand)


def _carry(errand: Errand, send: Callable[[Letter], Answer]) -> None:
    try:
        errand.answer = send(errand.letter)
    except Exception as error:
        # The traceback of a sender could hold an address: the kind of error is enough to find it.
        log.error("sending by %s failed: %s", errand.letter.channel, type(error).__name__)
        errand.answer = Answer(Outcome.UNKNOWN, "broken", type(error).__name__)


def take(courier: UUID, channel: str) -> Errand | None:
    """Hold the next parcel of a channel with those that travel with it, and return what to send; None for nothing."""
    now = timezone.now()
    while True:
        with transaction.atomic():
            first = _due(channel, now).select_for_update(skip_locked=True, of=("self",)).order_by("due_at").first()
            if first is None:
                return None
            if first.robot_id and not _awake(first.robot_id, now):
                continue
            parcels = _together(first, now)
            packed, needless = _packed(parcels)
            if needless:
                _end(needless, State.NEEDLESS, now)
            if isinstance(packed, Answer):
                _refuse([each for each in parcels if each not in needless], packed, now)
            if isinstance(packed, packing.Packed):
                Parcel.objects.filter(pk__in=[each.pk for each in packed.parcels]).update(
                    state=State.SENDING, courier=courier, held_until=now + HELD
                )
                numbers = [each.pk for each in packed.parcels]
                return Errand(packed.letter, numbers, first.person_id, first.robot_id, first.address_id)


def _packed(parcels: list[Parcel]) -> tuple[packing.Packed | Answer | None, list[Parcel]]:
    """Pack what travels together; what cannot be put into words fails by itself and holds up nothing else."""
    try:
        return packing.pack(parcels)
    except DatabaseError:
        raise
    except Exception:
        log.exception("the messages %s cannot be packed", [row.pk for row in parcels])
        return Answer(Outcome.FAILED, "unsaid"), []


def _due_channels(now: datetime) -> list[str]:
    rows = Parcel.objects.filter(state=State.WAITING, due_at__lte=now)
    return list(rows.order_by().values_list("channel", flat=True).distinct())


def _due(channel: str, now: datetime) -> "packing.Parcels":
    resting = Address.objects.filter(channel=channel, rests_until__gt=now)
    robots = GroupRobot.objects.filter(rests_until__gt=now).values("pk")
    if channel == PUSH:
        # One of somebody's browsers may rest while another is told.
        return _waiting(channel, now).exclude(address__in=resting.values("pk"), address__isnull=False)
    return _waiting(channel, now).exclude(
        Q(person__in=resting.values("person"), person__isnull=False) | Q(robot__in=robots, robot__isnull=False)
    )


def _waiting(channel: str, now: datetime) -> "packing.Parcels":
    return Parcel.objects.filter(channel=channel, state=State.WAITING, due_at__lte=now)


def _awake(robot: UUID, now: datetime) -> bool:
    """Claim a robot for its next message; of two couriers one gets it."""
    awake = GroupRobot.objects.filter(Q(rests_until__isnull=True) | Q(rests_until__lte=now), pk=robot)
    return bool(awake.update(rests_until=now + ROBOT_PAUSE))


def _together(first: Parcel, now: datetime) -> list[Parcel]:
    """A digest takes all of its person's digest with it, a robot's message all that waits for the robot."""
    if not first.digest and not first.robot_id:
        return [first]
    rows = _waiting(first.channel, now).select_for_update(skip_locked=True, of=("self",))
    if first.robot_id:
        rows = rows.filter(robot=first.robot_id)
    else:
        rows = rows.filter(person=first.person_id, address=first.address_id, digest=True)
    return list(rows.order_by("pk")[:MOST_ITEMS])


def record(courier: UUID, errand: Errand, answer: Answer) -> None:
    """Write down an attempt and what follows from it: done, tried again later, or given up."""
    now = timezone.now()
    with transaction.atomic():
        mine = Parcel.objects.select_for_update().filter(pk__in=errand.parcels, courier=courier, state=State.SENDING)
        rows = list(mine.order_by("pk"))
        _log(rows, answer)
        if answer.outcome == Outcome.DELIVERED:
            _end(rows, State.SENT, now)
        else:
            _again_or_never(rows, answer, now)
        _rest(errand, answer, now)


def record_late(errand: Errand) -> None:
    """Take the word of a sender that was given up and says after all that it arrived: it is not sent once more.

    A mail server that thinks before each of its answers takes longer than anybody waits for it.
    """
    if errand.answer is None or errand.answer.outcome != Outcome.DELIVERED:
        return
    now = timezone.now()
    with transaction.atomic():
        theirs = Parcel.objects.select_for_update().filter(pk__in=errand.parcels)
        rows = list(theirs.filter(state__in=[State.WAITING, State.FAILED]).order_by("pk"))
        _log(rows, errand.answer)
        _end(rows, State.SENT, now)
        _rest(errand, errand.answer, now)


def give_up_held() -> int:
    """Let go of what a courier that is no more has held too long, and return how many."""
    now = timezone.now()
    lost = Parcel.objects.filter(state=State.SENDING, held_until__lt=now)
    if not lost.exists():
        return 0
    with transaction.atomic():
        rows = list(lost.select_for_update(skip_locked=True).order_by("pk")[:1000])
        answer = Answer(Outcome.UNKNOWN, "stopped")
        _log(rows, answer)
        _again_or_never(rows, answer, now)
    return len(rows)


def forget_old(now: datetime) -> int:
    """Delete what was over three months ago, with its attempts, and return how many messages."""
    return Parcel.objects.filter(ended_at__lt=now - KEPT).delete()[0]


def stand_down() -> int:
    """Let nothing go out that waits now, and return how many: after a restore nobody knows what went out since."""
    waiting = Parcel.objects.filter(state__in=[State.WAITING, State.SENDING])
    return waiting.update(state=State.NEEDLESS, ended_at=timezone.now(), courier=None, held_until=None)


def _again_or_never(rows: list[Parcel], answer: Answer, now: datetime) -> None:
    for row in rows:
        attempts = row.attempts + 1
        last = answer.outcome == Outcome.REFUSED or attempts > len(BACKOFF)
        waits = max(BACKOFF[min(attempts, len(BACKOFF)) - 1], timedelta(seconds=answer.wait))
        Parcel.objects.filter(pk=row.pk).update(
            state=State.FAILED if last else State.WAITING,
            attempts=attempts,
            ended_at=now if last else None,
            due_at=row.due_at if last else now + waits,
            courier=None,
            held_until=None,
        )


def _refuse(rows: list[Parcel], answer: Answer, now: datetime) -> None:
    _log(rows, answer)
    _again_or_never(rows, answer, now)


def _end(rows: list[Parcel], state: str, now: datetime) -> None:
    Parcel.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, ended_at=now, attempts=F("attempts") + int(state == State.SENT), courier=None, held_until=None
    )


def _log(rows: list[Parcel], answer: Answer) -> None:
    Delivery.objects.bulk_create(
        Delivery(
            parcel=row,
            notification_id=row.notification_id,
            channel=row.channel,
            outcome=answer.outcome,
            reason=answer.reason,
            detail=answer.detail[:200],
        )
        for row in rows
    )


def _rest(errand: Errand, answer: Answer, now: datetime) -> None:
    """After a failure the address rests as long as its parcel: a receiver that hangs holds up nobody for long."""
    held: models.QuerySet[GroupRobot] | models.QuerySet[Address]
    if errand.robot:
        held = GroupRobot.objects.filter(pk=errand.robot)
    else:
        held = Address.objects.filter(person=errand.person, channel=errand.letter.channel)
        if errand.letter.channel == PUSH:
            held = held.filter(pk=errand.address or 0)
            if answer.gone:
                # What it was given since is another address, which this answer says nothing of.
                held.filter(endpoint_hash=digest_of(errand.letter.address["endpoint"])).delete()
                return
    if answer.outcome == Outcome.DELIVERED:
        held.filter(failures__gt=0).update(failures=0, rests_until=None)
        return
    row = held.first()
    if row is None:
        return
    waits = max(RESTS[min(row.failures, len(RESTS) - 1)], timedelta(seconds=answer.wait))
    held.update(failures=F("failures") + 1, rests_until=now + waits)
