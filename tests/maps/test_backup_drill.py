"""The restore drill: a town with photos is backed up, somebody is erased, and all but them comes back elsewhere."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pyrage
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.gis.db.models import GeometryField
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone
from moto import mock_aws
from psycopg.conninfo import make_conninfo

from grids.models import ApiToken, Device, Grid, Notification, Person
from grids.scope import scope_of
from maps.backup import archive, contents, making, postgres
from maps.privacy import erasing, ledger
from maps.site.env import Env
from patrols import partitions
from patrols.filing import Draft, file_report
from patrols.models import Consent, Contact, Event, Fix, Patrol, Photo, Report
from tests.maps.drill import database, exists, turned_to
from tests.town import LITTER, Town, at, build_town

PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 40
Say = Callable[..., str]


@dataclass
class Machine:
    """A database, its state folder, and the town that was built in it."""

    name: str
    var: Path
    town: Town | None = None
    media: dict[str, Any] | None = None


@contextmanager
def at_machine(machine: Machine, **more: Any) -> Iterator[None]:
    """Be at a machine: its database, its folder, its storage."""
    disk = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": machine.var / "media"}}
    storages = {**settings.STORAGES, "default": machine.media or disk}
    with turned_to(machine.name), override_settings(VAR=machine.var, STORAGES=storages, **more):
        yield


def run(command: str, *arguments: str) -> str:
    """Run a command and return what it said."""
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments: str) -> str:
    """Let a restore refuse, and return its sentence."""
    with pytest.raises(CommandError) as refused:
        run("restore", *arguments)
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


@pytest.fixture(scope="module")
def first(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine that is backed up: the town with reports, photos, contacts, fixes, a session, a token, a device."""
    template = str(connection.settings_dict["NAME"])
    with django_db_blocker.unblock():
        connection.close()
        # Without a test that asks for the test database there is none.
        there = exists(template)
        with database("drill_a", template=template if there else "template1") as name:
            machine = Machine(name, tmp_path_factory.mktemp("first"))
            with at_machine(machine):
                if not there:
                    call_command("migrate", verbosity=0)
                    call_command("createcachetable", verbosity=0)
                machine.town = furnish()
            yield machine


@pytest.fixture
def second(first: Machine, tmp_path: Path) -> Iterator[Machine]:
    """An empty machine."""
    with database("drill_b") as name:
        yield Machine(name, tmp_path / "second")


