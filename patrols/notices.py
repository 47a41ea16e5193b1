"""Who is told what when a report moves: turns an event into inbox notifications, once each."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from grids import outbox
from grids.channels import notify
from grids.holders import people_of
from grids.models import Assignment, Membership, Notification
from grids.models.people import AssignmentRole, Role
from patrols.history import MOVED
from patrols.models import Report

TELLS_DISPATCHERS = frozenset({"file", "send_back", "handle_on_spot", "handle", "reopen", "request_approval", "resume"})
TELLS_OWNERS = frozenset({"file", "handle", "handle_on_spot", "dispatch", "approve", "close", "request_approval"})
TELLS_HOLDER = frozenset(
    {"dispatch", "hand_over", "approve", "recall", "return", "resume", "hold", "defer", "extend", "close"}
)
TELLS_REPORTER = frozenset(
    {"accept", "reject", "mark_duplicate", "dispatch", "approve", "handle", "close", "reopen", "defer"}
)


@outbox.handles(MOVED)
def tell(promise: UUID, payload: dict[str, Any]) -> None:
    """Put a notification into the inbox of everybody concerned but the actor; the promise's id keeps each single."""
    report = Report.objects.select_related("category").filter(pk=payload["report"]).first()
    if report is None:
        return
    people = concerned(report, payload) - {payload["actor"]}
    notify(
        [
            Notification(
                person_id=person,
                key=str(promise),
                verb=payload["verb"],
                subject=report.place or report.number,
                data={
                    "report": str(report.pk),
                    "number": report.number,
                    "category": report.category.code,
                    "after": payload["after"],
                    "hazard": report.category.hazard,
                },
            )
            for person in sorted(people)
        ],
        urgent=report.category.hazard,
    )


def concerned(report: Report, payload: dict[str, Any]) -> set[int]:
    """Return the ids of those an event concerns."""
    verb, today = payload["verb"], timezone.localdate()
    people: set[int] = set()
    if verb in TELLS_REPORTER and report.reporter_id:
        people.add(report.reporter_id)
    if verb in TELLS_OWNERS and report.grid_id:
        owners = Assignment.objects.on(today).filter(
            grid=report.grid_id, person__isnull=False, role__in=[AssignmentRole.OWNER, AssignmentRole.DEPUTY]
        )
        people.update(owners.values_list("person_id", flat=True))
    if verb in TELLS_DISPATCHERS:
        prefixes = [report.region_code[:length] for length in (6, 9, 12)]
        dispatchers = Membership.objects.on(today).filter(role=Role.DISPATCHER, region__code__in=prefixes)
        people.update(dispatchers.values_list("person_id", flat=True))
    if verb in TELLS_HOLDER and payload.get("holder"):
        people.update(people_of(*payload["holder"]))
    return people
