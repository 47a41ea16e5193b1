"""Making measures, linking reports to them, and saying of a report that it needs none.

Of a set of reports, each is answered: by a measure at least, or by an explicit none with its reason; or it is open.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.models import Organisation
from grids.models.people import Role
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope
from patrols.history import event_of
from patrols.models import Event, Report
from patrols.models.measures import Measure, MeasureLink, MeasureState, NoMeasure
from patrols.queries import ReportQuerySet

LINKED, UNLINKED, NONE_NEEDED = "measure_linked", "measure_unlinked", "no_measure"
VERBS = {
    LINKED: gettext_lazy("Measure taken"),
    UNLINKED: gettext_lazy("Taken out of a measure"),
    NONE_NEEDED: gettext_lazy("No measure needed"),
}
LONGEST_REASON = 500
LONGEST_WHY = 370  # beside the title, in the same line of a history
MOST_AT_ONCE = 1000
KEEPERS = (Role.PLANNER, Role.DISPATCHER)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a measure is made of."""

    title: str
    description: str = ""
    body: int | None = None
    due_on: date | None = None


def measures_of(scope: Scope) -> QuerySet[Measure]:
    """Return the measures of the regions that somebody sees as a whole."""
    return Measure.objects.filter(scope.within("region_code")).select_related("body")


def may_keep(scope: Scope, region_code: str) -> bool:
    """Whether somebody keeps the measures of a region: its planners and dispatchers."""
    return any(scope.reaches(role, region_code) for role in KEEPERS)


def make(draft: Draft, reports: Collection[UUID], scope: Scope) -> Measure:
    """Make a measure for some reports and return it.

    Raises BadInput without title or reports or for a body that is none, NotFound and NotAllowed as `_reports` does.
    """
    said, now = _said(draft), timezone.now()
    with transaction.atomic():
        rows = _reports(reports, scope)
        measure = Measure(
            district=rows[0].district,
            region_code=_region_of(rows),
            **said,
            made_by=scope.person,
            made_at=now,
        )
        measure.save(force_insert=True)
        _link(measure, rows, scope, now)
    return measure


def change(measure: Measure, draft: Draft, scope: Scope) -> Measure:
    """Say anew what a measure is; raises NotAllowed, BadInput as `make` does. Its reports and its state stay."""
    _check_keeps(measure, scope)
    said = _said(draft, measure.body_id)
    for name, value in said.items():
        setattr(measure, name, value)
    measure.save(update_fields=list(said))
    return measure


def link(measure: Measure, reports: Collection[UUID], scope: Scope) -> int:
    """Link more reports to a measure and return how many are new to it; raises NotAllowed, NotFound, BadInput."""
    _check_keeps(measure, scope)
    with transaction.atomic():
        Measure.objects.select_for_update().get(pk=measure.pk)
        rows = _reports(reports, scope)
        if any(row.district != measure.district for row in rows):
            raise BadInput(_("A measure is for the reports of one district."))
        known = set(measure.links.values_list("report_id", flat=True))
        fresh = [row for row in rows if row.pk not in known]
        _link(measure, fresh, scope, timezone.now())
    return len(fresh)


def unlink(measure: Measure, reports: Collection[UUID], reason: str, scope: Scope) -> int:
    """Take reports out of a measure, say why in their history, and return how many.

    What has no other measure is not answered any more. Raises NotAllowed, NotFound, BadInput without a reason, Conflict
    for a report that the measure does not answer.
    """
    _check_keeps(measure, scope)
    reason = _reason(reason, _("Say why it is taken out."), LONGEST_WHY)
    now = timezone.now()
    with transaction.atomic():
        rows = _reports(reports, scope)
        gone, _by_table = MeasureLink.objects.filter(measure=measure, report__in=rows).delete()
        if gone != len(rows):
            raise Conflict(_("The measure does not answer this report any more."))
        _say(UNLINKED, rows, scope, now, reason=f"{measure.title} · {reason}", data={"measure": str(measure.pk)})
    return len(rows)


def move(measure: Measure, state: str, scope: Scope) -> Measure:
    """Say how far a measure is; raises NotAllowed, BadInput for what is no state."""
    _check_keeps(measure, scope)
    if state not in MeasureState.values:
        raise BadInput(_("“%(state)s” is no state of a measure.") % {"state": state})
    measure.state = state
    measure.save(update_fields=["state"])
    return measure


def say_none(reports: Collection[UUID], reason: str, scope: Scope) -> int:
    """Say of some reports that no measure is needed, and why; return how many.

    Raises BadInput without a reason, Conflict where one has a measure already.
    """
    reason = _reason(reason, _("Say why no measure is needed."))
    now = timezone.now()
    with transaction.atomic():
        rows = _reports(reports, scope)
        if MeasureLink.objects.filter(report__in=rows).exists():
            raise Conflict(_("One of these has a measure already."))
        NoMeasure.objects.filter(report__in=rows).delete()
        NoMeasure.objects.bulk_create(
            NoMeasure(district=row.district, report=row, reason=reason, said_by=scope.person, said_at=now)
            for row in rows
        )
        _say(NONE_NEEDED, rows, scope, now, reason=reason)
    return len(rows)


