"""Making a plan: who waits for dispatch, who could go, and the best matching of both; at once, or as a job if large."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from grids import jobs
from grids.models.catalogue import Acts, Kind
from grids.models.people import Role
from grids.problems import BadInput
from grids.scope import Scope
from patrols.matching import Case, Matching, Reason, greedy, match
from patrols.models import Call, DispatchPlan, Party, PlanRow, Report
from patrols.models.parties import PartyState
from patrols.models.plans import Lacking, Origin, PlanState
from patrols.offering.table import CallState
from patrols.plans.people import Able, Crew, area, crew_of
from patrols.plans.reach import codes_of
from patrols.queries import ReportQuerySet
from patrols.workflow import TRANSITIONS

MOST_REPORTS = 2_000
AT_ONCE = 200  # what is more is a job
PRESSING = timedelta(minutes=30)
LATE_WEIGHT, PRESSING_WEIGHT, HAZARD_TIMES = 5, 3, 2
URGENCIES = ("due", "even")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a dispatcher asks for: metres a person goes at most, reports a day and person, and how urgency weighs.

    `urgency` is "due" (by the time left until dispatch, hazards twice) or "even".
    """

    radius_m: int = 3_000
    cap: int = 3
    urgency: str = "due"

    def as_json(self) -> dict[str, Any]:
        """Return it as the plan keeps it."""
        return {"radius_m": self.radius_m, "cap": self.cap, "urgency": self.urgency}


def make(scope: Scope, wish: Wish) -> DispatchPlan:
    """Write a plan for all that waits in the person's regions, or start a job that does where it is much.

    Raises NotAllowed for who dispatches nowhere, BadInput for too much at once.
    """
    assert scope.person is not None
    codes = codes_of(scope)
    count = waiting(scope).count()
    if count > MOST_REPORTS:
        raise BadInput(
            _("%(count)s reports wait for dispatch; a plan takes at most %(most)s.")
            % {"count": count, "most": MOST_REPORTS}
        )
    plan = DispatchPlan.objects.create(
        district=codes[0][:6], codes=codes, wish=wish.as_json(), made_by=scope.person, made_at=timezone.now()
    )
    if count > AT_ONCE:
        job = jobs.start("dispatch-plan", scope.person, district=plan.district, plan=str(plan.pk))
        plan.job = job.pk
        plan.save(update_fields=["job"])
    else:
        _fill(plan, scope)
    return plan


@jobs.job("dispatch-plan", title=gettext_lazy("Dispatch plan"), once=True)
def compute(run: jobs.Run, *, plan: str) -> dict[str, Any]:
    """Fill in a plan that was too large to wait for."""
    row = DispatchPlan.objects.filter(pk=UUID(plan), state=PlanState.MAKING).first()
    if row is None:
        raise BadInput(_("This plan is gone."))
    run.step(_("Matching reports and volunteers"), 0.1)
    served = _fill(row, run.scope)
    summary = ngettext("%(count)s report has somebody", "%(count)s reports have somebody", served) % {"count": served}
    return {"plan": plan, "summary": summary, "url": f"/dispatch/plan/?plan={plan}"}


def waiting(scope: Scope) -> ReportQuerySet:
    """Return the problems that can be dispatched in the regions where somebody dispatches.

    Requests and tasks go ways of their own.
    """
    sources = TRANSITIONS["dispatch"].sources
    codes = scope.regions.get(Role.DISPATCHER, ())
    only = Scope(None, {Role.DISPATCHER: codes} if codes else {}, *[frozenset[int]()] * 4)
    return Report.objects.visible_to(only).filter(state__in=sources, kind=Kind.PROBLEM)


def weight_of(report: Report, urgency: str, now: datetime) -> int:
    """Return how much a report weighs: late 5, due within half an hour 3, else 1; hazards twice that."""
    if urgency == "even":
        return 1
    due = report.dispatch_due_at
    weight = 1
    if due is not None and due - now < PRESSING:
        weight = LATE_WEIGHT if due < now else PRESSING_WEIGHT
    return weight * (HAZARD_TIMES if report.category.hazard else 1)


