"""Photos over HTTP: who may add, see, remove and release them, and that each request is done once."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from patrols.filing import Draft, file_report
from patrols.models import Event, Party, Photo, Report
from patrols.photos import keeping
from patrols.photos.jpeg import is_bare
from tests.patrols import pictures
from tests.town import LITTER, Town, at

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A storage of the test's own."""
    backend = "patrols.photos.durable.DurableFileSystemStorage"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": backend, "OPTIONS": {"location": tmp_path / "media"}},
    }
    with override("en"):
        yield tmp_path / "media"


@pytest.fixture
def report(town: Town) -> Report:
    """Litter in grid 5, which Bob reported."""
    point = at(1.5, 1.5)
    return file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))


def send(
    client: Client, report: Report, data: bytes | None = None, key: str = "", name: str = "IMG_1.jpg", **fields: str
) -> tuple[int, dict[str, Any]]:
    form: dict[str, Any] = {**fields}
    form["photo"] = SimpleUploadedFile(name, pictures.photo() if data is None else data, "image/jpeg")
    headers = {"Accept-Language": "en", **({"Idempotency-Key": key} if key else {})}
    answer = client.post(f"/api/v1/reports/{report.pk}/photos", form, headers=headers)
    return answer.status_code, json.loads(answer.content)


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_a_photo_is_stored_bare_and_shown_with_its_report(
    town: Town, as_person: SignIn, report: Report, media: Path
) -> None:
    status, answer = send(as_person("bob"), report, pictures.photo(2000, 1500), kind="before")
    assert status == 201
    assert (answer["kind"], answer["width"], answer["height"]) == ("before", 2000, 1500)
    assert answer["taken_at"] == "2026-03-01T08:30:00+08:00"
    assert answer["uploader"]["id"] == town.bob.pk
    photo = Photo.objects.get()
    assert (photo.district, photo.report_id) == (report.district, report.pk)
    assert len(files(media)) == 3
    assert all(is_bare(path.read_bytes()) for path in files(media))
    shown = as_person("dora").get(f"/api/v1/reports/{report.pk}").json()
    assert [row["id"] for row in shown["photos"]] == [answer["id"]]
    picture = as_person("dora").get(answer["large"])
    assert picture.status_code == 200
    assert Image.open(io.BytesIO(picture.getvalue())).size == (1024, 768)


def test_the_row_knows_its_file(town: Town, as_person: SignIn, report: Report, media: Path) -> None:
    send(as_person("bob"), report)
    photo = Photo.objects.get()
    stored = (media / photo.full).read_bytes()
    assert (photo.sha256, photo.bytes) == (sha256(stored).hexdigest(), len(stored))
    assert pictures.SECRET.encode() not in stored


def test_adding_a_photo_leaves_an_event_and_moves_nothing(town: Town, as_person: SignIn, report: Report) -> None:
    before = Report.objects.values().get(pk=report.pk)
    _, answer = send(as_person("bob"), report, kind="after")
    event = Event.objects.get(verb=keeping.ADDED)
    assert (event.before, event.after, event.actor) == ("reported", "reported", town.bob)
    assert event.data == {"photo": answer["id"], "kind": "after"}
    assert Report.objects.values().get(pk=report.pk) == before
    history = as_person("bob").get(f"/api/v1/reports/{report.pk}").json()["events"]
    assert history[-1]["label"] == "添加照片"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("bob", 201),
        ("alice", 201),
        ("dora", 201),
        ("paula", 403),
        ("charlie", 404),
        ("olaf", 404),
        ("squad_member", 404),
    ],
)
def test_who_may_add(town: Town, as_person: SignIn, report: Report, media: Path, name: str, status: int) -> None:
    assert send(as_person(name), report)[0] == status
    assert len(files(media)) == (3 if status == 201 else 0)


def test_the_body_that_deals_with_it_may_add(town: Town, as_person: SignIn, report: Report) -> None:
    Party.objects.create(report=report, district=report.district, organisation=town.squad, since=timezone.now())
    assert send(as_person("squad_member"), report, kind="after")[0] == 201


def test_a_visitor_adds_nothing(client: Client, report: Report) -> None:
    assert send(client, report)[0] == 401


