"""Reports and calls in the little town, for tests."""

from datetime import datetime, timedelta

from django.utils import timezone

from grids import outbox
from grids.models import Assignment, Notification, Outbox, Person
from patrols.filing import Draft, file_report
from patrols.models import Call, Offer, Report
from patrols.offering import calling
from patrols.offering.calling import Policy, open_call
from tests.patrols.posting import volunteer
from tests.town import LITTER, Town, at

NOON = timezone.make_aware(datetime.combine(timezone.localdate(), datetime.min.time())) + timedelta(hours=12)


def filed(town: Town, category: str = LITTER, east: float = 1.5, north: float = 1.5) -> Report:
    """File a report in the middle of the fifth grid, by nobody who could be asked."""
    place = at(east, north)
    return file_report(Draft(category=category, geom=place, anchor=place, place="北门口"), town.scope("dora"))


def called(town: Town, report: Report | None = None, **policy: object) -> Call:
    """Let Dora ask for a report."""
    return open_call((report or filed(town)).pk, town.scope("dora"), Policy(**policy))  # type: ignore[arg-type]


def offer_to(call: Call, person: Person) -> Offer:
    """Return what somebody was asked."""
    return Offer.objects.get(call=call, person=person)


def helpers(town: Town, count: int, grid: int = 5) -> list[Person]:
    """Write so many more members of a grid."""
    people = [volunteer(f"helper{number}") for number in range(count)]
    for person in people:
        Assignment.objects.create(person=person, grid=town.grids[grid], role="member")
    return people


def later(call: Call, minutes: float) -> int:
    """Let so many minutes pass for a call, and let the clock look."""
    back = timedelta(minutes=minutes)
    for row in Offer.objects.filter(call=call):
        Offer.objects.filter(pk=row.pk).update(expires_at=row.expires_at - back, offered_at=row.offered_at - back)
    call.refresh_from_db()
    Call.objects.filter(pk=call.pk).update(next_at=call.next_at - back)
    return calling.turn()


def told(person: Person) -> list[str]:
    """Return what somebody was told, in order."""
    return list(Notification.objects.filter(person=person).order_by("pk").values_list("verb", flat=True))


def keep_promises() -> None:
    """Do what was promised, as the worker would."""
    for row in Outbox.objects.filter(done_at__isnull=True):
        outbox.run(str(row.pk))


def states(call: Call) -> dict[str, str]:
    """Return where everybody's offer stands, by user name."""
    return dict(Offer.objects.filter(call=call).values_list("person__username", "state"))
