"""A row of every administered table, near and far, beside the cast of the routes."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.contrib.gis.geos import LineString, MultiPolygon, Point
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grids.models import (
    Asset,
    Assignment,
    Availability,
    Building,
    Checklist,
    Checkpoint,
    CheckpointType,
    Criterion,
    Designation,
    Honour,
    Membership,
    Organisation,
    Pairing,
    Place,
    Region,
    ServicePoint,
    Skill,
    Stairwell,
    Street,
    Team,
    WorkingDay,
    Zone,
)
from patrols.models import Open311Client, Pattern, Post
from tests.maps.route_cast import Cast
from tests.maps.route_rule_rows import rule_of
from tests.town import DISTRICT, FAR, NEAR, at, box

SINCE = date(2025, 1, 1)


@dataclass
class Rows:
    """Rows by table, once in the near subdistrict and once in the far one."""

    near: dict[str, Any]
    far: dict[str, Any]
    everywhere: dict[str, Any]

    def all(self) -> list[Any]:
        """Every row."""
        return [*self.near.values(), *self.far.values(), *self.everywhere.values()]


def build_rows(cast: Cast) -> Rows:
    """Write the rows."""
    near = _side(cast, "near", NEAR, 1, cast.people["alice"], cast.town.grids[5])
    far = _side(cast, "far", FAR, 9, cast.people["charlie"], cast.town.far_grid)
    kind = CheckpointType.objects.get(code="market")
    old = Checklist.objects.create(type=kind, version=1, valid_from=SINCE)
    Criterion.objects.create(checklist=old, code="1", name="无垃圾", weight="2.00")
    coming = Checklist.objects.create(type=kind, version=2, valid_from=timezone.localdate() + timedelta(days=9))
    day = WorkingDay.objects.create(day=timezone.localdate() + timedelta(days=1), working=True)
    return Rows(
        near,
        far,
        {"category": cast.town.litter, "checkpointtype": kind, "checklist": old, "coming": coming, "workingday": day},
    )


def _side(cast: Cast, side: str, code: str, east: float, person: Any, grid: Any) -> dict[str, Any]:
    region = Region.objects.get(code=f"{code}001")
    since = DateRange(SINCE, None)
    where = at(east + 0.5, 1.5)

    def sourced(kind: str) -> dict[str, Any]:
        return {"source_id": f"{kind}-{side}", "name": f"mark-{kind}-{side}"}

    post = Post.objects.get(name=f"mark-post-{side}")
    rule = rule_of(NEAR if side == "near" else FAR)
    pattern = Pattern.objects.get_or_create(
        post=post, defaults={"district": DISTRICT, "weekdays": [1], "starts": "10:00", "ends": "11:00"}
    )[0]
    area = box(east, 1, east + 0.5, 2)
    area.srid = 4326
    building = Building.objects.create(**sourced("building"), region=region, geom=area, kind="residential")
    team = Team.objects.create(code=f"team-{side}", name=f"mark-team-{side}", level=1, region=region)
    body = Organisation.objects.create(
        code=f"body-{side}",
        name=f"mark-body-{side}",
        kind="property",
        region=region,
        jurisdiction=MultiPolygon(area, srid=4326),
        period=since,
    )
    placed = {"region": region, "geom": where, "period": since}
    checkpoint = Checkpoint.objects.create(
        **sourced("checkpoint"), type=CheckpointType.objects.get(code="market"), **placed
    )
    Skill.objects.create(person=person, code="first-aid")
    Availability.objects.create(person=person, weekday=6, starts=time(9), ends=time(12))
    return {
        "region": region,
        "street": Street.objects.create(**sourced("street"), kind="alley", geom=_line(where)),
        "building": building,
        "stairwell": Stairwell.objects.create(building=building, label="1", source_id=f"s-{side}", geom=where),
        "place": Place.objects.create(**sourced("place"), kind="shop", geom=where),
        "grid": grid,
        "checkpoint": checkpoint,
        "zone": Zone.objects.create(**sourced("zone"), kind="duty", region=region, geom=area, period=since),
        "asset": Asset.objects.create(**sourced("asset"), kind="sign", **placed),
        "servicepoint": ServicePoint.objects.create(**sourced("point"), kind="station", **placed),
        "designation": Designation.objects.create(checkpoint=checkpoint, period=since),
        "organisation": body,
        "team": team,
        "pairing": Pairing.objects.create(organisation=body, region=region, period=since),
        "honour": Honour.objects.create(organisation=body, title=f"mark-honour-{side}", status="created", period=since),
        "person": person,
        "membership": Membership.objects.get(person=person, region=region, role="leader"),
        "open311client": Open311Client.objects.create(
            name=f"mark-open311client-{side}", contact="-", region=region, key_hash=f"mark-key-{side}", made_by=person
        ),
        "post": post,
        "pattern": pattern,
        "routingedition": rule.edition,
        "routingrule": rule,
        "assignment": Assignment.objects.create(team=team, checkpoint=checkpoint, role="owner", period=since),
    }


def _line(start: Point) -> LineString:
    return LineString((start.x, start.y), (start.x + 0.0002, start.y), srid=4326)


def page(row: Any, what: str = "change") -> str:
    """Return the address of a row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}", args=[row.pk])


def list_page(row: Any, what: str = "changelist") -> str:
    """Return the address of a table's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}")


def edit(client: Client, address: str, values: dict[str, Any]) -> Any:
    """Open a row's form and send it with these values."""
    return client.post(address, {**values, "_seen": client.get(address).context["seen"]})
