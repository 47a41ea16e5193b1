"""Who could be sent to a report: the volunteers who can be asked, and the bodies in whose jurisdiction it lies."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grids import looks
from grids.models import LookLog, Organisation
from grids.models.catalogue import Acts
from grids.models.people import AssignmentRole, Role
from grids.scope import Scope
from patrols.models import Party, Report
from patrols.offering.finding import Found, find, left_out
from patrols.requirements import may_act
from patrols.routing.acting import put_first

MOST_OTHERS = 3
MOST_VOLUNTEERS = 8  # so that the body that fits is still on a key of its own


def candidates(report: Report, viewer: Scope | None = None) -> dict[str, Any]:
    """Return who fits, best first and each with the reason in the reader's language, and why others are left out.

    Whom the rules propose comes first; `approval` says that its rule wants it discussed before it goes out.

    Of the volunteers who can be asked (`patrols.offering.finding`) those on patrol come first, by how far they are,
    which is a look at them by the `viewer`, a dispatcher of the report's region; then who answers for the grid, then
    the neighbours. Without a viewer no position is read.
    """
    now = timezone.now()
    bodies, others = _bodies(report)
    others_left = (
        [{"count": others, "why": _("Bodies of another kind in whose jurisdiction it lies too.")}] if others else []
    )
    volunteers = _volunteers(report, viewer, now)
    if report.category.acts == Acts.VOLUNTEER:
        return put_first(report, {"results": volunteers + bodies, "excluded": _left_out(report, now) + others_left})
    why = (
        _("Volunteers only guard it until the body comes.")
        if report.category.acts == Acts.GUARD
        else _("Only a body with powers may act on this.")
    )
    guards = [{"count": len(volunteers), "why": why}] if volunteers else []
    return put_first(report, {"results": bodies, "excluded": guards + others_left})


def _volunteers(report: Report, viewer: Scope | None, now: datetime) -> list[dict[str, Any]]:
    found = find(report, now, MOST_VOLUNTEERS, positions=viewer is not None)
    if viewer:
        seen = [(one.person, one.patrol) for one in found if one.away is not None]
        looks.note(viewer.person_id, Role.DISPATCHER, LookLog.What.DISTANCE, seen, now)
    skilled = report.category.skills
    return [
        {"kind": "person", "id": one.person, "name": one.name, "fits": True, "why": " · ".join(_why(one, skilled))}
        for one in found
    ]


def _why(one: Found, skills: list[str]) -> list[str]:
    """Return the reason in parts: how far who is on patrol is, to ten metres, since no position is better than that."""
    parts = []
    if one.away is not None:
        parts.append(_("on patrol, %(metres)d m away") % {"metres": max(10, round(one.away, -1))})
    if one.role:
        parts.append(_("%(role)s of this grid") % {"role": AssignmentRole(one.role).label})
    elif one.away is None:
        parts.append(
            _("of %(grid)s, %(metres)d m from here") % {"grid": one.grid, "metres": round(one.beyond or 0, -1)}
        )
    if skills:
        parts.append(_("has what it takes: %(skills)s") % {"skills": ", ".join(skills)})
    return [*parts, _at_hand(one.load)]


def _left_out(report: Report, now: datetime) -> list[dict[str, Any]]:
    """Return how many volunteers around are left out and why; who is not available, and why not, is said of nobody."""
    counts = left_out(report, now)
    reasons = {
        "skills": _("Volunteers who lack what it takes: %(skills)s.") % {"skills": ", ".join(report.category.skills)},
        "free": _("Volunteers who are not available just now."),
    }
    return [{"count": counts[name], "why": why} for name, why in reasons.items() if counts[name]]


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
