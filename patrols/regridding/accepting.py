"""Accepting a proposal of grids: grids, owners, reports and notices in one transaction."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from grids import outbox
from grids.channels import notify
from grids.holders import people_of
from grids.models import Assignment, Grid, Membership, Notification, Person, SplitRun
from grids.models.catalogue import Kind
from grids.models.grid import GridKind
from grids.models.people import Role
from grids.problems import Conflict, NotFound
from grids.scope import Scope
from grids.splits import Applied, apply
from grids.splits.applying import lock
from grids.splits.editing import held, visible
from patrols import grid_streets
from patrols.models import Handover, HandoverItem, Report
from patrols.models.handover import HandoverState
from patrols.regridding.previewing import Preview, preview_of
from patrols.workflow import OPEN_STATES

REGRIDDED = "grids.regridded"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was done."""

    run: SplitRun
    shown: Preview
    grids: list[Grid]
    reports: int

    def count(self, kind: GridKind) -> int:
        """Return how many grids of a kind the community has now."""
        return sum(grid.kind == kind for grid in self.grids)


def accept(scope: Scope | None, identity: int, fingerprint: str | None) -> Accepted:
    """Make a proposal the grids of its community from today on, as its preview showed it.

    Raises NotFound out of scope, Conflict when anything is no longer as it was shown (of two who accept at once, one
    gets that), BadInput when the proposal cannot be accepted. Without a fingerprint whatever is there now is accepted,
    without a scope by whoever runs the server.
    """
    rows = SplitRun.objects.all() if scope is None else visible(scope)
    found = rows.filter(pk=identity).values_list("region", flat=True).first()
    if found is None:
        raise NotFound(_("There is no such proposal here."))
    with transaction.atomic():
        lock(found)
        run = held(scope, identity)
        shown = preview_of(run)
        if fingerprint is not None and shown.fingerprint != fingerprint:
            raise Conflict(_("Something changed since this was shown: look at it again."))
        person = scope.person if scope else None
        applied = apply(run, shown.succession, person)
        _move_assignments(shown, applied)
        reports = move_reports(run.region.code, shown.succession.day)
        _tell(shown, person)
        # Whoever had found a grid just before it ended files a moment after: those follow too.
        outbox.put(REGRIDDED, code=run.region.code)
    run.refresh_from_db()
    grids = [applied.grids[change.key] for change in shown.succession.changes]
    return Accepted(run, shown, grids, reports)


def move_reports(code: str, day: date) -> int:
    """Give the open reports of a community whose grid is over, or that have none, the grid of their anchor."""
    grids = Grid.objects.filter(
        region__code=code, kind=GridKind.SERVICE, period__contains=day, geom__covers=OuterRef("anchor")
    )
    covering = Subquery(grids.order_by("code").values("pk")[:1])
    # A task belongs to a community as a whole.
    rows = Report.objects.filter(district=code[:6], region_code=code, state__in=OPEN_STATES).exclude(kind=Kind.TASK)
    current = Grid.objects.filter(region__code=code, kind=GridKind.SERVICE, period__contains=day)
    stale = rows.exclude(grid__in=current.values("pk")) | rows.filter(grid=None)
    return stale.annotate(covering=covering).filter(covering__isnull=False).update(grid_id=F("covering"))


@outbox.handles(REGRIDDED)
def catch_up(_promise: UUID, payload: dict[str, Any]) -> None:
    """Move the reports that were filed while a proposal was accepted, and lay out the streets of the new grids."""
    move_reports(payload["code"], timezone.localdate())
    grid_streets.lay_stale()


def _move_assignments(shown: Preview, applied: Applied) -> None:
    """End what is answered for with its grid, and let it go on with the grid that has its code."""
    day = shown.succession.day
    moved: dict[int, int] = {}
    for row in shown.assignments:
        start, end = row.period.lower, row.period.upper
        began = start is None or start < day
        row.period = DateRange(start, day) if began else DateRange(empty=True)
        row.save(update_fields=["period"])
        assert row.grid_id is not None
        grid = applied.successors.get(row.grid_id)
        if grid is not None:
            new = Assignment.objects.create(
                person_id=row.person_id,
                team_id=row.team_id,
                organisation_id=row.organisation_id,
                grid=grid,
                role=row.role,
                period=DateRange(day if began else start, end),
            )
            moved[row.pk] = new.pk
    _point_handovers(moved)


def _point_handovers(moved: dict[int, int]) -> None:
    """Let the handovers planned for a coming day speak of the rows that go on, so that they can still be undone."""
    planned = Handover.objects.filter(state=HandoverState.PLANNED).values("pk")
    for name in ("assignment", "new_assignment"):
        rows = list(HandoverItem.objects.filter(**{f"{name}__in": moved}, handover__in=planned))
        for row in rows:
            setattr(row, f"{name}_id", moved[getattr(row, f"{name}_id")])
        HandoverItem.objects.bulk_update(rows, [name])


def _tell(shown: Preview, actor: Person | None) -> None:
    """Tell everybody who answered for a grid that ends, and the other planners of the community."""
    messages: dict[tuple[int, str], Notification] = {}
    key = f"regridded-{shown.run.pk}"
    for row in shown.concerned:
        for person in people_of(row.holder._meta.model_name or "", row.holder.pk):
            verb = "regridded" if row.after else "grid_ended"
            subject = f"{row.before.name} ({row.before.code[12:]})"
            data = {"grid": row.after.code} if row.after else {}
            messages[person, f"{key}-{row.before.pk}"] = Notification(
                person_id=person, key=f"{key}-{row.before.pk}", verb=verb, subject=subject[:200], data=data
            )
    region = shown.succession.region
    prefixes = [region.code[:length] for length in (6, 9, 12)]
    planners = Membership.objects.current().filter(role=Role.PLANNER, region__code__in=prefixes)
    for person in set(planners.values_list("person_id", flat=True)) - {actor.pk if actor else None}:
        messages[person, key] = Notification(person_id=person, key=key, verb="split_accepted", subject=region.name)
    notify(list(messages.values()))
