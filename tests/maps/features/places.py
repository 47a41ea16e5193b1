"""Streets, buildings and places beside the small town's grids, and what the tests of features ask for."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import LineString, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone

from grids.models import Building, Place, Street, Zone
from grids.tokens import issue
from patrols import grid_streets
from patrols.filing import Draft, file_report
from patrols.models import Report
from tests.town import LITTER, Town, at, box

PUBLIC = ("regions", "grids", "streets", "buildings", "places")
SCOPED = ("grid_owners", "checkpoints", "zones", "coverage", "reports")


def furnish(town: Town) -> None:
    """Write 25 streets, two buildings (one ring the wrong way round), a place and a zone, and lay the streets out."""
    Street.objects.bulk_create(
        Street(
            source_id=str(number),
            name=f"街{number}",
            kind="primary" if number % 5 == 0 else "alley",
            geom=LineString(at(0.1, 0.1 * number), at(2.9, 0.1 * number), srid=4326),
        )
        for number in range(1, 26)
    )
    corners = [at(1.1, 1.1), at(1.1, 1.2), at(1.2, 1.2), at(1.2, 1.1), at(1.1, 1.1)]  # clockwise
    Building.objects.create(
        source_id="b1", name="1号楼", kind="residential", floors=6, geom=Polygon(corners, srid=4326)
    )
    Building.objects.create(source_id="b2", name="", geom=box(2.1, 2.1, 2.2, 2.2))
    Place.objects.create(source_id="p1", name="西市场", kind="market", geom=at(1.5, 1.5))
    town_grid = town.grids[5]
    Zone.objects.create(
        source_id="z1",
        name="核心区",
        kind="core",
        region=town_grid.region,
        geom=box(1, 1, 2, 2),
        period=town_grid.period,
    )
    grid_streets.lay([grid.pk for grid in town.grids.values()])


def file(town: Town, east: float = 1.5, category: str = LITTER, **more: Any) -> Report:
    """File a report of Bob's."""
    point = at(east, 1.5)
    return file_report(Draft(category=category, geom=point, anchor=point, **more), town.scope("bob"))


def ended_grid(town: Town) -> None:
    """Let grid 1 be over since yesterday."""
    grid = town.grids[1]
    grid.period = DateRange(grid.period.lower, timezone.localdate() - timedelta(days=1))
    grid.save()


def token_of(person: Any) -> str:
    """Return a new token that may read."""
    return issue(person, "gdal", 7, write=False)[1]


def basic(secret: str) -> dict[str, str]:
    """Return the header of a token as a password."""
    return {"Authorization": f"Basic {base64.b64encode(f'any:{secret}'.encode()).decode()}"}


def read(client: Client, path: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Any:
    """Return the document at a path below /ogc."""
    answer = client.get(f"/ogc{path}", headers=dict(headers or {}))
    assert answer.status_code == status, answer.content
    return answer.json()
