"""Restoring a backup: checked whole before anything is touched, then written in one transaction.

Whatever interrupts it, the database is afterwards what it was before, or what the backup says: dropping the old
tables, loading, migrating forward, erasing again and comparing are one transaction. Files are written before it ends
and overwrite nothing that is the same; after an interruption they are orphans.
"""

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from grids.channels import courier
from maps.backup import archive, contents, database, postgres, sealing
from maps.backup.making import DUMP, FILE, TABLE
from maps.backup.problems import BackupError
from maps.privacy import erasing, ledger, retention
from maps.privacy.ledger import Entry
from patrols import partitions

Say = Callable[[str], None]


@dataclass
class Restored:
    """What a restore did."""

    made_at: str
    tables: int
    rows: int
    files: int
    migrated: int
    erased: int
    unknown: int
    left_out: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def checked(path: Path, identity: Path | None) -> Iterator[archive.Unpacked]:
    """Unpack a backup, check that it is whole and fits this version and server, and remove it at the end.

    Raises BackupError; nothing outside of the state folder's own `restore-…` is touched.
    """
    root = Path(settings.VAR)
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=archive.STAGING, dir=root))
    try:
        with sealing.opened(path, identity) as stream:
            unpacked = archive.unpack(stream, folder)
        _fits(unpacked.manifest)
        yield unpacked
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fits(manifest: dict[str, Any]) -> None:
    known = set(MigrationLoader(None).disk_migrations)
    newer = [
        f"{app}.{name}" for app, names in manifest["migrations"].items() for name in names if (app, name) not in known
    ]
    if newer:
        raise BackupError(
            f"The backup was made by a newer version of Gridwarden ({newer[0]} is not known here): update first."
        )
    if manifest["postgresql"] > postgres.server_major():
        raise BackupError(
            f"The backup is of PostgreSQL {manifest['postgresql']} and the server of {postgres.server_major()}:"
            " restore into that version or a later one."
        )


def in_use() -> str:
    """What a restore would throw away, in words; empty for a database in which nobody is yet."""
    if not {"grids_person", "patrols_report"} <= set(contents.tables()):
        return ""
    with connection.cursor() as cursor:
        cursor.execute("select (select count(*) from grids_person), (select count(*) from patrols_report)")
        people, reports = cursor.fetchone()
    return f"{people:,} people and {reports:,} reports" if people or reports else ""


def restore(unpacked: archive.Unpacked, extra: list[Entry], say: Say = lambda _line: None) -> Restored:
    """Write a checked backup over whatever is in the database; `extra` are erasures known from elsewhere.

    Raises BackupError; then everything is as it was.
    """
    manifest = unpacked.manifest
    program = postgres.program("pg_restore")
    known = [*extra, *ledger.read(ledger.path()), *_erased_here()]
    done = Restored(manifest["made_at"], 0, 0, len(manifest["files"]), 0, 0, 0, manifest["left_out"])
    try:
        with transaction.atomic(durable=True):
            _load(unpacked, program, say)
            _files(unpacked, say)
            done.tables, done.rows = _compare(manifest)
            say(f"{done.rows:,} rows in {done.tables} tables are what the backup says")
            done.migrated = _migrate(manifest)
            partitions.make_ahead()
            database.settle_transactions()
            done.erased, done.unknown = erasing.replay(known)
            retention.forget()
            courier.stand_down()
    except OperationalError as error:
        if "lock timeout" in str(error):
            raise BackupError("The database is in use: stop web, worker and clock, then restore.") from error
        raise
    finally:
        # The session holds settings of the dump.
        connection.close()
    ContentType.objects.clear_cache()
    ledger.reconcile()
    return done


def _erased_here() -> list[Entry]:
    return ledger.stored() if "grids_erasure" in contents.tables() else []


def _load(unpacked: archive.Unpacked, program: str, say: Say) -> None:
    manifest = unpacked.manifest
    database.clear()
    database.require_extensions(manifest["extensions"])
    dump = str(unpacked.path(DUMP))
    say("tables")
    database.run_script(program, dump, "pre-data")
    say("rows")
    database.run_script(program, dump, "data")
    # Backups of earlier versions hold contacts apart.
    for name, columns in manifest.get("columns", {}).items():
        database.copy_in(name, columns, unpacked.path(TABLE.format(name)))
    say("indexes")
    database.run_script(program, dump, "post-data")
    database.back_to_normal()


def _compare(manifest: dict[str, Any]) -> tuple[int, int]:
    found = contents.measure(list(manifest["tables"]))
    for name, wanted in manifest["tables"].items():
        table = found[name]
        if (table.rows, table.checksum) != (wanted["rows"], wanted["checksum"]):
            raise BackupError(
                f"After loading, {name} has {table.rows:,} rows where the backup says {wanted['rows']:,}, or others:"
                " nothing was changed."
            )
    return len(found), sum(table.rows for table in found.values())


def _migrate(manifest: dict[str, Any]) -> int:
    before = sum(len(names) for names in manifest["migrations"].values())
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    return sum(len(names) for names in contents.migrations().values()) - before


def _files(unpacked: archive.Unpacked, say: Say) -> None:
    """Write the files that are not there yet, or not the same."""
    for number, (name, size, sha256) in enumerate(unpacked.manifest["files"]):
        try:
            stored = _put(unpacked.path(FILE.format(number)), name, size, sha256)
        except Exception as error:  # storages raise what their libraries raise
            raise BackupError(f"The file {name} cannot be stored ({error}): the database is as it was.") from error
        if stored != name:
            default_storage.delete(stored)
            raise BackupError(f"The file {name} cannot be written under its name: nothing was changed.")
        if number % 1000 == 999:
            say(f"{number + 1:,} files")


def _put(source: Path, name: str, size: int, sha256: str) -> str:
    """Store a file unless the same is there, and return under which name it lies."""
    if default_storage.exists(name):
        if default_storage.size(name) == size and _digest(name) == sha256:
            return name
        default_storage.delete(name)
    with source.open("rb") as stream:
        return default_storage.save(name, File(stream))


def _digest(name: str) -> str:
    with default_storage.open(name) as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(postgres.CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
