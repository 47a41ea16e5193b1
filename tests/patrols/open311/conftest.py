"""A client with its key, and problems that are public."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone

from grids.models import Region
from patrols import public_cells
from patrols.models import Open311Client, Report
from patrols.open311.keys import give_key
from patrols.workflow import State
from tests.town import DISTRICT, NEAR, Town

Call = Callable[..., Any]
Put = Callable[..., list[Report]]


@dataclass(frozen=True)
class Caller:
    """A client of Open311 and its key."""

    client: Open311Client
    key: str


@pytest.fixture
def caller(town: Town) -> Caller:
    """A client that files in the near subdistrict."""
    near = Region.objects.get(code=NEAR)
    client = Open311Client(name="随手拍小程序", contact="运维组", region=near, rate=1000, made_by=town.dora)
    key = give_key(client)
    client.save()
    return Caller(client, key)


@pytest.fixture
def call(db: None) -> Call:
    """A function that reads."""

    def ask(path: str, **query: str) -> Any:
        return Client().get(f"/open311/v2/{path}", query)

    return ask


@pytest.fixture
def post(caller: Caller) -> Call:
    """A function that files in the middle of the town, with what it is told otherwise; None leaves a field out."""

    def send(form: str = "json", **changes: Any) -> Any:
        fields = {
            "api_key": caller.key,
            "service_code": "06010",
            "lat": "40.82135",
            "long": "111.67177",
            "description": "垃圾堆在门口",
            **changes,
        }
        body = {name: value for name, value in fields.items() if value is not None}
        return Client(enforce_csrf_checks=True).post(f"/open311/v2/requests.{form}", body)

    return send


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> None:
    """A storage of the test's own."""
    own = {"BACKEND": "patrols.photos.durable.DurableFileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": own}


@pytest.fixture
def put(town: Town) -> Put:
    """A function that writes problems into one cell, taken on by Dora unless it is told otherwise."""

    def write(count: int = 1, east: float = 0.5, north: float = 0.5, **more: Any) -> list[Report]:
        now = timezone.now() - timedelta(minutes=5)
        point = Point(111.671 + east / 1000, 40.821 + north / 1000, srid=4326)
        number = Report.objects.count()
        fields = {
            "district": DISTRICT,
            "region_code": NEAR + "001",
            "category": town.litter,
            "grid": town.grids[5],
            "geom": point,
            "anchor": point,
            "state": State.ACCEPTED,
            "accepted_by": town.dora,
            "place": "mark-place",
            "description": "mark-words",
            **dict.fromkeys(("occurred_at", "recorded_at", "changed_at", "waiting_since"), now),
            **more,
        }
        if fields["state"] == State.CLOSED:
            fields = {"closed_at": fields["recorded_at"], **fields}
        rows = Report.objects.bulk_create(
            Report(number=f"n{number + step}", public_number=f"PUBL{number + step:012}", **fields)
            for step in range(count)
        )
        public_cells.refresh()
        return rows

    return write
