"""Progress of an import: share, count and time left, and not too often."""

import io
from collections.abc import Iterator

import pytest
from django.utils import translation

from grids.places_import.progress import Progress


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_the_time_left_follows_from_the_share_done() -> None:
    clock = iter([0.0, 30.0])
    progress = Progress(io.StringIO(), now=lambda: next(clock))
    assert progress.sentence(25_000, 0.25) == "25,000 rows read, 25% of the file, about 1 min 30 s left"


def test_without_a_known_share_only_the_count_is_told() -> None:
    assert Progress(io.StringIO()).sentence(1_200, None) == "1,200 rows read"
    assert Progress(io.StringIO()).sentence(1, 0.0001) == "1 rows read"


def test_a_log_gets_a_line_every_five_seconds() -> None:
    seconds = 0.0
    stream = io.StringIO()
    progress = Progress(stream, now=lambda: seconds)
    for tick in range(24):
        seconds = tick / 2
        progress.rows(tick, lambda: None)
    progress.done()
    assert stream.getvalue() == "10 rows read\n20 rows read\n"


def test_a_terminal_is_written_over_and_left_clean() -> None:
    seconds = 0.0
    stream = Terminal()
    progress = Progress(stream, now=lambda: seconds)
    seconds = 1.0
    progress.rows(7, lambda: 0.5)
    progress.step("done")
    progress.done()
    lines = stream.getvalue().split("\r")
    assert lines[1].startswith("7 rows read, 50%")
    assert lines[2].rstrip() == "done"
    assert len(lines[2]) == len(lines[1])
    assert lines[3].strip() == lines[4] == ""


def test_nothing_is_written_without_a_stream() -> None:
    progress = Progress(None)
    progress.rows(1, lambda: 1.0)
    progress.step("x")
    progress.done()
