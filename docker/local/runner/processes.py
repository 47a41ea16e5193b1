"""Finds and ends what is left of an instance, whoever started it and however that ended."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

from runner.places import Places

TAG = "GRIDWARDEN_INSTANCE"
PROC = Path("/proc")
KILL_PATIENCE_S = 10.0


def belonging(places: Places) -> set[int]:
    """The processes of an instance, ourselves and our ancestors excepted.

    Ours carry the instance's tag in their environment. PostgreSQL and Redis overwrite theirs with their
    process title, but work in their data directories. A zombie shows neither and does not count.
    """
    mark = f"{TAG}={places.instance}".encode()
    homes = {os.path.realpath(places.cluster), os.path.realpath(places.redis)}
    candidates = {int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()} - ancestry()
    return {pid for pid in candidates if (marked(pid, mark) or working_directory(pid) in homes) and same_root(pid)}


def same_root(pid: int) -> bool:
    """Whether a process sees the same files: in a container or chroot, our paths are somebody else's."""
    try:
        return os.path.samestat((PROC / str(pid) / "root").stat(), Path("/").stat())
    except OSError:
        return False


def marked(pid: int, mark: bytes) -> bool:
    try:
        return mark in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def working_directory(pid: int) -> str:
    try:
        return os.readlink(PROC / str(pid) / "cwd")
    except OSError:
        return ""


def ancestry() -> set[int]:
    """This process and those above it."""
    found: set[int] = set()
    pid = os.getpid()
    while pid > 0 and pid not in found:
        found.add(pid)
        pid = parent_of(pid)
    return found


def parent_of(pid: int) -> int:
    return int(status_of(pid).get("PPid", "0"))


def status_of(pid: int) -> dict[str, str]:
    """The fields of /proc/PID/status; empty when there is no such process."""
    try:
        text = (PROC / str(pid) / "status").read_text()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in pairs}


def end(places: Places, *, patience_s: float = 10.0) -> int:
    """End every process of the instance and return how many there were.

    TERM first (INT for PostgreSQL: TERM would wait for sessions), KILL for what is there after `patience_s`.
    """
    found = belonging(places)
    for pid in found:
        cluster = working_directory(pid) == os.path.realpath(places.cluster)
        send(pid, signal.SIGINT if cluster else signal.SIGTERM)
    wait_until_gone(places, patience_s)
    # Whatever a dying process started meanwhile is ended too.
    deadline = time.monotonic() + KILL_PATIENCE_S
    while (remaining := belonging(places)) and time.monotonic() < deadline:
        for pid in remaining:
            send(pid, signal.SIGKILL)
        time.sleep(0.05)
    return len(found)


def wait_until_gone(places: Places, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while belonging(places) and time.monotonic() < deadline:
        time.sleep(0.05)


def send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


class MakeWatcher(threading.Thread):
    """Stops us when the `make` that started us is killed, or interrupted by a signal that reached it alone.

    On SIGINT, make waits for its recipe without telling it; one only sees that it stops catching the signal.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.make = os.getppid()
        self.watching = status_of(self.make).get("Name") == "make"
        self.catches_interrupts = self._catches_interrupts()

    def run(self) -> None:
        while self.watching:
            time.sleep(0.5)
            gone = os.getppid() != self.make
            if gone or (self.catches_interrupts and not self._catches_interrupts()):
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def _catches_interrupts(self) -> bool:
        caught = int(status_of(self.make).get("SigCgt", "0"), 16)
        return bool(caught >> (signal.SIGINT - 1) & 1)
