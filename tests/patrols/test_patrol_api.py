"""The API of patrols: one's own only, safe to repeat, with a sentence for what cannot be."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Assignment, Building, Checkpoint, Person, Stairwell
from patrols.models import Consent, Coverage, Fix, Patrol
from patrols.models.patrol import PatrolState
from patrols.protocols.readings import Reading
from tests.patrols.protocols.test_gpx import TRACK
from tests.patrols.test_measuring import keep_promises
from tests.patrols.walks import hours_ago, street, walk
from tests.town import Town, at, box

SignIn = Callable[[str], Client]
V = "/api/v1"
JSON = "application/json"


@pytest.fixture
def bob(town: Town, as_person: SignIn) -> Client:
    """Bob, who has consented."""
    client = as_person("bob")
    assert client.post(f"{V}/me/consent").status_code == 200
    return client


def post(client: Client, address: str, body: object, **headers: str) -> Any:
    return client.post(f"{V}/{address}", body, content_type=JSON, headers=headers)


def start(client: Client, **body: Any) -> str:
    answer = post(client, "patrols", body)
    assert answer.status_code == 201, answer.content
    identity: str = answer.json()["id"]
    return identity


def rows(readings: list[Reading]) -> list[list[Any]]:
    return [[r.taken_at.timestamp() * 1000, r.lon, r.lat, r.accuracy] for r in readings]  # type: ignore[union-attr]


def test_a_patrol_from_start_to_coverage(town: Town, bob: Client) -> None:
    street("along", (1.0, 1.5), (3.0, 1.5))
    since = hours_ago(1)
    patrol = start(bob, grid=town.grids[5].pk, started_at=since.isoformat())
    sent = post(bob, f"patrols/{patrol}/fixes", {"fixes": rows(walk(since, [(1, 1.5), (2, 1.5)]))})
    assert sent.json() == {"new": 8, "waiting": 0, "aside": 0, "known": 0}
    over = post(bob, f"patrols/{patrol}/end", {"at": (since + timedelta(seconds=70)).isoformat()})
    assert over.json()["state"] == "ended"
    keep_promises()
    assert Coverage.objects.filter(street__name="along").exists()
    assert bob.get(f"{V}/patrols/{patrol}").json()["state"] == "measured"
    track = bob.get(f"{V}/patrols/{patrol}/track").json()
    assert track["geometry"]["type"] == "MultiLineString"
    assert len(track["geometry"]["coordinates"][0]) == 8
    (listed,) = bob.get(f"{V}/patrols").json()["results"]
    assert listed["id"] == patrol


def test_without_consent_there_is_no_patrol(town: Town, as_person: SignIn) -> None:
    client = as_person("bob")
    assert client.get(f"{V}/me/consent").json() == {"version": None, "given_at": None}
    assert post(client, "patrols", {}).status_code == 403
    assert post(client, "devices", {"name": "a", "protocol": "osmand"}).status_code == 403


def test_consent_is_given_once_and_withdrawn(town: Town, bob: Client) -> None:
    bob.post(f"{V}/me/consent")
    assert Consent.objects.count() == 1
    patrol = start(bob)
    assert bob.delete(f"{V}/me/consent").status_code == 204
    assert bob.get(f"{V}/me/consent").json()["given_at"] is None
    assert bob.get(f"{V}/patrols/{patrol}").json()["state"] == "measured"


def test_starting_with_the_phones_own_id_is_safe_to_repeat(town: Town, bob: Client) -> None:
    identity = str(uuid4())
    assert start(bob, id=identity) == start(bob, id=identity) == identity
    assert Patrol.objects.count() == 1


def test_a_second_patrol_waits_for_the_end_of_the_first(town: Town, bob: Client) -> None:
    first = start(bob, started_at=hours_ago(2).isoformat())
    assert post(bob, "patrols", {}).status_code == 409
    post(bob, f"patrols/{first}/end", {"at": hours_ago(1).isoformat()})
    assert post(bob, "patrols", {"started_at": hours_ago(1.5).isoformat()}).status_code == 409
    assert post(bob, "patrols", {}).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"grid": 999_999}, 404),
        ({"mode": "horse"}, 400),
        ({"started_at": "yesterday"}, 400),
        ({"started_at": (timezone.now() + timedelta(days=7)).isoformat()}, 422),
        ({"started_at": (timezone.now() - timedelta(days=8)).isoformat()}, 422),
    ],
)
def test_a_start_that_cannot_be_is_refused_with_a_sentence(
    town: Town, bob: Client, body: dict[str, Any], status: int
) -> None:
    answer = post(bob, "patrols", body)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert not Patrol.objects.exists()


def test_a_neighbours_grid_is_not_ones_own(town: Town, bob: Client) -> None:
    assert post(bob, "patrols", {"grid": town.grids[4].pk}).status_code == 404


def test_somebody_elses_patrol_is_not_there(town: Town, bob: Client, as_person: SignIn) -> None:
    patrol = start(bob)
    alice = as_person("alice")
    alice.post(f"{V}/me/consent")
    fixes = {"fixes": rows(walk(hours_ago(0), [(1, 1), (2, 1)]))}
    assert alice.get(f"{V}/patrols/{patrol}").status_code == 404
    assert post(alice, f"patrols/{patrol}/fixes", fixes).status_code == 404
    assert post(alice, f"patrols/{patrol}/end", {}).status_code == 404
    assert post(alice, f"patrols/{patrol}/ticks", {"thing": "street", "key": 1}).status_code == 404
    assert gpx(alice, patrol, TRACK).status_code == 404
    assert alice.get(f"{V}/patrols/{patrol}/track").status_code == 404
    assert alice.get(f"{V}/patrols").json()["results"] == []
    assert not Fix.objects.exists()


def gpx(client: Client, patrol: str, content: str) -> Any:
    return client.generic("POST", f"{V}/patrols/{patrol}/gpx", content.encode(), content_type="application/gpx+xml")


def test_a_gpx_file_covers_what_the_phone_would_have(town: Town, bob: Client) -> None:
    street("along", (1.0, 1.5), (3.0, 1.5))
    since = hours_ago(1)
    readings = walk(since, [(1, 1.5), (2, 1.5)])
    points = "".join(
        f'<trkpt lat="{r.lat!r}" lon="{r.lon!r}"><time>{r.taken_at.isoformat()}</time></trkpt>'  # type: ignore[union-attr]
        for r in readings
    )
    content = f'<gpx version="1.1" creator="t"><trk><trkseg>{points}<trkpt lat="1" lon="1"/></trkseg></trk></gpx>'
    patrol = start(bob, started_at=since.isoformat())
    post(bob, f"patrols/{patrol}/end", {"at": (since + timedelta(seconds=70)).isoformat()})
    first, again = gpx(bob, patrol, content), gpx(bob, patrol, content)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == {"new": 8, "waiting": 0, "aside": 0, "known": 0, "untimed": 1}
    assert again.json()["known"] == 8
    keep_promises()
    assert Coverage.objects.filter(street__name="along").exists()


@pytest.mark.parametrize("content", ["", "a,b", "<gpx/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><gpx/>"])
def test_a_file_that_is_no_track_is_refused_with_a_sentence(town: Town, bob: Client, content: str) -> None:
    answer = gpx(bob, start(bob), content)
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"fixes": {}},
        {"fixes": [[1, 2]]},
        {"fixes": [7]},
        {"fixes": [[0, 1, 2]] * 1001},
        {"fixes": [], "crs": "mars"},
    ],
    ids=str,
)
def test_a_batch_that_is_none_is_refused_with_a_sentence(town: Town, bob: Client, body: Any) -> None:
    answer = post(bob, f"patrols/{start(bob)}/fixes", body)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_lying_positions_are_kept_aside(town: Town, bob: Client) -> None:
    patrol = start(bob, started_at=hours_ago(1).isoformat())
    now = timezone.now().timestamp() * 1000
    lies = [
        [0, 111.67, 40.82],
        [now + 7 * 86_400_000, 111.67, 40.82],
        [now, 40.82, 111.67],
        [now, 500, 1],
        [None, 111.67, 40.82],
        ["x", 111.67, 40.82],
        [True, 111.67, 40.82],
        [1e300, 111.67, 40.82],
    ]
    assert post(bob, f"patrols/{patrol}/fixes", {"fixes": lies}).json()["new"] == 0
    reasons = {"too_old", "future", "swapped", "bad_place", "bad_time"}
    assert set(Fix.objects.values_list("quarantine", flat=True)) == reasons


def test_a_thousand_fixes_cost_as_many_queries_as_ten(town: Town, bob: Client) -> None:
    patrol, counts = start(bob, started_at=hours_ago(5).isoformat()), []
    for size in (10, 1000):
        since = hours_ago(4 if size == 10 else 3)
        readings = [Reading(111.67, 40.82, since + timedelta(seconds=turn)) for turn in range(size)]
        with CaptureQueriesContext(connection) as captured:
            answer = post(bob, f"patrols/{patrol}/fixes", {"fixes": rows(readings)})
        assert answer.json()["new"] == size
        counts.append(len(captured))
    assert counts[0] >= counts[1]
    assert counts[1] <= 16


def test_a_tick_is_told_and_not_measured(town: Town, bob: Client) -> None:
    patrol = start(bob)
    checkpoint = Checkpoint.objects.get()
    for _again in range(2):
        assert post(bob, f"patrols/{patrol}/ticks", {"thing": "checkpoint", "key": checkpoint.pk}).status_code == 200
    row = Coverage.objects.get()
    assert (row.told, row.covered) == (True, ())
    assert post(bob, f"patrols/{patrol}/ticks", {"thing": "checkpoint", "key": 999_999}).status_code == 404
    early = {"thing": "checkpoint", "key": checkpoint.pk, "at": hours_ago(3).isoformat()}
    assert post(bob, f"patrols/{patrol}/ticks", early).status_code == 422


@pytest.mark.parametrize(
    ("west", "south", "gridless", "status"),
    [
        (1.5, 1.5, False, 200),
        (2.04, 1.5, False, 200),
        (2.06, 1.5, False, 404),
        (2.06, 1.5, True, 200),
        (10.04, 1.5, True, 200),
        (10.06, 1.5, True, 404),
    ],
    ids=["in", "beside", "out", "in the district", "beside the district", "out of the district"],
)
def test_a_tick_is_for_what_lies_in_or_beside_ones_grids(
    town: Town, bob: Client, west: float, south: float, gridless: bool, status: int
) -> None:
    lane, spot = street("lane", (west, south), (west + 1, south)), Checkpoint.objects.get()
    Checkpoint.objects.filter(pk=spot.pk).update(geom=at(west, south))
    house = Building.objects.create(source_id="h", geom=box(west, south, west + 0.2, south + 0.2))
    door = Stairwell.objects.create(source_id="d", building=house, label="1", geom=at(west + 0.2, south))
    patrol = start(bob, **({} if gridless else {"grid": town.grids[5].pk}))
    for thing, row in {"street": lane, "checkpoint": spot, "building": house, "stairwell": door}.items():
        answer = post(bob, f"patrols/{patrol}/ticks", {"thing": thing, "key": row.pk})
        assert answer.status_code == status, thing
        assert Coverage.objects.filter(**{thing: row}).exists() == (status == 200)
        if status == 404:
            absent = post(bob, f"patrols/{patrol}/ticks", {"thing": thing, "key": 999_999}).json()
            assert answer.json()["detail"] == absent["detail"]


def test_the_grid_of_a_patrol_stays_in_reach_of_it(town: Town, bob: Client) -> None:
    patrol = start(bob, grid=town.grids[5].pk, started_at=hours_ago(1).isoformat())
    Assignment.objects.filter(person=town.bob).delete()
    tick = {"thing": "checkpoint", "key": town.checkpoint.pk}
    assert post(bob, f"patrols/{patrol}/ticks", tick).status_code == 200


def test_a_tick_can_be_taken_back_and_what_was_measured_stays(town: Town, bob: Client) -> None:
    along = street("along", (1.0, 1.5), (2.0, 1.5))
    since = hours_ago(1)
    patrol = start(bob, grid=town.grids[5].pk, started_at=since.isoformat())
    tick = {"thing": "street", "key": along.pk, "at": since.isoformat()}
    post(bob, f"patrols/{patrol}/fixes", {"fixes": rows(walk(since, [(1, 1.5), (2, 1.5)]))})
    post(bob, f"patrols/{patrol}/ticks", tick)
    post(bob, f"patrols/{patrol}/end", {"at": (since + timedelta(seconds=70)).isoformat()})
    keep_promises()
    assert Coverage.objects.get(street=along).told
    for _again in range(2):
        answer = post(bob, f"patrols/{patrol}/ticks", {**tick, "ticked": False})
        assert (answer.status_code, answer.json()["ticked"]) == (200, False)
    row = Coverage.objects.get(street=along)
    assert (row.told, row.covered != ()) == (False, True)


def test_a_tick_of_somebody_elses_patrol_stays(town: Town, bob: Client, as_person: SignIn) -> None:
    alice, tick = as_person("alice"), {"thing": "checkpoint", "key": Checkpoint.objects.get().pk}
    alice.post(f"{V}/me/consent")
    post(alice, f"patrols/{start(alice)}/ticks", tick)
    post(bob, f"patrols/{start(bob)}/ticks", {**tick, "ticked": False})
    assert Coverage.objects.get().told


def test_nothing_to_report_is_noted_on_the_patrol_and_taken_back(town: Town, bob: Client) -> None:
    since = hours_ago(1)
    patrol = start(bob, started_at=since.isoformat())
    at = (since + timedelta(minutes=20)).isoformat()
    assert post(bob, f"patrols/{patrol}/nothing", {"at": at}).json()["nothing_at"] is not None
    assert Patrol.objects.get().nothing_at == since + timedelta(minutes=20)
    assert post(bob, f"patrols/{patrol}/nothing", {"said": False}).json()["nothing_at"] is None
    future = (timezone.now() + timedelta(days=1)).isoformat()
    assert post(bob, f"patrols/{patrol}/nothing", {"at": future}).status_code == 422
    assert Patrol.objects.get().nothing_at is None


def test_ending_before_the_beginning_is_refused(town: Town, bob: Client) -> None:
    patrol = start(bob)
    assert post(bob, f"patrols/{patrol}/end", {"at": hours_ago(3).isoformat()}).status_code == 422
    assert Patrol.objects.get().state == PatrolState.ACTIVE


def test_a_tracker_is_paired_shown_and_revoked(town: Town, bob: Client) -> None:
    answer = post(bob, "devices", {"name": "旧手机", "protocol": "osmand", "speed_unit": "m/s", "crs": "gcj02"})
    assert answer.status_code == 201
    secret = answer.json()["secret"]
    assert Client().get("/ingest/osmand", {"id": secret}).status_code == 200
    (listed,) = bob.get(f"{V}/devices").json()["results"]
    assert "secret" not in listed
    assert datetime.fromisoformat(listed["last_seen_at"])
    renamed = bob.patch(f"{V}/devices/{listed['id']}", {"name": "新手机"}, content_type=JSON)
    assert renamed.json()["name"] == "新手机"
    assert bob.delete(f"{V}/devices/{listed['id']}").status_code == 204
    assert bob.delete(f"{V}/devices/{listed['id']}").status_code == 404
    assert Client().get("/ingest/osmand", {"id": secret}).status_code == 400
    assert post(bob, "devices", {"name": "", "protocol": "osmand"}).status_code == 400
    assert post(bob, "devices", {"name": "a", "protocol": "osmand"}, **{"Idempotency-Key": "k"}).status_code == 422


def test_nobody_pairs_more_than_five(town: Town, bob: Client) -> None:
    statuses = [post(bob, "devices", {"name": "a", "protocol": "osmand"}).status_code for _turn in range(6)]
    assert statuses == [201] * 5 + [409]


def test_a_tracker_is_nobody_elses_to_revoke(town: Town, bob: Client, as_person: SignIn) -> None:
    identity = post(bob, "devices", {"name": "a", "protocol": "osmand"}).json()["id"]
    assert as_person("alice").delete(f"{V}/devices/{identity}").status_code == 404
    assert Person.objects.get(username="bob").devices.get().revoked_at is None
