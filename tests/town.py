"""A town small enough to know by heart, and the cast that all tests use.

        lon →  0      1      2      3            9     10
    lat 3      +------+------+------+            +------+
               |  1   |  4   |  7   |            |      |
    lat 2      +------+------+------+            |      |
               |  2   |  5   |  8   |            |  1   |
    lat 1      +------+------+------+            |      |
               |  3   |  6   |  9   |            |      |
    lat 0      +------+------+------+            +------+
               east community (…001001)          far community (…002001)

Each step is 100 m. Grid 5, in the middle, is Alice's; Bob is a member of it. Charlie leads the one grid of the far
community and is the outsider. Dora dispatches in the near subdistrict, Olaf in the far one.
"""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from grids.models import (
    Assignment,
    Category,
    Checkpoint,
    CheckpointType,
    Grid,
    Membership,
    Organisation,
    Person,
    Region,
)
from grids.scope import Scope, scope_of

LON, LAT = 111.67, 40.82
STEP_LON, STEP_LAT = 0.001185, 0.0009005  # 100 m each at this latitude
DISTRICT, NEAR, FAR = "150199", "150199001", "150199002"
LITTER, PARKING, MANHOLE = "06010", "09009", "01002"


def at(east: float, north: float) -> Point:
    """Return the point so many hundred metres east and north of the town's corner."""
    return Point(LON + east * STEP_LON, LAT + north * STEP_LAT, srid=4326)


def box(west: float, south: float, east: float, north: float) -> Polygon:
    """Return a rectangle in hundreds of metres."""
    low, high = at(west, south), at(east, north)
    return Polygon.from_bbox((low.x, low.y, high.x, high.y))


@dataclass
class Town:
    """The town's places and people."""

    grids: dict[int, Grid]
    far_grid: Grid
    alice: Person
    bob: Person
    charlie: Person
    dora: Person
    olaf: Person
    paula: Person
    squad: Organisation
    squad_member: Person
    litter: Category
    parking: Category
    manhole: Category
    checkpoint: Checkpoint

    def scope(self, name: str) -> Scope:
        """Return somebody's reach, read afresh."""
        return scope_of(Person.objects.get(username=name))


def build_town() -> Town:
    """Write the town into the database, in as few statements as there are kinds of things: most tests begin with it."""
    since = DateRange(timezone.localdate().replace(year=timezone.localdate().year - 1, day=1), None)
    district = _region(DISTRICT, "district", None, box(0, 0, 10, 3), since)
    near = _region(NEAR, "subdistrict", district, box(0, 0, 3, 3), since)
    far = _region(FAR, "subdistrict", district, box(9, 0, 10, 3), since)
    east = _region(NEAR + "001", "community", near, box(0, 0, 3, 3), since)
    away = _region(FAR + "001", "community", far, box(9, 0, 10, 3), since)
    *near_grids, far_grid = Grid.objects.bulk_create(
        [
            *(
                _grid(east, 1 + column * 3 + row, box(column, 2 - row, column + 1, 3 - row), since)
                for column in range(3)
                for row in range(3)
            ),
            _grid(away, 1, box(9, 0, 10, 3), since),
        ]
    )
    grids = dict(enumerate(near_grids, start=1))
    password = make_password("a-long-password")
    everybody = [
        Person(username=name, password=password, name=chinese, name_en=name.capitalize())
        for name, chinese in {
            "alice": "柳芸",
            "bob": "段禾",
            "charlie": "许棠",
            "dora": "梁川",
            "olaf": "欧岚",
            "paula": "潘越",
            "squad_member": "施朗",
        }.items()
    ]
    people = {person.username: person for person in Person.objects.bulk_create(everybody)}
    squad = Organisation.objects.create(
        code="squad",
        name="城管中队",
        name_en="Urban management squad",
        kind="urban_management",
        region=near,
        jurisdiction=MultiPolygon(box(0, 0, 3, 3), srid=4326),
        period=since,
    )
    Membership.objects.bulk_create(
        Membership(person=people[name], role=role, region=region, organisation=body, period=since)
        for name, role, region, body in (
            ("alice", "leader", east, None),
            ("bob", "volunteer", east, None),
            ("charlie", "leader", away, None),
            ("dora", "dispatcher", near, None),
            ("olaf", "dispatcher", far, None),
            ("paula", "planner", district, None),
            ("squad_member", "staff", near, squad),
        )
    )
    Assignment.objects.bulk_create(
        Assignment(person=people[name], grid=grid, role=role, period=since)
        for name, grid, role in (
            ("alice", grids[5], "owner"),
            ("bob", grids[5], "member"),
            ("charlie", far_grid, "owner"),
        )
    )
    kind = CheckpointType.objects.create(code="market", name="农贸市场", glyph="市", geometry="point")
    litter, parking, manhole = Category.objects.bulk_create(
        [
            _category(LITTER, "暴露垃圾", "垃", acts="volunteer", trivial=True, body="sanitation"),
            _category(PARKING, "机动车乱停放", "车", acts="body", body="urban_management"),
            _category(MANHOLE, "污水井盖", "井", acts="guard", hazard=True, body="municipal"),
        ]
    )
    return Town(
        grids=grids,
        far_grid=far_grid,
        squad=squad,
        litter=litter,
        parking=parking,
        manhole=manhole,
        checkpoint=Checkpoint.objects.create(
            source_id="c1", name="西市场", type=kind, region=east, geom=at(1.5, 1.5), period=since
        ),
        **people,
    )


def _region(code: str, level: str, parent: Region | None, area: Polygon, since: DateRange) -> Region:
    return Region.objects.create(
        code=code,
        level=level,
        parent=parent,
        name=f"{code}区",
        name_en=f"Region {code}",
        source_id=code,
        geom=MultiPolygon(area, srid=4326),
        period=since,
    )


def _grid(region: Region, number: int, area: Polygon, since: DateRange) -> Grid:
    area.srid = 4326
    return Grid(
        code=f"{region.code}{number:03}", name=f"第{number}网格", region=region, geom=area, households=300, period=since
    )


def _category(code: str, name: str, glyph: str, **more: object) -> Category:
    return Category(
        code=code,
        version="test",
        name=name,
        name_en=f"Category {code}",
        glyph=glyph,
        group="测试",
        limit_minutes=240,
        limit_unit="calendar",
        **more,
    )
