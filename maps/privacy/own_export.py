"""Everything about oneself as a file: a job writes what `exporting` gives, its owner fetches it within a day."""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids import jobs
from grids.models import Job, Person
from grids.models.platform import JobState
from grids.problems import Conflict
from maps.privacy.exporting import export

KIND = "my-export"
KEPT_S = 24 * 3600


def start(person: Person) -> Job:
    """Start writing the file; raises Conflict while one is being written."""
    if Job.objects.filter(person=person, kind=KIND, state__in=[JobState.WAITING, JobState.RUNNING]).exists():
        raise Conflict(_("Your file is being made already."))
    return jobs.start(KIND, person)


def path_of(job: UUID) -> Path:
    """Return where the file of a job lies; it need not be there any more."""
    return folder() / f"{job}.zip"


def folder() -> Path:
    """Return where the files lie until they are forgotten."""
    return Path(settings.VAR) / "exports"


def forget(identities: Iterable[UUID]) -> None:
    """Remove the files of jobs, of whatever kind."""
    for identity in identities:
        for path in folder().glob(f"{identity}.*"):
            path.unlink(missing_ok=True)


def forget_old() -> int:
    """Remove the files that are a day old, and return how many."""
    if not folder().exists():
        return 0
    old = [path for path in folder().iterdir() if time.time() - path.stat().st_mtime > KEPT_S]
    for path in old:
        if path.is_dir():  # what a job that was killed had begun
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


@jobs.job(KIND, title=gettext_lazy("Everything about me as a file"))
def write(run: jobs.Run) -> dict[str, Any]:
    """Write the file of a job."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)

    def step(what: str, share: float) -> None:
        run.step(_("Writing: %(what)s") % {"what": what}, share)

    counts = export(run.person, path_of(run.id), step)
    rows = sum(counts.values())
    return {
        "url": f"/me/export/{run.id}/",
        "summary": _("%(count)s rows; the file can be fetched for 24 hours.") % {"count": f"{rows:,}"},
    }
