"""Turns the signals that ask us to stop into one exception, and leaves the cleaning up undisturbed."""

from __future__ import annotations

import signal
from types import FrameType

from runner.processes import MakeWatcher
from runner.progress import STOPPING


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl-C, TERM, or a terminal that was closed."""


class Interruption:
    """Raises Stopped at the first signal; while cleaning up, signals only say that somebody is in a hurry."""

    def __init__(self) -> None:
        self.asked = 0
        self._raising = True

    def install(self) -> None:
        for number in STOPPING:
            signal.signal(number, self._handle)
        MakeWatcher().start()

    def start_cleaning_up(self) -> None:
        self._raising = False
        self.asked = 0

    @property
    def hurried(self) -> bool:
        """Whether a signal came while cleaning up."""
        return not self._raising and self.asked > 0

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1
        if self._raising:
            self._raising = False
            raise Stopped(signal.Signals(number).name)
