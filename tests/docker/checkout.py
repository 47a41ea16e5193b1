"""A checkout of its own with the real runner, whose site is a stub that is ready at once."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
READY = "Ready after"
PATIENCE_S = 30.0


def until(condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for something to become true, or fail the test saying what did not."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"in vain waited for: {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@dataclass
class Checkout:
    """A checkout with the real runner and the stub site."""

    path: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def var(self) -> Path:
        return self.path / "var"

    @property
    def log(self) -> Path:
        return self.path / "run.log"

    def start(
        self, port: int | None = None, *, command: Sequence[str] = ("make", "run"), env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start `make run` as the leader of a process group of its own, as a shell does."""
        foreign = ("GRIDWARDEN", "MAKE")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment |= {"GRIDWARDEN_VAR": str(self.var), **(env or {})}
        environment.pop("PORT", None)
        if port is not None:
            environment["PORT"] = str(port)
        with self.log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self.path,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def start_and_wait(self, port: int, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        process = self.start(port, env=env)
        until(lambda: READY in self.said() or process.poll() is not None, "readiness")
        assert READY in self.said(), self.said()
        return process

    def said(self) -> str:
        return self.log.read_text()

    def processes(self) -> dict[int, str]:
        """Every process with this checkout in its working directory or environment, with its command."""
        found = {}
        mark = os.fsencode(self.path)
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                place = os.fsencode(os.readlink(entry / "cwd"))
                belongs = place.startswith(mark) or mark in (entry / "environ").read_bytes()
                if belongs:
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def pid_of(self, part: str) -> int:
        """The oldest process with these words in its command line."""
        return min(pid for pid, command in self.processes().items() if part in command)

    def end(self) -> None:
        """Kill whatever still runs and forget it."""
        self.kill_all()
        for process in self.started:
            process.wait()
        self.started.clear()

    def kill_all(self, but: int | None = None) -> None:
        """Kill every process, except perhaps one; thrice, since what is killed last may start others until then."""
        for _ in range(3):
            for pid in self.processes().keys() - {but}:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
