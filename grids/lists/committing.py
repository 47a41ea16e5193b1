"""Bringing a list into the real tables: one job, one transaction, all of it or nothing; and taking it back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids import jobs
from grids.lists.assessing import Assessment, gone, understand
from grids.lists.changes import end_from
from grids.lists.drafts import Draft
from grids.lists.meaning import MEANINGS
from grids.lists.remembering import forget_places
from grids.lists.staging import changing, may_bring
from grids.models import Asset, Assignment, Checkpoint, Job, ListFile, ListImport, ListRow
from grids.models.lists import Fate, ListKind, ListState, RowState
from grids.models.search import SearchSource
from grids.problems import BadInput, Conflict, NotAllowed
from grids.search import index

KIND = "list"
SEARCHED: dict[str, str] = {
    ListKind.CHECKPOINTS: SearchSource.CHECKPOINT,
    ListKind.STAIRWELLS: SearchSource.STAIRWELL,
    ListKind.ORGANISATIONS: SearchSource.ORGANISATION,
}
_FIRST = ("name", "geom", "region_id", "type_id", "kind", "owner")
TAKE_BACK_WITHIN = timedelta(hours=24)


def start(listed: ListImport, *, leave_out: bool, end_gone: bool, confirmed: dict[str, int]) -> Job:
    """Hand a list to a worker; `confirmed` are the counts that whoever asks has seen.

    `leave_out` brings it in without the rows that have a problem or no place; else there must be none.
    """
    counts = understand(listed).counts()
    _require(counts, leave_out=leave_out)
    if confirmed != counts:
        raise Conflict(_("Something changed since you saw the numbers: look at them again."))
    with changing(listed):
        job = jobs.start(
            KIND,
            listed.person,
            district=listed.region.code[:6],
            listed=str(listed.pk),
            leave_out=leave_out,
            end_gone=end_gone,
            confirmed=counts,
        )
        ListImport.objects.filter(pk=listed.pk).update(state=ListState.WRITING, job=job)
    listed.job, listed.state = job, ListState.WRITING
    return job


def _require(counts: dict[str, int], *, leave_out: bool) -> None:
    left = counts.get(RowState.PROBLEM, 0) + counts.get(RowState.UNPLACED, 0)
    if left and not leave_out:
        raise BadInput(_("%(count)s rows have a problem or no place: settle them or leave them out.") % {"count": left})
    if not counts.get(RowState.READY, 0):
        raise BadInput(_("No row is ready to be brought in."))


@jobs.job(KIND, title=gettext_lazy("Bringing in a list"), once=True)
def bring_in(
    run: jobs.Run, *, listed: str, leave_out: bool, end_gone: bool, confirmed: dict[str, int]
) -> dict[str, Any]:
    """Write the ready rows of a list; the transaction is the job's own."""
    held = ListImport.objects.select_for_update().filter(pk=UUID(listed), state=ListState.WRITING).first()
    if held is None:
        raise Conflict(_("This list was brought in already, or was given up."))
    if not may_bring(held.person, held.region):
        raise NotAllowed(_("You no longer plan or administer this region."))
    with connection.cursor() as cursor:
        # Two lists of the same name would both create what neither finds yet.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [held.source])
    run.step(_("Looking over the rows once more"), 0.02)
    assessment = understand(held)
    counts = assessment.counts()
    _require(counts, leave_out=leave_out)
    if counts != confirmed:
        raise Conflict(_("Something changed since you saw the numbers: look at them again."))
    MEANINGS[held.kind].write(assessment.ready, assessment.context, run.step)
    ended = _end(assessment) if end_gone else []
    made_searchable(held.kind, [draft.target for draft in assessment.ready if draft.target] + ended)
    run.step(_("Keeping what was done"), 0.95)
    result = {**counts, "ended": len(ended), "left_out": counts["rows"] - counts.get(RowState.READY, 0)}
    _keep(held, assessment, result)
    return {"url": f"/imports/{held.pk}/", "summary": summary(result)}


def summary(result: dict[str, int]) -> str:
    """Return in a sentence what became of a list."""
    shown = {name: result.get(name, 0) for name in (Fate.NEW, Fate.CHANGED, Fate.UNCHANGED, "left_out", "ended")}
    words = _("%(new)s new, %(changed)s changed, %(unchanged)s unchanged, %(left_out)s left out") % shown
    return words + (_("; %(ended)s ended") % shown if shown["ended"] else "")


def _end(assessment: Assessment) -> list[int]:
    """End what an earlier version of the list brought in and this one no longer has, with its assignments."""
    listed, today = assessment.context.listed, assessment.context.today
    model: Any = Checkpoint if listed.kind == ListKind.CHECKPOINTS else Asset
    targets = gone(assessment)
    if model is Checkpoint:
        for assignment in Assignment.objects.on(today).filter(checkpoint__in=targets).select_for_update():
            end_from(assignment, today)
    for thing in model.objects.filter(pk__in=targets).select_for_update():
        # A thing that began today has an empty period then: it never held, and keeps its identity.
        thing.period = type(thing.period)(min(thing.period.lower or today, today), today)
        thing.save(update_fields=["period"])
    return targets


def made_searchable(kind: str, targets: list[int]) -> None:
    """Bring the names of things that a list changed in step with them."""
    source = SEARCHED.get(kind)
    if source and targets:
        index.refresh(source, targets)


def _keep(listed: ListImport, assessment: Assessment, result: dict[str, int]) -> None:
    done = {draft.number: draft for draft in assessment.ready}
    rows = list(listed.rows.filter(number__in=done).only("list_import", "number"))
    for row in rows:
        draft = done[row.number]
        row.target, row.before, row.fate = draft.target, _undoing(draft), draft.fate
    ListRow.objects.bulk_update(rows, ["target", "before", "fate"], batch_size=1000)
    forget_places(listed)
    ListFile.objects.filter(list_import=listed).delete()
    ListImport.objects.filter(pk=listed.pk).update(
        state=ListState.DONE, result={**result, "ready": result.get(RowState.READY, 0)}, finished_at=timezone.now()
    )


def _undoing(draft: Draft) -> dict[str, Any] | None:
    """Return what a row changed, as pairs of before and after."""
    if draft.fate == Fate.NEW:
        return {name: [None, draft.wanted[name]] for name in _FIRST if name in draft.wanted}
    return {name: [old, draft.wanted[name]] for name, old in (draft.before or {}).items()} or None


def earlier(listed: ListImport) -> list[str]:
    """Return the names of lists that brought something into this region before, to be chosen again."""
    prefix = f"list:{listed.region.code}:"
    model: Any = {ListKind.CHECKPOINTS: Checkpoint, ListKind.ASSETS: Asset}.get(ListKind(listed.kind))
    if model is None:
        return []
    sources = model.objects.filter(source__startswith=prefix).values_list("source", flat=True).distinct()
    return sorted(source.removeprefix(prefix) for source in sources)
