"""Hostile input over HTTP: a 4xx with one clear sentence, nothing written, and nobody's process dies."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, RequestFactory

from grids.models import IdempotencyKey, Notification, Outbox
from maps.pages import choices
from patrols.filing import Draft, file_report
from patrols.models import Event, Party, Report
from tests.town import LITTER, PARKING, Town, at

REPORTS = "/api/v1/reports"
HERE = {"lon": at(1.5, 1.5).x, "lat": at(1.5, 1.5).y}
FILED = {"category": LITTER, **HERE}
DEEP, DEEP_COLLECTION = 100_000, 40_000  # levels that fit into the largest body
SENTENCE_END = re.compile(r"(?<=[。！？])|(?<=[.!?])\s")


def geometry(kind: str, coordinates: str) -> str:
    return f'{{"category":"{LITTER}","geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}'


def point(lon: str, lat: str = "40.8") -> str:
    return f'{{"category":"{LITTER}","lon":{lon},"lat":{lat}}}'


def filed(**more: object) -> str:
    return json.dumps({**FILED, **more})


COLLECTION = '{"type":"GeometryCollection","geometries":['
BODIES: dict[str, str | bytes] = {
    "coordinates of 1e200": geometry("Point", "[1e200,1e200]"),
    "coordinates of 1e308": geometry("LineString", "[[1e308,1e308],[-1e308,1e308]]"),
    "a coordinate that overflows": geometry("Point", "[1e999,1]"),
    "Infinity in a geometry": geometry("Point", "[Infinity,1]"),
    "NaN in a geometry": geometry("Point", "[NaN,NaN]"),
    "collections nested 40,000 deep": (
        f'{{"category":"{LITTER}","geometry":{COLLECTION * DEEP_COLLECTION}{"]}" * DEEP_COLLECTION}}}'
    ),
    "lists nested 100,000 deep": geometry("Polygon", "[" * DEEP + "]" * DEEP),
    "lists nested 900 deep": geometry("Polygon", "[" * 900 + "]" * 900),
    "a body nested 100,000 deep": "[" * DEEP + "]" * DEEP,
    "objects nested 100,000 deep": '{"a":' * DEEP + "1" + "}" * DEEP,
    "half of a deep body": "[" * DEEP,
    "an unclosed ring": geometry("Polygon", "[[[111,40],[111.1,40],[111.1,40.1],[111,40.1]]]"),
    "an outline that crosses itself": geometry("Polygon", "[[[111,40],[111.1,40.1],[111.1,40],[111,40.1],[111,40]]]"),
    "an empty polygon": geometry("Polygon", "[]"),
    "a geometry of null": f'{{"category":"{LITTER}","geometry":null}}',
    "a geometry of text": f'{{"category":"{LITTER}","geometry":"POINT(1e300 1e300)"}}',
    "a geometry of a file": f'{{"category":"{LITTER}","geometry":{{"type":"Raster","file":"/etc/passwd"}}}}',
    "a geometry's type of half a character": geometry("\\ud800", "[1,1]"),
    "longitude of 1e308": point("1e308"),
    "longitude Infinity": point("Infinity"),
    "longitude NaN": point("NaN"),
    "longitude that overflows": point("1e999"),
    "a longitude of 300 digits": point("9" * 300),
    "a longitude of 400 digits": point("9" * 400),
    "a longitude of 5,000 digits": point("9" * 5000),
    "a longitude of words": point('"east"'),
    "a longitude of 1,000,000 characters": point('"' + "1" * 1_000_000 + '"'),
    "a longitude true": point("true", "true"),
    "a longitude of null": point("null"),
    "a longitude of a list": point("[111.67]"),
    "a place outside of every community": point("0", "0"),
    "no place": json.dumps({"category": LITTER}),
    "no category": json.dumps(HERE),
    "an unknown category": filed(category="99999"),
    "a category of a number": filed(category=[6010]),
    "NUL in a text": filed(place="a\x00b"),
    "NUL in the description": filed(description="\x00"),
    "half a character in a text": json.dumps({**FILED, "place": "\ud800"}),
    "a text too long": filed(place="长" * 121),
    "a text of a list": filed(description=["a"]),
    "a stairwell of 300 digits": filed(stairwell=10**300),
    "a stairwell of words": filed(stairwell="first"),
    "a stairwell that is not there": filed(stairwell=4_000_000_000),
    "a time of words": filed(occurred_at="yesterday"),
    "a time in the future": filed(occurred_at="2999-01-01T00:00:00+08:00"),
    "a time before the common era": filed(occurred_at="0001-01-01T00:00:00+08:00"),
    "an id of words": filed(id="first"),
    "an unknown coordinate system": filed(crs="mars"),
    "a source that is not there": filed(source="rumour"),
    "fixed on the spot of words": filed(on_the_spot="perhaps"),
    "a hazard fixed on the spot": filed(category=PARKING, on_the_spot=True),
    "truncated JSON": filed()[:-5],
    "no JSON at all": "category=06010&lon=111&lat=40",
    "an empty body": "",
    "a list": "[]",
    "a text": '"report"',
    "null": "null",
    "a number of 5,000 digits": "9" * 5000,
    "bytes that are no text": b'{"category":"\xff\xfe"}',
    "3 MB": filed(description="长" * 1_000_000),
}
TOO_LARGE = {"3 MB": 413}


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in ROWS}


ROWS = (Report, Event, Outbox, Party, Notification, IdempotencyKey)


@pytest.fixture
def alice(town: Town) -> Client:
    choices.forget()
    client = Client(raise_request_exception=False)
    client.force_login(town.alice)
    return client


def report_of(
    town: Town, who: str = "alice", where: tuple[float, float] = (1.5, 1.5), category: str = LITTER
) -> Report:
    place = at(*where)
    return file_report(Draft(category=category, geom=place, anchor=place), town.scope(who))


def post(client: Client, url: str, body: Any, key: str = "", kind: str = "application/json") -> Any:
    given = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(url, given, content_type=kind, headers={"Idempotency-Key": key} if key else {})


def check_refusal(response: Any, *statuses: int) -> str:
    """Problem details of the status, in one sentence; returns the sentence."""
    assert response.status_code in (statuses or range(400, 500)), response.content[:300]
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    sentence: str = problem["detail"].strip()
    assert len([part for part in SENTENCE_END.split(sentence) if part.strip()]) == 1, sentence
    assert "\n" not in sentence
    assert len(sentence) <= 1000
    return sentence


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_in_one_sentence_and_nothing_is_written(alice: Client, name: str) -> None:
    before = rows()
    check_refusal(post(alice, REPORTS, BODIES[name], key=str(uuid4())), TOO_LARGE.get(name, 400), 422)
    assert rows() == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_another_type_of_body_is_refused(alice: Client, kind: str) -> None:
    check_refusal(post(alice, REPORTS, FILED, kind=kind), 415)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "state=lost",
        "state=open,lost",
        "source=rumour",
        "late=perhaps",
        "since=yesterday",
        "since=0000-00-00",
        "since=2026-02-30",
        "until=9999-12-31",
        "until=99999-01-01",
        "since=0001-01-01T00:00:00Z",
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=nan,nan,nan,nan",
        "bbox=-inf,-inf,inf,inf",
        "bbox=1e308,1e308,-1e308,-1e308",
        "bbox=10,10,5,5",
        "bbox=0,0,400,400",
        "cursor=x",
        "cursor=%00",
        "cursor=eHh4fHl5eQ",
        "cursor=" + "A" * 3000,
        "cursor=MjAyNi0wMS0wMXx4",
        "cursor=5L2g5aW9",
        # 0001-01-01T00:00:00+00:00|…, from which nothing can be subtracted
        "q=a&cursor=MDAwMS0wMS0wMVQwMDowMDowMCswMDowMHwwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA",
        "limit=0",
        "limit=-1",
        "limit=201",
        "limit=1e9",
        "limit=" + "9" * 30,
        "limit=000000001" + "000000000",
        "limit=many",
        "q=%00",
        "category=%00",
        "grid=0601%000",
    ],
)
def test_a_hostile_address_is_refused_in_one_sentence(alice: Client, query: str) -> None:
    check_refusal(alice.get(f"{REPORTS}?{query}"), 400, 422)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lon=111.67",
        "lon=east&lat=north",
        "lon=1e308&lat=1e308",
        "lon=nan&lat=nan",
        "lon=Infinity&lat=1",
        "lon=181&lat=91",
        f"lon={'9' * 400}&lat=1",
        "lon=111.67%00&lat=40.8",
        "lon=40.8&lat=111.67",
    ],
)
def test_a_hostile_place_is_refused_in_one_sentence(alice: Client, query: str) -> None:
    check_refusal(alice.get(f"/api/v1/places/near?{query}"), 400, 422)


@pytest.mark.parametrize(
    "address",
    [
        "reports/5/9/9.mvt?colour=red",
        "reports/40/0/0.mvt",
        f"reports/{'9' * 400}/0/0.mvt",
        f"reports/3/{'9' * 400}/0.mvt",
        "reports/3/8/0.mvt",
        "reports/3/0/0.mvt?state=lost",
        "reports/3/0/0.mvt?since=yesterday",
        "reports/3/0/0.mvt?category=%00",
        "buildings/15/0/0.mvt?state=open",
        "pg_shadow/3/0/0.mvt",
        "pg_shadow.json",
    ],
)
def test_a_hostile_tile_is_refused_in_one_sentence(alice: Client, address: str) -> None:
    check_refusal(alice.get(f"/tiles/{address}"), 400, 404)


@pytest.mark.parametrize(
    "address",
    [
        "/my-grid/?grid=%00",
        "/my-grid/?tab=%00&report=%00",
        "/reports/?category=%00",
        "/reports/?q=%00",
        "/reports/?cursor=%00",
        "/reports/?since=9999-12-31&until=9999-12-31",
        "/reports/?state=" + "x" * 3000,
        "/dispatch/?tab=%00",
        "/inbox/?before=%00",
        "/inbox/?before=20260101T000000000000Z-" + "9" * 40,
        "/inbox/?before=00010101T000000000000Z-1",
        "/inbox/" + "9" * 30 + "/",
        "/reports/%00/",
        "/%00",
        "/accounts/login/?next=%00",
        "/accounts/password/reset/key/" + "z" * 13 + "-x/",
        "/accounts/password/reset/key/1-%00/",
    ],
)
def test_no_page_fails_on_a_hostile_address(alice: Client, address: str) -> None:
    assert alice.get(address).status_code in {200, 302, 400, 404}


@pytest.mark.parametrize("charset", ["hex", "base64", "rot13", "no-such"])
def test_a_codec_that_is_none_of_text_does_not_end_the_server_s_answer(db: None, charset: str) -> None:
    """Django reads the address in it before any middleware; the server's own application does not."""
    from maps.site.wsgi import application

    said: list[str] = []
    for kind in (f"text/plain; charset={charset}", f"text/plain; charset*={charset}''x", "text/plain; a*=no-such''x"):
        environ = RequestFactory().generic("GET", "/healthz?q=%2B").environ | {"CONTENT_TYPE": kind}
        answer: Any = application(environ, lambda status, _headers: said.append(status))  # type: ignore[arg-type]
        answer.close()
    assert said[0].startswith("200" if charset == "no-such" else "415")
    assert all(status[0] in "24" for status in said)


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "gbk"])
@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_text_in_another_charset_is_refused_in_one_sentence(alice: Client, kind: str, charset: str) -> None:
    """Django reads even the address in it: some codecs are none of text, others bring characters nobody can keep."""
    kind = f"{kind}; charset={charset}"
    for address in ("/reports/?q=+2AA-", "/account/profile/", "/nowhere/"):
        check_refusal(alice.get(address, headers={"Content-Type": kind}), 415)
    for address in (REPORTS, "/account/profile/"):
        check_refusal(alice.generic("POST", address, json.dumps(FILED), content_type=kind), 415)
    assert not Report.objects.exists()


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "us-ascii", "no-such"])
def test_utf_8_by_any_name_is_read(alice: Client, charset: str) -> None:
    kind = f"application/json; charset={charset}"
    assert alice.generic("POST", REPORTS, json.dumps(FILED), content_type=kind).status_code == 201


