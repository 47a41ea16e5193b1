"""Long work that somebody waits for: a row with its progress and result, done by a worker of its own.

    @job("export", title=_lazy("Export of reports"))
    def export(run: Run, *, since: str) -> dict[str, Any]:
        for number, page in enumerate(pages):
            run.step(_("Writing page %(number)s") % {"number": number}, number / len(pages))
        return {"url": "/exports/7/", "summary": _("1,204 reports")}

    job = jobs.start("export", person, district="150102", since="2026-01-01")

The row and the promise to run it are written in one transaction. A worker of the queue `long` takes it (state waiting
→ running, the fence one higher) and marks the promise as kept in one short transaction; then the work runs, in
autocommit or in transactions of its own, while a second connection writes signs of life (`grids.pulse`). The end is a
compare-and-swap on the fence. A job without signs of life is promised again by the clock, so a work may run twice
unless it is declared `once`: then it is one transaction with its end, and of two only one can commit.

The result is JSON. `url` (a path of this site) and `summary` (a sentence) are shown to whoever started the job.
"""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled
from rq.timeouts import JobTimeoutException

from grids import clock, outbox
from grids.channels import notify
from grids.history import attributed
from grids.models import Job, Notification, Person
from grids.models.platform import JobState
from grids.problems import Conflict, Problem
from grids.pulse import LOST_AFTER, Cancelled, Fenced, Pulse, Stopped, beating
from grids.scope import Scope, scope_of

__all__ = ["Cancelled", "Fenced", "Job", "Run", "Stopped", "cancel", "job", "run", "start", "title_of"]

Work = Callable[..., dict[str, Any]]
log = logging.getLogger(__name__)
TOPIC = "jobs.run"
QUEUE = "long"
MOST_OPEN = 50
MOST_TAKES = 5
KEEP = timedelta(days=30)
# A statement of a long job may take longer than one that a page waits for.
PATIENCE = {"statement_timeout": "30min", "idle_in_transaction_session_timeout": "30min"}
OPEN = Q(state__in=[JobState.WAITING, JobState.RUNNING])
outbox.rings(TOPIC, outbox.Bell(QUEUE, "grids.jobs.run"))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: its title for people, its work, and whether that is one transaction with its end."""

    title: str | Promise
    work: Work
    once: bool


_kinds: dict[str, Kind] = {}


def job(kind: str, *, title: str | Promise, once: bool = False) -> Callable[[Work], Work]:
    """Register the one work of a kind; `once` makes it one transaction, so that its effects cannot come twice."""

    def register(work: Work) -> Work:
        if kind in _kinds:
            message = f"the kind of job {kind} has a work already"
            raise ValueError(message)
        _kinds[kind] = Kind(title, work, once)
        return work

    return register


def title_of(kind: str) -> str:
    """Return what a kind is called in the reader's language."""
    known = _kinds.get(kind)
    return str(known.title) if known else kind


def summary_of(job: Job) -> str:
    """Return the sentence that says what came of a job, empty if it has none."""
    return str(job.result.get("summary", "")) if isinstance(job.result, dict) else ""


def url_of(job: Job) -> str:
    """Return the page of this site that shows what came of a job, empty if there is none."""
    return _local(job.result)


def _local(result: dict[str, Any] | None) -> str:
    address = str(result.get("url", "")) if isinstance(result, dict) else ""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else ""


class Run:
    """One run of a job, as its work sees it."""

    def __init__(self, job: Job, pulse: Pulse) -> None:
        self.id: UUID = job.pk
        self.person: Person = job.person
        self.district = job.district
        self._pulse = pulse

    @cached_property
    def scope(self) -> Scope:
        """What the starter may see now, which may be less than when they started it."""
        return scope_of(self.person)

    def step(self, text: str, share: float) -> None:
        """Show how far it is: a sentence in the starter's language and a share of 1.

        Call it often, it writes at most twice a second. Raises Cancelled when cancelling was asked, Fenced when another
        worker took the job over and Stopped when this worker is to stop: let them pass through.
        """
        self._pulse.say(text, share)


def start(kind: str, person: Person, /, *, district: str = "", **parameters: object) -> Job:
    """Write a job (parameters are JSON) and the promise to run it; raises Conflict when too many of theirs are open."""
    if kind not in _kinds:
        message = f"there is no kind of job {kind}"
        raise ValueError(message)
    with transaction.atomic():
        if Job.objects.filter(OPEN, person=person).count() >= MOST_OPEN:
            raise Conflict(
                _("%(most)s jobs of yours are not done yet; wait for one or cancel one.") % {"most": MOST_OPEN}
            )
        row = Job.objects.create(kind=kind, person=person, district=district, parameters=parameters)
        outbox.put(TOPIC, job=str(row.pk))
    return row


def cancel(job: Job) -> None:
    """End a waiting job, ask a running one to end at its next step; raises Conflict when it is over."""
    asked = Job.objects.filter(OPEN, pk=job.pk).update(
        cancel_asked=True,
        finished_at=Case(When(state=JobState.WAITING, then=Now())),
        state=Case(When(state=JobState.WAITING, then=Value(JobState.CANCELLED)), default=F("state")),
    )
    if not asked:
        raise Conflict(_("This job is over already."))
    job.refresh_from_db()


