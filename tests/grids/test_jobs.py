"""Jobs: done once, seen while they run, stopped when asked, taken up again when their worker dies."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from unittest.mock import patch
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language
from rq.timeouts import JobTimeoutException

from grids import channels, jobs, outbox, pulse
from grids.jobs import Run
from grids.models import Job, Notification, Outbox, Person, Slot
from grids.models.platform import JobState
from grids.problems import BadInput, Conflict

Work = Callable[..., dict[str, Any]]


@pytest.fixture
def person(db: None) -> Person:
    return Person.objects.create_user("alice")


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function that makes a work the one of the kind "test"."""

    def give(work: Work, *, once: bool = False) -> None:
        monkeypatch.setitem(jobs._kinds, "test", jobs.Kind("A test", work, once))

    return give


def nothing(_run: Run) -> dict[str, Any]:
    return {}


def promise_of(job: Job) -> str:
    return str(Outbox.objects.get(topic=jobs.TOPIC, payload__job=str(job.pk), done_at__isnull=True).pk)


def work_off(job: Job) -> Job:
    """Do what the worker would, and return the job as it stands after."""
    jobs.run(promise_of(job))
    job.refresh_from_db()
    return job


def silent(job: Job) -> None:
    """Let the job look as if its worker had died."""
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - 2 * pulse.LOST_AFTER)


def test_the_result_is_kept_and_the_starter_told(person: Person, kind: Callable[..., None]) -> None:
    kind(lambda run, count: {"summary": f"{count} rows for {run.person.username}"})
    job = work_off(jobs.start("test", person, district="150102", count=3))
    assert (job.state, job.share, job.result) == (JobState.DONE, 1, {"summary": "3 rows for alice"})
    assert job.district == "150102"
    assert job.started_at
    assert job.finished_at
    message = Notification.objects.get(person=person)
    assert (message.verb, message.subject, message.data["job"]) == (
        "job_done",
        "A test · 3 rows for alice",
        str(job.pk),
    )


