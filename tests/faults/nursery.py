"""A process that has imported the site and forks what is to be started: what dies here is born again in no time.

Of what a program's start costs nearly all is importing. `Nursery.start` takes the arguments of an interpreter and
returns a process that runs them as a fresh one would, its settings those of the nursery. In the process itself:
`python -m tests.faults.nursery`.
"""

import contextlib
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAUSE_S = 0.01
RUNS = -1000  # no exit status


class Nursery:
    """The process, and what is said to it: a line of JSON, answered by a line of JSON."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            env=dict(env),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def start(self, arguments: Sequence[str], log: Path) -> "Child":
        """Start a program in a session of its own, its output appended to the log."""
        return Child(self, int(self.ask("start", [*arguments], str(log))))

    def ask(self, *words: object) -> int:
        """Say something and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(words), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process; what it has started lives on."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Child:
    """A program that a nursery has started, with what `subprocess.Popen` knows of one."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.pid = pid
        self._nursery = nursery
        self._status: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; None while it runs."""
        if self._status is None:
            status = self._nursery.ask("status", self.pid)
            self._status = None if status == RUNS else status
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit status; raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if timeout is not None and deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired([str(self.pid)], timeout)
            time.sleep(PAUSE_S)
        return status

    def kill(self) -> None:
        """Kill it without warning."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to stop."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        # While its status was not asked for, nobody else can have its number.
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


@contextlib.contextmanager
def nursery(env: Mapping[str, str]) -> Iterator[Nursery]:
    """Yield a nursery, and end it."""
    made = Nursery(env)
    try:
        yield made
    finally:
        made.close()


def _serve() -> list[str]:
    """Do what is said until there is no more; return the arguments in each process that is forked."""
    for line in sys.stdin:
        match json.loads(line):
            case ["start", arguments, log]:
                pid = os.fork()
                if not pid:
                    _leave(log)
                    return list(arguments)
                print(pid, flush=True)
            case ["status", pid]:
                gone, status = os.waitpid(pid, os.WNOHANG)
                print(os.waitstatus_to_exitcode(status) if gone else RUNS, flush=True)
    return []


def _leave(log: str) -> None:
    """Be a process of one's own."""
    os.setsid()
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for given, wanted in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(given, wanted)
    os.close(nothing)
    os.close(output)


def _run(arguments: list[str]) -> None:
    """Run what an interpreter with these arguments would."""
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    import django

    from grids.heavy import load_heavy

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maps.site.settings")
    django.setup()
    for module in ("maps.site.urls", "django_rq.management.commands.rqworker", "grids.management.commands.clock"):
        import_module(module)
    load_heavy()
    gc.collect()
    gc.freeze()
    if wanted := _serve():
        _run(wanted)
