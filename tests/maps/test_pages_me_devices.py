"""The page of one's own trackers: pairing, what each application is shown, and what it sends back."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from grids.models import Device
from maps.pages.tracker_setup import setup_of
from patrols.intake.devices import pair
from patrols.models import Fix
from tests.maps.mine import looked_at, text
from tests.patrols.walks import begun, hours_ago
from tests.town import Town


@pytest.fixture
def bob(town: Town, as_person: Callable[[str], Client]) -> Client:
    """Bob's browser."""
    return looked_at(town, as_person)


SENDERS: dict[str, Callable[[dict[str, str]], Any]] = {
    "osmand": lambda fields: Client().get(
        urlsplit(fields["Web address"]).path
        + "?"
        + urlsplit(fields["Web address"]).query.format(
            "40.8213", "111.6718", int(timezone.now().timestamp()), 1, 1, 1, 1
        )
    ),
    "traccar": lambda fields: Client().post(
        urlsplit(fields["Server URL"]).path,
        {
            "location": {
                "timestamp": timezone.now().isoformat(),
                "coords": {"latitude": 40.8213, "longitude": 111.6718, "accuracy": 5},
            },
            "device_id": fields["Device identifier"],
        },
        content_type="application/json",
    ),
    "owntracks": lambda fields: Client().post(
        urlsplit(fields["URL"]).path,
        {"_type": "location", "lat": 40.8213, "lon": 111.6718, "tst": int(timezone.now().timestamp())},
        content_type="application/json",
        headers={"Authorization": basic(fields["Username"], fields["Password"])},
    ),
    "gpslogger": lambda fields: Client().get(
        f"{urlsplit(fields['URL']).path}?lat=40.8213&lon=111.6718&timestamp={int(timezone.now().timestamp())}",
        headers={"Authorization": basic(fields["Username"], fields["Password"])},
    ),
    "overland": lambda fields: Client().post(
        urlsplit(fields["Receiver endpoint"]).path,
        {
            "locations": [
                {
                    "geometry": {"coordinates": [111.6718, 40.8213]},
                    "properties": {"timestamp": timezone.now().isoformat()},
                }
            ]
        },
        content_type="application/json",
        headers={"Authorization": f"Bearer {fields['Access token']}"},
    ),
}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class TestDevices:
    def paired(self, client: Client, **more: str) -> str:
        answer = client.post("/me/devices/", more, headers={"Accept-Language": "en"})
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        return answer.content.decode()

    @pytest.mark.parametrize("protocol", SENDERS)
    def test_what_the_page_shows_is_what_the_application_needs(self, town: Town, bob: Client, protocol: str) -> None:
        begun(town.bob, None, hours_ago(0.1))
        page = self.paired(bob, protocol=protocol, name="")
        labels = re.findall(r'<label for="setup-\d+">(.*?)</label>', page)
        values = re.findall(r'class="token"\s+value="(.*?)"', page, re.DOTALL)
        fields = dict(zip(labels, (value.replace("&amp;", "&") for value in values), strict=True))
        device = Device.objects.get(person=town.bob)
        status = f"/me/devices/{device.pk}/heard.json"
        assert bob.get(status).json()["at"] is None
        answer = SENDERS[protocol](fields)
        assert answer.status_code == 200, answer.content
        told = bob.get(status).json()
        assert told["counts"], told
        assert Fix.objects.get(device=device).geom is not None
        assert "data:image/svg+xml" in page

    def test_the_secret_is_shown_once_and_stands_in_no_address_of_ours(self, town: Town, bob: Client) -> None:
        page = self.paired(bob, protocol="overland", name="旧手机")
        secret = re.findall(r'class="token"\s+value="(.*?)"', page, re.DOTALL)[1]
        assert len(secret) >= 32
        again = bob.get("/me/devices/").content.decode()
        assert secret not in again
        assert "旧手机" in again
        ours = [link for link in re.findall(r'(?:href|action|src|data-url)="(.*?)"', page) if link.startswith("/")]
        assert not any(secret in link for link in ours)

    def test_what_does_not_count_is_said_with_its_reason(self, town: Town, bob: Client) -> None:
        device, secret = pair(town.bob, "手机", "osmand")
        Client().get("/ingest/osmand", {"id": secret, "lat": "111", "lon": "40.8"})
        assert "changed round" in text(bob, "devices/")
        Client().get("/ingest/osmand", {"id": secret, "lat": "40.8", "lon": "111"})
        assert "It waits, since no patrol of yours was under way then." in text(bob, "devices/")
        begun(town.bob)
        Client().get("/ingest/osmand", {"id": secret, "lat": "40.8", "lon": "111"})
        assert "last position today" in text(bob, "devices/")
        assert bob.get(f"/me/devices/{device.pk}/heard.json").json()["became"] == ""

    def test_a_device_is_renamed_and_revoked_by_its_owner_alone(self, town: Town, bob: Client, as_person: Any) -> None:
        device, secret = pair(town.bob, "手机", "osmand")
        alice = as_person("alice")
        assert alice.post(f"/me/devices/{device.pk}/rename/", {"name": "x"}).status_code == 404
        assert alice.post(f"/me/devices/{device.pk}/revoke/").status_code == 404
        assert alice.get(f"/me/devices/{device.pk}/heard.json").status_code == 404
        assert bob.post(f"/me/devices/{device.pk}/rename/", {"name": ""}).status_code == 422
        bob.post(f"/me/devices/{device.pk}/rename/", {"name": "新手机"})
        assert "新手机" in text(bob, "devices/")
        bob.post(f"/me/devices/{device.pk}/revoke/")
        assert Client().get("/ingest/osmand", {"id": secret}).status_code == 400
        assert bob.post(f"/me/devices/{device.pk}/revoke/").status_code == 404

    def test_what_cannot_be_paired_is_refused_with_a_sentence(self, town: Town, bob: Client, as_person: Any) -> None:
        for wrong in ({"protocol": "x"}, {"protocol": "osmand", "crs": "mars"}, {"protocol": "osmand", "name": "\x00"}):
            answer = bob.post("/me/devices/", wrong)
            assert answer.status_code == 422
            assert 'role="alert"' in answer.content.decode()
        for _turn in range(5):
            pair(town.bob, "a", "osmand")
        assert bob.post("/me/devices/", {"protocol": "osmand"}).status_code == 409
        assert "Read and agree" in text(as_person("alice"), "devices/")
        assert as_person("alice").post("/me/devices/", {"protocol": "osmand"}).status_code == 403

    def test_osmand_speaks_metres_a_second_unless_told_otherwise(self, town: Town, bob: Client) -> None:
        self.paired(bob, protocol="osmand")
        self.paired(bob, protocol="osmand", speed_unit="knots", crs="gcj02")
        assert list(Device.objects.order_by("pk").values_list("speed_unit", "crs")) == [
            ("m/s", "wgs84"),
            ("knots", "gcj02"),
        ]

    def test_the_codes_are_what_the_applications_read(self) -> None:
        own = setup_of("owntracks", "https://grid.example/", "s+/=?&")
        inline = parse_qs(urlsplit(own.code).query)["inline"][0]
        told = json.loads(base64.b64decode(inline))
        assert (told["_type"], told["mode"], told["password"]) == ("configuration", 3, "s+/=?&")
        assert told["url"] == "https://grid.example/ingest/owntracks"
        over = parse_qs(urlsplit(setup_of("overland", "https://grid.example/", "s&t").code).query)
        assert over == {"url": ["https://grid.example/ingest/overland"], "token": ["s&t"], "device_id": ["phone"]}
        traccar = urlsplit(setup_of("traccar", "https://grid.example/", "s&t").code)
        assert (traccar.scheme, traccar.netloc) == ("org.traccar.client", "config")
        assert parse_qs(traccar.query)["id"] == ["s&t"]
        logger = setup_of("gpslogger", "https://grid.example/", "secret")
        assert "secret" not in unquote(logger.code)
        assert not logger.configures
