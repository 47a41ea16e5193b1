"""Who is told what of a call: everybody asked once, and once that it is over; the dispatchers that nobody came."""

from collections.abc import Iterable
from typing import Any

from grids.channels import notify
from grids.models import Membership, Notification
from grids.models.people import Role
from patrols.models import Call, Report

ASKED, TAKEN, OVER, UNANSWERED = "offer", "offer_taken", "offer_over", "call_unanswered"


def asked(call: Call, report: Report, people: Iterable[int]) -> None:
    """Tell people that they are asked; a hazard does not wait for the end of their quiet hours."""
    _tell(ASKED, call, report, people, {"offers": True}, urgent=report.category.hazard)


def taken(call: Call, report: Report, people: Iterable[int]) -> None:
    """Tell those who were still asked that somebody else goes."""
    _tell(TAKEN, call, report, people, {"offers": True})


def over(call: Call, report: Report, people: Iterable[int]) -> None:
    """Tell those who were still asked, or had taken it on, that nobody is needed any more."""
    _tell(OVER, call, report, people, {"offers": True})


def unanswered(call: Call, report: Report) -> None:
    """Tell who asked, and the region's dispatchers, that nobody came forward."""
    prefixes = [report.region_code[:length] for length in (6, 9, 12)]
    dispatchers = Membership.objects.current().filter(role=Role.DISPATCHER, region__code__in=prefixes)
    people = {call.asked_by_id, *dispatchers.values_list("person_id", flat=True)}
    _tell(UNANSWERED, call, report, people, {"report": str(report.pk)}, urgent=report.category.hazard)


def _tell(
    verb: str, call: Call, report: Report, people: Iterable[int], where: dict[str, Any], *, urgent: bool = False
) -> None:
    notify(
        [
            Notification(
                person_id=person,
                key=f"{verb}-{call.pk}",
                verb=verb,
                subject=report.place or report.number,
                data={**where, "number": report.number, "category": report.category.code}
                | {"hazard": report.category.hazard},
            )
            for person in sorted(set(people))
        ],
        urgent=urgent,
    )
