"""Ready-made grids from a file as a job: read in GDAL's child process, repaired under a tolerance, made a proposal."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids import clock, jobs
from grids.lists import geodata
from grids.lists.content import MOST_BYTES, recognise
from grids.models import Job, Person, Region, SplitFile
from grids.places_import.columns import resolve
from grids.places_import.ready_grids import FIELDS, row_of
from grids.problems import BadInput, NotAllowed
from grids.reach import manages
from grids.splits.ready_made import ReadyGrid, check_tolerance, draft_of
from grids.splits.storing import store

KIND = "split-file"
FORMATS = {"shapefile", "geojson", "geopackage"}
# The community is the one that was chosen; a column of the file does not send its grids elsewhere.
COLUMNS = tuple(name for name in FIELDS if name not in {"id", "region"})
# What of the whole reading takes; the rest is repairing, cutting into blocks and measuring.
READ = 0.3


def start(person: Person, region: Region, data: bytes, tolerance: float) -> Job:
    """Keep a file and start making a proposal of it; raises BadInput for what holds no areas at all."""
    if len(data) > MOST_BYTES:
        raise BadInput(_("The file is larger than %(most)s MB.") % {"most": MOST_BYTES >> 20})
    check_tolerance(tolerance)
    _form(data)
    with transaction.atomic():
        job = jobs.start(KIND, person, district=region.code[:6], region=region.code, tolerance=tolerance)
        SplitFile.objects.create(job=job, data=data)
    return job


@jobs.job(KIND, title=gettext_lazy("Bringing in ready-made grids"), once=True)
def work(run: jobs.Run, *, region: str, tolerance: float) -> dict[str, Any]:
    """Make a proposal of the job's file; the result names it, and the file is gone then.

    Raises BadInput with one sentence for a file that holds no grids, for grids of both kinds, and for gaps and overlaps
    wider than the tolerance; nothing is written then.
    """
    if not manages(run.scope, region):
        raise NotAllowed(_("Grids are made by the planners and administrators of the region."))
    file = SplitFile.objects.get(job=run.id)
    run.step(_("Reading the file"), 0.0)
    community = Region.objects.current().get(code=region)
    grids, kind = _read(bytes(file.data), community)
    draft = draft_of(
        community,
        grids,
        kind=kind,
        tolerance=tolerance,
        person=run.person,
        tell=lambda text, share: run.step(text, READ + (1 - READ) * share),
    )
    made = store(draft)
    file.delete()
    summary = _("%(region)s: %(grids)s grids from the file, %(count)s places repaired") % {
        "region": community.local_name,
        "grids": draft.quality["grids"],
        "count": len(draft.remarks),
    }
    return {"split": made.pk, "summary": summary, "url": f"/planner/split/?community={region}&split={made.pk}"}


def _form(data: bytes) -> str:
    form = recognise(data)
    if form not in FORMATS:
        raise BadInput(_("This file holds no areas: send GeoJSON, GeoPackage or a zipped Shapefile."))
    return form


def _read(data: bytes, region: Region) -> tuple[list[ReadyGrid], str]:
    table = geodata.read(data, _form(data)).grid
    names = [str(name) for name in table.rows[0][1]]
    columns = resolve(COLUMNS, names, {}, {})
    grids: list[ReadyGrid] = []
    kinds: set[str] = set()
    for number, cells in table.rows[1:]:
        shape = table.shapes.get(number)
        if shape is None or shape.geom_type not in {"Polygon", "MultiPolygon"}:
            raise BadInput(_("Row %(row)s of the file has no usable area.") % {"row": number})
        values = columns.values(dict(zip(names, cells, strict=False)))
        _region, kind, grid = row_of(values, shape, region.code)
        kinds.add(kind)
        grids.append(grid)
    if len(kinds) > 1:
        raise BadInput(_("The file holds service grids and unit grids: send one kind at a time."))
    return grids, kinds.pop() if kinds else ""


@clock.task("split-files-old", timedelta(hours=1))
def forget() -> int:
    """Delete the files of jobs that are over, and return how many."""
    return SplitFile.objects.filter(job__finished_at__isnull=False).delete()[0]
