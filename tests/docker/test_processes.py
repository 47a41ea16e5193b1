"""Which processes belong to an instance."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from runner import places, processes
from runner.places import Places

Start = Callable[..., int]


@pytest.fixture
def where(tmp_path: Path) -> Places:
    for name in ("postgres", "redis"):
        (tmp_path / name).mkdir()
    return Places(tmp_path, places.DEMO, tmp_path, tmp_path / "run", "nobody")


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a sleeper; whatever is left of them is killed afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def sleep(*, cwd: Path | None = None, command: tuple[str, ...] = ("sleep", "60"), **env: str) -> int:
        started.append(subprocess.Popen(command, cwd=cwd, env={"PATH": os.environ["PATH"], **env}))
        return started[-1].pid

    yield sleep
    for process in started:
        process.kill()
        process.wait()


def settled(where: Places, expected: set[int]) -> bool:
    """Between fork and exec a process still shows its parent's environment."""
    deadline = time.monotonic() + 15
    while processes.belonging(where) != expected:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_process_belongs_by_its_tag_or_by_its_working_directory(where: Places, start: Start) -> None:
    tagged = start(GRIDWARDEN_INSTANCE=where.instance)
    database = start(cwd=where.cluster)
    queue = start(cwd=where.redis)
    start(GRIDWARDEN_INSTANCE="another")
    start(cwd=where.var)
    assert settled(where, {tagged, database, queue})


def test_we_and_those_above_us_never_belong(where: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "marked", lambda pid, mark: pid in {os.getpid(), os.getppid()})
    assert processes.belonging(where) == set()


def test_who_does_not_obey_is_killed(where: Places, start: Start) -> None:
    deaf = start(command=("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"), GRIDWARDEN_INSTANCE=where.instance)
    assert settled(where, processes.belonging(where) | {deaf})
    processes.end(where, patience_s=0.3)
    assert processes.belonging(where) == set()


def test_the_database_is_asked_to_end_its_sessions(
    where: Places, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TERM would have PostgreSQL wait until everybody has left."""
    database, web = start(cwd=where.cluster), start(GRIDWARDEN_INSTANCE=where.instance)
    assert settled(where, {database, web})
    sent: dict[int, int] = {}

    def send(pid: int, number: int) -> None:
        sent.setdefault(pid, number)
        os.kill(pid, signal.SIGKILL)

    monkeypatch.setattr(processes, "send", send)
    assert processes.end(where, patience_s=1.0) == 2
    assert sent == {database: signal.SIGINT, web: signal.SIGTERM}
