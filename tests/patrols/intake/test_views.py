"""The addresses that trackers send to: the same walk is the same coverage whoever records it, and no poison pills."""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from grids.models import Assignment, Device, Membership, Person
from patrols.intake.devices import pair, revoke
from patrols.models import Coverage, Fix, Patrol
from patrols.patrolling import withdraw_consent
from patrols.protocols.readings import Reading
from tests.patrols.test_measuring import keep_promises
from tests.patrols.walks import begun, ended, hours_ago, sent, street, walk
from tests.town import Town

Send = Callable[[str, list[Reading]], list[Any]]
WAY = [(1.0, 1.5), (2.0, 1.5)]


def paired(person: Person, protocol: str, **more: str) -> str:
    return pair(person, "手机", protocol, **more)[1]


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"anybody:{secret}".encode()).decode()}


def seconds(reading: Reading) -> int:
    assert reading.taken_at
    return int(reading.taken_at.timestamp())


def osmand(secret: str, readings: list[Reading]) -> list[Any]:
    return [
        Client().get(f"/ingest/osmand?id={secret}&lat={r.lat!r}&lon={r.lon!r}&timestamp={seconds(r)}&accuracy=5")
        for r in readings
    ]


def traccar_old(secret: str, readings: list[Reading]) -> list[Any]:
    return [
        Client().post(f"/ingest/traccar?id={secret}&lat={r.lat!r}&lon={r.lon!r}&timestamp={seconds(r)}&accuracy=5")
        for r in readings
    ]


def traccar_json(secret: str, readings: list[Reading]) -> list[Any]:
    return [
        Client().post(
            "/ingest/traccar",
            {
                "location": {
                    "timestamp": r.taken_at.isoformat(),  # type: ignore[union-attr]
                    "coords": {"latitude": r.lat, "longitude": r.lon, "accuracy": 5, "speed": -1},
                },
                "device_id": secret,
            },
            content_type="application/json",
        )
        for r in readings
    ]


def traccar_form(secret: str, readings: list[Reading]) -> list[Any]:
    return [
        Client().post(
            "/ingest/traccar", {"id": secret, "lat": r.lat, "lon": r.lon, "timestamp": seconds(r), "accuracy": 5}
        )
        for r in readings
    ]


def owntracks(secret: str, readings: list[Reading]) -> list[Any]:
    return [
        Client().post(
            "/ingest/owntracks?u=anybody&d=phone",
            {"_type": "location", "lat": r.lat, "lon": r.lon, "tst": seconds(r), "acc": 5},
            content_type="application/json",
            headers=basic(secret),
        )
        for r in readings
    ]


def gpslogger(secret: str, readings: list[Reading]) -> list[Any]:
    return [
        Client().post(
            f"/ingest/gpslogger?lat={r.lat!r}&lon={r.lon!r}&timestamp={seconds(r)}&acc=5&hdop=null",
            headers=basic(secret),
        )
        for r in readings
    ]


def overland(secret: str, readings: list[Reading]) -> list[Any]:
    locations = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [r.lon, r.lat]},
            "properties": {"timestamp": r.taken_at.isoformat(), "horizontal_accuracy": 5},  # type: ignore[union-attr]
        }
        for r in readings
    ]
    return [post_overland(secret, {"locations": locations, "current": {}})]


