"""Who could be sent to a report: those who answer for its grid, and the bodies in whose jurisdiction it lies."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grids.models import Assignment, Organisation
from grids.models.catalogue import Acts
from grids.models.people import AssignmentRole
from patrols.models import Party, Report
from patrols.requirements import may_act

MOST_OTHERS = 3
ORDER = {AssignmentRole.OWNER: 0, AssignmentRole.DEPUTY: 1, AssignmentRole.MEMBER: 2}


def candidates(report: Report) -> dict[str, list[dict[str, Any]]]:
    """Return who fits, best first and each with the reason in the reader's language, and why others are left out."""
    bodies, others = _bodies(report)
    left_out = (
        [{"count": others, "why": _("Bodies of another kind in whose jurisdiction it lies too.")}] if others else []
    )
    volunteers = _volunteers(report)
    if report.category.acts == Acts.VOLUNTEER:
        return {"results": volunteers + bodies, "excluded": left_out}
    why = (
        _("Volunteers only guard it until the body comes.")
        if report.category.acts == Acts.GUARD
        else _("Only a body with powers may act on this.")
    )
    guards = [{"count": len(volunteers), "why": why}] if volunteers else []
    return {"results": bodies, "excluded": guards + left_out}


def _volunteers(report: Report) -> list[dict[str, Any]]:
    assignments = (
        Assignment.objects.current()
        .filter(grid=report.grid_id, person__isnull=False, person__is_active=True)
        .exclude(person=report.handler_id)
        .select_related("person")
    )
    people = {row.person_id: row for row in sorted(assignments, key=lambda row: -ORDER[row.role])}
    load = _load("person", people.keys())
    rows = sorted(people.values(), key=lambda row: (ORDER[row.role], load.get(row.person_id, 0), row.person_id))
    return [
        {
            "kind": "person",
            "id": row.person_id,
            "name": str(row.person),
            "fits": True,
            "why": _("%(role)s of this grid") % {"role": row.get_role_display()}
            + " · "
            + _at_hand(load.get(row.person_id, 0)),
        }
        for row in rows
    ]


def _bodies(report: Report) -> tuple[list[dict[str, Any]], int]:
    """Return the bodies that fit and a few that do not, and how many more of those there are."""
    today = timezone.localdate()
    found = Organisation.objects.on(today).filter(jurisdiction__covers=report.anchor).order_by("code")
    load = _load("organisation", [body.pk for body in found])
    able = [body for body in found if may_act(report.category, body)]
    rows = sorted(able, key=lambda body: (body.kind != report.category.body, load.get(body.pk, 0)))
    fitting = sum(body.kind == report.category.body for body in rows)
    shown = rows[: fitting + MOST_OTHERS]
    listed = [
        {
            "kind": "organisation",
            "id": body.pk,
            "name": str(body),
            "fits": body.kind == report.category.body,
            "why": (
                _("responsible for this kind of problem here")
                if body.kind == report.category.body
                else _("within its jurisdiction, but another kind of body")
            )
            + " · "
            + _at_hand(load.get(body.pk, 0)),
        }
        for body in shown
    ]
    return listed, len(rows) - len(shown)


def work_in_hand(holder: str, keys: Collection[int]) -> QuerySet[Party, dict[str, int]]:
    """Return how many parts each of some people (`holder` "person") or bodies ("organisation") still have to do."""
    busy = Party.objects.busy().filter(**{f"{holder}__in": keys})
    return busy.values(key=F(holder)).annotate(count=Count("pk"))


def _load(holder: str, keys: Collection[int]) -> dict[int, int]:
    return {row["key"]: row["count"] for row in work_in_hand(holder, keys)}


def _at_hand(count: int) -> str:
    return ngettext("%(count)d case in hand", "%(count)d cases in hand", count) % {"count": count}
