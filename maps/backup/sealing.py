"""A file that is written whole or not at all, encrypted with age on its way to the disk, and read back the same way."""

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pyrage

from maps.backup.problems import BackupError

AGE = b"age-encryption.org/"
ENDING = ".part"


@contextlib.contextmanager
def written(path: Path, recipients: list[str]) -> Iterator[IO[bytes]]:
    """A stream whose bytes are at `path` once the block ends without an error, synced to the disk; mode 0600.

    With recipients (age public keys) only they can read it. Raises BackupError when the disk is full.
    """
    part = path.with_name(path.name + ENDING)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as out:
            if recipients:
                keys = [pyrage.x25519.Recipient.from_str(key) for key in recipients]
                with _through(lambda source: pyrage.encrypt_io(source, out, keys)) as stream:
                    yield stream
            else:
                yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupError(f"There is no room left on the disk of {path.parent}.") from error
        raise BackupError(f"{path} cannot be written: {error.strerror or error}.") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def opened(path: Path, identity: Path | None) -> Iterator[IO[bytes]]:
    """The bytes that were written to `path`; `identity` is a file with the secret age key of an encrypted one.

    Raises BackupError for a file that is not there, no key, or the wrong one.
    """
    try:
        source = path.open("rb")
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error
    with source:
        encrypted = source.read(len(AGE)) == AGE
        source.seek(0)
        if not encrypted:
            yield source
            return
        keys = _identities(path, identity)
        with _back(lambda sink: pyrage.decrypt_io(source, sink, keys)) as stream:
            yield stream


def _identities(path: Path, identity: Path | None) -> list[Any]:
    if identity is None:
        raise BackupError(f"{path} is encrypted: name the file with its secret key, --identity FILE.")
    try:
        lines = [line.strip() for line in identity.read_text("utf-8").splitlines()]
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise BackupError(f"{identity} cannot be read as a secret age key (AGE-SECRET-KEY-…).") from error
    if not keys:
        raise BackupError(f"{identity} holds no secret age key (AGE-SECRET-KEY-…).")
    return keys


class _Worker(threading.Thread):
    """Runs one end of a pipe; what went wrong there is raised by `finish`."""

    def __init__(self, work: Callable[[], None], end: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.work, self.end = work, end
        self.error: Exception | None = None

    def run(self) -> None:
        """Do the work and close the pipe's end, so that the other side notices."""
        try:
            self.work()
        except Exception as error:
            self.error = error
        finally:
            with contextlib.suppress(OSError):
                self.end.close()

    def finish(self) -> None:
        """Wait and raise what went wrong."""
        self.join()
        if self.error:
            raise self.error


@contextlib.contextmanager
def _through(work: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """A stream that is written to and that `work` reads from."""
    reading, writing = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
    worker = _Worker(lambda: work(reading), reading)
    worker.start()
    try:
        yield writing
        writing.close()
    except BrokenPipeError:
        worker.finish()  # its own error says more
        raise
    except BaseException:
        with contextlib.suppress(OSError):
            writing.close()
        worker.join()
        raise
    worker.finish()


@contextlib.contextmanager
def _back(work: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """A stream that is read from and that `work` writes to; a failure there counts more than what it led to here."""
    reading, writing = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))

    def decrypt() -> None:
        with contextlib.suppress(BrokenPipeError):
            work(writing)
            writing.flush()

    worker = _Worker(decrypt, writing)
    worker.start()
    problem: Exception | None = None
    try:
        yield reading
    except Exception as error:
        problem = error
    finally:
        reading.close()
        worker.join()
    if isinstance(worker.error, pyrage.DecryptError) and "matching" in str(worker.error).lower():
        raise BackupError("The key does not open this backup: it was encrypted for another.") from worker.error
    if worker.error and not isinstance(worker.error, BrokenPipeError):
        raise BackupError("The backup is damaged or cut short: it cannot be decrypted to its end.") from worker.error
    if problem:
        raise problem
