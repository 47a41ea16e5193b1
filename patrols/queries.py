"""Reports as sets: who may see them, what is open or late, pages by key."""

from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from grids.scope import Scope
from patrols.models.parties import Party
from patrols.workflow import FIXING_STATES, OPEN_STATES, WAITING_STATES

if TYPE_CHECKING:
    from patrols.models.reports import Report  # noqa: F401


def late_at(now: datetime) -> Q:
    """Return the condition that a report is past its time at a moment."""
    return Q(state__in=WAITING_STATES, dispatch_due_at__lt=now) | Q(state__in=FIXING_STATES, due_at__lt=now)


class ReportQuerySet(QuerySet["Report"]):
    """Scoped before anything else: start every read with `visible_to`."""

    def visible_to(self, scope: Scope) -> Self:
        """Keep what a person may see: their regions as a whole, their grids, their own, and what they deal with."""
        condition = scope.within("region_code")
        if scope.grids:
            condition |= Q(grid_id__in=scope.grids)
        if scope.person:
            condition |= Q(reporter=scope.person) | Q(handler=scope.person)
            parties = Q(person=scope.person)
            if scope.organisations:
                parties |= Q(organisation_id__in=scope.organisations)
            if scope.teams:
                parties |= Q(team_id__in=scope.teams)
            condition |= Q(pk__in=Party.objects.present().filter(parties).values("report_id"))
        return self.filter(condition)

    def open(self) -> Self:
        """Keep what still needs somebody."""
        return self.filter(state__in=OPEN_STATES)

    def late(self, now: datetime | None = None) -> Self:
        """Keep what is past its time: not dispatched in time, or not fixed in time; parked ones have no clock."""
        return self.filter(late_at(now or timezone.now()))

    def page_before(self, cursor: tuple[datetime, UUID] | None, size: int) -> Self:
        """Return the next page, newest first, by key: the hundredth costs what the first does."""
        rows = self.order_by("-recorded_at", "-id")
        if cursor:
            rows = rows.filter(Q(recorded_at__lt=cursor[0]) | Q(recorded_at=cursor[0], id__lt=cursor[1])).filter(
                recorded_at__lte=cursor[0]
            )
        return rows[: size + 1]

    def for_list(self) -> Self:
        """Fetch with each report what a row of a list shows, in two queries however many there are."""
        return self.select_related("category", "grid", "reporter").prefetch_related(
            Prefetch("parties", Party.objects.leading(), to_attr="leads")
        )
