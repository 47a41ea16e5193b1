"""One line a step on the terminal, the details in a log, and a useful sentence when a step fails."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

LABEL_WIDTH = 34
TAIL_LINES = 15
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StepError(Exception):
    """A step could not be done. `advice` says what to try; `log` is shown by its last lines."""

    def __init__(self, sentence: str, *, log: Path | None = None, advice: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.log = log
        self.advice = advice


def say(text: str = "") -> None:
    """Print a line; a terminal that has gone away is no reason to stop half-way."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def report(failure: StepError) -> None:
    """Tell what failed, the end of the log, and what to try."""
    say()
    if failure.log is not None and failure.log.exists():
        for line in tail(failure.log):
            say(f"    {line}")
        say()
    say(f"gridwarden: {failure.sentence}")
    if failure.log is not None:
        say(f"The whole log: {failure.log}")
    if failure.advice:
        say(failure.advice)


def tail(log: Path, lines: int = TAIL_LINES) -> list[str]:
    """The last lines of a text file, cut to a terminal's width; reads at most 64 KiB."""
    with log.open("rb") as stream:
        stream.seek(0, os.SEEK_END)
        stream.seek(max(0, stream.tell() - 65536))
        text = stream.read().decode(errors="replace")
    return [line[:200] for line in text.splitlines() if line.strip()][-lines:]


class Ticker:
    """Counts the seconds behind a step's label while it runs, on a terminal only."""

    def __init__(self, label: str, log: Path | None) -> None:
        self.label = f"  {label:<{LABEL_WIDTH}}"
        self.started = time.monotonic()
        self.log = log
        self.live = sys.stdout.isatty()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def start(self) -> None:
        with contextlib.suppress(OSError):
            print(self.label, end="", flush=True)
        if self.live:
            self._thread.start()

    def finish(self, note: str) -> None:
        elapsed = time.monotonic() - self.started
        self._done.set()
        if self.live:
            self._thread.join()
        prefix = f"\r\033[K{self.label}" if self.live else ""
        say(f"{prefix}{elapsed:7.1f} s   {note}".rstrip())

    def _tick(self) -> None:
        while not self._done.wait(1.0):
            elapsed = time.monotonic() - self.started
            last = tail(self.log, 1) if self.log is not None and self.log.exists() else []
            width = max(0, os.get_terminal_size(1).columns - LABEL_WIDTH - 16)
            with contextlib.suppress(OSError):
                print(f"\r\033[K{self.label}{elapsed:7.0f} s   {''.join(last)[:width]}", end="", flush=True)


class Note:
    """What a step wants to say behind its time."""

    text = ""


@contextlib.contextmanager
def step(label: str, log: Path | None = None) -> Iterator[Note]:
    """Show a step by one line: its label, the seconds it took, and a note."""
    ticker, note = Ticker(label, log), Note()
    ticker.start()
    try:
        yield note
    except BaseException as error:
        ticker.finish("failed" if isinstance(error, Exception) else "interrupted")
        raise
    ticker.finish(note.text)


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Put off the signals that stop us until the end of the block: a child we do not know of yet, we could not end."""
    missed: list[int] = []
    before = {number: signal.getsignal(number) for number in STOPPING}
    for number in STOPPING:
        signal.signal(number, lambda number, frame: missed.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for caught in missed:
            signal.raise_signal(caught)


def spawn(
    command: Sequence[str | Path], log: Path, *, cwd: Path, env: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    """Start a command as the leader of a session of its own, with its output in `log`."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=None if env is None else dict(env),
            start_new_session=True,
        )


def run_logged(
    command: Sequence[str | Path],
    log: Path,
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    failure: str,
    advice: str = "",
) -> None:
    """Run a command with its output in `log`; it and its children end with us.

    Raises StepError with the sentence `failure` when it exits with anything but 0.
    """
    process = None
    try:
        with shielded():
            process = spawn(command, log, cwd=cwd, env=env)
        code = process.wait()
    except BaseException:
        if process is not None:
            end_group(process)
        raise
    if code != 0:
        raise StepError(failure, log=log, advice=advice)


def end_group(process: subprocess.Popen[bytes], patience: float = 5.0) -> None:
    """Stop a child that leads a process group of its own, and the whole group: TERM, then KILL."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