def test_one_s_own_name_takes_no_zero_byte(alice: Client, town: Town) -> None:
    form = {"name": "a\x00b", "name_en": "", "language": "en"}
    assert alice.post("/account/profile/", form).status_code == 422
    town.alice.refresh_from_db()
    assert town.alice.name == "柳芸"


@pytest.mark.parametrize("shown", ["", "x", "-1", "9" * 30, "\x00", "１２"])
def test_marking_messages_as_read_takes_only_a_number(alice: Client, town: Town, shown: str) -> None:
    Notification.objects.create(person=town.alice, key="a", verb="file", subject="a")
    assert alice.post("/inbox/read/", {"shown": shown}).status_code == 404
    assert Notification.objects.filter(read_at__isnull=True).count() == 1


# -- transitions --------------------------------------------------------------------------------------------------


def verbs(identity: object) -> str:
    return f"{REPORTS}/{identity}/transitions"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"verb": "close"}, 409),
        ({"verb": "explode"}, 400),
        ({"verb": ""}, 400),
        ({"verb": ["accept"]}, 400),
        ({"verb": None}, 400),
        ({}, 400),
        ({"verb": "withdraw", "expected": "closed"}, 409),
        ({"verb": "withdraw", "expected": "lost"}, 400),
        ({"verb": "accept"}, 403),
        ({"verb": "withdraw", "reason": "\x00"}, 400),
        ({"verb": "withdraw", "reason": "x" * 501}, 400),
        ({"verb": "withdraw", "person": "9" * 300}, 400),
        ({"verb": "withdraw", "person": 10**18}, 404),
        ({"verb": "withdraw", "person": True}, 422),
        ({"verb": "withdraw", "until": "9999-99-99"}, 400),
        ({"verb": "withdraw", "original": "x"}, 400),
    ],
    ids=str,
)
def test_a_hostile_step_moves_nothing(alice: Client, town: Town, body: dict[str, Any], status: int) -> None:
    report = report_of(town)
    before = rows()
    check_refusal(post(alice, verbs(report.pk), body, key=str(uuid4())), status)
    assert rows() == before
    assert Report.objects.get(pk=report.pk).state == "reported"


