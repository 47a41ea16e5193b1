"""Changing a plan by hand, one report at a time: another volunteer, nobody, left out, or a report that came since."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Person
from grids.problems import BadInput, Conflict
from grids.scope import Scope
from patrols.matching.distances import chords, metres_of, unit_vectors
from patrols.models import DispatchPlan, PlanRow, Report
from patrols.models.plans import Lacking, PlanState
from patrols.plans.making import needs_of, rounded, waiting, weight_of
from patrols.plans.people import Able, crew_of
from patrols.plans.reach import find_plan
from patrols.requirements import check_holder

MOST_CHOICES = 12
KEEP = -1


@dataclass(frozen=True, slots=True)
class Change:
    """What changes of one report: the person (an id, None for nobody, KEEP as it is), whether it is left out, and
    whether the person is asked instead of sent.
    """

    report: UUID
    person: int | None = KEEP
    left_out: bool | None = None
    as_offer: bool | None = None


@transaction.atomic
def change(scope: Scope, identity: UUID, version: int, wanted: Change) -> DispatchPlan:
    """Change a plan that was seen in a version and return it.

    Raises NotFound, Conflict when it was changed or dispatched meanwhile, BadInput for who cannot be sent.
    """
    plan = find_plan(scope, identity)
    swap(plan, version)
    row = PlanRow.objects.filter(plan=plan, report=wanted.report).select_related("report__category").first()
    row = row or _added(plan, scope, wanted.report)
    if wanted.left_out is not None:
        row.left_out = wanted.left_out
    if wanted.as_offer is not None:
        row.as_offer = wanted.as_offer
    if wanted.person != KEEP:
        _give(plan, row, scope, wanted.person)
    row.save()
    return plan


def swap(plan: DispatchPlan, version: int, **changes: object) -> None:
    """Move a proposed plan on from a version; raises Conflict when it is not there any more."""
    moved = DispatchPlan.objects.filter(pk=plan.pk, version=version, state=PlanState.PROPOSED)
    if not moved.update(version=F("version") + 1, **changes):
        plan.refresh_from_db()
        if plan.state != PlanState.PROPOSED:
            raise Conflict(
                _("This plan is “%(state)s” already.") % {"state": plan.get_state_display()}, state=plan.state
            )
        raise Conflict(_("Somebody else changed this plan just now."), version=plan.version)
    plan.version = version + 1


def choices(scope: Scope, identity: UUID, report: UUID) -> list[tuple[Able, int]]:
    """Return the nearest who could go to a report, each with the metres; the look at positions is noted."""
    plan = find_plan(scope, identity)
    asked = _report(scope, report)
    crew = crew_of(scope, plan.codes, plan.wish["cap"], timezone.now())
    serving = [able for able in crew.able.values() if _serves(able, asked)]
    ways = _ways(asked, serving)
    ranked = sorted(zip(serving, ways, strict=True), key=lambda pair: (not pair[0].available, pair[1], pair[0].id))
    return [(able, rounded(metres, able)) for able, metres in ranked[:MOST_CHOICES]]


def _give(plan: DispatchPlan, row: PlanRow, scope: Scope, person: int | None) -> None:
    row.by_hand, row.nearest = True, None
    if person is None:
        row.person_id, row.metres, row.origin, row.lacking = None, None, "", Lacking.BY_HAND
        return
    holder = Person.objects.filter(pk=person).first()
    if holder is None:
        raise BadInput(_("There is nobody with that id here."))
    check_holder(row.report, holder)
    able = crew_of(scope, plan.codes, plan.wish["cap"], timezone.now()).able.get(person)
    if able is None:
        raise BadInput(
            _("%(name)s has no grid and is not on patrol: how far away they are is unknown.") % {"name": holder}
        )
    (metres,) = _ways(row.report, [able])
    row.person_id, row.metres, row.origin, row.lacking = person, rounded(metres, able), able.origin, ""


def _added(plan: DispatchPlan, scope: Scope, report: UUID) -> PlanRow:
    found = _report(scope, report)
    return PlanRow(
        plan=plan,
        district=plan.district,
        report=found,
        report_state=found.state,
        report_changed_at=found.changed_at,
        weight=weight_of(found, plan.wish["urgency"], timezone.now()),
        lacking=Lacking.BY_HAND,
        by_hand=True,
    )


def _report(scope: Scope, report: UUID) -> Report:
    found = waiting(scope).select_related("category").filter(pk=report).first()
    if found is None:
        raise BadInput(_("This report does not wait for dispatch in your regions."))
    return found


def _serves(able: Able, report: Report) -> bool:
    return needs_of(report) <= able.skills


def _ways(report: Report, people: list[Able]) -> list[int]:
    place = unit_vectors([report.anchor.x], [report.anchor.y])[0]
    metres = metres_of(chords(place, unit_vectors([one.lon for one in people], [one.lat for one in people])))
    return [round(float(way)) for way in metres]
