"""Assignment sheets (问题交办单): which reports stand on one, its number, and the body's answers (整改回执)."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Organisation, Region
from grids.models.catalogue import Kind
from grids.models.people import Role
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.reach import lies_within
from grids.scope import Scope
from patrols.authority import available
from patrols.models import Party, Report, Sheet, SheetItem
from patrols.models.parties import PartyQuerySet, PartyRole
from patrols.transitions import Move, transition
from patrols.workflow import OPEN_STATES

MAKERS = (Role.DISPATCHER, Role.PLANNER, Role.INSPECTOR)
MOST_ITEMS = 500
LONGEST_WORDS = 500
LEVELS = (12, 9, 6)


def codes_of(scope: Scope) -> tuple[str, ...]:
    """Return the regions in which somebody makes sheets."""
    return tuple(sorted({code for role in MAKERS for code in scope.regions.get(role, ())}))


def sheets_of(scope: Scope) -> QuerySet[Sheet]:
    """Return the sheets that somebody sees, newest first: of their regions, and of the bodies whose staff they are."""
    seen = scope.within("region_code") | Q(organisation__in=scope.organisations)
    rows = Sheet.objects.filter(seen).select_related("organisation", "made_by").defer("organisation__jurisdiction")
    return rows.order_by("-made_at", "-pk")


def find(identity: UUID, scope: Scope) -> Sheet:
    """Return a sheet within somebody's scope; raises NotFound."""
    sheet = sheets_of(scope).filter(pk=identity).first()
    if sheet is None:
        raise NotFound(_("There is no such sheet here."))
    return sheet


def bodies_of(scope: Scope) -> list[Organisation]:
    """Return the bodies that deal with something in the regions in which somebody makes sheets."""
    busy = _dealing().filter(lies_within(codes_of(scope), "report__region_code"))
    dealing = busy.filter(organisation__isnull=False, report__state__in=OPEN_STATES).values("organisation")
    return list(Organisation.objects.filter(pk__in=dealing).defer("jurisdiction").order_by("code"))


def reports_for(body: Organisation, scope: Scope) -> QuerySet[Report]:
    """Return the open reports of somebody's regions that a body deals with, the most urgent first."""
    theirs = _dealing().filter(organisation=body).values("report")
    rows = Report.objects.filter(lies_within(codes_of(scope), "region_code"), pk__in=theirs)
    return rows.open().select_related("category", "grid").order_by("due_at", "recorded_at", "pk")


def _dealing() -> PartyQuerySet:
    """Return the parties that deal with something; a body that was only asked to take a request does not."""
    return Party.objects.present().exclude(role=PartyRole.RESPONSIBLE, report__kind=Kind.REQUEST)


def make(
    scope: Scope, identity: UUID, body: Organisation, chosen: Collection[UUID], *, note: str, answer_by: date | None
) -> Sheet:
    """Make a numbered sheet of the chosen open reports and return it.

    Raises NotAllowed for who makes none, BadInput for reports that the body does not deal with, for none or too many
    of them or a day that has passed, Conflict for an id that is taken.
    """
    if not codes_of(scope):
        raise NotAllowed(_("Sheets are made by dispatchers, inspectors and planners."))
    now = timezone.now()
    today = timezone.localdate(now)
    if answer_by and answer_by < today:
        raise BadInput(_("The day to answer by has passed."))
    if not chosen:
        raise BadInput(_("Choose at least one report."))
    if len(chosen) > MOST_ITEMS:
        raise BadInput(_("A sheet holds at most %(most)d reports.") % {"most": MOST_ITEMS})
    reports = list(reports_for(body, scope).filter(pk__in=chosen))
    if len(reports) != len(set(chosen)):
        raise BadInput(_("One of the reports is no longer open, or not this body's: open the form again."))
    with transaction.atomic():
        if Sheet.objects.filter(pk=identity).exists():
            raise Conflict(_("This sheet was made already."))
        sheet = _numbered(Sheet(id=identity, organisation=body, note=note.strip()[:500], answer_by=answer_by), now)
        sheet.made_by = scope.person  # type: ignore[assignment]
        sheet.region_code = _smallest({report.region_code for report in reports})
        sheet.save(force_insert=True)
        SheetItem.objects.bulk_create(
            SheetItem(sheet=sheet, position=place, report=report, state=report.state, due_at=report.due_at)
            for place, report in enumerate(reports, 1)
        )
    return sheet


def _smallest(codes: set[str]) -> str:
    """Return the smallest region that holds communities of one district."""
    return next(found.pop() for found in ({code[:length] for code in codes} for length in LEVELS) if len(found) == 1)


def _numbered(sheet: Sheet, now: datetime) -> Sheet:
    """Give a sheet the next number of its district and year; the district's row is locked until it is written."""
    district = sheet.organisation.region.code[:6]
    Region.objects.current().select_for_update(of=("self",)).only("pk").get(code=district)
    year = timezone.localtime(now).year
    last = Sheet.objects.filter(district=district, year=year).order_by("-serial").first()
    sheet.district, sheet.year, sheet.serial, sheet.made_at = district, year, last.serial + 1 if last else 1, now
    return sheet


def may_answer(sheet: Sheet, scope: Scope) -> bool:
    """Whether somebody fills in the receipt: the staff of the body."""
    return sheet.organisation_id in scope.organisations


def answer(item: SheetItem, scope: Scope, words: str, done_on: date | None) -> None:
    """Write what the body did about a report of a sheet; with a day it is done, and the report moves on with it.

    A report that the body leads is begun and reported as handled: what was said here is not asked for again. Raises
    NotAllowed, BadInput, Conflict when the report moved just now.
    """
    if not may_answer(item.sheet, scope):
        raise NotAllowed(_("The receipt is filled in by the staff of the body."))
    words, now = words.strip(), timezone.now()
    if not words or len(words) > LONGEST_WORDS:
        raise BadInput(_("Say in at most %(most)d characters what was done.") % {"most": LONGEST_WORDS})
    if done_on and not timezone.localdate(item.sheet.made_at) <= done_on <= timezone.localdate(now):
        raise BadInput(_("It was done between the day of the sheet and today."))
    with transaction.atomic():
        item.words, item.done_on, item.answered_by, item.answered_at = words, done_on, scope.person, now
        item.save(update_fields=["words", "done_on", "answered_by", "answered_at"])
        if done_on:
            _move_on(item, scope)


def _move_on(item: SheetItem, scope: Scope) -> None:
    for verb in ("start", "handle"):
        report = Report.objects.visible_to(scope).for_list().filter(pk=item.report_id).first()
        row = next((row for row in available(report, scope) if row.verb == verb), None) if report else None
        if report and row:
            transition(report.pk, verb, scope, Move(reason=item.words))
