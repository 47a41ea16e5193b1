"""Lists about the small town, and a short way through bringing them in."""

from collections.abc import Sequence
from typing import Any

from grids import jobs
from grids.lists import assessing, committing, staging
from grids.models import Building, Job, ListImport, ListRow, Outbox, Person, Region, Stairwell
from grids.models.lists import ListKind
from grids.problems import Problem
from tests.grids.list_files import csv_of, workbook
from tests.town import DISTRICT, LAT, LON, STEP_LAT, STEP_LON, Town, box

NAMED = ("点位名称", "点位类型", "经度", "纬度", "责任人")


def spot(east: float, north: float) -> tuple[float, float]:
    """Return longitude and latitude so many hundred metres from the town's corner, as a list would have them."""
    return round(LON + east * STEP_LON, 6), round(LAT + north * STEP_LAT, 6)


def row(name: str, east: float | None = 1.5, north: float = 1.5, owner: str = "", kind: str = "农贸市场") -> list[Any]:
    """Return a row under `NAMED`; without `east` it has no coordinates."""
    return [name, kind, *(spot(east, north) if east is not None else (None, None)), owner]


def take_in(
    town: Town,
    rows: Sequence[Sequence[Any]],
    headings: Sequence[str] = NAMED,
    *,
    kind: str = ListKind.CHECKPOINTS,
    who: str = "paula",
    region: str = DISTRICT,
    name: str = "台账.xlsx",
) -> ListImport:
    """Take in a workbook of these rows as somebody's list."""
    person: Person = getattr(town, who)
    data = csv_of([headings, *rows]) if name.endswith(".csv") else workbook([headings, *rows])
    return staging.take_in(person, Region.objects.get(code=region), kind, name, data)


def start(listed: ListImport, *, leave_out: bool = False, end_gone: bool = False) -> Job:
    """Confirm what would change and hand the list to the worker."""
    fresh = staging.of_person(listed.person, listed.pk)
    seen = assessing.assess(fresh).counts()
    return committing.start(fresh, leave_out=leave_out, end_gone=end_gone, confirmed=dict(seen))


def work_off(job: Job) -> Job:
    """Do what the worker would do."""
    jobs.run(str(Outbox.objects.get(topic=jobs.TOPIC, payload__job=str(job.pk), done_at__isnull=True).pk))
    job.refresh_from_db()
    return job


def bring_in(listed: ListImport, **choices: bool) -> ListImport:
    """Bring a list in and return it as it stands after; a job that failed fails the test with its sentence."""
    job = work_off(start(listed, **choices))
    if job.error:
        raise Problem(job.error)
    listed.refresh_from_db()
    return listed


def counts(listed: ListImport) -> dict[str, int]:
    """Return what is counted of a list."""
    return dict(listed.result or {})


def rows_of(listed: ListImport) -> list[ListRow]:
    """Return the rows in their order."""
    return list(listed.rows.order_by("number"))


def sentences(listed: ListImport) -> list[str]:
    """Return the message ids of everything said at cells."""
    return [problem["say"] for each in rows_of(listed) for problem in each.problems]


def give_houses(town: Town) -> dict[str, Building]:
    """Give the town two buildings of one estate and one of another, the first with two stairwells."""
    east = town.grids[1].region
    houses = {}
    for index, (estate, name) in enumerate((("锦园", "1号楼"), ("锦园", "2号楼"), ("北苑", "1号楼"))):
        area = box(0.2 + index, 2.2, 0.6 + index, 2.6)
        area.srid = 4326
        houses[f"{estate}{name}"] = Building.objects.create(
            source_id=f"b{index}", estate=estate, name=name, kind="residential", region=east, geom=area
        )
    first = houses["锦园1号楼"]
    for label in ("1单元", "2单元"):
        Stairwell.objects.create(
            source_id=f"s{label}", building=first, label=label, households=10, geom=first.geom.centroid
        )
    return houses
