"""The change of a dispatcher's shift: a note with how things stand, taken over by the next one."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models.people import Role
from grids.problems import Conflict, NotAllowed, NotFound
from grids.scope import Scope
from patrols.models import Report, ShiftNote
from patrols.queries import ReportQuerySet, late_at
from patrols.workflow import PARKED_STATES, State

MOST_CASES = 100
MOST_NOTES = 60


def write(words: str, scope: Scope) -> ShiftNote:
    """Write down how things stand in a dispatcher's regions; raises NotAllowed for anybody else."""
    codes = sorted(scope.regions.get(Role.DISPATCHER, ()))
    if not codes or scope.person is None:
        raise NotAllowed(_("Notes at the change of shift are the dispatchers'."))
    now = timezone.now()
    reports = _in(codes).open()
    late, parked = late_at(now), Q(state__in=PARKED_STATES)
    figures = reports.aggregate(
        open=Count("pk"),
        waiting=Count("pk", filter=Q(state__in=[State.REPORTED, State.ACCEPTED, State.REOPENED])),
        sent_back=Count("pk", filter=Q(state=State.SENT_BACK)),
        late=Count("pk", filter=late),
        parked=Count("pk", filter=parked),
    )
    listed = reports.filter(late | parked).select_related("category").defer("geom").order_by("recorded_at", "pk")
    return ShiftNote.objects.create(
        district=codes[0][:6],
        codes=codes,
        person=scope.person,
        written_at=now,
        words=words.strip()[:2000],
        figures=figures,
        cases=[_case(report) for report in listed[:MOST_CASES]],
    )


def notes_for(scope: Scope, *, waiting: bool = False) -> list[ShiftNote]:
    """Return the notes of a dispatcher's regions, newest first, in one query; `waiting` for those nobody took over."""
    codes = scope.regions.get(Role.DISPATCHER, ())
    rows = ShiftNote.objects.filter(district__in={code[:6] for code in codes})
    if waiting:
        rows = rows.filter(acknowledged_at__isnull=True)
    rows = rows.select_related("person", "acknowledged_by").order_by("-written_at")
    return [row for row in rows[:MOST_NOTES] if _concerns(row, codes)]


def note_of(identity: UUID, scope: Scope) -> ShiftNote:
    """Return one note of a dispatcher's regions; raises NotFound."""
    row = ShiftNote.objects.filter(pk=identity).select_related("person", "acknowledged_by").first()
    if row is None or not _concerns(row, scope.regions.get(Role.DISPATCHER, ())):
        raise NotFound(_("There is no such thing here."))
    return row


def acknowledge(identity: UUID, scope: Scope) -> ShiftNote:
    """Take a note over; raises NotFound, NotAllowed for its own writer, Conflict where somebody did."""
    note = note_of(identity, scope)
    if note.person_id == scope.person_id:
        raise NotAllowed(_("The next dispatcher takes it over, not who wrote it."))
    now = timezone.now()
    mine = ShiftNote.objects.filter(pk=note.pk, acknowledged_at__isnull=True)
    if mine.update(acknowledged_at=now, acknowledged_by=scope.person) != 1:
        raise Conflict(_("Somebody took this note over already."))
    note.acknowledged_at, note.acknowledged_by = now, scope.person
    return note


def _in(codes: list[str]) -> ReportQuerySet:
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(district=code[:6], region_code__startswith=code)
    return Report.objects.filter(condition)


def _concerns(note: ShiftNote, codes: "tuple[str, ...]") -> bool:
    return any(theirs.startswith(code) or code.startswith(theirs) for theirs in note.codes for code in codes)


def _case(report: Report) -> dict[str, Any]:
    return {
        "id": str(report.pk),
        "number": report.number,
        "category": [report.category.name, report.category.name_en],
        "place": report.place,
        "state": report.state,
        "parked": report.state in PARKED_STATES,
    }
