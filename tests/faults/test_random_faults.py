"""Everything is killed in turn at random moments under load: nothing acknowledged is lost, nothing is done twice.

`FAULTS=full` kills a hundred times more, PostgreSQL itself among them. `FAULTS_SEED` chooses the moments.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from tests.faults.cluster import private_cluster
from tests.faults.processes import python, until
from tests.faults.stage import House, Stage, staged
from tests.faults.stage import house as new_house
from tests.town import Town, build_town

SEED = int(os.environ.get("FAULTS_SEED", "20261121"))
KILLS, ALL_KILLS, FEW = 12, 100, 4
PATIENCE_S = 120.0
Faults = dict[str, Callable[[], None]]


@pytest.fixture
def town(transactional_db: None) -> Town:
    return build_town()


def test_killed_at_random_moments_nothing_is_lost_or_doubled(town: Town, house: House) -> None:
    del town
    with staged(house) as stage:
        stage.spared = connection.connection.info.backend_pid
        kill_and_check(stage, KILLS, {"connections": stage.cut_connections})


@pytest.mark.skipif(os.environ.get("FAULTS") != "full", reason="takes minutes: set FAULTS=full")
def test_postgresql_killed_too_nothing_is_lost_or_doubled() -> None:
    with private_cluster() as cluster, new_house(cluster.settings) as home, staged(home) as stage:
        stage.programs["postgres"] = cluster.server
        kill_and_check(stage, ALL_KILLS, {"connections": stage.cut_connections, "postgres": cluster.kill})


def kill_and_check(stage: Stage, kills: int, more: Faults) -> None:
    """File reports and start jobs while everything is killed in turn, wait until all is quiet, check the books."""
    port = stage.serve()
    filer = stage.program("filer", python("-m", "tests.faults.filer", "100000"))
    stage.program("caller", python("-m", "tests.faults.filer", "http", str(port)))
    assert until(lambda: len(stage.acknowledged()) >= 5, PATIENCE_S), stage.report()
    faults: Faults = {
        "worker": stage.worker.kill,
        "worker's process": stage.kill_horse,
        "worker of jobs": stage.jobs.kill,
        "job's process": partial(stage.kill_horse, "jobs"),
        "clock": stage.programs["clock0"].kill,
        "other clock": stage.programs["clock1"].kill,
        "redis": stage.redis.kill,
        "redis emptied": stage.empty_redis,
        "web": stage.programs["web"].kill,
        "web's process": partial(stage.kill_horse, "web"),
        "filer": filer.kill,
        **more,
    }
    began = time.monotonic()
    kill_at_random(stage, kills, faults)
    during = stage.acknowledged()
    for name in ("filer", "caller"):
        stage.programs.pop(name).kill()
    killed = time.monotonic()
    stage.wait_until_quiet(PATIENCE_S)
    quiet = time.monotonic()
    stage.check_books()
    words = Counter(word for word, _identity in stage.acknowledged())
    told = ", ".join(f"{count} {word}" for word, count in sorted(words.items()))
    print(f"{kills} kills in {killed - began:.0f} s, quiet {quiet - killed:.0f} s later; acknowledged: {told}")
    # Books of nothing balance too: work must have gone on between the kills.
    assert len(during) >= kills


def kill_at_random(stage: Stage, kills: int, faults: Faults) -> None:
    """Kill one after the other in an order and at moments that the seed decides.

    After every few kills it waits until as many steps were acknowledged again: on a busy machine a program takes longer
    to start than the next kill takes to come, and killing what does not work yet proves nothing.
    """
    dice = random.Random(SEED)
    names = sorted(faults) * (kills // len(faults) + 1)
    for turn, name in enumerate(dice.sample(names, kills), 1):
        faults[name]()
        # A moment passes before the supervisor notices.
        time.sleep(dice.uniform(0, 0.4))
        stage.mend()
        time.sleep(dice.uniform(0.1, 1.0))
        if turn % FEW == 0:
            seen = len(stage.acknowledged())
            assert until(partial(went_on, stage, seen + FEW), PATIENCE_S, 0.1), stage.report()


def went_on(stage: Stage, count: int) -> bool:
    """Mend what is dead and say whether so many steps are acknowledged."""
    stage.mend()
    return len(stage.acknowledged()) >= count
