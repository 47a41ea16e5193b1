"""Papers as files: small ones at once, large ones by a job that says how far it is; fetched within a day."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids import jobs
from grids.models import Job
from grids.problems import BadInput
from grids.scope import Scope
from maps.papers.content import WHATS, paper_of, title_of
from maps.privacy.own_export import folder
from patrols.models import Sheet
from patrols.sheets import find

KIND = "sheet-file"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
AT_ONCE = 40  # reports whose photos are put into a file while somebody waits


def check_what(what: str) -> str:
    """Return which paper is meant; raises BadInput."""
    if what not in WHATS:
        raise BadInput(_("There is no such paper of a sheet."))
    return what


def name_of(what: str, sheet: Sheet) -> str:
    """Return what a file is called, in the reader's language."""
    return f"{title_of(what)} {sheet.number}.docx"


def start(sheet: Sheet, what: str, scope: Scope) -> Job:
    """Start writing a large paper."""
    assert scope.person
    return jobs.start(KIND, scope.person, district=sheet.district, sheet=str(sheet.pk), what=check_what(what))


def path_of(job: UUID) -> Path:
    """Return where the file of a job lies; it need not be there any more."""
    return folder() / f"{job}.docx"


@jobs.job(KIND, title=gettext_lazy("Assignment sheet as a file"))
def write(run: jobs.Run, *, sheet: str, what: str) -> dict[str, Any]:
    """Write the file of a job, if its starter may still see the sheet."""
    from maps.papers.word import docx_of

    paper = paper_of(find(UUID(sheet), run.scope), what)
    count = len(paper.lines)

    def step(done: int) -> None:
        run.step(_("Line %(done)d of %(count)d") % {"done": done + 1, "count": count}, done / max(1, count))

    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path_of(run.id)
    path.write_bytes(docx_of(paper, step))
    path.chmod(0o600)
    return {
        "url": f"/sheets/{sheet}/files/{run.id}/",
        "summary": _("%(name)s, %(count)d reports; it can be fetched for 24 hours.")
        % {"name": name_of(what, paper.sheet), "count": count},
    }
