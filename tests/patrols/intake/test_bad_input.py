"""What should not come, over HTTP and in the order of how often it does: each has its answer and a sentence for people.

A tracker is answered with success and the position is kept aside with its reason, which its owner reads under
/me/devices/; whoever sends by hand or by a program gets a 4xx with one sentence.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from grids.models import Device
from grids.shifts import from_wgs84
from patrols.intake.devices import pair, revoke
from patrols.models import Fix, Track, TrackFile
from patrols.protocols.gpx import LARGEST
from tests.patrols.walks import begun, hours_ago
from tests.town import Town

SignIn = Callable[[str], Client]
V = "/api/v1/patrols"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + ']><gpx version="1.1"><trk><name>&i;</name></trk></gpx>'
)


class Sender:
    """Bob with a patrol under way and a tracker."""

    def __init__(self, town: Town, browser: Client) -> None:
        self.patrol = begun(town.bob, town.grids[5].pk, hours_ago(1))
        self.device, self.secret = pair(town.bob, "手机", Device.Protocol.OVERLAND)
        self.browser = browser

    def overland(self, body: Any) -> Any:
        """Send as the tracker does; return the answer."""
        return Client().post(
            "/ingest/overland",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}"},
        )

    def one(self, lon: float, lat: float, when: Any) -> Any:
        """Send one position."""
        feature = {"geometry": {"coordinates": [lon, lat]}, "properties": {"timestamp": when.isoformat()}}
        return self.overland({"locations": [feature]})

    def said(self) -> str:
        """Return what the page of trackers says of the newest position."""
        page = self.browser.get("/me/devices/", headers={"Accept-Language": "en"}).content.decode()
        return re.sub(r"\s+", " ", page)

    def gpx(self, content: bytes) -> Any:
        """Send a file by hand."""
        kind = "application/gpx+xml"
        return self.browser.generic(
            "POST", f"{V}/{self.patrol.pk}/gpx", content, content_type=kind, headers={"Accept-Language": "en"}
        )


@pytest.fixture
def bob(town: Town, as_person: SignIn) -> Sender:
    """Bob."""
    return Sender(town, as_person("bob"))


def test_malformed_json(bob: Sender) -> None:
    answer = bob.overland('{"locations": [')
    assert (answer.status_code, answer.json()) == (200, {"result": "ok"})
    assert Fix.objects.get().quarantine == "unreadable"
    assert "It does not count: not what its application sends." in bob.said()
    by_hand = bob.browser.post(f"{V}/{bob.patrol.pk}/fixes", '{"fixes": [', content_type="application/json")
    assert by_hand.status_code == 400
    assert by_hand.json()["detail"]


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (lambda: timezone.now().replace(year=1970), "more than seven days old"),
        (lambda: timezone.now() + timedelta(days=7), "a time in the future"),
    ],
    ids=["1970", "next week"],
)
def test_a_time_that_cannot_be(bob: Sender, moment: Callable[[], Any], sentence: str) -> None:
    assert bob.one(111.67, 40.82, moment()).status_code == 200
    assert Fix.objects.get().patrol is None
    assert f"It does not count: {sentence}." in bob.said()


def test_latitude_and_longitude_changed_round(bob: Sender) -> None:
    assert bob.one(40.82, 111.67, timezone.now()).status_code == 200
    assert Fix.objects.get().geom is None
    assert "It does not count: latitude and longitude changed round." in bob.said()


def test_shifted_coordinates_that_are_declared_are_brought_back(town: Town, bob: Sender) -> None:
    Device.objects.update(crs=Device.Crs.GCJ02)
    lon, lat = from_wgs84(111.67, 40.82, "gcj02")
    assert abs(lon - 111.67) > 0.001  # hundreds of metres
    bob.one(lon, lat, timezone.now() - timedelta(seconds=1))
    stored = Fix.objects.get().geom
    assert stored
    assert stored.coords == pytest.approx((111.67, 40.82), abs=1e-6)
    assert "GCJ-02" in bob.said()


def test_a_gpx_file_of_fifty_megabytes(bob: Sender) -> None:
    answer = bob.gpx(b"<gpx>" + b" " * (50 * 2**20))
    assert answer.status_code in {413, 422}
    assert answer.json()["detail"] == "A track may have at most 10 MB."
    assert bob.gpx(b"<gpx>" + b" " * LARGEST).json()["detail"] == "A track may have at most 10 MB."
    assert not TrackFile.objects.exists()


def test_a_billion_laughs(bob: Sender) -> None:
    answer = bob.gpx(LAUGHS.encode())
    assert answer.status_code == 422
    assert "could do harm: it was not read" in answer.json()["detail"]
    assert not TrackFile.objects.exists()


def test_the_id_of_another_volunteers_patrol(bob: Sender, as_person: SignIn) -> None:
    alice = as_person("alice")
    alice.post("/api/v1/me/consent")
    row = [timezone.now().timestamp() * 1000, 111.67, 40.82]
    answers = [
        alice.post(f"{V}/{bob.patrol.pk}/fixes", {"fixes": [row]}, content_type="application/json"),
        alice.generic("POST", f"{V}/{bob.patrol.pk}/gpx", b"<gpx/>", content_type="application/gpx+xml"),
        alice.get(f"{V}/{bob.patrol.pk}/gpx"),
        alice.delete(f"{V}/{bob.patrol.pk}/track"),
        # Starting one under an id that is somebody else's.
        alice.post(V, {"id": str(bob.patrol.pk)}, content_type="application/json"),
    ]
    assert [answer.status_code for answer in answers[:4]] == [404] * 4
    assert answers[4].status_code == 409
    assert all(answer.json()["detail"] for answer in answers)
    assert not Fix.objects.exists()
    assert not Track.objects.exists()


def test_a_revoked_tracker(town: Town, bob: Sender) -> None:
    assert revoke(town.bob, bob.device.pk)
    answer = bob.one(111.67, 40.82, timezone.now())
    assert answer.status_code == 401
    assert answer.json()["detail"]
    assert not Fix.objects.exists()
