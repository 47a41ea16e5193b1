"""The list of reports with its filters as a file: a job writes it, whoever asked fetches it within a day."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from grids import jobs
from grids.models import Job, Person
from grids.problems import BadInput
from grids.scope import Scope, scope_of
from maps.exports.columns import BATCH, Cell, Reader, headings, rows
from maps.exports.tables import write_csv, write_xlsx
from maps.privacy.own_export import folder
from patrols.filters import ALLOWED, read_filter
from patrols.models import Report

KIND = "report-table"
FORMS = ("csv", "xlsx")


def start(person: Person, form: str, filters: Mapping[str, str]) -> Job:
    """Start writing what a person sees of a filter; raises Problem for a form or filter that there is none of."""
    if form not in FORMS:
        raise BadInput(_("There is no such kind of file; there are %(forms)s.") % {"forms": ", ".join(FORMS)})
    read_filter(filters)
    kept = {name: filters[name] for name in ALLOWED if filters.get(name)}
    return jobs.start(KIND, person, form=form, filters=kept)


def path_of(job: Job) -> Path:
    """Return where the file of a job lies; it need not be there any more."""
    return folder() / f"{job.pk}.{job.parameters['form']}"


def reach_of(scope: Scope) -> str:
    """Return what a file was written for: whoever may see something else by now gets no file from before."""
    regions = sorted((role, sorted(codes)) for role, codes in scope.regions.items())
    return blake2b(repr((scope.key, regions)).encode(), digest_size=12).hexdigest()


def may_fetch(job: Job) -> bool:
    """Whether its starter still sees what they saw when the file was written."""
    return job.result is not None and job.result.get("reach") == reach_of(scope_of(job.person))


@jobs.job(KIND, title=gettext_lazy("Table of reports"))
def write(run: jobs.Run, *, form: str, filters: dict[str, str]) -> dict[str, Any]:
    """Write the file of a job; it appears under its name when it is whole."""
    scope = run.scope
    reports = read_filter(filters).apply(Report.objects.visible_to(scope))
    total = reports.count()
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder()) as drafts:
        draft = Path(drafts) / f"table.{form}"
        told = _telling(run, rows(reports, Reader.of(scope)), total)
        if form == "csv":
            count = write_csv(draft, headings(), told)
        else:
            count = write_xlsx(draft, _("Reports"), headings(), told)
        draft.chmod(0o600)
        os.replace(draft, folder() / f"{run.id}.{form}")
    summary = ngettext(
        "%(count)s report; the file can be fetched for 24 hours.",
        "%(count)s reports; the file can be fetched for 24 hours.",
        count,
    )
    return {
        "url": f"/reports/export/{run.id}/",
        "summary": summary % {"count": f"{count:,}"},
        "rows": count,
        "reach": reach_of(scope),
    }


def _telling(run: jobs.Run, table: Iterator[list[Cell]], total: int) -> Iterator[list[Cell]]:
    """Pass rows on and say now and then how many have passed."""
    for number, row in enumerate(table):
        if number % BATCH == 0:
            words = {"count": f"{number:,}", "total": f"{total:,}"}
            run.step(_("%(count)s of %(total)s reports written") % words, min(1.0, number / (total or 1)))
        yield row
