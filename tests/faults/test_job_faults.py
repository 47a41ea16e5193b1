"""Long jobs and the web process killed at named points: a job leaves one mark and one message, a key one report."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from grids import jobs
from grids.models import IdempotencyKey, Job, Notification, Slot
from grids.models.platform import JobState
from patrols.filing import Draft, file_report
from patrols.models import Report
from tests.faults.filer import attempts, sign_in
from tests.faults.processes import python, until
from tests.faults.stage import RING_AGAIN_S, House, Stage, staged
from tests.faults.work import ONCE, let_go
from tests.town import LITTER, Town, at, build_town

PATIENCE_S = 120.0


@pytest.fixture
def town(transactional_db: None) -> Town:
    return build_town()


@pytest.fixture
def stage(town: Town, house: House) -> Iterator[Stage]:
    with staged(house, clocks=1) as stage:
        yield stage


def start(town: Town) -> Job:
    """Start a job that comes to no end before it is let go."""
    return jobs.start(ONCE, town.bob, held=True)


def state_of(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def running(job: Job) -> bool:
    """Whether its work has begun: it has shown a step."""
    job.refresh_from_db()
    return job.state == JobState.RUNNING and bool(job.step)


def marks(job: Job) -> int:
    return Slot.objects.filter(task=f"effect {job.pk}").count()


def told(job: Job) -> int:
    return Notification.objects.filter(key=f"job:{job.pk}").count()


def file_one(town: Town) -> None:
    point = at(1.5, 1.5)
    file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))


def done_once(job: Job) -> None:
    assert (state_of(job), marks(job), told(job)) == (JobState.DONE, 1, 1)


def held(stage: Stage, town: Town) -> Job:
    """A job in the middle of its work."""
    job = start(town)
    assert until(lambda: running(job)), stage.report()
    return job


def finish(stage: Stage, job: Job) -> None:
    let_go(job)
    stage.wait_until_quiet(PATIENCE_S)
    done_once(job)


def a_job_whose_process_dies_is_done_by_the_next(stage: Stage, town: Town) -> None:
    job = held(stage, town)
    stage.kill_horse("jobs")
    finish(stage, job)
    assert job.fence >= 2


def a_job_whose_worker_dies_comes_to_one_end(stage: Stage, town: Town) -> None:
    """Its process lives on and gives signs of life; the next worker is rung for it and lets it be."""
    job = held(stage, town)
    stage.jobs.kill()
    stage.mend()
    finish(stage, job)


def a_process_that_wakes_up_after_its_job_was_taken_over_changes_nothing(stage: Stage, town: Town) -> None:
    """Stopped in the middle, like a machine that hangs: when it goes on, its number is worth nothing."""
    job = held(stage, town)
    [sleeper] = stage.horses("jobs")
    stage.signal_horse("jobs", signal.SIGSTOP)
    stage.program("other jobs", python("-m", "tests.faults.work"))
    finish(stage, job)
    assert job.fence >= 2
    os.kill(sleeper, signal.SIGCONT)
    assert until(lambda: sleeper not in stage.horses("jobs")), stage.report()
    assert f"the job {job.pk} was taken over" in stage.jobs.said()
    done_once(job)
    stage.programs.pop("other jobs").kill()


def a_worker_that_is_told_to_stop_gives_its_job_to_the_next(stage: Stage, town: Town) -> None:
    job = held(stage, town)
    stage.jobs.stop(60)
    assert state_of(job) == JobState.WAITING
    finish(stage, job)


def a_running_job_is_cancelled_from_another_process(stage: Stage, town: Town) -> None:
    job = held(stage, town)
    jobs.cancel(job)
    stage.wait_until_quiet(PATIENCE_S)
    assert (state_of(job), marks(job), told(job)) == (JobState.CANCELLED, 0, 0)


def long_jobs_do_not_hold_up_what_people_are_told(stage: Stage, town: Town) -> None:
    job = held(stage, town)
    file_one(town)
    assert until(lambda: Notification.objects.exclude(key__startswith="job:").count() == 2), stage.report()
    assert state_of(job) == JobState.RUNNING
    finish(stage, job)


def a_redis_that_hangs_does_not_hold_the_clock(stage: Stage, town: Town) -> None:
    """A stopped process keeps its connections and never answers; what is to be rung for waits, the rest goes on."""
    os.kill(stage.redis.pid, signal.SIGSTOP)
    job = start(town)
    later = timezone.now() + 5 * timedelta(seconds=RING_AGAIN_S)
    assert until(lambda: Slot.objects.filter(task="sweep", done_at__gt=later).exists()), stage.report()
    assert state_of(job) == JobState.WAITING
    os.kill(stage.redis.pid, signal.SIGCONT)
    finish(stage, job)


JOB_POINTS = (
    a_job_whose_process_dies_is_done_by_the_next,
    a_job_whose_worker_dies_comes_to_one_end,
    a_process_that_wakes_up_after_its_job_was_taken_over_changes_nothing,
    a_worker_that_is_told_to_stop_gives_its_job_to_the_next,
    a_running_job_is_cancelled_from_another_process,
    long_jobs_do_not_hold_up_what_people_are_told,
    a_redis_that_hangs_does_not_hold_the_clock,
)


def test_long_jobs(stage: Stage, town: Town, subtests: pytest.Subtests) -> None:
    for point in JOB_POINTS:
        with subtests.test(point.__name__):
            point(stage, town)


def ask(port: int, key: str, **more: str) -> Iterator[tuple[int, bytes]]:
    """Ask as Bob to file a report, again and again."""
    point = at(1.5, 1.5)
    body = f'{{"category": "{LITTER}", "lon": {point.x}, "lat": {point.y}}}'
    with ThreadPoolExecutor(1) as pool:  # signing in closes its connection, and ours may be in a transaction
        session = pool.submit(sign_in).result()
    return attempts(port, body, {**session, "Idempotency-Key": key, **more})


def dies_before_it_answers(stage: Stage, town: Town, port: int) -> None:
    """All is committed; whoever asks again with the same key is given the answer that was ready."""
    del town
    key, mark = str(uuid4()), stage.folder / "died"
    assert next(ask(port, key, **{"X-Die-Before-Answering": str(mark)})) == (0, b"")
    assert mark.exists()
    report = Report.objects.get()
    status, answer = answered(port, key)
    assert (status, json.loads(answer)["id"]) == (201, str(report.pk))
    filed_and_told(stage, 1)


def dies_before_its_commit(stage: Stage, town: Town, port: int) -> None:
    """An answer to the same key, not yet committed, holds the request between its writes and its commit."""
    key, before = str(uuid4()), Report.objects.count()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            IdempotencyKey.objects.create(person=town.bob, key=key, fingerprint="x", status=500, body=b"")
            asked = pool.submit(lambda: next(ask(port, key)))
            assert until(lambda: stage.waiting_for_locks() > 0), stage.report()
            stage.kill_horse("web")
            assert asked.result() == (0, b"")
            transaction.set_rollback(True)
        assert until(lambda: stage.waiting_for_locks() == 0)
    assert Report.objects.count() == before
    assert answered(port, key)[0] == 201
    filed_and_told(stage, before + 1)


def answered(port: int, key: str) -> tuple[int, bytes]:
    """Ask with a key until the web server is back."""
    return next(filter(lambda answer: answer[0] == 201, islice(ask(port, key), 2000)))


def filed_and_told(stage: Stage, reports: int) -> None:
    stage.wait_until_quiet(PATIENCE_S)
    assert Report.objects.count() == reports
    assert Notification.objects.count() == 2 * reports


def test_the_web_process(town: Town, house: House, subtests: pytest.Subtests) -> None:
    with staged(house, clocks=1, long=False) as stage:
        port = stage.serve("tests.faults.wsgi:application")
        for point in (dies_before_it_answers, dies_before_its_commit):
            with subtests.test(point.__name__):
                point(stage, town, port)
