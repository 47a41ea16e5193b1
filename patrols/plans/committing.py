"""Committing a plan: each row is dispatched, or asked as an offer; what moved meanwhile is left out and named."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from grids import jobs
from grids.models.people import Role
from grids.problems import Problem
from grids.scope import Scope
from patrols.models import DispatchPlan, PlanRow
from patrols.models.plans import Outcome, PlanState
from patrols.offering.calling import Policy, open_call
from patrols.plans.changing import swap
from patrols.plans.reach import find_plan
from patrols.transitions import Move, transition

AT_ONCE = 100  # rows; what is more is a job


def commit(scope: Scope, identity: UUID, version: int) -> tuple[DispatchPlan, UUID | None]:
    """Dispatch what a plan proposes and return the plan, with the job that does it where it is much.

    A plan that was committed already is returned as it is. Raises NotFound, Conflict when the plan was changed since
    the version that was seen, or discarded.
    """
    plan = find_plan(scope, identity)
    if plan.state == PlanState.COMMITTED:
        return plan, None
    assert scope.person is not None
    if plan.rows.filter(person__isnull=False, left_out=False).count() > AT_ONCE and plan.state == PlanState.PROPOSED:
        job = jobs.start("dispatch-commit", scope.person, district=plan.district, plan=str(plan.pk), version=version)
        return plan, job.pk
    return dispatched(scope, plan, version), None


def discard(scope: Scope, identity: UUID, version: int) -> DispatchPlan:
    """Give a plan up: nobody is sent. Raises NotFound, Conflict."""
    plan = find_plan(scope, identity)
    swap(plan, version, state=PlanState.DISCARDED, ended_by=scope.person, ended_at=timezone.now())
    return find_plan(scope, identity)


@jobs.job("dispatch-commit", title=gettext_lazy("Dispatching a plan"), once=True)
def commit_large(run: jobs.Run, *, plan: str, version: int) -> dict[str, Any]:
    """Dispatch a plan of many rows."""
    found = find_plan(run.scope, UUID(plan))
    if found.state != PlanState.COMMITTED:
        dispatched(run.scope, found, version, run)
    outcomes = Counter(found.rows.values_list("outcome", flat=True))
    sent, asked = outcomes[Outcome.DISPATCHED], outcomes[Outcome.OFFERED]
    parts = [ngettext("%(count)s report dispatched", "%(count)s reports dispatched", sent) % {"count": sent}]
    if asked:
        parts.append(
            ngettext("%(count)s report sent as an offer", "%(count)s reports sent as offers", asked) % {"count": asked}
        )
    summary = pgettext("sentence", ", ").join(parts)
    return {"plan": plan, "summary": summary, "url": f"/dispatch/plan/?plan={plan}"}


@transaction.atomic
def dispatched(scope: Scope, plan: DispatchPlan, version: int, run: jobs.Run | None = None) -> DispatchPlan:
    """Dispatch a plan's rows in one transaction; of two that commit at once one does, the other is told."""
    swap(plan, version, state=PlanState.COMMITTED, ended_by=scope.person, ended_at=timezone.now())
    # In the order of the reports' ids, as everybody who holds several of them does: two plans may share some.
    rows = list(
        plan.rows.filter(person__isnull=False, left_out=False).select_related("person", "report").order_by("report")
    )
    for number, row in enumerate(rows):
        if run:
            run.step(_("Dispatching"), number / len(rows))
        row.outcome, row.said = _dispatch(scope, row)
    PlanRow.objects.bulk_update(rows, ["outcome", "said"], batch_size=500)
    return find_plan(scope, plan.pk)


def _dispatch(scope: Scope, row: PlanRow) -> tuple[Outcome, str]:
    """Send one; what it says where it is not possible is kept with the row."""
    report = row.report
    if (report.state, report.changed_at) != (row.report_state, row.report_changed_at):
        said = _("The report is “%(state)s” by now.") % {"state": report.get_state_display()}
        return Outcome.MOVED, said
    if not scope.reaches(Role.DISPATCHER, report.region_code):
        return Outcome.REFUSED, _("There is no such report here.")
    try:
        if row.as_offer:
            assert row.person_id is not None
            open_call(report.pk, scope, Policy(people=(row.person_id,)))
            return Outcome.OFFERED, ""
        transition(report.pk, "dispatch", scope, Move(expected=row.report_state, holder=row.person))
    except Problem as problem:
        moved = problem.status == 409
        return Outcome.MOVED if moved else Outcome.REFUSED, str(problem.sentence)[:200]
    return Outcome.DISPATCHED, ""
