"""One step for many reports (批量操作): looked at first, then done one by one by a job, each in its own transaction.

What cannot be done is left as it is and said why; every event carries the id of the job, so that a second run of the
job does nothing twice and the history shows what was done together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from grids import jobs
from grids.holders import Holder
from grids.models import Job, Organisation, Person, Team
from grids.models.people import Role
from grids.problems import BadInput, Conflict, NotAllowed, Problem
from grids.scope import Scope
from patrols.history import holder_field
from patrols.models import Event, Report
from patrols.transitions import Move, check, transition
from patrols.workflow import TRANSITIONS, Transition

KIND = "bulk-step"
MOST = 200
# Steps that many reports may take without being looked at one by one; verifying and answering are not among them.
VERBS = ("accept", "dispatch", "request_approval", "urge", "supervise", "hold", "defer", "resume", "recall", "reject")
# What the table has to take a step back; where it has nothing, nothing is promised.
BACK = {"dispatch": "recall", "hold": "resume", "defer": "resume", "reject": "reopen"}
_HOLDERS: dict[str, type[Person] | type[Team] | type[Organisation]] = {
    "person": Person,
    "team": Team,
    "organisation": Organisation,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step would do or did to one report: nothing to say where it works, else the sentence why not."""

    report: Report
    refused: str = ""


def steps() -> list[Transition]:
    """Return the rows of the table that may be used on many."""
    return [TRANSITIONS[verb] for verb in VERBS]


def step_of(verb: str) -> Transition:
    """Return the row of a verb for many, a way back included; raises BadInput for any other."""
    if verb not in {*VERBS, *BACK.values()}:
        raise BadInput(_("There is no step “%(verb)s”.") % {"verb": verb})
    return TRANSITIONS[verb]


def chosen(identities: Sequence[UUID], scope: Scope) -> list[Report]:
    """Return those of some reports that somebody sees, newest first; raises BadInput for none or too many."""
    if not scope.has(Role.DISPATCHER):
        raise NotAllowed(_("Many reports at once are for dispatchers."))
    if len(identities) > MOST:
        raise BadInput(_("At most %(most)s reports at once.") % {"most": MOST})
    found = Report.objects.visible_to(scope).for_list().filter(pk__in=identities)
    reports = list(found.order_by("-recorded_at", "-id"))
    if not reports:
        raise BadInput(_("Choose at least one report."))
    return reports


def preview(reports: Sequence[Report], verb: str, scope: Scope, move: Move) -> list[Outcome]:
    """Return for each report whether a step would work now, and change nothing."""
    row = step_of(verb)
    outcomes = []
    for report in reports:
        try:
            check(row, report, scope, replace(move, expected=""))
        except Problem as problem:
            outcomes.append(Outcome(report, str(problem.sentence)))
        else:
            outcomes.append(Outcome(report))
    return outcomes


def start(person: Person, seen: dict[UUID, str], verb: str, move: Move) -> Job:
    """Begin a step on reports, each in the state in which it was seen; raises BadInput for none or too many."""
    step_of(verb)
    if not 0 < len(seen) <= MOST:
        raise BadInput(
            _("At most %(most)s reports at once.") % {"most": MOST} if seen else _("Choose at least one report.")
        )
    return jobs.start(
        KIND,
        person,
        seen={str(identity): state for identity, state in seen.items()},
        verb=verb,
        reason=move.reason,
        holder=[holder_field(move.holder), move.holder.pk] if move.holder else None,
        until=move.until.isoformat() if move.until else None,
    )


@jobs.job(KIND, title=gettext_lazy("One step for many reports"))
def work(
    run: jobs.Run, *, seen: dict[str, str], verb: str, reason: str, holder: list[Any] | None, until: str | None
) -> dict[str, Any]:
    """Do the step report by report; the result names those that it was done to and why the others were left."""
    given = Move(
        reason=reason,
        holder=_holder(holder),
        until=date.fromisoformat(until) if until else None,
        bulk=str(run.id),
    )
    done = _done_before(run, list(seen))
    refused: list[list[str]] = []
    for number, (identity, state) in enumerate(seen.items()):
        if identity in done:
            continue
        run.step(_("Report %(number)s of %(total)s") % {"number": number + 1, "total": len(seen)}, number / len(seen))
        try:
            transition(UUID(identity), verb, run.scope, replace(given, expected=state))
        except Problem as problem:
            refused.append([identity, str(problem.sentence)])
        else:
            done.add(identity)
    words = {"count": len(done), "verb": TRANSITIONS[verb].label}
    summary = ngettext("“%(verb)s”: %(count)s report", "“%(verb)s”: %(count)s reports", len(done)) % words
    if refused:
        left = ngettext("%(count)s left as it was", "%(count)s left as they were", len(refused))
        summary = f"{summary} · {left % {'count': len(refused)}}"
    return {
        "url": f"/reports/bulk/{run.id}/",
        "summary": summary,
        "done": [identity for identity in seen if identity in done],
        "refused": refused,
    }


def back_of(job: Job) -> str:
    """Return the verb that takes back what a job did, empty where the table has none."""
    return BACK.get(job.parameters["verb"], "")


def _done_before(run: jobs.Run, identities: list[str]) -> set[str]:
    """Return what an earlier run of the same job did already."""
    since = Job.objects.values_list("created_at", flat=True).get(pk=run.id)
    events = Event.objects.filter(report__in=identities, recorded_at__gte=since, data__bulk=str(run.id))
    return {str(identity) for identity in events.values_list("report", flat=True)}


def _holder(given: list[Any] | None) -> Holder | None:
    if given is None:
        return None
    holder: Holder | None = _HOLDERS[given[0]]._default_manager.filter(pk=given[1]).first()
    if holder is None:
        raise Conflict(_("Whoever it was to go to is not there any more."))
    return holder