def test_a_job_that_ends_in_quiet_hours_is_pointed_out_at_their_end(person: Person, kind: Callable[..., None]) -> None:
    kind(nothing)
    Person.objects.filter(pk=person.pk).update(quiet_from=time_of_day(22), quiet_until=time_of_day(7))
    night = datetime(2026, 11, 3, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    waiting = jobs.start("test", person)
    with patch("grids.channels.inbox.timezone.now", return_value=night):
        work_off(waiting)
        message = Notification.objects.get(person=person)
        assert message.due_at == night + timedelta(hours=7, minutes=30)
        assert not Notification.objects.filter(channels.due(night), person=person).exists()


def test_a_rolled_back_start_leaves_nothing(person: Person, kind: Callable[..., None]) -> None:
    kind(nothing)
    with transaction.atomic():
        jobs.start("test", person)
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not Outbox.objects.exists()


def test_a_kind_nobody_knows_cannot_be_started(person: Person) -> None:
    with pytest.raises(ValueError, match="no kind of job"):
        jobs.start("unheard-of", person)
    assert not Job.objects.exists()


def test_a_kind_has_one_work(kind: Callable[..., None]) -> None:
    kind(nothing)
    with pytest.raises(ValueError, match="has a work already"):
        jobs.job("test", title="x")(nothing)


def test_one_person_cannot_bury_the_worker(
    person: Person, kind: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind(nothing)
    monkeypatch.setattr(jobs, "MOST_OPEN", 2)
    first, _second = jobs.start("test", person), jobs.start("test", person)
    with pytest.raises(Conflict):
        jobs.start("test", person)
    jobs.start("test", Person.objects.create_user("bob"))
    work_off(first)
    jobs.start("test", person)


def test_the_bell_rings_in_a_queue_of_its_own(
    person: Person, kind: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind(nothing)
    job = jobs.start("test", person)
    rung: list[tuple[str, str, str]] = []

    class Queue:
        count = 0

        def __init__(self, name: str) -> None:
            self.name = name
            self.job_ids: list[str] = []

        def enqueue(self, function: str, identity: str, **_options: object) -> None:
            rung.append((self.name, function, identity))

    monkeypatch.setattr("grids.doorbell.queue", Queue)
    assert outbox.relay() == 1
    assert rung == [("long", "grids.jobs.run", promise_of(job))]


def test_the_second_bell_of_a_job_does_nothing(person: Person, kind: Callable[..., None]) -> None:
    runs: list[int] = []
    kind(lambda _run: runs.append(1) or {})  # type: ignore[func-returns-value]
    job = jobs.start("test", person)
    promise = promise_of(job)
    jobs.run(promise)
    jobs.run(promise)
    assert runs == [1]


def test_a_problem_becomes_the_job_s_sentence(person: Person, kind: Callable[..., None]) -> None:
    def work(_run: Run) -> dict[str, Any]:
        raise BadInput("Row 7 has no name.")

    kind(work)
    job = work_off(jobs.start("test", person))
    assert (job.state, job.error) == (JobState.FAILED, "Row 7 has no name.")
    assert Notification.objects.get(person=person).data["error"] == "Row 7 has no name."


@pytest.mark.parametrize(
    "broken",
    [
        lambda _run: 1 / 0,
        lambda _run: {"not": object()},
        lambda _run: connection.cursor().execute("select nonsense"),
    ],
)
def test_a_fault_of_ours_is_said_without_its_inside(
    person: Person, kind: Callable[..., None], broken: Work, caplog: pytest.LogCaptureFixture
) -> None:
    kind(broken)
    job = work_off(jobs.start("test", person))
    assert job.state == JobState.FAILED
    assert job.error
    assert "nonsense" not in job.error
    assert "Traceback" in caplog.text


def test_a_work_beyond_the_longest_time_fails(person: Person, kind: Callable[..., None]) -> None:
    def work(_run: Run) -> dict[str, Any]:
        raise JobTimeoutException

    kind(work)
    assert work_off(jobs.start("test", person)).state == JobState.FAILED


def test_the_sentences_are_in_the_starter_s_language(person: Person, kind: Callable[..., None]) -> None:
    kind(lambda _run: {"language": get_language()})
    assert work_off(jobs.start("test", person)).result == {"language": "zh-hans"}
    Person.objects.update(language="en")
    assert work_off(jobs.start("test", Person.objects.get())).result == {"language": "en"}


def test_who_left_gets_nothing_done(person: Person, kind: Callable[..., None]) -> None:
    runs: list[int] = []
    kind(lambda _run: runs.append(1) or {})  # type: ignore[func-returns-value]
    job = jobs.start("test", person)
    Person.objects.update(is_active=False)
    assert work_off(job).state == JobState.FAILED
    assert runs == []


def test_steps_show_at_most_twice_a_second(person: Person, kind: Callable[..., None]) -> None:
    shown: list[tuple[str, float]] = []

    def work(run: Run) -> dict[str, Any]:
        for number in range(5):
            run.step(f"step {number} " + "x" * 200, number / 4)
            shown.append(Job.objects.values_list("step", "share").get(pk=run.id))
        return {}

    kind(work)
    work_off(jobs.start("test", person))
    assert {share for _text, share in shown} == {0}
    assert len(shown[-1][0]) == pulse.LONGEST_STEP


def test_a_waiting_job_is_cancelled_at_once(person: Person, kind: Callable[..., None]) -> None:
    kind(nothing)
    job = jobs.start("test", person)
    jobs.cancel(job)
    assert job.state == JobState.CANCELLED
    assert job.finished_at
    assert work_off(job).state == JobState.CANCELLED
    assert not Notification.objects.exists()


def test_a_running_job_ends_at_its_next_step(person: Person, kind: Callable[..., None]) -> None:
    after: list[int] = []

    def work(run: Run) -> dict[str, Any]:
        run.step("first", 0.1)
        jobs.cancel(Job.objects.get(pk=run.id))
        assert Job.objects.get(pk=run.id).state == JobState.RUNNING
        time.sleep(pulse.SAY_EVERY_S)
        run.step("second", 0.2)
        after.append(1)
        return {}

    kind(work)
    job = work_off(jobs.start("test", person))
    assert (job.state, after) == (JobState.CANCELLED, [])


def test_a_worker_that_is_to_stop_gives_the_job_back(person: Person, kind: Callable[..., None]) -> None:
    runs: list[int] = []

    def work(run: Run) -> dict[str, Any]:
        runs.append(1)
        run.step("first", 0.1)
        return {}

    kind(work)
    job = jobs.start("test", person)
    pulse.stopping.set()
    try:
        assert work_off(job).state == JobState.WAITING
    finally:
        pulse.stopping.clear()
    assert work_off(job).state == JobState.DONE
    assert len(runs) == 2


def test_a_job_that_is_over_cannot_be_cancelled(person: Person, kind: Callable[..., None]) -> None:
    kind(nothing)
    job = work_off(jobs.start("test", person))
    with pytest.raises(Conflict):
        jobs.cancel(job)
    assert Job.objects.get().state == JobState.DONE


def test_a_silent_job_is_promised_again(person: Person, kind: Callable[..., None]) -> None:
    kind(nothing)
    job = jobs.start("test", person)
    jobs._take(promise_of(job))
    assert jobs.take_up_again() == 0
    silent(job)
    assert jobs.take_up_again() == 1
    assert jobs.take_up_again() == 0
    job = work_off(job)
    assert (job.state, job.fence) == (JobState.DONE, 2)


def test_a_silent_job_that_was_to_be_cancelled_is(person: Person, kind: Callable[..., None]) -> None:
    kind(nothing)
    job = jobs.start("test", person)
    jobs._take(promise_of(job))
    jobs.cancel(job)
    silent(job)
    jobs.take_up_again()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_a_job_that_ends_every_worker_is_given_up(person: Person, kind: Callable[..., None]) -> None:
    kind(nothing)
    job = jobs.start("test", person)
    for _time in range(jobs.MOST_TAKES):
        jobs._take(promise_of(job))
        silent(job)
        jobs.take_up_again()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert Notification.objects.filter(verb="job_failed").count() == 1


def overtake(identity: UUID) -> None:
    """Let another worker take over a running job and do it to its end, over a connection of its own."""

    def other() -> None:
        job = Job.objects.get(pk=identity)
        silent(job)
        jobs.take_up_again()
        jobs.run(promise_of(job))
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_overtaken_may_neither_go_on_nor_end_it(kind: Callable[..., None]) -> None:
    reached: list[str] = []

    def work(run: Run) -> dict[str, Any]:
        reached.append("began")
        if len(reached) == 1:
            overtake(run.id)
            run.step("too late", 0.9)
            reached.append("went on")
        return {"by": len(reached)}

    kind(work)
    job = work_off(jobs.start("test", Person.objects.create_user("alice")))
    assert reached == ["began", "began"]
    assert (job.state, job.fence, job.result, job.step) == (JobState.DONE, 2, {"by": 2}, "")
    assert Notification.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_effects_of_an_overtaken_work_of_once_are_undone(kind: Callable[..., None]) -> None:
    runs: list[int] = []

    def work(run: Run) -> dict[str, Any]:
        runs.append(1)
        Slot.objects.create(task=f"run {len(runs)}", slot=timezone.now())
        if len(runs) == 1:
            overtake(run.id)
        return {}

    kind(work, once=True)
    job = work_off(jobs.start("test", Person.objects.create_user("alice")))
    assert job.state == JobState.DONE
    assert list(Slot.objects.values_list("task", flat=True)) == ["run 2"]
    assert Notification.objects.count() == 1


def test_old_jobs_are_forgotten(person: Person, kind: Callable[..., None]) -> None:
    kind(nothing)
    old, young, waiting = (jobs.start("test", person) for _number in range(3))
    work_off(old), work_off(young)
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=31))
    assert jobs.forget() == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_while_the_work_s_transaction_is_open(kind: Callable[..., None]) -> None:
    seen: list[tuple[str, float]] = []

    def look(identity: UUID) -> None:
        seen.append(Job.objects.values_list("step", "share").get(pk=identity))
        connection.close()

    def work(run: Run) -> dict[str, Any]:
        Slot.objects.create(task="in the transaction", slot=timezone.now())
        run.step("half", 0.5)
        looking = threading.Thread(target=look, args=[run.id])
        looking.start()
        looking.join()
        return {}

    kind(work, once=True)
    job = work_off(jobs.start("test", Person.objects.create_user("alice")))
    assert seen == [("half", 0.5)]
    assert job.state == JobState.DONE
    assert Slot.objects.filter(task="in the transaction").exists()


@pytest.mark.django_db(transaction=True)
def test_a_work_without_steps_gives_signs_of_life(kind: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "BEAT_EVERY", timedelta(seconds=0.05))
    beats: list[object] = []

    def work(run: Run) -> dict[str, Any]:
        for _time in range(3):
            time.sleep(0.2)
            beats.append(Job.objects.values_list("heartbeat_at", flat=True).get(pk=run.id))
        return {}

    kind(work)
    work_off(jobs.start("test", Person.objects.create_user("alice")))
    assert len(set(beats)) == 3
    assert not [thread for thread in threading.enumerate() if thread.name == "pulse"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_leaves_the_job_to_be_taken_up(kind: Callable[..., None]) -> None:
    def work(_run: Run) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pg_backend_pid())")
        return {}

    kind(work)
    job = jobs.start("test", Person.objects.create_user("alice"))
    promise = promise_of(job)
    jobs.run(promise)
    connection.close()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    silent(job)
    assert jobs.take_up_again() == 1


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_fails_the_job(
    kind: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PATIENCE", {"statement_timeout": "100ms"})

    def work(_run: Run) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(5)")
        return {}

    kind(work)
    job = jobs.start("test", Person.objects.create_user("alice"))
    promise = promise_of(job)
    jobs.run(promise)
    connection.close()
    job.refresh_from_db()
    assert job.state == JobState.FAILED


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_takes_the_job(kind: Callable[..., None]) -> None:
    runs: list[int] = []

    def work(_run: Run) -> dict[str, Any]:
        runs.append(1)
        return {}

    kind(work)
    promise = promise_of(jobs.start("test", Person.objects.create_user("alice")))
    together = threading.Barrier(2)

    def worker() -> None:
        together.wait()
        jobs.run(promise)
        connection.close()

    threads = [threading.Thread(target=worker) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [1]


def test_a_pulse_that_nobody_hears_for_long_ends_the_work(
    person: Person, kind: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind(nothing)
    job = jobs.start("test", person)
    beat = pulse.Pulse(job)
    beat._unheard(OperationalError("gone"))
    assert beat._verdict is None
    monkeypatch.setattr(pulse, "LOST_AFTER", timedelta(0))
    beat._unheard(OperationalError("gone"))
    assert beat._verdict is jobs.Fenced
