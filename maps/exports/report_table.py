"""The list of reports with its filters, or a layer of the map, as a file: a job writes it, who asked fetches it."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from grids import jobs
from grids.models import Job, Person
from grids.problems import BadInput
from grids.scope import NOBODY, Scope, scope_of
from maps.exports.columns import BATCH, Reader, headings
from maps.exports.columns import rows as report_rows
from maps.exports.geojson import write_geojson
from maps.exports.geopackage import write_geopackage
from maps.exports.layers import LAYERS, REPORTS, cells, chosen, features, shapes
from maps.exports.layers import headings as layer_headings
from maps.exports.tables import write_csv, write_xlsx
from maps.privacy.own_export import folder
from patrols.filters import ALLOWED

Row = TypeVar("Row")
KIND = "report-table"
TABLES, MAPS = ("csv", "xlsx"), ("geojson", "gpkg")
FORMS = (*TABLES, *MAPS)


def start(person: Person, form: str, filters: Mapping[str, str], layer: str = REPORTS) -> Job:
    """Start writing what a person sees of a layer and filters; raises Problem for what of those there is not."""
    if form not in FORMS:
        raise BadInput(_("There is no such kind of file; there are %(forms)s.") % {"forms": ", ".join(FORMS)})
    if layer not in LAYERS:
        raise BadInput(_("There is no such layer to take away; there are %(layers)s.") % {"layers": ", ".join(LAYERS)})
    kept = {name: filters[name] for name in ALLOWED if filters.get(name)}
    chosen(layer, kept, NOBODY)
    more = {} if layer == REPORTS else {"layer": layer}
    return jobs.start(KIND, person, form=form, filters=kept, **more)


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


def layer_of(job: Job) -> str:
    """Return which layer a job takes away."""
    return str(job.parameters.get("layer", REPORTS))


@jobs.job(KIND, title=gettext_lazy("File to take away"))
def write(run: jobs.Run, *, form: str, filters: dict[str, str], layer: str = REPORTS) -> dict[str, Any]:
    """Write the file of a job; it appears under its name when it is whole."""
    scope = run.scope
    rows = chosen(layer, filters, scope)
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder()) as drafts:
        draft = Path(drafts) / f"table.{form}"
        count = _write(draft, run, layer, rows)
        draft.chmod(0o600)
        os.replace(draft, folder() / f"{run.id}.{form}")
    return {
        "url": f"/reports/export/{run.id}/",
        "summary": _summary(layer, count) % {"count": f"{count:,}"},
        "rows": count,
        "reach": reach_of(scope),
    }


def _write(draft: Path, run: jobs.Run, layer: str, rows: Any) -> int:
    """Write the rows of a layer into a file of the form that its name ends with, and return how many there were."""
    total, form = rows.order_by().count(), draft.suffix[1:]
    if form == "geojson":
        return write_geojson(draft, _telling(run, features(layer, rows), total))
    if form == "gpkg":
        return write_geopackage(draft, LAYERS[layer], _telling(run, shapes(layer, rows), total))
    if layer == REPORTS:
        said, table, title = headings(), report_rows(rows, Reader.of(run.scope)), _("Reports")
    else:
        said, table, title = layer_headings(layer), cells(layer, rows), str(LAYERS[layer].title)
    if form == "csv":
        return write_csv(draft, said, _telling(run, table, total))
    return write_xlsx(draft, title, said, _telling(run, table, total))


def _summary(layer: str, count: int) -> str:
    if layer != REPORTS:
        return _("%(count)s rows; the file can be fetched for 24 hours.")
    return ngettext(
        "%(count)s report; the file can be fetched for 24 hours.",
        "%(count)s reports; the file can be fetched for 24 hours.",
        count,
    )


def _telling(run: jobs.Run, table: Iterator[Row], total: int) -> Iterator[Row]:
    """Pass rows on and say now and then how many have passed."""
    for number, row in enumerate(table):
        if number % BATCH == 0:
            words = {"count": f"{number:,}", "total": f"{total:,}"}
            run.step(_("%(count)s of %(total)s rows written") % words, min(1.0, number / (total or 1)))
        yield row
