"""Runs as jobs: asked for, computed and stored in one transaction, forgotten after two years."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids import clock, jobs
from grids.models import Region
from grids.models.people import Role
from grids.models.platform import JobState
from grids.problems import Conflict, NotAllowed, NotFound
from grids.scope import Scope
from maps.hotspots import wording
from maps.hotspots.computing import CODE_VERSION, compute
from maps.hotspots.question import Question, regions_of
from maps.hotspots.storing import store
from maps.models import HotspotRun
from maps.models.hotspots import Unit

KIND = "hotspots"
KEPT = timedelta(days=731)


def visible(scope: Scope) -> QuerySet[HotspotRun]:
    """Return the runs of the regions that somebody plans, whoever made them."""
    return HotspotRun.objects.filter(regions_of(scope.regions.get(Role.PLANNER, ())))


def planned_region(scope: Scope, code: str) -> Region:
    """Return a region that somebody plans by its code, the first of theirs without one; raises NotFound."""
    own = sorted(scope.regions.get(Role.PLANNER, ()))
    code = code or next(iter(own), "")
    region: Region | None = None
    if code and scope.reaches(Role.PLANNER, code):
        region = Region.objects.current().filter(code=code).first()
    if region is None:
        raise NotFound(_("There is no such region here."))
    return region


@transaction.atomic
def start(scope: Scope, question: Question) -> HotspotRun:
    """Write a run and start its job; raises BadInput for what cannot be answered."""
    assert scope.person is not None
    question.check()
    run = HotspotRun.objects.create(
        district=question.region.code[:6],
        region_code=question.region.code,
        since=question.since,
        until=question.until,
        unit=question.unit,
        resolution=question.resolution if question.unit == Unit.CELLS else None,
        categories=list(question.categories),
        source=question.source,
        corrected=question.corrected,
        permutations=question.permutations,
        seed=question.seed,
        code_version=CODE_VERSION,
        made_by=scope.person,
    )
    run.job = jobs.start(KIND, scope.person, district=run.district, hotspots=str(run.pk))
    run.save(update_fields=["job"])
    return run


@jobs.job(KIND, title=gettext_lazy("Looking for hotspots"), once=True)
def work(run: jobs.Run, *, hotspots: str) -> dict[str, Any]:
    """Compute and store a run; the result names it."""
    row = HotspotRun.objects.filter(pk=hotspots).first()
    if row is None:
        raise NotFound(_("This run was deleted."))
    if not run.scope.reaches(Role.PLANNER, row.region_code):
        raise NotAllowed(_("Hotspots are for the planners of the region."))
    store(row, compute(question_of(row), run.step))
    row.refresh_from_db()
    return {
        "run": str(row.pk),
        "summary": wording.headline(row),
        "url": f"/planner/?region={row.region_code}&run={row.pk}",
    }


def question_of(run: HotspotRun) -> Question:
    """Return what a run was asked, of the region as it was on the last day, or as it is where it is younger than that.

    Raises NotFound where there is no such region any more.
    """
    known = Region.objects.filter(code=run.region_code)
    region = known.on(run.until).first() or known.current().first()
    if region is None:
        raise NotFound(_("There is no such region here."))
    return Question(
        region=region,
        since=run.since,
        until=run.until,
        unit=run.unit,
        resolution=run.resolution or 0,
        categories=tuple(run.categories),
        source=run.source,
        corrected=run.corrected,
        permutations=run.permutations,
        seed=run.seed,
    )


def delete(scope: Scope, run: HotspotRun) -> None:
    """Delete a run with all it found; raises NotAllowed for another's, Conflict while it is computed."""
    if run.made_by_id != scope.person_id:
        raise NotAllowed(_("Only who made a run may delete it."))
    if run.state in (JobState.WAITING, JobState.RUNNING):
        raise Conflict(_("This run is not over yet: cancel its job first."))
    run.delete()


@clock.task("hotspots-old", timedelta(hours=6))
def forget() -> int:
    """Delete runs that are two years old, and those that never came to an end; return how many."""
    over = HotspotRun.objects.filter(created_at__lt=Now() - KEPT)
    failed = HotspotRun.objects.filter(finished_at=None, job=None, created_at__lt=timezone.now() - jobs.KEEP)
    return sum(rows.delete()[1].get("maps.HotspotRun", 0) for rows in (over, failed))