def post_overland(secret: str, body: Any) -> HttpResponse:
    client: Any = Client()
    answer: HttpResponse = client.post(
        "/ingest/overland",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    return answer


SENDERS: list[tuple[str, Send]] = [
    ("osmand", osmand),
    ("traccar", traccar_old),
    ("traccar", traccar_json),
    ("traccar", traccar_form),
    ("owntracks", owntracks),
    ("gpslogger", gpslogger),
    ("overland", overland),
]


def covered() -> list[tuple[int | None, Any]]:
    return list(Coverage.objects.order_by("street").values_list("street", "covered"))


@pytest.mark.parametrize(("protocol", "send"), SENDERS, ids=[send.__name__ for _protocol, send in SENDERS])
def test_one_walk_gives_one_coverage_whoever_records_it(town: Town, protocol: str, send: Send) -> None:
    street("along", (1.0, 1.5), (3.0, 1.5))
    since = hours_ago(2)
    readings = walk(since, WAY)

    def covers(record: Callable[[], object]) -> list[tuple[int | None, Any]]:
        patrol = begun(town.bob, town.grids[5].pk, since)
        record()
        ended(patrol, since + timedelta(seconds=70))
        keep_promises()
        found = covered()
        Patrol.objects.all().delete()
        Coverage.objects.all().delete()
        return found

    expected = covers(lambda: sent(town.bob, readings))
    secret = paired(town.bob, protocol)
    answers: list[Any] = []
    found = covers(lambda: answers.extend(send(secret, readings)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(expected) == 2
    assert found == expected


def test_the_same_sent_again_is_stored_once(town: Town) -> None:
    since = hours_ago(1)
    begun(town.bob, None, since)
    secret = paired(town.bob, "overland")
    readings = walk(since, WAY)
    overland(secret, readings)
    overland(secret, readings[::-1])
    assert Fix.objects.count() == len(readings)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda secret: Client().get("/ingest/osmand", {"id": secret, "batt": "9"}), b""),
        (lambda secret: Client().generic("POST", "/ingest/owntracks", headers=basic(secret)), b"[]"),
        (
            lambda secret: Client().post(
                "/ingest/owntracks", {"_type": "lwt"}, content_type="application/json", headers=basic(secret)
            ),
            b"[]",
        ),
        (lambda secret: post_overland(secret, {"locations": []}), b'{"result": "ok"}'),
    ],
    ids=["heartbeat", "empty body", "last will", "empty batch"],
)
def test_what_is_no_position_is_accepted_and_leaves_nothing(
    town: Town, answer: Callable[[str], HttpResponse], expected: bytes
) -> None:
    begun(town.bob)
    response = answer(paired(town.bob, "owntracks"))
    assert (response.status_code, response.content) == (200, expected)
    assert not Fix.objects.exists()


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        (
            {"geometry": {"coordinates": [40.82, 111.67]}, "properties": {"timestamp": "2026-11-03T04:00:00Z"}},
            "swapped",
        ),
        ({"geometry": {"coordinates": [181, 1]}, "properties": {"timestamp": "2026-11-03T04:00:00Z"}}, "bad_place"),
        ({"geometry": {"coordinates": [111, 41]}, "properties": {"timestamp": "1970-01-01T00:00:00Z"}}, "too_old"),
        ({"geometry": {"coordinates": [111, 41]}, "properties": {"timestamp": "2126-01-01T00:00:00Z"}}, "future"),
        ({"geometry": {"coordinates": [111, 41]}, "properties": {}}, "bad_time"),
        (7, "unreadable"),
    ],
)
def test_a_bad_position_is_kept_aside_with_its_reason_and_answered_with_success(
    town: Town, feature: Any, reason: str
) -> None:
    begun(town.bob, None, hours_ago(1))
    secret = paired(town.bob, "overland")
    for _again in range(2):
        assert post_overland(secret, {"locations": [feature]}).content == b'{"result": "ok"}'
    fix = Fix.objects.get()
    assert (fix.quarantine, fix.patrol) == (reason, None)


@pytest.mark.parametrize("body", ["{", "[]", "7", '{"locations": 7}', "[" * 100_000], ids=len)
def test_a_body_that_cannot_be_read_is_kept_aside_and_does_not_come_again(town: Town, body: str) -> None:
    begun(town.bob)
    assert post_overland(paired(town.bob, "overland"), body).status_code == 200
    assert Fix.objects.get().quarantine == "unreadable"


def test_fixes_in_chinese_coordinates_are_brought_to_wgs_84(town: Town) -> None:
    from grids.shifts import from_wgs84

    since = hours_ago(1)
    begun(town.bob, None, since)
    (reading, *_rest) = walk(since, WAY)
    assert reading.lon
    assert reading.lat
    lon, lat = from_wgs84(reading.lon, reading.lat, "gcj02")
    shifted = Reading(lon, lat, reading.taken_at, reading.accuracy)
    osmand(paired(town.bob, "osmand", crs="gcj02"), [shifted])
    stored = Fix.objects.get().geom
    assert stored
    assert stored.coords == pytest.approx((reading.lon, reading.lat), abs=1e-7)
    # The same, said in the address.
    Client().get(
        f"/ingest/osmand?id={paired(town.bob, 'osmand')}&lat={lat!r}&lon={lon!r}&timestamp={seconds(reading)}&crs=gcj02"
    )
    assert Fix.objects.count() == 2


