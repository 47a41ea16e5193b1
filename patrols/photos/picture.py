"""Pictures at arm's length: decoded and written anew in a child process with limits, so that none can take us down."""

import json
import logging
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from grids.problems import BadInput, Problem
from patrols.photos.jpeg import is_bare
from patrols.photos.limits import MOST_BYTES, MOST_MEGAPIXELS

# 40 megapixels take 0.6 GB at most in the formats that are taken (tests/patrols/test_photos_picture.py).
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 20
# Together with the waiting less than the minute that a proxy waits.
WALL_SECONDS = 30.0
OUTPUT_BYTES = 32 << 20
AT_ONCE = 2
PATIENCE_SECONDS = 15.0
CHILD = Path(__file__).with_name("child.py")
log = logging.getLogger(__name__)
_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(Problem):
    """Too many pictures at once; the same request may succeed in a moment."""

    status = 503


class TooLarge(Problem):
    """More bytes than are taken."""

    status = 413


@dataclass(frozen=True, slots=True)
class Said:
    """What a picture says of itself; `lon` and `lat` in EPSG:4326 as the camera wrote them. None of it is certain."""

    width: int
    height: int
    taken: datetime | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture written anew: the bytes of its files by name, the largest one's size, and when it was taken."""

    files: dict[str, bytes]
    width: int
    height: int
    taken: datetime | None


def inspect(stream: IO[bytes]) -> Said:
    """Return what a picture says of itself, without decoding it; raises BadInput for what is no picture."""
    answer, _files = _ask({"do": "inspect"}, stream)
    return Said(answer["width"], answer["height"], _taken(answer), answer.get("lon"), answer.get("lat"))


def render(stream: IO[bytes]) -> Rendered:
    """Return a picture as bare JPEGs: `full`, `large` and `small`; raises BadInput for what cannot be one."""
    answer, files = _ask({"do": "render"}, stream)
    return Rendered(files, answer["width"], answer["height"], _taken(answer))


def blur(stream: IO[bytes], boxes: list[list[int]]) -> dict[str, bytes]:
    """Return `public` and `public_small` of a stored photo with the boxes made unrecognisable."""
    return _ask({"do": "blur", "boxes": boxes}, stream)[1]


def too_large() -> TooLarge:
    """Return the refusal of a file with too many bytes."""
    return TooLarge(_("The picture is larger than %(most)d MB.") % {"most": MOST_BYTES >> 20})


@contextmanager
def as_file(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Copy what a storage reads into a file of the system, which a child process can be given."""
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy


def _taken(answer: dict[str, Any]) -> datetime | None:
    text = answer.get("taken_at")
    return datetime.fromisoformat(text) if text else None


def _ask(order: dict[str, Any], stream: IO[bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Let a child read the stream (a file of the system, at its start) and return its answer and files."""
    with _turn(), tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(  # noqa: S603 - our own program; the order is ours too
                _command(order),
                stdin=stream,
                stdout=output,
                stderr=subprocess.PIPE,
                env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "MALLOC_ARENA_MAX": "1"},
                cwd="/",
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BadInput(_busy_too_long()) from error
        if done.returncode:
            raise BadInput(_death(done.returncode, done.stderr))
        output.seek(0)
        answer = json.loads(output.readline(10_000))
        files = {name: output.read(size) for name, size in answer.pop("files").items()}
    if "refused" in answer:
        if "error" in answer:
            log.info("a picture was refused: %s", answer["error"])
        raise BadInput(_reason(answer["refused"]))
    # The child is not believed: what is not bare is not stored.
    if not all(is_bare(data) for data in files.values()):
        raise BadInput(_("The picture could not be freed from what it says beside its pixels, so it was not stored."))
    return answer, files


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE_SECONDS):
        raise Busy(_("Too many pictures are being read at the moment; try again soon."))
    try:
        yield
    finally:
        _turns.release()


def _command(order: dict[str, Any]) -> list[str]:
    limits = [f"--as={MEMORY_BYTES}", f"--cpu={CPU_SECONDS}", f"--fsize={OUTPUT_BYTES}", "--nofile=64", "--core=0"]
    # Isolated: neither the environment nor the current directory can bring in other modules.
    return ["prlimit", *limits, sys.executable, "-I", "-B", str(CHILD), json.dumps(order)]


def _busy_too_long() -> str:
    return _("The picture cannot be read: it kept the decoder busy too long.")


def _death(code: int, errors: bytes) -> str:
    log.warning("the reader of a picture ended with %d: %s", code, errors[-500:].decode("utf-8", "replace"))
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return _busy_too_long()
    return _("The picture cannot be read: it made the decoder crash.")


def _reason(refusal: str) -> str:
    match refusal:
        case "kind":
            return _("This is no picture that can be taken: send a JPEG, PNG, WebP or HEIC.")
        case "pixels":
            return _("The picture has more than %(most)d megapixels.") % {"most": MOST_MEGAPIXELS}
        case "moving":
            return _("The picture moves: send one that stands still.")
        case "memory":
            return _("The picture cannot be read: it takes too much memory.")
    return _("The picture is damaged or has not arrived whole.")
