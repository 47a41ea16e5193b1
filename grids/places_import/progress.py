"""Progress of long work on a terminal or in a log: share done, count, time left."""

import time
from collections.abc import Callable
from typing import TextIO

from django.utils.translation import gettext as _


class Progress:
    """Writes a line now and then: twice a second over the last one on a terminal, every five seconds in a log."""

    def __init__(self, stream: TextIO | None, now: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._now = stream, now
        self._terminal = bool(stream and stream.isatty())
        self._pause = 0.5 if self._terminal else 5.0
        self._started = self._last = now()
        self._width = 0

    def rows(self, count: int, share: Callable[[], float | None]) -> None:
        """Tell how many rows have been read and what share of the file that is."""
        if self._stream is None or self._now() - self._last < self._pause:
            return
        self._last = self._now()
        self._write(self.sentence(count, share()))

    def step(self, words: str) -> None:
        """Tell that another part of the work begins."""
        if self._stream is not None:
            self._write(words)

    def done(self) -> None:
        """End the line on a terminal."""
        if self._stream is not None and self._terminal and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()

    def sentence(self, count: int, share: float | None) -> str:
        """Return the line for a count and a share."""
        if not share or share < 0.01:
            return _("%(count)s rows read") % {"count": f"{count:,}"}
        left = (self._now() - self._started) * (1 - share) / share
        shown = {"count": f"{count:,}", "share": f"{share:.0%}", "minutes": int(left // 60), "seconds": int(left % 60)}
        return _("%(count)s rows read, %(share)s of the file, about %(minutes)s min %(seconds)s s left") % shown

    def _write(self, words: str) -> None:
        assert self._stream is not None
        if self._terminal:
            self._stream.write("\r" + words.ljust(self._width))
            self._width = max(self._width, len(words))
        else:
            self._stream.write(words + "\n")
        self._stream.flush()