def case_of(report: Report, weight: int, without: frozenset[int]) -> Case:
    """Return a report as matching wants it."""
    return Case(
        str(report.pk),
        report.anchor.x,
        report.anchor.y,
        weight,
        needs=needs_of(report),
        only_body=report.category.acts != Acts.VOLUNTEER,
        without=without,
    )


def needs_of(report: Report) -> frozenset[str]:
    """Return what a report asks of whoever goes: the skills of its category, and to serve in its subdistrict."""
    return frozenset({area(report.region_code), *report.category.skills})


def refused(reports: Sequence[Report]) -> dict[UUID, frozenset[int]]:
    """Return by report who had it and gave it back or lost it: they are not proposed again."""
    rows = Party.objects.filter(report__in=reports, state=PartyState.LEFT, person__isnull=False)
    found: dict[UUID, set[int]] = {}
    for report, person in rows.values_list("report_id", "person_id"):
        found.setdefault(report, set()).add(person)
    return {key: frozenset(people) for key, people in found.items()}


def rounded(metres: int, able: Able) -> int:
    """Return a way as it is kept and shown: no position is better than ten metres."""
    return max(10, round(metres, -1)) if able.origin == Origin.POSITION else metres


def _fill(plan: DispatchPlan, scope: Scope) -> int:
    """Write the rows of a plan and propose it; returns how many reports have somebody."""
    now = timezone.now()
    rows = waiting(scope).select_related("category", "proposal__rule")
    reports = list(rows.order_by("dispatch_due_at", "recorded_at", "pk"))
    crew = crew_of(scope, plan.codes, plan.wish["cap"], now)
    gone = refused(reports)
    weights = {report.pk: weight_of(report, plan.wish["urgency"], now) for report in reports}
    asked = set(Call.objects.filter(report__in=reports, state=CallState.OPEN).values_list("report_id", flat=True))
    cases = [
        case_of(report, weights[report.pk], gone.get(report.pk, frozenset()))
        for report in reports
        if report.pk not in asked and not _discussed(report)
    ]
    volunteers = [able.volunteer(float(plan.wish["radius_m"])) for able in crew.able.values()]
    found = match(cases, volunteers)
    PlanRow.objects.bulk_create(_rows(plan, reports, weights, crew, found))
    other = greedy(cases, volunteers)
    plan.figures = {
        "volunteers": sum(able.available and able.capacity > 0 for able in crew.able.values()),
        "without_place": crew.without_place,
        "one_by_one": {"served": len(other.pairs), "weight": other.served, "cost": other.cost},
        "best": {"served": len(found.pairs), "weight": found.served, "cost": found.cost},
    }
    plan.state = PlanState.PROPOSED
    plan.save(update_fields=["figures", "state"])
    return len(found.pairs)


def _rows(
    plan: DispatchPlan, reports: Sequence[Report], weights: dict[UUID, int], crew: Crew, found: Matching
) -> list[PlanRow]:
    pairs = {pair.case: pair for pair in found.pairs}
    lacking = {row.case: row for row in found.unserved}
    rows = []
    for report in reports:
        row = PlanRow(
            plan=plan,
            district=plan.district,
            report=report,
            report_state=report.state,
            report_changed_at=report.changed_at,
            weight=weights[report.pk],
        )
        pair = pairs.get(str(report.pk))
        if pair:
            able = crew.able[pair.volunteer]
            row.person_id, row.metres, row.origin = able.id, rounded(pair.metres, able), able.origin
        elif left := lacking.get(str(report.pk)):
            row.nearest = left.nearest
            row.lacking = _lacking(left.reason, report)
        else:
            row.lacking = Lacking.APPROVAL if _discussed(report) else Lacking.ASKED
        rows.append(row)
    return rows


def _discussed(report: Report) -> bool:
    """Whether a rule wants a report discussed before it goes out; its proposal was read with it."""
    proposal = getattr(report, "proposal", None)
    return bool(proposal and proposal.rule and proposal.rule.approval)


def _lacking(reason: Reason, report: Report) -> Lacking:
    """Return a reason in the words of plans: who lacks nothing but the subdistrict is nobody of ours."""
    if reason == Reason.NO_SKILL and len(needs_of(report)) == 1:
        return Lacking.NOBODY_NEAR
    return Lacking(reason)
