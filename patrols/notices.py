"""Who is told what when a report moves: turns an event into inbox notifications, once each."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from grids import outbox
from grids.channels import notify
from grids.channels.groups import Happening, announce
from grids.holders import people_of
from grids.models import Assignment, Membership, Notification
from grids.models.catalogue import Kind
from grids.models.people import AssignmentRole, Role
from patrols.following import to_followers
from patrols.history import MOVED
from patrols.models import Party, Report
from patrols.models.parties import PartyState

TELLS_DISPATCHERS = frozenset(
    {"file", "send_back", "give_back", "handle_on_spot", "handle", "reopen"}
    | {"request_approval", "resume", "ask_extension", "ask_deferral", "withdraw_ask"}
    | {"withdraw_request"}
)
TELLS_OWNERS = frozenset(
    {"file", "handle", "handle_on_spot", "dispatch", "approve", "close", "request_approval", "withdraw_request"}
)
TELLS_HOLDER = frozenset(
    {"dispatch", "hand_over", "approve", "recall", "return", "resume", "hold", "defer", "extend", "close"}
    | {"approve_extension", "approve_deferral", "refuse_ask", "urge", "supervise"}
    | {"ask", "part_done", "part_left"}
)
# To whoever leads it; while nobody does, to those who have to find somebody.
TELLS_LEAD = frozenset({"urge", "supervise"})
TELLS_REPORTER = frozenset(
    {"accept", "take", "reject", "mark_duplicate", "dispatch", "approve", "handle", "close", "reopen", "defer"}
    | {"approve_deferral"}
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
    if payload["verb"] in TELLS_REPORTER:
        told = people | {payload["actor"]}
        notify(to_followers(report, payload, str(promise), told), urgent=report.category.hazard)
    _tell_groups(str(promise), report, payload)


def _tell_groups(key: str, report: Report, payload: dict[str, Any]) -> None:
    """Tell the chat groups of the region: what, where and how it stands, and never who.

    Where a request was made somebody lives: of it a group is told the number alone.
    """
    about = {"report": str(report.pk), "number": report.number, "category": report.category.code}
    announce(
        Happening(
            key=key,
            region_code=report.region_code,
            verb=payload["verb"],
            category=report.category.code,
            subject=report.place if report.place and report.kind != Kind.REQUEST else report.number,
            data={**about, "after": payload["after"]},
            urgent=report.category.hazard,
        )
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
    if verb in TELLS_DISPATCHERS or (verb in TELLS_LEAD and not payload.get("holder")):
        prefixes = [report.region_code[:length] for length in (6, 9, 12)]
        dispatchers = Membership.objects.on(today).filter(role=Role.DISPATCHER, region__code__in=prefixes)
        people.update(dispatchers.values_list("person_id", flat=True))
    if verb == "file" and report.kind == Kind.REQUEST:
        asked = Party.objects.filter(report=report, state=PartyState.ASKED, organisation__isnull=False)
        bodies = asked.values_list("organisation_id", flat=True)
        people.update(*(people_of("organisation", body) for body in bodies if body))
    if verb in TELLS_HOLDER and payload.get("holder"):
        people.update(people_of(*payload["holder"]))
    for holder in payload.get("freed", ()):
        people.update(people_of(*holder))
    return people
