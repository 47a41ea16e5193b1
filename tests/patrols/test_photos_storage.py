"""Where pictures lie: on the disk before their row, in a bucket as well, and nothing is left that no row knows."""

import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from moto import mock_aws
from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]

from grids.problems import Conflict
from maps.site.env import Env
from patrols.filing import Draft, file_report
from patrols.models import Event, Photo
from patrols.models.photos import PhotoState
from patrols.photos import durable, keeping, storage
from tests.patrols import pictures
from tests.town import LITTER, Town, at

ENDPOINT = "https://s3.example.cn"
DISK = "patrols.photos.durable.DurableFileSystemStorage"


def use(settings: Any, entry: dict[str, Any]) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": entry}


@pytest.fixture
def disk(settings: Any, tmp_path: Path) -> Path:
    """A directory that is not there yet."""
    use(settings, {"BACKEND": DISK, "OPTIONS": {"location": tmp_path / "media"}})
    return tmp_path / "media"


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket at an S3 of somebody's own, which moto plays."""
    monkeypatch.setenv("MOTO_S3_CUSTOM_ENDPOINTS", ENDPOINT)
    with mock_aws():
        env = Env({"MEDIA": f"s3://photos/city?endpoint={ENDPOINT}&region=us-east-1&addressing=path"})
        use(settings, env.media("MEDIA", Path("/unused"), "key", "secret"))
        account = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        client = boto3.client("s3", endpoint_url=ENDPOINT, region_name="us-east-1", **account)
        client.create_bucket(Bucket="photos")
        yield client


def stored_photo(town: Town) -> Photo:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    return keeping.add(report, keeping.store(as_file(pictures.photo())), "before", town.scope("bob"))


def test_of_two_that_were_both_the_last_to_fit_one_is_refused(town: Town, disk: Path, monkeypatch: Any) -> None:
    photo, scope = stored_photo(town), town.scope("bob")
    monkeypatch.setattr(keeping, "MOST_PHOTOS", 2)
    both = [keeping.store(as_file(pictures.photo(size))) for size in (110, 120)]
    keeping.check_add(photo.report, scope)  # as each of them saw it before its picture had arrived
    keeping.add(photo.report, both[0], "before", scope)
    with pytest.raises(Conflict):
        keeping.add(photo.report, both[1], "before", scope)
    assert Photo.objects.count() == Event.objects.filter(verb="photo_added").count() == 2


def as_file(data: bytes) -> Any:
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - the child process reads it
    stream.write(data)
    stream.seek(0)
    return stream


def age(media: Path, days: float) -> None:
    """Make everything stored so many days older, its folder's name included."""
    day = timezone.now() - timedelta(days=days)
    target = media / f"photos/{day:%Y/%m/%d}"
    target.mkdir(parents=True, exist_ok=True)
    for path in [path for path in media.rglob("*.jpg") if path.parent != target]:
        moved = path.rename(target / path.name)
        os.utime(moved, (day.timestamp(), day.timestamp()))
        old, new = str(path.relative_to(media)), str(moved.relative_to(media))
        for field in ("full", "large", "small"):
            Photo.objects.filter(**{field: old}).update(**{field: new})


def test_a_file_and_its_directories_are_synced_before_save_returns(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.readlink(f"/proc/self/fd/{number}")))
    name = default_storage.save("photos/2026/03/01/x.jpg", BytesIO(b"x"))
    path = disk / name
    wanted = [path, *path.parents[: len(path.relative_to(disk).parts)]]
    assert synced == [str(one) for one in wanted]
    assert synced[-1] == str(disk)


def test_when_syncing_fails_nothing_is_stored(town: Town, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "_sync", fail)
    with pytest.raises(OSError, match="No space"):
        stored_photo(town)
    assert not Photo.objects.exists()


def test_a_failure_in_the_middle_leaves_no_file(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[str] = []
    real = durable.DurableFileSystemStorage._save

    def save(self: Any, name: str, content: Any) -> str:
        if len(saved) == 2:
            raise OSError(28, "No space left on device")
        saved.append(name)
        return real(self, name, content)

    monkeypatch.setattr(durable.DurableFileSystemStorage, "_save", save)
    with pytest.raises(OSError, match="No space"):
        storage.write(uuid4(), {"full": b"1", "large": b"2", "small": b"3"})
    assert len(saved) == 2
    assert not list(disk.rglob("*.jpg"))


def test_old_files_without_a_row_are_swept_and_others_stay(town: Town, disk: Path) -> None:
    kept = stored_photo(town)
    storage.write(uuid4(), {"full": b"orphan"})
    age(disk, 3)
    storage.write(uuid4(), {"full": b"a request still works on it"})
    (disk / "photos" / "README").write_text("somebody else's")
    assert storage.sweep() == 1
    assert storage.sweep() == 0
    kept.refresh_from_db()
    left = {path.name for path in disk.rglob("*.jpg")}
    assert {Path(name).name for name in kept.names} < left
    assert len(left) == 4


def test_another_file_of_a_known_photo_is_swept_too(town: Town, disk: Path) -> None:
    photo = stored_photo(town)
    storage.write(photo.pk, {"public": b"a copy that was never released"})
    age(disk, 2)
    assert storage.sweep() == 1


def test_what_was_removed_is_erased_after_thirty_days(
    town: Town, disk: Path, django_capture_on_commit_callbacks: Any
) -> None:
    photo = stored_photo(town)
    keeping.remove(photo, town.scope("dora"))
    with django_capture_on_commit_callbacks(execute=True):
        assert keeping.erase_removed(timezone.now() + timedelta(days=29)) == 0
        assert keeping.erase_removed(timezone.now() + timedelta(days=31)) == 1
    assert not list(disk.rglob("*.jpg"))
    photo.refresh_from_db()
    assert (photo.state, photo.names) == (PhotoState.ERASED, [])


def test_missing_and_changed_files_are_told(town: Town, disk: Path) -> None:
    photo = stored_photo(town)
    out = StringIO()
    call_command("check_photos", "--checksums", stdout=out)
    assert "1 photos" in out.getvalue()
    (disk / photo.full).write_bytes(b"something else")
    (disk / photo.small).unlink()
    with pytest.raises(CommandError, match="2 files"):
        call_command("check_photos", "--checksums", stdout=out)
    assert f"missing: {photo.small}" in out.getvalue()
    assert f"changed: {photo.full}" in out.getvalue()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_bucket_does_what_a_directory_does(town: Town, bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = stored_photo(town)
    keys = [row["Key"] for row in bucket.list_objects_v2(Bucket="photos")["Contents"]]
    assert sorted(keys) == sorted(f"city/{name}" for name in photo.names)
    with storage.read(photo.small) as stream:
        assert stream.read(2) == b"\xff\xd8"
    released = keeping.copy(photo, [[0, 0, 20, 20]], town.scope("dora"))
    assert set(released) == {"public", "public_small"}
    with pytest.raises(FileNotFoundError):
        storage.read("photos/2026/03/01/none.jpg")
    storage.remove([photo.small])
    assert [name for _, name in storage.missing([photo])] == [photo.small]
    now = timezone.now()
    # A request a file: with thousands of them the clock would stand still until its transaction was ended.
    monkeypatch.delattr(S3Storage, "get_modified_time")
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=1))
    assert storage.sweep() == 0  # a request may still work on them
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=2))
    assert storage.sweep() == 2  # the copies, which were not released
