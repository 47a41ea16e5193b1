"""Reports, streets and walks written straight into the tables, many at once, for runs that look for hotspots."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.contrib.gis.geos import LineString, MultiPolygon
from django.utils import timezone

from grids.models import Category, Region, Street
from patrols.models import Coverage, Report
from patrols.workflow import State
from tests.town import DISTRICT, NEAR, at, box

UNTIL = date(2026, 10, 25)  # a Sunday
EAST = f"{NEAR}001"


def day(ago: int) -> date:
    """Return the day so many days before the last one of the period."""
    return UNTIL - timedelta(days=ago)


def widen(size: float = 30) -> Region:
    """Let the east community reach so many hundred metres east and north, and return it."""
    Region.objects.filter(code=EAST).update(geom=MultiPolygon(box(0, 0, size, size), srid=4326))
    return Region.objects.get(code=EAST)


def file_many(
    category: Category, spots: Iterable[tuple[float, float, int]], source: str = "patrol", state: str = State.REPORTED
) -> list[Report]:
    """Write problems at places in hundreds of metres, each so many days before the end; they are in no grid."""
    first = Report.objects.count()
    rows = []
    for number, (east, north, ago) in enumerate(spots, start=first):
        moment = timezone.make_aware(datetime.combine(day(ago), time(10)))
        rows.append(
            Report(
                district=DISTRICT,
                region_code=EAST,
                number=f"H{number:06}",
                public_number=f"P{number:06}",
                source=source,
                category=category,
                geom=at(east, north),
                anchor=at(east, north),
                state=state,
                occurred_at=moment,
                recorded_at=moment,
                changed_at=moment,
                waiting_since=moment,
            )
        )
    return Report.objects.bulk_create(rows)


def lay_streets(size: float = 30, step: float = 1) -> list[Street]:
    """Write streets from south to north, each `step` hundred metres, so that every place has some."""
    return Street.objects.bulk_create(
        [
            Street(
                source_id=f"v{number}",
                kind="residential",
                geom=LineString(at((number + 0.5) * step, 0.02), at((number + 0.5) * step, size), srid=4326),
            )
            for number in range(int(size / step))
        ]
    )


def walk_whole(streets: Sequence[Street], agos: Iterable[int]) -> None:
    """Let streets be covered from end to end on some days."""
    Coverage.objects.bulk_create(
        [
            Coverage(district=DISTRICT, street=street, day=day(ago), covered=((0, 1_000_000),))
            for ago in agos
            for street in streets
        ]
    )