@pytest.mark.parametrize("way", ["", "/transitions", "/candidates"])
@pytest.mark.parametrize("verb", ["withdraw", "accept", "close", "explode"])
def test_a_report_of_another_community_does_not_exist(alice: Client, town: Town, way: str, verb: str) -> None:
    theirs = report_of(town, "charlie", (9.5, 1.5))
    unknown = uuid4()
    before = rows()
    for identity in (theirs.pk, unknown):
        address = f"{REPORTS}/{identity}{way}"
        answer = post(alice, address, {"verb": verb}) if way == "/transitions" else alice.get(address)
        # An unreadable body may be refused before the report is looked for; a readable one tells nothing.
        check_refusal(answer, 400 if way == "/transitions" and verb == "explode" else 404)
    assert rows() == before
    assert Report.objects.get(pk=theirs.pk).state == "reported"


def test_a_report_of_another_community_is_no_original(town: Town) -> None:
    mine, theirs = report_of(town), report_of(town, "charlie", (9.5, 1.5))
    dora = Client()
    dora.force_login(town.dora)
    known = check_refusal(post(dora, verbs(mine.pk), {"verb": "mark_duplicate", "original": str(theirs.pk)}), 422)
    unknown = check_refusal(post(dora, verbs(mine.pk), {"verb": "mark_duplicate", "original": str(uuid4())}), 422)
    assert known == unknown


