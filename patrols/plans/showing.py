"""The JSON form of a plan: its totals, a row a report, and where each volunteer sets out from."""

from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from grids.scope import Scope
from patrols.models import DispatchPlan, PlanRow
from patrols.models.plans import Origin, Outcome, PlanState
from patrols.plans.people import Able, Home, crew_of
from patrols.plans.rounds import Rounds, rounds_of
from patrols.presentation import category_json
from patrols.workflow import State

URGENCY_WORDS: dict[str, Promise] = {"due": _("by the time left"), "even": _("all alike")}


def plan_json(plan: DispatchPlan) -> dict[str, Any]:
    """Return a plan as a list shows it."""
    return {
        "id": str(plan.pk),
        "state": plan.state,
        "state_label": plan.get_state_display(),
        "version": plan.version,
        "made_at": plan.made_at.isoformat(),
        "made_by": _person(plan.made_by),
        "ended_at": plan.ended_at.isoformat() if plan.ended_at else None,
        "ended_by": _person(plan.ended_by),
        "job": str(plan.job) if plan.job else None,
        "wish": plan.wish,
        "figures": plan.figures,
    }


def plan_detail_json(plan: DispatchPlan, scope: Scope) -> dict[str, Any]:
    """Return a plan with its rows: of a proposal with where people set out from, of what went out with the rounds that
    are left of it, which begin in people's grids, since no position is kept.
    """
    rows = list(
        plan.rows.select_related("report__category", "report__grid", "person")
        .defer("report__geom", "report__grid__geom")
        .order_by("-weight", "report__dispatch_due_at", "report__number", "pk")
    )
    people = {row.person_id for row in rows if row.person_id}
    able: dict[int, Able] = {}
    rounds = Rounds({}, {})
    now = timezone.now()
    if plan.state == PlanState.PROPOSED and people:
        able = crew_of(scope, plan.codes, plan.wish["cap"], now, only=people).able
    elif plan.state == PlanState.COMMITTED:
        sent = [row for row in rows if row.outcome in {Outcome.DISPATCHED, Outcome.OFFERED}]
        rounds = rounds_of(sent, timezone.localdate(now))
    names = {row.person.pk: str(row.person) for row in rows if row.person}
    return {
        **plan_json(plan),
        "totals": totals_of(rows),
        "rows": [{**row_json(row), "stop": rounds.stops.get(str(row.report_id))} for row in rows],
        "people": [
            able_json(able[key]) if key in able else _home_json(key, name, rounds.homes.get(key))
            for key, name in sorted(names.items(), key=lambda pair: (pair[1], pair[0]))
        ],
    }


def _home_json(person: int, name: str, home: Home | None) -> dict[str, Any]:
    """Return somebody by name, and where the round begins that they still have."""
    if home is None:
        return {"id": person, "name": name, "lon": None, "lat": None}
    origin = {"origin": Origin.GRID.value, "origin_label": str(Origin.GRID.label)}
    return {"id": person, "name": name, "lon": home.lon, "lat": home.lat, "grid": home.grid, **origin}


def row_json(row: PlanRow) -> dict[str, Any]:
    """Return one report of a plan."""
    report = row.report
    return {
        "report": {
            "id": str(report.pk),
            "number": report.number,
            "place": report.place,
            "category": category_json(report.category),
            "grid": report.grid.local_name if report.grid else "",
            "lon": report.anchor.x,
            "lat": report.anchor.y,
            "state": report.state,
            "state_label": str(State(report.state).label),
            "due": int(report.dispatch_due_at.timestamp()) if report.dispatch_due_at else None,
        },
        "weight": row.weight,
        "person": _person(row.person),
        "metres": row.metres,
        "origin": row.origin,
        "lacking": row.lacking,
        "lacking_label": row.get_lacking_display() if row.lacking else "",
        "nearest": row.nearest,
        "by_hand": row.by_hand,
        "left_out": row.left_out,
        "as_offer": row.as_offer,
        "outcome": row.outcome,
        "outcome_label": row.get_outcome_display() if row.outcome else "",
        "said": row.said,
    }


def able_json(able: Able) -> dict[str, Any]:
    """Return a volunteer and from where they set out."""
    return {
        "id": able.id,
        "name": able.name,
        "lon": able.lon,
        "lat": able.lat,
        "origin": able.origin,
        "origin_label": str(able.origin.label),
        "grid": able.grid,
        "in_hand": able.in_hand,
        "capacity": able.capacity,
        "available": able.available,
    }


def totals_of(rows: list[PlanRow]) -> dict[str, Any]:
    """Return what a plan comes to: metres as the crow flies."""
    sent = [row for row in rows if row.person_id and not row.left_out]
    ways = [row.metres or 0 for row in sent]
    return {
        "reports": len(rows),
        "served": len(sent),
        "unserved": sum(row.person_id is None for row in rows),
        "left_out": sum(row.left_out for row in rows),
        "people": len({row.person_id for row in sent}),
        "metres": sum(ways),
        "weighted": sum(row.weight * (row.metres or 0) for row in sent),
        "longest": max(ways, default=0),
        "dispatched": sum(row.outcome == Outcome.DISPATCHED for row in rows),
        "offered": sum(row.outcome == Outcome.OFFERED for row in rows),
        "moved": sum(row.outcome in {Outcome.MOVED, Outcome.REFUSED} for row in rows),
    }


def _person(person: Any) -> dict[str, Any] | None:
    return {"id": person.pk, "name": str(person)} if person else None
