"""Real processes for tests: started as a supervisor would, killed without warning, none left behind."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from psycopg.conninfo import make_conninfo

from tests.faults.nursery import Child, Nursery

ROOT = Path(__file__).resolve().parents[2]
MARK = "GRIDWARDEN_TEST_RUN"
PATIENCE_S = 60.0
START_PATIENCE_S = 180.0


class Program:
    """One supervised program: `start` it, `kill` it, `mend` it when it is dead; a nursery starts what is Python."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path, nursery: Nursery | None = None
    ) -> None:
        self.name, self.command, self.env, self.log = name, list(command), dict(env), log
        self.nursery = nursery
        self.process: subprocess.Popen[bytes] | Child | None = None
        self.starts = 0

    def start(self) -> None:
        """Start it in a session of its own, its output appended to the log."""
        if self.nursery:
            assert self.command[0] == sys.executable
            self.process = self.nursery.start(self.command[1:], self.log)
        else:
            self.process = self._new()
        self.starts += 1

    def _new(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self.command,
                env=self.env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        """The process number of what was started last."""
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """Kill the process without warning; its children live on, as they would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def mend(self) -> bool:
        """Start it again if it is dead, and say whether it was."""
        if self.alive:
            return False
        self.start()
        return True

    def stop(self, patience_s: float = 10.0) -> int:
        """Ask it to stop and return its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(patience_s)

    def said(self) -> str:
        """All that it has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


@contextlib.contextmanager
def marked(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield an environment with a mark of its own; in the end every process that carries it is killed."""
    mark = uuid4().hex
    try:
        yield {**environment, MARK: mark}
    finally:
        end_all(mark)


def end_all(mark: str, but: int = 0) -> None:
    """Kill every process that carries a mark, one of them perhaps excepted."""
    deadline = time.monotonic() + 10
    while (left := set(carrying(mark)) - {but}) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    assert not left, f"processes left behind: {left}"


def carrying(mark: str) -> list[int]:
    """Return the living processes with a mark in their environment."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found


def children(pid: int) -> list[int]:
    """Return the children of a process."""
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def minds(pid: int, number: signal.Signals) -> bool:
    """Whether a process has come so far that it handles a signal itself."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        caught = next(line.split()[1] for line in lines if line.startswith("SigCgt:"))
        return bool(int(caught, 16) >> (number - 1) & 1)
    return False


def environment(database: Mapping[str, object], redis: Path, var: Path) -> dict[str, str]:
    """Return what a process is given: this test run's database (as Django names its settings), a Redis, a place."""
    return {
        **os.environ,
        "GRIDWARDEN_MODE": "test",
        "GRIDWARDEN_DATABASE_URL": conninfo(database),
        "GRIDWARDEN_REDIS_URL": f"unix://{redis}?db=0",
        "GRIDWARDEN_VAR": str(var),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
    }


def conninfo(database: Mapping[str, object]) -> str:
    """Return the libpq string for Django's settings of a database."""
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {libpq: str(database[key]) for libpq, key in names.items() if database.get(key)}
    return make_conninfo("", **given)


def python(*arguments: str) -> list[str]:
    """Return the command that runs this interpreter."""
    return [sys.executable, *arguments]


def until(condition: Callable[[], object], patience_s: float = PATIENCE_S, pause_s: float = 0.02) -> bool:
    """Wait for a condition and say whether it came true."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_s)
    return True


def free_port() -> int:
    """Return a TCP port that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def gunicorn(
    env: Mapping[str, str], log: Path, port: int, *, workers: int = 1, application: str = "maps.site.wsgi:application"
) -> Program:
    """Start a web server with the production configuration and wait until it answers."""
    command = python("-m", "gunicorn", "-c", "docker/gunicorn.conf.py", application)
    given = {**env, "PORT": str(port), "WEB_CONCURRENCY": str(workers), "GRIDWARDEN_DB_POOL": "1"}
    server = Program("web", command, given, log)
    server.start()
    if not until(lambda: answers(port) or not server.alive, START_PATIENCE_S):
        message = f"the server did not start: {server.said()[-2000:]}"
        raise RuntimeError(message)
    return server


def answers(port: int) -> bool:
    """Whether a web server is alive on a port of this machine."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException):
        link.request("GET", "/healthz")
        return link.getresponse().status == 200
    return False