# -- keys ---------------------------------------------------------------------------------------------------------


def test_the_same_key_gives_the_same_answer_and_files_once(alice: Client) -> None:
    first, second = (post(alice, REPORTS, FILED, key="k1") for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content) == (201, first.content)
    assert Report.objects.count() == Outbox.objects.count() == 1


def test_a_key_of_another_body_or_address_is_refused(alice: Client, town: Town) -> None:
    post(alice, REPORTS, FILED, key="k1")
    before = rows()
    check_refusal(post(alice, REPORTS, {**FILED, "place": "elsewhere"}, key="k1"), 422)
    check_refusal(post(alice, verbs(Report.objects.get().pk), {"verb": "withdraw"}, key="k1"), 422)
    assert rows() == before


def test_a_key_belongs_to_one_person(alice: Client, town: Town) -> None:
    bob = Client()
    bob.force_login(town.bob)
    first, second = post(alice, REPORTS, FILED, key="k1"), post(bob, REPORTS, FILED, key="k1")
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] != second.json()["id"]


@pytest.mark.parametrize("key", ["k" * 81, "k" * 5000, "ключ", "a\x7fb", "a\tb"])
def test_a_key_out_of_shape_is_refused(alice: Client, key: str) -> None:
    check_refusal(post(alice, REPORTS, FILED, key=key), 422)
    assert not Report.objects.exists()


def test_a_refused_request_leaves_its_key_free(alice: Client) -> None:
    check_refusal(post(alice, REPORTS, {**FILED, "category": "99999"}, key="k1"), 422)
    assert post(alice, REPORTS, FILED, key="k1").status_code == 201


def test_the_same_id_twice_is_a_conflict(alice: Client) -> None:
    identity = str(uuid4())
    assert post(alice, REPORTS, {**FILED, "id": identity}).status_code == 201
    before = rows()
    check_refusal(post(alice, REPORTS, {**FILED, "id": identity}), 409)
    assert rows() == before