def test_the_same_key_stores_once_and_answers_the_same(
    town: Town, as_person: SignIn, report: Report, media: Path
) -> None:
    client, key, data = as_person("bob"), str(uuid4()), pictures.photo()
    first, again = send(client, report, data, key), send(client, report, data, key, name="other-name.jpg")
    assert first == again
    assert first[0] == 201
    assert Photo.objects.count() == 1
    assert len(files(media)) == 3


def test_the_same_key_with_another_picture_is_refused(town: Town, as_person: SignIn, report: Report) -> None:
    client, key = as_person("bob"), str(uuid4())
    assert send(client, report, pictures.photo(), key)[0] == 201
    status, answer = send(client, report, pictures.photo(200, 100), key)
    assert (status, Photo.objects.count()) == (422, 1)
    assert "Idempotency-Key" in answer["detail"]
    assert send(client, report, pictures.photo(), key, kind="after")[0] == 422


def test_the_same_picture_twice_is_a_conflict_and_leaves_no_file(
    town: Town, as_person: SignIn, report: Report, media: Path
) -> None:
    send(as_person("bob"), report, kind="before")
    status, answer = send(as_person("dora"), report, kind="after")
    assert (status, answer["detail"]) == (409, "This picture belongs to the report already.")
    assert len(files(media)) == 3
    assert Event.objects.filter(verb=keeping.ADDED).count() == 1


