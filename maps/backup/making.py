"""Making a backup: the database as of one snapshot, and exactly the files that its rows name."""

import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from maps.backup import contents, postgres, sealing
from maps.backup.archive import Writer
from maps.backup.problems import BackupError
from maps.privacy import ledger
from patrols.models import Photo

NAME = "gridwarden-{:%Y%m%dT%H%M%SZ}.tar"
PATTERN = "gridwarden-*Z.tar*"
MANY = 10  # files of photos that are not lost all at once
DUMP, TABLE, FILE = "database", "tables/{}", "files/{:08d}"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """What was written where."""

    path: Path
    bytes: int
    rows: int
    files: int
    missing: int
    encrypted: bool


def target(given: str, now: datetime) -> Path:
    """The file to write: the given one, or a new one in the given folder (by default `backups` of the state folder)."""
    path = Path(given) if given else Path(settings.VAR) / "backups"
    if given and not path.is_dir() and not given.endswith("/"):
        return path
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"The folder {path} cannot be made: {error.strerror}.") from error
    return path / (NAME.format(now.astimezone(UTC)) + (".age" if settings.BACKUP_KEYS else ""))


def make(path: Path, say: Say = lambda _line: None) -> Made:
    """Write a backup to a file. Raises BackupError with one sentence; then there is no file."""
    program = postgres.program("pg_dump")
    ledger.reconcile()
    with (
        sealing.written(path, settings.BACKUP_KEYS) as out,
        Writer(out) as writer,
        transaction.atomic(durable=True),
    ):
        rows, files, missing = _write(writer, program, say)
    _copy_ledger(path.parent)
    return Made(path, path.stat().st_size, rows, files, missing, bool(settings.BACKUP_KEYS))


def _write(writer: Writer, program: str, say: Say) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute("set local statement_timeout = 0")
        cursor.execute("set local idle_in_transaction_session_timeout = 0")
        cursor.execute("select pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
    measured = contents.measure(contents.kept())
    rows = sum(table.rows for table in measured.values())
    say(f"{rows:,} rows in {len(measured)} tables")
    dump = writer.add(DUMP, postgres.output(_dump_command(program, snapshot)))
    say(f"database: {dump.size / 2**20:,.1f} MB")
    files, missing = _files(writer, say)
    writer.finish(
        {
            "made_at": timezone.now().isoformat(),
            "version": version(),
            "database": connection.settings_dict["NAME"],
            "postgresql": postgres.server_major(),
            "extensions": contents.extensions(),
            "migrations": contents.migrations(),
            "newest_event": contents.newest_event(),
            "tables": {name: asdict(table) for name, table in measured.items()},
            "left_out": {name: why for name, why in contents.LEFT_OUT.items() if name in contents.tables()},
            "files": files,
            "missing": missing,
        }
    )
    return rows, len(files), len(missing)


def _dump_command(program: str, snapshot: str) -> list[str]:
    return [
        program,
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--schema=public",
        f"--snapshot={snapshot}",
        "--lock-wait-timeout=60s",
        # The daily partitions of fixes are made anew.
        "--exclude-table=public.patrols_fix_2*",
        # PostGIS brings its own, and only a superuser may write there.
        "--exclude-table-data=public.spatial_ref_sys",
        *(f"--exclude-table-data=public.{name}*" for name in contents.LEFT_OUT),
        f"--dbname={postgres.conninfo()}",
    ]


def _files(writer: Writer, say: Say) -> tuple[list[list[Any]], list[str]]:
    """Write every file that a photo's row names; return name, size and SHA-256 of each, and what is not there.

    A photo that was erased since the snapshot has no files any more. One lost file must not stop every backup either;
    where there is none of many, the storage is another one than the photos were written to.
    """
    out: list[list[Any]] = []
    missing = []
    photos = Photo.objects.order_by("recorded_at", "id").iterator(chunk_size=1000)
    for name in dict.fromkeys(name for photo in photos for name in photo.names):
        try:
            stream = default_storage.open(name)
        except FileNotFoundError:
            missing.append(name)
            continue
        except Exception as error:  # storages raise what their libraries raise
            raise BackupError(f"The file {name}, which a photo names, cannot be read: {error}.") from error
        with stream:
            part = writer.add(FILE.format(len(out)), iter(partial(stream.read, postgres.CHUNK), b""))
        out.append([name, part.size, part.sha256])
        if len(out) % 1000 == 0:
            say(f"{len(out):,} files")
    if not out and len(missing) >= MANY:
        raise BackupError(
            f"None of the {len(missing):,} files that photos name is in the storage: is GRIDWARDEN_MEDIA_URL right?"
        )
    return out, missing


def _copy_ledger(folder: Path) -> None:
    """Lay the ledger of erasures beside the backups: it has to survive where they do."""
    source = ledger.path()
    if source.exists() and source.parent != folder:
        with sealing.written(folder / source.name, []) as out:
            out.write(source.read_bytes())


def thin(folder: Path, keep: int) -> list[Path]:
    """Delete all backups of a folder but the newest `keep`, and return what went."""
    found = sorted(path for path in folder.glob(PATTERN) if path.suffix != sealing.ENDING)
    gone = found[:-keep]
    for path in gone:
        path.unlink()
    return gone


def version() -> str:
    """The version of this software."""
    text = (Path(settings.BASE_DIR) / "pyproject.toml").read_text("utf-8")
    return str(tomllib.loads(text)["project"]["version"])
