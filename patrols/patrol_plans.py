"""Patrol plans (巡查计划): making one for an area, changing and ending it, who sees it, and on which days it falls."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, JSONObject, Least
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.channels import notify
from grids.expressions import Core
from grids.holders import people_of
from grids.models import Assignment, Grid, Notification
from grids.models.people import AssignmentRole
from grids.planned_areas import PlannedArea, grids_touched
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.reach import managed, manages
from grids.scope import Scope
from patrols.models import PatrolPlan
from patrols.task_rules import days_by, read_rule

LONGEST = timedelta(days=366)
LONGEST_NAME, LONGEST_WHY = 120, 500
MADE, CHANGED, ENDED = "patrol_plan", "patrol_plan_changed", "patrol_plan_ended"
ANSWERS = (AssignmentRole.OWNER, AssignmentRole.DEPUTY)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a plan says besides its area; `rule` as for tasks of a list, the hours both or neither."""

    name: str
    why: str
    first_day: date
    last_day: date
    rule: str
    starts: time | None = None
    ends: time | None = None


CHANGEABLE = ("name", "why", "last_day", "starts", "ends")


def plans_of(scope: Scope) -> QuerySet[PatrolPlan]:
    """Return the plans that somebody sees: of the regions they see as a whole, and those that touch their grids."""
    seen = scope.within("region__code")
    if scope.grids:
        seen |= Q(Exists(_touching(scope.grids)))
    return PatrolPlan.objects.filter(seen).select_related("region").defer("region__geom")


def _touching(grids: Collection[int]) -> QuerySet[Grid]:
    rows = Grid.objects.filter(pk__in=grids, geom__bboverlaps=OuterRef("geom"))
    met: QuerySet[Grid] = rows.annotate(core=Core(F("geom"))).filter(core__intersects=OuterRef("geom"))
    return met


def in_force(rows: QuerySet[PatrolPlan], day: date) -> QuerySet[PatrolPlan]:
    """Keep the plans that a day lies within, whether or not they fall on it."""
    last = Least(F("last_day"), Coalesce(F("ended_on"), F("last_day")), output_field=DateField())
    kept: QuerySet[PatrolPlan] = rows.alias(last=last).filter(first_day__lte=day, last__gte=day)
    return kept


def due_on(grids: Collection[int], day: date) -> list[PatrolPlan]:
    """Return the plans that fall on a day and touch one of some grids, the earliest hours first, in one query."""
    return [plan for plan in in_force_at(grids, day) if day in days_of(plan, day, day)]


def in_force_at(grids: Collection[int], day: date) -> QuerySet[PatrolPlan]:
    """Return the plans that touch one of some grids and that a day lies within, the earliest hours first."""
    return in_force(PatrolPlan.objects.filter(Exists(_touching(grids))), day).order_by("starts", "name", "pk")


def in_force_json(grids: Collection[int], day: date) -> ArraySubquery:
    """Return the same as a column of whatever is asked for anyway; `due_in` reads it."""
    fields = ("id", "district", "name", "why", "rule", "first_day", "last_day", "ended_on", "starts", "ends")
    row = JSONObject(**{name: name for name in fields}, geom=AsGeoJSON("geom", precision=7))
    return ArraySubquery(in_force_at(grids, day).values(json=row))


def due_in(rows: Iterable[dict[str, Any]], day: date) -> list[PatrolPlan]:
    """Return the plans that fall on a day from what `in_force_json` wrote."""
    plans = []
    for row in rows:
        days = {name: row[name] and date.fromisoformat(row[name]) for name in ("first_day", "last_day", "ended_on")}
        hours = {name: row[name] and time.fromisoformat(row[name]) for name in ("starts", "ends")}
        plan = PatrolPlan(**{**row, **days, **hours, "id": UUID(row["id"]), "geom": GEOSGeometry(row["geom"])})
        if day in days_of(plan, day, day):
            plans.append(plan)
    return plans


def find(scope: Scope, identity: UUID) -> PatrolPlan:
    """Return a plan that somebody sees; raises NotFound."""
    plan = plans_of(scope).filter(pk=identity).first()
    if plan is None:
        raise NotFound(_("There is no such patrol plan here."))
    return plan


def may_keep(scope: Scope, plan: PatrolPlan) -> bool:
    """Whether somebody changes and ends a plan: the planners of its region."""
    return manages(scope, plan.region.code)


def until(plan: PatrolPlan) -> date:
    """Return the last day on which a plan holds, which lies before its first where it was withdrawn."""
    return plan.last_day if plan.ended_on is None else min(plan.last_day, plan.ended_on)


def days_of(plan: PatrolPlan, since: date, last: date) -> list[date]:
    """Return the days that a plan falls on from one day to another, both included."""
    return list(days_by(read_rule(plan.rule), plan.first_day, since, min(last, until(plan))))


def make(scope: Scope, draft: Draft, area: PlannedArea) -> PatrolPlan:
    """Make a plan for an area and tell who answers for the grids it touches.

    Raises NotAllowed for who does not plan there, BadInput for days, hours or words that cannot be.
    """
    if not managed(scope) or not manages(scope, area.region.code):
        raise NotAllowed(_("Patrol plans are made by the planners of the region."))
    said, today = _said(draft), timezone.localdate()
    if draft.first_day < today:
        raise BadInput(_("The first day has passed already."))
    if draft.first_day > today + LONGEST:
        raise BadInput(_("The first day lies more than a year ahead."))
    with transaction.atomic():
        plan = PatrolPlan(
            district=area.region.code[:6],
            region=area.region,
            geom=area.geom,
            cells=list(area.cells),
            made_by=scope.person,
            made_at=timezone.now(),
            **said,
        )
        plan.save(force_insert=True)
        _tell(MADE, plan, area.grids, scope)
    return plan


