"""What the processes of one test run need only once: the first one makes it while the others wait."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def once(shared: Path, what: str) -> Iterator[bool]:
    """Say whether `what` is still to be made; it counts as made when the block ends without an error.

    `shared` is a folder that the processes of this run have in common, and no other run.
    """
    with (shared / f"{what}.lock").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        made = bool(file.read())
        yield not made
        if not made:
            file.write("made")
