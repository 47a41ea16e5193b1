"""Filing by Open311: what is taken, what is refused, what is kept of it, and that it reaches the dispatcher."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Polygon
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from grids.models import Building, Category, Person, Region
from grids.search import index
from patrols.models import Contact, Event, Open311Client, Open311Filing, Photo, Report
from patrols.models.reports import Source
from patrols.photos import storage
from tests.patrols.open311.conftest import Call, Caller
from tests.patrols.pictures import SECRET, photo
from tests.town import FAR, Town


def refusal(response: Any, status: int) -> str:
    assert response.status_code == status, response.content
    errors = response.json()
    assert {error["code"] for error in errors} == {status}
    return " ".join(error["description"] for error in errors)


def test_a_request_becomes_a_resident_s_report_that_the_dispatcher_sees(
    town: Town, caller: Caller, post: Call, as_person: Any
) -> None:
    response = post()
    assert response.status_code == 201
    [answer] = response.json()
    report = Report.objects.get()
    assert answer["service_request_id"] == f"150199-{report.public_number}"
    assert (report.source, report.kind, report.reporter, report.description) == (
        Source.RESIDENT,
        "problem",
        None,
        "垃圾堆在门口",
    )
    assert report.grid == town.grids[5]
    assert (report.anchor.x, report.anchor.y) == pytest.approx((111.67177, 40.82135))
    [event] = Event.objects.all()
    assert "随手拍小程序" in event.reason
    dora = as_person("dora")
    assert report.number in dora.get("/api/v1/reports?state=open").content.decode()
    shown = dora.get(f"/api/v1/reports/{report.pk}").json()
    assert "随手拍小程序" in shown["events"][0]["reason"]
    assert as_person("olaf").get(f"/api/v1/reports/{report.pk}").status_code == 404


def test_the_same_form_within_minutes_is_one_report(post: Call) -> None:
    first, second = post().json(), post().json()
    assert first == second
    assert post(description="noch eins").json() != first
    Open311Filing.objects.update(filed_at=timezone.now() - timedelta(minutes=11))
    assert post().json() != first
    assert Report.objects.count() == 3


def test_who_somebody_is_is_not_kept_and_the_answer_says_so(post: Call) -> None:
    personal = {
        "email": "mark@example.cn",
        "first_name": "mark-first",
        "last_name": "mark-last",
        "phone": "0471 8888999",
        "device_id": "mark-device",
        "account_id": "mark-account",
    }
    [answer] = post(**personal).json()
    assert answer["service_notice"]
    stored = str([list(model.objects.values()) for model in (Report, Event, Open311Filing, Contact)])
    assert not [value for value in personal.values() if value in stored]


@pytest.mark.parametrize("words", ["打 13800138000", "身份证 150102199003071234", "回信 li@example.cn"])
def test_words_that_say_how_somebody_is_reached_are_refused(post: Call, words: str) -> None:
    assert refusal(post(description=words, email="li@example.cn"), 400)
    assert not Report.objects.exists()


def test_no_address_of_a_picture_is_fetched_or_kept(post: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args: pytest.fail("it connects"))
    [answer] = post(media_url="http://127.0.0.1:6379/x.jpg").json()
    assert answer["service_notice"]
    assert "6379" not in str(list(Report.objects.values()))


def test_pictures_go_along_without_what_they_say_of_themselves(post: Call, media: None) -> None:
    one, other = (SimpleUploadedFile("a.jpg", photo(width), content_type="image/jpeg") for width in (400, 402))
    [answer] = post(media=[one, other]).json()
    assert answer["service_notice"]
    kept = list(Photo.objects.all())
    assert [(row.width, row.public_at, row.uploader) for row in kept] == [(400, None, None), (402, None, None)]
    assert SECRET.encode() not in storage.read(kept[0].full).read()
    for file in (one, other):
        file.seek(0)
    assert post(media=[one, other]).json() == [answer]
    # The same words with another picture are another request.
    file = SimpleUploadedFile("b.jpg", photo(404), content_type="image/jpeg")
    assert post(**{"media[]": file}).json() != [answer]
    assert (Report.objects.count(), Photo.objects.count()) == (2, 3)


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"media": b"no picture"}, 400),
        ({"media": b""}, 400),
        ({"media": photo()[:900]}, 400),
        ({"photo": photo()}, 400),
        ({"media": [photo()] * 6}, 400),
    ],
    ids=["text", "empty", "torn", "another name", "too many"],
)
def test_what_is_no_picture_is_refused_and_nothing_is_filed(
    post: Call, media: None, files: dict[str, Any], status: int, tmp_path: Path
) -> None:
    [(name, given)] = files.items()
    sent = [SimpleUploadedFile("x.jpg", one, "image/jpeg") for one in (given if isinstance(given, list) else [given])]
    assert refusal(post(**{name: sent}), status)
    assert not Report.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_who_has_no_key_sends_no_files(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", lambda: pytest.fail("it is stored"))
    # A key behind the pictures comes too late.
    for fields in ({}, {"api_key": "g311_" + "A" * 32}):
        file = SimpleUploadedFile("a.jpg", b"x" * (3 << 20), content_type="image/jpeg")
        response = Client().post("/open311/v2/requests.json", {**fields, "media": file, "service_code": "06010"})
        assert refusal(response, 403)
    late = SimpleUploadedFile("a.jpg", b"x", content_type="image/jpeg")
    assert refusal(Client().post("/open311/v2/requests.json", {"media": late, "api_key": caller.key}), 403)


def test_a_form_larger_than_pictures_may_be_is_refused_unread(caller: Caller) -> None:
    response = Client().post("/open311/v2/requests.json", {"api_key": "x"}, headers={"content-length": str(26 << 20)})
    assert refusal(response, 413)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "x.jpg", "http://", "http://a b"])
def test_what_is_no_address_of_a_picture_is_said(post: Call, address: str) -> None:
    assert "media_url" in refusal(post(media_url=address), 400)


def test_several_things_that_are_wrong_are_said_at_once(post: Call) -> None:
    response = post(service_code="99999", lat="95", description="13800138000")
    assert len(response.json()) == 3
    xml = post("xml", service_code="99999", lat="95")
    assert xml.content.count(b"<error>") == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"service_code": None},
        {"service_code": "99999"},
        {"service_code": "060101"},
        {"lat": None},
        {"lat": None, "long": None},
        {"lat": "NaN"},
        {"lat": "1e308"},
        {"long": "Infinity"},
        {"lat": "91"},
        {"lat": "abc"},
        {"lat": "0", "long": "0"},
        {"description": "x" * 4001},
        {"description": "a\x00b"},
        {"media_url": "http://x/" + "y" * 2000},
        {"lat": None, "long": None, "address_id": "99999999999999999999"},
        {"lat": None, "long": None, "address_id": "1"},
        {"lat": None, "long": None, "address_string": "没有这个地方"},
        {"lat": None, "long": None, "address_string": "！！"},
        {"lat": None, "long": None, "address_string": "长" * 61},
        {"attribute[WHISHETN]": "123"},
        {"severity": "high"},
        {"jurisdiction_id": "000000"[:5]},
    ],
    ids=str,
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(post: Call, changes: dict[str, Any]) -> None:
    expected = 404 if "jurisdiction_id" in changes else 400
    assert refusal(post(**changes), expected)
    assert not Report.objects.exists()
    assert not Open311Filing.objects.exists()


def test_words_of_four_thousand_characters_are_kept_whole(post: Call) -> None:
    assert post(description="字" * 4000).status_code == 201
    assert len(Report.objects.get().description) == 4000


def test_a_retired_category_takes_nothing_more(town: Town, post: Call) -> None:
    Category.objects.filter(pk=town.litter.pk).update(active=False)
    assert refusal(post(), 400)


def test_a_wish_is_no_service(town: Town, post: Call) -> None:
    Category.objects.filter(pk=town.litter.pk).update(kind="request")
    assert refusal(post(), 400)


def test_a_key_files_in_its_region_only(caller: Caller, post: Call) -> None:
    assert post(jurisdiction_id="150199").status_code == 201
    Open311Client.objects.update(region=Region.objects.get(code=FAR))
    assert "150199002" in refusal(post(description="anders"), 400)
    assert Report.objects.count() == 1


@pytest.mark.parametrize("key", [None, "", "x", "g311_" + "A" * 32, "g311_" + "A" * 33])
def test_without_a_key_that_is_known_nothing_is_filed(post: Call, key: str | None) -> None:
    assert refusal(post(api_key=key), 403)


def test_a_revoked_key_opens_nothing(caller: Caller, post: Call) -> None:
    Open311Client.objects.update(revoked_at=timezone.now())
    assert refusal(post(), 403)


def test_a_session_is_no_key(as_person: Any) -> None:
    response = as_person("dora").post("/open311/v2/requests.json", {"service_code": "06010"})
    assert refusal(response, 403)


def test_a_client_in_a_hurry_waits(caller: Caller, post: Call) -> None:
    Open311Client.objects.update(rate=2)
    assert [post().status_code for _turn in range(2)] == [201, 201]
    response = post()
    assert refusal(response, 429)
    assert 0 < int(response["Retry-After"]) <= 60


def test_words_find_the_one_place_they_mean(town: Town, post: Call) -> None:
    area = Polygon.from_bbox((111.6716, 40.8212, 111.6718, 40.8214))
    area.srid = 4326
    region = Region.objects.get(code="150199001001")
    for number in (1, 2):
        building = Building.objects.create(
            source_id=f"b{number}", name=f"{number}号楼", estate="锦园", region=region, geom=area, kind="residential"
        )
        index.follow(building)
    assert post(lat=None, long=None, address_string="锦园1号楼").status_code == 201
    report = Report.objects.get()
    assert report.place == "锦园1号楼"
    assert area.covers(report.anchor)
    assert "2号楼" in refusal(post(lat=None, long=None, address_string="锦园"), 400)
    by_id = post(lat=None, long=None, address_id=str(Building.objects.get(name="2号楼").pk))
    assert by_id.status_code == 201


def test_a_body_larger_than_allowed_or_of_another_kind_is_refused(caller: Caller, db: None) -> None:
    client = Client()
    response = client.post("/open311/v2/requests.json", {"api_key": caller.key, "description": "x" * (3 << 20)})
    assert refusal(response, 413)
    for kind in ("application/json", "text/xml", "multipart/form-data; boundary=", "multipart/form-data"):
        response = client.post("/open311/v2/requests.json", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", kind)
        assert refusal(response, response.status_code)
        assert response.status_code in {400, 403}


def test_filing_costs_few_queries(post: Call, django_assert_max_num_queries: Any) -> None:
    post()
    with django_assert_max_num_queries(24):
        assert post(description="anders").status_code == 201


def test_the_key_is_stored_as_a_hash(caller: Caller) -> None:
    assert caller.key not in str(list(Open311Client.objects.values()))
    assert Person.objects.filter(username="dora").exists()