def test_a_report_takes_so_many_photos(
    town: Town, as_person: SignIn, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_PHOTOS", 2)
    sizes = (100, 110, 120)
    assert [send(as_person("bob"), report, pictures.photo(size))[0] for size in sizes] == [201, 201, 409]


BAD = {
    "text named .jpg": (b"not a picture at all", 422, "JPEG, PNG, WebP or HEIC"),
    "400 megapixels": (pictures.png_bomb(), 422, "40 megapixels"),
    "HEIC bomb": (pictures.heic_bomb(), 422, "40 megapixels"),
    "cut off": (pictures.photo(300, 200)[:-900], 422, "damaged"),
    "moving": (pictures.moving("WEBP"), 422, "stands still"),
    "a page": (b"<!doctype html><img src=x>", 422, "JPEG, PNG, WebP or HEIC"),
    "empty": (b"", 422, "JPEG"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence_and_nothing_is_left(
    town: Town, as_person: SignIn, report: Report, media: Path, name: str
) -> None:
    data, wanted, words = BAD[name]
    status, answer = send(as_person("bob"), report, data)
    assert status == wanted
    assert words in answer["detail"]
    assert not Photo.objects.exists()
    assert files(media) == []
    assert not Event.objects.filter(verb=keeping.ADDED).exists()


def test_a_hundred_megabytes_are_refused_before_they_are_read(town: Town, as_person: SignIn, report: Report) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            pytest.fail("the body was read")

    answer = as_person("bob").generic(
        "POST",
        f"/api/v1/reports/{report.pk}/photos",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(100 << 20),
        headers={"Accept-Language": "en"},
        **{"wsgi.input": Unread()},  # type: ignore[arg-type]
    )
    assert answer.status_code == 413
    assert answer.json()["detail"] == "The picture is larger than 25 MB."


def test_a_picture_just_over_the_cap_is_refused(
    town: Town, as_person: SignIn, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("patrols.photos.uploads.MOST_BYTES", 500)
    status, _ = send(as_person("bob"), report)
    assert (status, Photo.objects.count()) == (413, 0)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x--\r\n", "multipart/form-data"),
        (b'{"photo": 1}', "application/json"),
    ],
)
def test_a_form_without_a_picture_is_one_sentence(
    town: Town, as_person: SignIn, report: Report, body: bytes, kind: str
) -> None:
    answer = as_person("bob").post(f"/api/v1/reports/{report.pk}/photos", body, content_type=kind)
    assert answer.status_code in {400, 415, 422}
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_two_pictures_at_once_and_an_unknown_kind_are_refused(town: Town, as_person: SignIn, report: Report) -> None:
    url, client = f"/api/v1/reports/{report.pk}/photos", as_person("bob")
    two = [SimpleUploadedFile(f"{n}.jpg", pictures.photo()) for n in range(2)]
    assert client.post(url, {"photo": two}).status_code == 422
    assert send(client, report, kind="selfie")[0] in {400, 422}
    assert not Photo.objects.exists()


def test_without_the_token_against_forgery_nothing_is_stored(town: Town, report: Report) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.bob)
    assert send(client, report)[0] == 403
    assert not Photo.objects.exists()


def test_files_are_served_within_scope_only(town: Town, as_person: SignIn, report: Report, client: Client) -> None:
    _, photo = send(as_person("bob"), report)
    for size in ("full", "large", "small"):
        assert as_person("alice").get(photo[size]).status_code == 200
        assert as_person("charlie").get(photo[size]).status_code == 404
        assert client.get(photo[size]).status_code == 404
    answer = as_person("dora").get(photo["full"])
    assert answer["Cache-Control"].startswith("private")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("inline")
    again = as_person("dora").get(photo["full"], headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.getvalue()) == (304, b"")
    assert as_person("charlie").get(photo["full"], headers={"If-None-Match": answer["ETag"]}).status_code == 404
    assert as_person("dora").get(photo["full"].replace("full", "sha256")).status_code == 404


def test_a_missing_file_is_not_found_and_logged(
    town: Town, as_person: SignIn, report: Report, caplog: pytest.LogCaptureFixture
) -> None:
    _, photo = send(as_person("bob"), report)
    default_storage.delete(Photo.objects.get().small)
    assert as_person("bob").get(photo["small"]).status_code == 404
    assert "missing" in caplog.text


def remove(client: Client, report: Report, photo: dict[str, Any]) -> int:
    return client.delete(f"/api/v1/reports/{report.pk}/photos/{photo['id']}").status_code


def test_the_uploader_removes_within_half_an_hour(town: Town, as_person: SignIn, report: Report) -> None:
    _, photo = send(as_person("bob"), report)
    assert photo["may_remove"] is True
    assert remove(as_person("alice"), report, photo) == 403
    assert remove(as_person("charlie"), report, photo) == 404
    assert remove(as_person("bob"), report, photo) == 204
    assert remove(as_person("bob"), report, photo) == 404
    assert as_person("dora").get(photo["small"]).status_code == 404
    assert as_person("dora").get(f"/api/v1/reports/{report.pk}/photos").json()["results"] == []
    assert Event.objects.filter(verb=keeping.REMOVED).count() == 1
    assert send(as_person("bob"), report)[0] == 201  # the same picture may come again


def test_later_only_a_dispatcher_removes(town: Town, as_person: SignIn, report: Report) -> None:
    _, photo = send(as_person("bob"), report)
    Photo.objects.update(recorded_at=timezone.now() - timedelta(minutes=31))
    assert remove(as_person("bob"), report, photo) == 403
    assert remove(as_person("olaf"), report, photo) == 404
    assert remove(as_person("dora"), report, photo) == 204


def test_a_photo_belongs_to_its_own_report(town: Town, as_person: SignIn, report: Report) -> None:
    point = at(1.5, 1.5)
    other = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    _, photo = send(as_person("bob"), report)
    assert remove(as_person("dora"), other, photo) == 404
    assert as_person("dora").get(f"/api/v1/reports/{other.pk}/photos/{photo['id']}").status_code == 404


def release(client: Client, photo: dict[str, Any], boxes: list[list[int]]) -> tuple[int, dict[str, Any]]:
    answer = client.post(
        f"/api/v1/photos/{photo['id']}/public", json.dumps({"boxes": boxes}), content_type="application/json"
    )
    return answer.status_code, json.loads(answer.content)


def test_a_photo_is_public_only_when_somebody_released_it(
    town: Town, as_person: SignIn, report: Report, client: Client, media: Path
) -> None:
    _, photo = send(as_person("bob"), report, pictures.photo(400, 300))
    address = photo["full"].replace("full", "public")
    assert photo["public_at"] is None
    assert client.get(address).status_code == 404
    assert release(as_person("bob"), photo, [])[0] == 403
    assert release(as_person("charlie"), photo, [])[0] == 404
    status, released = release(as_person("dora"), photo, [[0, 0, 100, 100]])
    assert (status, released["blurred"], released["public"]) == (200, True, address)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("public")
    assert not answer.cookies
    assert is_bare(answer.getvalue())
    assert client.get(photo["full"]).status_code == 404
    assert len(files(media)) == 5
    assert client.delete(f"/api/v1/photos/{photo['id']}/public").status_code == 401
    assert as_person("paula").delete(f"/api/v1/photos/{photo['id']}/public").status_code == 200
    assert client.get(address).status_code == 404
    assert as_person("dora").get(address).status_code == 200  # to look at it again
    assert as_person("bob").get(address).status_code == 404
    verbs = Event.objects.filter(verb__startswith="photo").order_by("recorded_at").values_list("verb", flat=True)
    assert list(verbs) == [keeping.ADDED, keeping.RELEASED, keeping.TAKEN_BACK]


def test_releasing_anew_replaces_the_copies(
    town: Town, as_person: SignIn, report: Report, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    _, photo = send(as_person("bob"), report, pictures.photo(400, 300))
    release(as_person("dora"), photo, [])
    first = Photo.objects.get().public
    with django_capture_on_commit_callbacks(execute=True):
        release(as_person("dora"), photo, [[10, 10, 50, 50]])
    assert Photo.objects.get().public != first
    assert len(files(media)) == 5


@pytest.mark.parametrize(
    "boxes", [[[0, 0, 500, 10]], [[0, 0, 0, 5]], [[1, 2, 3]], "x", [[-1, 0, 5, 5]], [[1, 1, 1, 1]] * 101]
)
def test_boxes_lie_within_the_picture(town: Town, as_person: SignIn, report: Report, boxes: Any) -> None:
    _, photo = send(as_person("bob"), report, pictures.photo(400, 300))
    assert release(as_person("dora"), photo, boxes)[0] in {400, 422}
    assert Photo.objects.get().public_at is None


def test_a_removed_photo_is_public_no_more(town: Town, as_person: SignIn, report: Report, client: Client) -> None:
    _, photo = send(as_person("bob"), report)
    _, released = release(as_person("dora"), photo, [])
    remove(as_person("dora"), report, photo)
    assert client.get(released["public"]).status_code == 404


def inspect(client: Client, data: bytes) -> tuple[int, dict[str, Any]]:
    answer = client.post("/api/v1/photos/inspect", {"photo": SimpleUploadedFile("x.jpg", data)})
    return answer.status_code, json.loads(answer.content)


def test_a_picture_offers_its_place_where_one_may_report(
    town: Town, as_person: SignIn, media: Path, client: Client
) -> None:
    here, elsewhere = at(1.5, 1.5), at(9.5, 1.5)
    status, said = inspect(as_person("bob"), pictures.photo(lat=here.y, lon=here.x))
    assert (status, said["within_reach"]) == (200, True)
    assert said["lon"] == pytest.approx(here.x, abs=1e-5)
    assert said["lat"] == pytest.approx(here.y, abs=1e-5)
    assert said["taken_at"].startswith("2026-03-01T08:30")
    _, far = inspect(as_person("bob"), pictures.photo(lat=elsewhere.y, lon=elsewhere.x))
    assert (far["has_place"], far["within_reach"], far["lon"]) == (True, False, None)
    assert inspect(as_person("paula"), pictures.photo(lat=elsewhere.y, lon=elsewhere.x))[1]["within_reach"] is True
    _, none = inspect(as_person("bob"), pictures.written(pictures.drawn()))
    assert (none["has_place"], none["lon"], none["taken_at"]) == (False, None, None)
    assert inspect(as_person("bob"), b"no picture")[0] == 422
    assert inspect(client, pictures.photo())[0] == 401
    assert files(media) == []


def test_the_time_of_a_picture_is_the_site_s_where_it_names_no_zone(
    town: Town, as_person: SignIn, report: Report
) -> None:
    _, answer = send(as_person("bob"), report, pictures.photo(offset=""))
    assert answer["taken_at"] == "2026-03-01T08:30:00+08:00"


def test_the_photos_of_a_page_of_reports_cost_one_query(
    town: Town, as_person: SignIn, report: Report, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, point = as_person("dora"), at(1.5, 1.5)
    send(as_person("bob"), report)
    with django_assert_num_queries(6):
        assert len(client.get("/api/v1/reports").json()["results"][0]["photos"]) == 1
    for size in (100, 120, 140):
        other = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
        send(as_person("bob"), other, pictures.photo(size))
        send(as_person("bob"), other, pictures.photo(size + 1))
    with django_assert_num_queries(6):
        rows = client.get("/api/v1/reports").json()["results"]
    assert sorted(len(row["photos"]) for row in rows) == [1, 2, 2, 2]