def change(scope: Scope, identity: UUID, given: Mapping[str, Any]) -> PatrolPlan:
    """Say anew what a plan is called, why, until when and at which hours, and tell who answers there of new days.

    Where and on which weekdays it holds stays: what was asked for on past days must not change afterwards. Raises
    NotFound, NotAllowed, Conflict for one that was ended, BadInput as `make` does.
    """
    with transaction.atomic():
        plan = _held(scope, identity)
        known = {one.name: getattr(plan, one.name) for one in fields(Draft)}
        draft = Draft(**known | {name: value for name, value in given.items() if name in CHANGEABLE})
        if draft.last_day < plan.last_day and draft.last_day < timezone.localdate():
            raise BadInput(_("The last day has passed already: end the plan instead."))
        if draft.last_day > plan.last_day and plan.last_day < timezone.localdate():
            raise Conflict(_("This plan is over: make another, so that nothing is asked for on days that have passed."))
        said = _said(draft)
        moved = [name for name, value in said.items() if getattr(plan, name) != value]
        for name in moved:
            setattr(plan, name, said[name])
        plan.changed_at = timezone.now()
        plan.save(update_fields=[*moved, "changed_at"])
        if {"last_day", "starts", "ends"} & set(moved):
            _tell(CHANGED, plan, grids_touched(plan.geom).values_list("pk", flat=True), scope)
    return plan


def end(scope: Scope, identity: UUID, last_day: date, why: str) -> PatrolPlan:
    """Let a plan hold until a day and no longer, and tell who answers there.

    With a day before its first it is withdrawn as if nobody had been asked. Raises NotFound, NotAllowed, Conflict for
    one that was ended already, BadInput for a day that has passed by more than a day, or no reason.
    """
    why = why.strip()
    if not why:
        raise BadInput(_("Say why the plan is ended."))
    if len(why) > LONGEST_WHY:
        raise BadInput(_("The reason is longer than %(most)s characters.") % {"most": LONGEST_WHY})
    with transaction.atomic():
        plan = _held(scope, identity)
        if last_day < timezone.localdate() - timedelta(days=1):
            raise BadInput(_("A plan ends yesterday at the earliest: what was asked for before stays as it was."))
        if last_day >= plan.last_day:
            raise BadInput(_("The plan ends by itself before that day."))
        plan.ended_on, plan.ended_why = last_day, why
        plan.save(update_fields=["ended_on", "ended_why"])
        _tell(ENDED, plan, grids_touched(plan.geom).values_list("pk", flat=True), scope)
    return plan


def _held(scope: Scope, identity: UUID) -> PatrolPlan:
    """Lock and return a plan that somebody keeps and that is not over."""
    plan = find(scope, identity)
    if not may_keep(scope, plan):
        raise NotAllowed(_("Patrol plans are made by the planners of the region."))
    plan = PatrolPlan.objects.select_for_update(of=("self",)).select_related("region").get(pk=plan.pk)
    if plan.ended_on is not None:
        raise Conflict(_("This plan was ended already."))
    return plan


def _said(draft: Draft) -> dict[str, Any]:
    """Return the columns of what a plan says; raises BadInput with the field that is wrong."""
    name, why = draft.name.strip(), draft.why.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(_("Give the plan a name of at most %(most)d characters.") % {"most": LONGEST_NAME}, field="name")
    if not 0 < len(why) <= LONGEST_WHY:
        text = _("Say in at most %(most)d characters why there is to be walked.") % {"most": LONGEST_WHY}
        raise BadInput(text, field="why")
    if draft.last_day < draft.first_day:
        raise BadInput(_("The last day comes before the first."), field="last_day")
    if draft.last_day - draft.first_day >= LONGEST:
        raise BadInput(_("A plan holds for %(most)d days at most.") % {"most": LONGEST.days}, field="last_day")
    if (draft.starts is None) != (draft.ends is None):
        raise BadInput(_("Give both hours, or neither."), field="starts")
    if draft.starts is not None and draft.ends is not None and draft.starts >= draft.ends:
        raise BadInput(_("The hours end before they begin."), field="ends")
    try:
        days = days_by(read_rule(draft.rule), draft.first_day, draft.first_day, draft.last_day)
    except ValueError as error:
        raise BadInput(_("It comes back by no such rule."), field="rule") from error
    if next(iter(days), None) is None:
        raise BadInput(_("The plan falls on no day between the first and the last."), field="rule")
    return {
        "name": name,
        "why": why,
        "first_day": draft.first_day,
        "last_day": draft.last_day,
        "rule": draft.rule,
        "starts": draft.starts,
        "ends": draft.ends,
    }


def _tell(verb: str, plan: PatrolPlan, grids: Iterable[int], scope: Scope) -> None:
    """Tell who answers for grids of a plan, each person once, with the way to their grid."""
    owners = Assignment.objects.current().filter(grid__in=list(grids), role__in=ANSWERS).order_by("grid__code")
    told: dict[int, str] = {}
    for code, person, team, body in owners.values_list("grid__code", "person", "team", "organisation"):
        kind, key = next(pair for pair in (("person", person), ("team", team), ("organisation", body)) if pair[1])
        for one in people_of(kind, key):
            told.setdefault(one, code)
    told.pop(scope.person_id, None)
    stamp: datetime | None = plan.changed_at if verb == CHANGED else None
    notify(
        [
            Notification(
                person_id=person,
                key=f"{verb}-{plan.pk}{f'-{stamp:%Y%m%d%H%M%S%f}' if stamp else ''}",
                verb=verb,
                subject=plan.name,
                data={"grid": code, "plan": str(plan.pk)},
            )
            for person, code in sorted(told.items())
        ]
    )
