"""What stands on an assignment sheet and on its receipt, for the page and the file alike. No contact is among it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from patrols.models import Photo, Sheet, SheetItem
from patrols.models.photos import PhotoKind
from patrols.photos.showing import photos_of

PHOTOS_EACH = 2
SHEET, RECEIPT, BLANK = "sheet", "receipt", "blank"
WHATS = (SHEET, RECEIPT, BLANK)


@dataclass(frozen=True, slots=True)
class Line:
    """One report on the paper; `photos` are those that belong there: before on a sheet, after on a receipt."""

    item: SheetItem
    number: str
    category: str
    place: str
    description: str
    state: str
    due: str
    done: str
    answered: str
    photos: list[Photo]

    @property
    def report(self) -> UUID:
        """The report's id."""
        return self.item.report_id


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet or its receipt, in words of the reader's language."""

    sheet: Sheet
    what: str
    title: str
    facts: list[tuple[str, str]]
    signatures: list[str]
    lines: list[Line]


def title_of(what: str) -> str:
    """Return what a paper is called."""
    return _("Assignment sheet") if what == SHEET else _("Rectification receipt")


def paper_of(sheet: Sheet, what: str) -> Paper:
    """Return a paper with its lines; four queries however many there are."""
    items = list(sheet.items.select_related("report__category", "report__grid", "answered_by").order_by("position"))
    photos = photos_of(item.report for item in items)
    kind = PhotoKind.BEFORE if what == SHEET else PhotoKind.AFTER
    lines = [_line(item, what, _chosen(photos[item.report_id], kind, what)) for item in items]
    facts = [
        (_("Number"), sheet.number),
        (pgettext("organisation", "Body"), str(sheet.organisation)),
        (_("Handed over by"), f"{sheet.made_by} · {day(sheet.made_at)}"),
        (_("Answer by"), _day(sheet.answer_by) if sheet.answer_by else "—"),
    ]
    if sheet.note:
        facts.append((_("What is asked"), sheet.note))
    if what == SHEET:
        signatures = [_("Handed over (seal)"), _("Received (seal)"), _("Date")]
    else:
        signatures = [_("Body (seal)"), _("Responsible person"), _("Checked by"), _("Date")]
    return Paper(sheet, what, title_of(what), facts, signatures, lines)


def _chosen(photos: Iterable[Photo], kind: str, what: str) -> list[Photo]:
    if what == BLANK:
        return []
    found = [photo for photo in photos if photo.kind == kind]
    return found[-PHOTOS_EACH:]


def _line(item: SheetItem, what: str, photos: list[Photo]) -> Line:
    report, blank = item.report, what == BLANK
    places = [report.place, report.grid.local_name if report.grid else ""]
    return Line(
        item=item,
        number=report.number,
        category=str(report.category),
        place=" · ".join(filter(None, places)) or "—",
        description=report.description,
        state=str(item.get_state_display()),
        due=_moment(item.due_at) if item.due_at else "—",
        done="" if blank else item.words,
        answered="" if blank or not item.done_on else _day(item.done_on),
        photos=photos,
    )


def day(moment: datetime) -> str:
    """Return the day of a moment as it stands on paper."""
    return _day(timezone.localdate(moment))


def _day(value: object) -> str:
    return date_format(value, pgettext("date with year", "j M Y"))  # type: ignore[arg-type]


def _moment(value: datetime) -> str:
    local = timezone.localtime(value)
    return f"{_day(local.date())} {local:%H:%M}"
