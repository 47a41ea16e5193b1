"""Cases that another office numbers too: the 12345 hotline, a citizens' app. Their number and their deadline."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from grids.problems import BadInput, Conflict
from patrols.models import Report
from patrols.models.reports import Source
from patrols.workflow import OPEN_STATES

SOURCES = frozenset({Source.HOTLINE, Source.RESIDENT})
UNIQUE = "report_outside_number"
FARTHEST = timedelta(days=366)


def check(source: str, number: str, due: datetime | None, now: datetime) -> None:
    """Raise BadInput for what such a case cannot have, Conflict for a number that an open one has."""
    if (number or due) and source not in SOURCES:
        raise BadInput(_("Only what came by the hotline or from a resident has a number and a deadline of theirs."))
    if due and not now - FARTHEST < due < now + FARTHEST:
        raise BadInput(_("The deadline from outside must lie within a year."))
    if number:
        check_free(source, number)


def check_free(source: str, number: str) -> None:
    """Raise Conflict where another open report of the source has the number."""
    known = Report.objects.filter(source=source, outside_number=number, state__in=OPEN_STATES).first()
    if known:
        said = {"number": number, "case": known.number}
        raise Conflict(_("Number %(number)s is in use by the open case %(case)s.") % said, report=str(known.pk))