def run(promise: str) -> None:
    """Take over the job that a promise speaks of and do it: what the worker of the queue `long` calls."""
    taken = _take(promise)
    if taken is None:
        return
    with translation.override(taken.person.language or settings.LANGUAGE_CODE), beating(taken) as pulse:
        try:
            _do(taken, pulse)
        except Fenced:
            log.warning("the job %s was taken over; this run of it counts for nothing", taken.pk)
        except (OperationalError, InterfaceError):
            # The database went away under it: its signs of life stop too, and it is taken up again.
            log.exception("the job %s lost its database", taken.pk)


def _take(promise: str) -> Job | None:
    with transaction.atomic():
        row = outbox.claim(promise)
        if row is None:
            return None
        outbox.keep(row)
        waiting = Job.objects.filter(pk=row.payload["job"], state=JobState.WAITING)
        if not waiting.update(
            state=JobState.RUNNING,
            fence=F("fence") + 1,
            started_at=Coalesce("started_at", Now()),
            heartbeat_at=Now(),
        ):
            return None
        return Job.objects.select_related("person").get(pk=row.payload["job"])


def _do(taken: Job, pulse: Pulse) -> None:
    kind = _kinds.get(taken.kind)
    try:
        if kind is None:
            raise Problem(_("This server does not know how to do this work."))
        if not taken.person.is_active:
            raise Problem(_("The account that started this was closed."))
        _be_patient()
        # Within somebody's transaction a failing statement must not spoil what goes on after it.
        with transaction.atomic() if kind.once or pulse.inline else nullcontext():
            with attributed(user=taken.person_id, task=taken.kind):
                result = kind.work(Run(taken, pulse), **taken.parameters)
            pulse.stop()
            if kind.once:
                _finish(taken, JobState.DONE, result=result)
        if not kind.once:
            _finish(taken, JobState.DONE, result=result)
    except Cancelled:
        _finish(taken, JobState.CANCELLED)
    except Stopped:
        _give_back(taken)
    except Fenced:
        raise
    except Problem as problem:
        _finish(taken, JobState.FAILED, error=str(problem.sentence))
    except JobTimeoutException:
        _finish(taken, JobState.FAILED, error=_("It took longer than any job may take."))
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and not isinstance(error.__cause__, QueryCanceled):
            raise
        log.exception("the job %s (%s) failed", taken.pk, taken.kind)
        _finish(taken, JobState.FAILED, error=_("The server had a problem with it. The details are in its log."))
    finally:
        pulse.stop()


def _give_back(row: Job) -> None:
    with transaction.atomic():
        held = Job.objects.filter(pk=row.pk, fence=row.fence, state=JobState.RUNNING)
        if held.update(state=JobState.WAITING, heartbeat_at=None):
            outbox.put(TOPIC, job=str(row.pk))


def _be_patient() -> None:
    with connection.cursor() as cursor:
        for name, span in PATIENCE.items():
            cursor.execute("select set_config(%s, %s, %s)", [name, span, connection.in_atomic_block])


def _finish(taken: Job, state: JobState, *, result: dict[str, Any] | None = None, error: str = "") -> None:
    """Say the last word on a job, if it is still ours, and tell the starter; raises Fenced if it is not."""
    with transaction.atomic():
        ours = Job.objects.filter(pk=taken.pk, fence=taken.fence, state=JobState.RUNNING)
        share = Value(1.0) if state == JobState.DONE else F("share")
        if not ours.update(state=state, result=result, error=error, share=share, finished_at=Now()):
            raise Fenced
        if state != JobState.CANCELLED:
            said = error or str((result or {}).get("summary", ""))
            _tell(taken, state, said, {"error": error, "url": _local(result)})


def _tell(taken: Job, state: JobState, said: str, more: dict[str, str]) -> None:
    title = title_of(taken.kind)
    message = Notification(
        person=taken.person,
        key=f"job:{taken.pk}",
        verb=f"job_{state}",
        subject=(f"{title} · {said}" if said else title)[:200],
        data={"job": str(taken.pk), "kind": taken.kind, **more},
    )
    notify([message])


@clock.task("jobs-lost", outbox.RING_AGAIN_AFTER)
def take_up_again() -> int:
    """Promise again the jobs whose worker gives no sign of life; give up one that ends every worker."""
    lost = Job.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=Now() - LOST_AFTER).select_related("person")
    with transaction.atomic():
        rows = list(lost.select_for_update(skip_locked=True, of=("self",)))
        for row in rows:
            with translation.override(row.person.language or settings.LANGUAGE_CODE):
                _take_up(row)
    return len(rows)


def _take_up(row: Job) -> None:
    if row.cancel_asked:
        _finish(row, JobState.CANCELLED)
    elif row.fence >= MOST_TAKES:
        _finish(row, JobState.FAILED, error=_("It was begun several times and its worker died each time."))
    else:
        _give_back(row)


@clock.task("jobs-old", timedelta(hours=1))
def forget() -> int:
    """Delete jobs that were over 30 days ago, and return how many."""
    return Job.objects.filter(finished_at__lt=Now() - KEEP).delete()[0]