@pytest.fixture(scope="module")
def backup(first: Machine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the first machine, which every test leaves as it was."""
    path = tmp_path_factory.mktemp("backup") / "town.tar"
    with at_machine(first):
        run("backup", str(path))
    return path


@pytest.fixture
def saved(backup: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    path = tmp_path / "town.tar"
    shutil.copy(backup, path)
    return path


def furnish() -> Town:
    town = build_town()
    partitions.make_ahead()
    today, now = timezone.localdate(), timezone.now()
    for turn in range(6):
        point = at(0.5 + turn * 0.4, 1.5)
        report = file_report(Draft(category=LITTER, geom=point, anchor=point, place=f"门{turn}"), town.scope("bob"))
        names = [
            default_storage.save(f"photos/{report.pk}-{what}.jpg", ContentFile(PICTURE + bytes([turn])))
            for what in ("full", "large", "small")
        ]
        Photo.objects.create(
            district=report.district,
            report=report,
            uploader=town.bob,
            sha256=f"{turn:064d}",
            width=10,
            height=10,
            bytes=len(PICTURE) + 1,
            full=names[0],
            large=names[1],
            small=names[2],
            recorded_at=now,
        )
        purge = today + timedelta(days=30 if turn % 2 else 0)
        Contact.objects.create(report=report, district=report.district, sealed=b"sealed", purge_on=purge)
    Person.objects.filter(pk=town.bob.pk).update(phone="13900000000", email="bob@example.cn", party_member=True)
    Consent.objects.create(person=town.bob, district="150199", version="1")
    patrol = Patrol.objects.create(district="150199", person=town.bob, grid=town.grids[5])
    Fix.objects.create(district="150199", taken_at=now, person=town.bob, patrol=patrol, geom=at(1.5, 1.5))
    Device.objects.create(person=town.bob, name="手机", protocol="osmand", secret_hash="d" * 64)
    ApiToken.objects.create(person=town.bob, name="令牌", secret_hash="e" * 64, expires_at=now + timedelta(days=9))
    Notification.objects.create(person=town.bob, key="k", verb="file", subject="段禾")
    Client().force_login(town.bob)
    return town


def state(names: list[str] | None = None) -> dict[str, contents.Table]:
    """Return what the tables of the present machine hold."""
    with transaction.atomic():
        return contents.measure(names or contents.kept())


@pytest.mark.django_db
def test_where_people_were_is_in_no_backup() -> None:
    """A table with a place and a person in one row is a track.

    Not so reports, which are about problems, and plans of patrols, which hold an area and who drew it.
    """
    tracks = {
        model._meta.db_table
        for model in apps.get_models()
        if any(isinstance(column, GeometryField) for column in model._meta.concrete_fields)
        and any(column.related_model is Person for column in model._meta.concrete_fields)
    }
    assert tracks - {"patrols_report", "patrols_patrolplan"} <= set(contents.LEFT_OUT)
    assert "patrols_fix" in tracks


def test_everything_but_the_erased_comes_back_elsewhere(first: Machine, second: Machine, saved: Path) -> None:
    with at_machine(first):
        before = state()
        bob = Person.objects.get(username="bob")
        [files] = [sorted(name for photo in Photo.objects.all() for name in photo.names)]
        # Erased after the backup: only the ledger, a file, knows of it where the backup is restored.
        entry = ledger.Entry(bob.pk, bob.created_at, timezone.now())
    elsewhere = saved.with_name("erasures.jsonl")
    with at_machine(Machine("", saved.parent)):
        ledger.append([entry])
    with at_machine(second):
        said = run("restore", str(saved), "--erasures", str(elsewhere))
        assert "1 erasures since the backup were repeated" in said
        assert "not in the backup: patrols_fix" in said
        after = state()
        touched = {
            "grids_person", "grids_personevent", "grids_erasure", "grids_notification", "grids_device",
            "grids_apitoken", "patrols_consent", "grids_assignment", "grids_assignmentevent", "grids_membership",
            "grids_membershipevent",
        }  # fmt: skip
        assert {name for name in before if before[name] != after[name]} <= touched
        assert Report.objects.count() == Event.objects.count() == 6
        assert {name for photo in Photo.objects.all() for name in photo.names} == set(files)
        assert [default_storage.open(name).read()[: len(PICTURE)] for name in files] == [PICTURE] * len(files)
        assert not Fix.objects.exists()
        assert not Contact.objects.exists()
        gone = Person.objects.get(pk=bob.pk)
        assert (gone.username, gone.name, gone.phone, gone.is_active) == (f"gone-{bob.pk}", erasing.NAME, "", False)
        assert Report.objects.filter(reporter=gone).count() == 6
        assert not Device.objects.exists()
        assert not Notification.objects.exists()
        assert [row.key for row in ledger.read(ledger.path())] == [entry.key]


def test_a_restored_machine_works_on(second: Machine, saved: Path) -> None:
    with at_machine(second):
        run("restore", str(saved))
        point, alice = at(1.5, 1.5), scope_of(Person.objects.get(username="alice"))
        report = file_report(Draft(category=LITTER, geom=point, anchor=point), alice)
        with connection.cursor() as cursor:
            cursor.execute("select tableoid::regclass::text from patrols_event where report_id = %s", [report.pk])
            assert cursor.fetchone() == (f"patrols_event_{timezone.now():%Y%m}",)
            cursor.execute("select count(*) from patrols_event where transaction >= pg_current_xact_id()")
            assert cursor.fetchone() == (0,)
        grid = Grid.objects.get(code="150199001001005")
        grid.name = "新名"
        grid.save()
        assert grid.history.order_by("-pgh_id").first().name == "新名"  # type: ignore[attr-defined]
        assert Person.objects.create_user("new").pk > Person.objects.get(username="paula").pk
        with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
            cursor.execute("delete from grids_gridevent")


def test_what_commits_during_a_backup_is_not_in_it(
    first: Machine, second: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = postgres.output

    def late(command: list[str]) -> Iterator[bytes]:
        with psycopg.connect(make_conninfo(postgres.conninfo())) as link:
            link.execute(
                "insert into grids_workingday (day, working, name, provisional) values (now(), true, '', false)"
            )
        yield from real(command)

    path = tmp_path / "late.tar"
    with at_machine(first):
        monkeypatch.setattr(postgres, "output", late)
        run("backup", str(path))
        monkeypatch.undo()
        assert state(["grids_workingday"])["grids_workingday"].rows == 1
        with connection.cursor() as cursor:
            cursor.execute("delete from grids_workingday")
    with at_machine(second):
        run("restore", str(path))
        assert state(["grids_workingday"])["grids_workingday"].rows == 0


def test_an_encrypted_backup_opens_with_its_key_only(first: Machine, second: Machine, tmp_path: Path) -> None:
    key, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    files = {name: tmp_path / name for name in ("right", "wrong", "nonsense")}
    files["right"].write_text(f"# created: today\n{key}\n")
    files["wrong"].write_text(f"{other}\n")
    files["nonsense"].write_text("secret")
    folder = tmp_path / "backups"
    folder.mkdir()
    with at_machine(first, BACKUP_KEYS=[str(key.to_public())]):
        assert "encrypted" in run("backup", str(folder))
        reports = Report.objects.count()
    [path] = folder.glob(making.PATTERN)
    assert path.suffix == ".age"
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"grids_person" not in path.read_bytes()
    with at_machine(second):
        assert "is encrypted: name the file" in refusal(str(path))
        assert "does not open this backup" in refusal(str(path), "--identity", str(files["wrong"]))
        assert "cannot be read as a secret age key" in refusal(str(path), "--identity", str(files["nonsense"]))
        cut = path.with_name("cut.age")
        cut.write_bytes(path.read_bytes()[:-5000])
        assert "damaged or cut short" in refusal(str(cut), "--identity", str(files["right"]))
        flipped = path.with_name("flipped.age")
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        flipped.write_bytes(data)
        assert "damaged or cut short" in refusal(str(flipped), "--identity", str(files["right"]))
        assert contents.tables() == []
        assert list(second.var.iterdir()) == []
        run("restore", str(path), "--identity", str(files["right"]))
        assert Report.objects.count() == reports


def test_a_damaged_backup_is_refused_before_anything_is_touched(second: Machine, saved: Path) -> None:
    whole = saved.read_bytes()
    with tarfile.open(saved) as tar:
        dump = tar.getmember("database/000000").offset_data
    flipped = bytearray(whole)
    flipped[dump + 4000] ^= 1
    with at_machine(second):
        for bad, sentence in (
            (bytes(flipped), "the part database is not what its manifest says"),
            (whole[: len(whole) // 2], "damaged or cut short"),
            (whole[:-20_000], "damaged or cut short"),
            (b"no backup at all", "is no backup"),
            (b"", "damaged or cut short"),
        ):
            saved.write_bytes(bad)
            assert sentence in refusal(str(saved))
        assert "cannot be read" in refusal(str(saved.with_name("missing.tar")))
        assert contents.tables() == []


def test_a_backup_of_a_newer_version_is_refused(second: Machine, saved: Path) -> None:
    rewritten = rewrite(saved, lambda manifest: manifest["migrations"]["patrols"].append("0999_from_tomorrow"))
    with at_machine(second):
        assert "patrols.0999_from_tomorrow is not known here" in refusal(str(rewritten))
        assert "newer version" in refusal(str(rewrite(saved, lambda manifest: manifest.update(format=2))))
        assert "PostgreSQL 99" in refusal(str(rewrite(saved, lambda manifest: manifest.update(postgresql=99))))
        assert contents.tables() == []


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Change a backup's manifest, as another version would have written it."""
    out = path.with_name("rewritten.tar")
    with (
        path.open("rb") as stream,
        tarfile.open(fileobj=stream) as tar,
        out.open("wb") as target,
        archive.Writer(target) as writer,
    ):
        manifest: dict[str, Any] = {}
        for entry in tar:
            data = tar.extractfile(entry)
            assert data is not None
            if entry.name == archive.MANIFEST:
                manifest = json.load(data)
            elif entry.name != archive.SEAL:
                writer.add(entry.name.rpartition("/")[0], [data.read()])
        change(manifest)
        wished = {key: value for key, value in manifest.items() if key != "parts"}
        writer.finish(wished)
    return out


def test_an_older_backup_is_migrated_forward(first: Machine, second: Machine, tmp_path: Path) -> None:
    old = tmp_path / "old.tar"
    with database("drill_c", template=first.name) as name, at_machine(Machine(name, first.var)):
        with connection.cursor() as cursor:
            # What a version without sessions would have had.
            cursor.execute("drop table django_session")
            cursor.execute("delete from django_migrations where app = 'sessions'")
        run("backup", str(old))
    with at_machine(second):
        assert "1 migrations newer than the backup were applied" in run("restore", str(old))
        assert "django_session" in contents.tables()


def test_a_database_in_use_is_overwritten_only_when_its_name_is_typed_and_only_as_a_whole(
    second: Machine, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_machine(second):
        run("restore", str(saved))
        Report.objects.all().update(place="changed")
        assert "add --force" in refusal(str(saved))
        monkeypatch.setattr("sys.stdin", io.StringIO("gridwarden\n"))
        assert "nothing was changed" in refusal(str(saved), "--force")
        before = state()
        assert Report.objects.filter(place="changed").count() == 6

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        # It fails at its end: what was there is there.
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdin", io.StringIO(f"{second.name}\n"))
            patch.setattr("maps.privacy.retention.forget", die)
            with pytest.raises(KeyboardInterrupt):
                run("restore", str(saved), "--force")
        assert state() == before
        assert list(second.var.glob(f"{archive.STAGING}*")) == []

        monkeypatch.setattr("sys.stdin", io.StringIO(f"{second.name}\n"))
        run("restore", str(saved), "--force")
        assert not Report.objects.filter(place="changed").exists()


def test_a_file_that_is_not_there_is_told_and_stops_nothing(first: Machine, second: Machine, tmp_path: Path) -> None:
    path = tmp_path / "less.tar"
    with at_machine(first):
        name = Photo.objects.order_by("pk").values_list("small", flat=True)[0]
        with default_storage.open(name) as stream:
            data = stream.read()
        default_storage.delete(name)
        assert "1 files that photos name are not in the storage" in run("backup", str(path))
        default_storage.save(name, ContentFile(data))
    with at_machine(second):
        run("restore", str(path))
        assert not default_storage.exists(name)
        assert Photo.objects.filter(small=name).exists()


def test_checking_touches_nothing(second: Machine, saved: Path) -> None:
    with at_machine(second):
        assert "sound: made" in run("restore", str(saved), "--check")
        assert contents.tables() == []


ENDPOINT = "https://s3.example.cn"
ACCOUNT = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}


def in_bucket(machine: Machine, bucket: str) -> Machine:
    """Return the machine with its photos in a bucket, whether there is one or not."""
    env = Env({"MEDIA": f"s3://{bucket}/city?endpoint={ENDPOINT}&region=us-east-1&addressing=path"})
    return replace(machine, media=env.media("MEDIA", Path("/unused"), "key", "secret"))


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3 of somebody's own, which moto plays, with the buckets `one` and `other`."""
    monkeypatch.setenv("MOTO_S3_CUSTOM_ENDPOINTS", ENDPOINT)
    with mock_aws():
        client = boto3.client("s3", endpoint_url=ENDPOINT, region_name="us-east-1", **ACCOUNT)
        for name in ("one", "other"):
            client.create_bucket(Bucket=name)
        yield client


def held(client: Any, bucket: str) -> dict[str, bytes]:
    """Return what lies in a bucket, by name."""
    rows = client.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {row["Key"]: client.get_object(Bucket=bucket, Key=row["Key"])["Body"].read() for row in rows}


@pytest.fixture
def filled(first: Machine, buckets: Any) -> Machine:
    """The first machine with its photos in the bucket `one`."""
    for path in sorted((first.var / "media").rglob("*.jpg")):
        key = f"city/{path.relative_to(first.var / 'media')}"
        buckets.put_object(Bucket="one", Key=key, Body=path.read_bytes())
    return in_bucket(first, "one")


def test_photos_in_a_bucket_come_back_in_another_bucket_and_on_a_disk(
    filled: Machine, second: Machine, buckets: Any, tmp_path: Path
) -> None:
    path, before = tmp_path / "bucket.tar", held(buckets, "one")
    with at_machine(filled):
        assert "18 files" in run("backup", str(path))
    with at_machine(in_bucket(second, "other")):
        run("restore", str(path))
        assert {name for photo in Photo.objects.all() for name in photo.names} == {
            name.removeprefix("city/") for name in before
        }
    assert held(buckets, "other") == before == held(buckets, "one")
    with database("drill_d") as name:
        disk = Machine(name, tmp_path / "disk")
        with at_machine(disk):
            run("restore", str(path))
        files = {f"city/{file.relative_to(disk.var / 'media')}": file for file in disk.var.rglob("*.jpg")}
        assert {name: file.read_bytes() for name, file in files.items()} == before


def test_a_restore_leaves_what_is_the_same_in_the_bucket_and_puts_right_what_is_not(
    filled: Machine, second: Machine, buckets: Any, saved: Path
) -> None:
    before = held(buckets, "one")
    changed, lost, *same = sorted(before)
    buckets.put_bucket_versioning(Bucket="one", VersioningConfiguration={"Status": "Enabled"})
    buckets.put_object(Bucket="one", Key=changed, Body=b"x" * len(before[changed]))
    buckets.delete_object(Bucket="one", Key=lost)
    with at_machine(in_bucket(second, "one")):
        run("restore", str(saved))
    assert held(buckets, "one") == before
    written = [row["Key"] for row in buckets.list_object_versions(Bucket="one")["Versions"]]
    assert {written.count(key) for key in same} == {1}
    assert written.count(changed) > 1


def test_a_bucket_that_is_not_there_is_one_sentence_and_no_backup(first: Machine, buckets: Any, tmp_path: Path) -> None:
    path = tmp_path / "none.tar"
    with at_machine(in_bucket(first, "mistyped")), pytest.raises(CommandError, match="None of the 18 files"):
        run("backup", str(path))
    assert not path.exists()


def test_a_bucket_that_refuses_is_one_sentence_and_leaves_the_database(
    filled: Machine, second: Machine, buckets: Any, saved: Path
) -> None:
    with at_machine(in_bucket(second, "mistyped")):
        assert "cannot be stored" in refusal(str(saved))
        assert contents.tables() == []