def test_nothing_of_somebody_who_withdrew_the_consent_is_stored(town: Town) -> None:
    since = hours_ago(1)
    begun(town.bob, None, since)
    secret = paired(town.bob, "osmand")
    withdraw_consent(town.bob)
    assert {answer.status_code for answer in osmand(secret, walk(since, WAY))} == {200}
    assert not Fix.objects.exists()


def test_fixes_without_a_patrol_wait_unread(town: Town) -> None:
    patrol = begun(town.bob, None, hours_ago(3))
    ended(patrol, hours_ago(2))
    osmand(paired(town.bob, "osmand"), walk(hours_ago(1), WAY))
    assert set(Fix.objects.values_list("patrol", flat=True)) == {None}


def test_another_volunteers_patrol_gets_none_of_them(town: Town) -> None:
    since = hours_ago(1)
    begun(town.bob, None, since)
    begun(town.alice, None, since)
    osmand(paired(town.alice, "osmand"), walk(since, WAY))
    assert set(Fix.objects.values_list("patrol__person", flat=True)) == {town.alice.pk}


class TestWhoMaySend:
    def refused(self, secret: str) -> list[tuple[int, str]]:
        headers = basic(secret)
        answers: list[Any] = [
            Client().get("/ingest/osmand", {"id": secret, "lat": "1", "lon": "1"}),
            Client().post("/ingest/traccar", {"device_id": secret, "location": {}}, content_type="application/json"),
            Client().post("/ingest/owntracks", {"_type": "location"}, content_type="application/json", headers=headers),
            Client().get("/ingest/gpslogger", {"lat": "1", "lon": "1"}, headers=headers),
            post_overland(secret, {"locations": []}),
        ]
        return [(answer.status_code, answer.json()["detail"]) for answer in answers]

    def test_nobody_without_a_known_credential(self, town: Town) -> None:
        answers = self.refused("no-such-secret")
        assert [status for status, _sentence in answers] == [400, 400, 401, 401, 401]
        assert all(sentence for _status, sentence in answers)
        assert not Fix.objects.exists()

    def test_no_revoked_device(self, town: Town) -> None:
        begun(town.bob)
        device, secret = pair(town.bob, "手机", "osmand")
        assert revoke(town.bob, device.pk)
        assert not revoke(town.bob, device.pk)
        assert {status for status, _sentence in self.refused(secret)} == {400, 401}

    def test_an_identifier_is_missing(self, db: None) -> None:
        for answer in (
            Client().get("/ingest/osmand"),
            Client().post("/ingest/traccar"),
            Client().post("/ingest/traccar", "{}", content_type="application/json"),
            Client().post("/ingest/traccar", "{", content_type="application/json"),
        ):
            assert answer.status_code == 400

    @pytest.mark.parametrize("header", ["", "Basic", "Basic ???", "Basic " + "/" * 8, "Bearer x", "Digest x"])
    def test_a_header_that_is_none(self, db: None, header: str) -> None:
        answer = Client().post("/ingest/owntracks", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Basic")

    def test_a_device_in_a_hurry_waits_for_the_next_minute(self, town: Town, settings: Any) -> None:
        settings.DEVICE_RATE = 1
        begun(town.bob)
        secret = paired(town.bob, "osmand")
        answers = [Client().get("/ingest/osmand", {"id": secret}) for _turn in range(3)]
        assert answers[-1].status_code == 429
        assert int(answers[-1]["Retry-After"]) > 0

    def test_other_methods_are_no_intake(self, db: None) -> None:
        assert Client().delete("/ingest/osmand").status_code == 405


def test_a_device_says_when_it_was_seen(town: Town) -> None:
    begun(town.bob)
    secret = paired(town.bob, "osmand")
    Client().get("/ingest/osmand", {"id": secret})
    assert isinstance(Device.objects.get().last_seen_at, datetime)


def test_a_tracker_of_somebody_whose_role_ended_is_not_told_to_send_again(town: Town) -> None:
    begun(town.bob, since=hours_ago(1))
    secret = paired(town.bob, "osmand")
    Membership.objects.filter(person=town.bob).delete()
    Assignment.objects.filter(person=town.bob).delete()
    [answer] = osmand(secret, walk(hours_ago(0.5), WAY)[:1])
    assert answer.status_code == 200
    assert not Fix.objects.exists()
    assert Device.objects.get(person=town.bob).heard == "no_role"