def take_along(report: Report, original: Report, scope: Scope, now: datetime) -> None:
    """Let the measures of a report that is put together with another answer that one too, within the transaction.

    Its own links stay, so that it has them when it is opened again.
    """
    known = MeasureLink.objects.filter(report=original).values("measure")
    for measure in Measure.objects.filter(links__report=report).exclude(pk__in=known).order_by("pk"):
        _link(measure, [original], scope, now)


def unanswered(reports: ReportQuerySet) -> ReportQuerySet:
    """Keep the reports that have neither a measure nor an explicit none."""
    return reports.filter(~_linked(), ~_none())


def answers(reports: ReportQuerySet) -> dict[str, int]:
    """Return of a set of reports how many there are, have a measure, explicitly none, or neither; one query."""
    rows = reports.order_by().annotate(is_linked=_linked(), is_none=_none())
    counts: dict[str, int] = rows.aggregate(
        total=Count("pk"), measures=Count("pk", filter=Q(is_linked=True)), none=Count("pk", filter=Q(is_none=True))
    )
    return {**counts, "open": counts["total"] - counts["measures"] - counts["none"]}


def _said(draft: Draft, known: int | None = None) -> dict[str, Any]:
    """Return the columns of what a measure is; a body that it has stays there though it is over by now."""
    title = draft.title.strip()
    if not title:
        raise BadInput(_("Give the measure a title."))
    if draft.body and draft.body != known and not Organisation.objects.current().filter(pk=draft.body).exists():
        raise BadInput(_("There is no such body."))
    return {
        "title": title,
        "description": draft.description.strip(),
        "body_id": draft.body,
        "due_on": draft.due_on,
    }


def _reason(text: str, missing: str, most: int = LONGEST_REASON) -> str:
    text = text.strip()
    if not text:
        raise BadInput(missing)
    if len(text) > most:
        raise BadInput(_("The reason is longer than %(most)s characters.") % {"most": most})
    return text


def _linked() -> Exists:
    return Exists(MeasureLink.objects.filter(report=OuterRef("pk")))


def _none() -> Exists:
    return Exists(NoMeasure.objects.filter(report=OuterRef("pk")))


def _reports(identities: Collection[UUID], scope: Scope) -> list[Report]:
    """Lock and return reports whose measures somebody keeps, in the order of their ids.

    Raises BadInput for none or too many, NotFound for one out of scope, NotAllowed for one that others keep.
    """
    wanted = set(identities)
    if not wanted:
        raise BadInput(_("Choose the reports."))
    if len(wanted) > MOST_AT_ONCE:
        raise BadInput(_("That is more than %(most)d reports at once.") % {"most": MOST_AT_ONCE})
    seen = Report.objects.visible_to(scope).filter(pk__in=wanted).values("pk")
    rows = list(
        Report.objects.filter(pk__in=seen)
        .only("pk", "district", "region_code", "state")
        .order_by("pk")
        .select_for_update()
    )
    if len(rows) != len(wanted):
        raise NotFound(_("There is no such report here."))
    if not all(may_keep(scope, row.region_code) for row in rows):
        raise NotAllowed(_("Measures are kept by the planners and dispatchers of the region."))
    return rows


def _region_of(rows: list[Report]) -> str:
    """Return the smallest region that holds all; raises BadInput for more than one district."""
    for length in (12, 9, 6):
        codes = {row.region_code[:length] for row in rows}
        if len(codes) == 1:
            return codes.pop()
    raise BadInput(_("A measure is for the reports of one district."))


def _check_keeps(measure: Measure, scope: Scope) -> None:
    if not may_keep(scope, measure.region_code):
        raise NotAllowed(_("Measures are kept by the planners and dispatchers of the region."))


def _link(measure: Measure, rows: list[Report], scope: Scope, now: datetime) -> None:
    NoMeasure.objects.filter(report__in=rows).delete()
    MeasureLink.objects.bulk_create(
        MeasureLink(district=row.district, measure=measure, report=row, linked_at=now) for row in rows
    )
    _say(LINKED, rows, scope, now, reason=measure.title, data={"measure": str(measure.pk)})


def _say(
    verb: str, rows: list[Report], scope: Scope, now: datetime, *, reason: str, data: dict[str, Any] | None = None
) -> None:
    Event.objects.bulk_create(event_of(row, verb, row.state, scope, now, reason=reason, data=data) for row in rows)
