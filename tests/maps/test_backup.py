"""The parts of a backup: files written whole or not, programs of the right version, what is kept of old ones."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from maps.backup import database, making, postgres, sealing
from maps.backup.problems import BackupError
from maps.site.env import Env
from patrols.filing import Draft, file_report
from patrols.models import Event
from tests.town import LITTER, Town, at

NOW = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)


def interrupted(path: Path) -> None:
    with sealing.written(path, []) as out:
        out.write(b"2")
        raise KeyboardInterrupt


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with sealing.written(path, []) as out:
        out.write(b"1")
        assert not path.exists()
    assert path.read_bytes() == b"1"
    with pytest.raises(KeyboardInterrupt):
        interrupted(path)
    assert path.read_bytes() == b"1"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, encrypted: bool
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    keys = [str(pyrage.x25519.Identity.generate().to_public())] if encrypted else []
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BackupError, match="no room left"), sealing.written(tmp_path / "a", keys) as out:
        out.write(b"1" * 200_000)
    assert list(tmp_path.iterdir()) == []


def test_where_a_backup_goes(settings: Any, tmp_path: Path) -> None:
    settings.VAR, settings.BACKUP_KEYS = tmp_path, []
    assert making.target("", NOW) == tmp_path / "backups" / "gridwarden-20261121T203000Z.tar"
    assert (tmp_path / "backups").stat().st_mode & 0o777 == 0o700
    assert making.target(str(tmp_path), NOW).parent == tmp_path
    assert making.target(f"{tmp_path}/new/", NOW).parent == tmp_path / "new"
    assert making.target(str(tmp_path / "one.tar"), NOW) == tmp_path / "one.tar"
    settings.BACKUP_KEYS = ["age1…"]
    assert making.target("", NOW).name.endswith(".tar.age")


def test_the_newest_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    for day in range(1, 6):
        (tmp_path / f"gridwarden-202611{day:02d}T030000Z.tar.age").touch()
    for other in ("gridwarden-20261101T030000Z.tar.part", "notes.txt", "erasures.jsonl"):
        (tmp_path / other).touch()
    assert len(making.thin(tmp_path, 2)) == 3
    assert {path.name for path in tmp_path.glob("*.age")} == {
        "gridwarden-20261104T030000Z.tar.age",
        "gridwarden-20261105T030000Z.tar.age",
    }
    assert len(list(tmp_path.iterdir())) == 5
    with pytest.raises(CommandError, match="from 1"):
        call_command("backup", str(tmp_path), "--keep=0")


@pytest.mark.django_db
def test_a_missing_or_other_pg_dump_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    major = postgres.server_major()
    assert postgres.program("pg_dump")
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(BackupError, match=f"missing: install postgresql-client-{major}"):
        postgres.program("pg_dump")
    other = tmp_path / "pg_dump"
    other.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    other.chmod(0o700)
    monkeypatch.setattr("shutil.which", lambda _name: str(other))
    with pytest.raises(BackupError, match=f"of PostgreSQL 9 and the server of {major}"):
        postgres.program("pg_dump")


def test_a_failing_program_s_last_words_are_the_sentence(tmp_path: Path) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho much\necho first >&2\necho 'it broke' >&2\nexit 3\n")
    program.chmod(0o700)
    with pytest.raises(BackupError, match="pg_dump failed: it broke"):
        list(postgres.output([str(program)]))


@pytest.mark.django_db
def test_no_password_is_on_a_command_line(settings: Any) -> None:
    connection.settings_dict["PASSWORD"], before = "geheim", connection.settings_dict["PASSWORD"]
    try:
        assert "geheim" not in postgres.conninfo()
    finally:
        connection.settings_dict["PASSWORD"] = before


def test_events_of_what_would_be_the_future_are_brought_into_the_past(town: Town) -> None:
    point = at(1.5, 1.5)
    for _again in range(2):
        file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    one, two = Event.objects.values_list("id", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("update patrols_event set transaction = '99999999990' where id = %s", [one])
        cursor.execute("update patrols_event set transaction = '99999999995' where id = %s", [two])
        database.settle_transactions()
        cursor.execute(
            "select count(*) from patrols_event where transaction >= pg_snapshot_xmin(pg_current_snapshot())"
        )
        assert cursor.fetchone() == (0,)
    assert [row.id for row in Event.objects.order_by("transaction")] == [one, two]


def test_public_keys_are_read_strictly() -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())
    env = Env({"KEY": f"{key}, {key}"})
    assert env.age_keys("KEY") == [key, key]
    env.finish()
    wrong = Env({"KEY": "age1nonsense"})
    wrong.age_keys("KEY")
    with pytest.raises(ImproperlyConfigured, match="age public keys"):
        wrong.finish()
