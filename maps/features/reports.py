"""The collection of reports: problems within the reader's reach, without who reported them or who deals with them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from grids.models.catalogue import Kind as ReportKind
from grids.scope import Scope
from maps.exports.columns import HIDDEN
from maps.features.collection import Collection, Page, Rows, Wanted
from maps.features.properties import Kind, Property
from maps.tiles.layers import LAYERS
from patrols.filters import ReportFilter, read_cursor, read_filter, write_cursor
from patrols.models import Report
from patrols.models.reports import Source
from patrols.queries import ReportQuerySet, late_at
from patrols.workflow import State

# As exports hide them, in PostgreSQL's words: to it only ASCII digits are digits.
NUMBERS = r"(?:[\d０-９][ -]?){6,}[\d０-９Xx]"
FILTERS = ("state", "category", "grid", "source")


def without_numbers(column: str) -> Combinable:
    """Return a text column with telephone and identity numbers hidden."""
    given = (F(column), Value(NUMBERS), Value(HIDDEN), Value("g"))
    return Func(*given, function="regexp_replace", output_field=TextField())


def _asked(wanted: Wanted) -> ReportFilter:
    """Return the filter of the list of reports that asks for the same, by the same indexes."""
    asked = read_filter({name: wanted.values[name] for name in FILTERS if name in wanted.values})
    return replace(asked, kind=ReportKind.PROBLEM, box=wanted.area, **_times(wanted))  # type: ignore[arg-type]


def _times(wanted: Wanted) -> dict[str, Any]:
    return {"since": wanted.span.since, "until": wanted.span.until} if wanted.span else {}


def _rows(scope: Scope, wanted: Wanted) -> Rows:
    return ReportFilter(kind=ReportKind.PROBLEM, **_times(wanted)).apply(Report.objects.visible_to(scope))


def _page(collection: Collection, scope: Scope, wanted: Wanted) -> Page:
    """Return a page, newest first, at the cost of the page alone."""
    asked, rest = _asked(wanted), Q()
    for name, value in wanted.values.items():
        # Without a value the filter of the list asks for any; here that asks for what has none.
        if name not in FILTERS or not value:
            rest &= collection.queryables[name].condition(value)

    def narrow(reports: ReportQuerySet) -> ReportQuerySet:
        return asked.apply(reports).filter(rest)

    rows = Report.objects.newest_visible(scope, narrow, read_cursor(wanted.cursor), wanted.limit)
    found = list(rows.values_list("recorded_at", "pk", collection.feature()))
    more = len(found) > wanted.limit
    texts = [text for _at, _key, text in found[: wanted.limit]]
    return Page(texts, write_cursor(*found[wanted.limit - 1][:2]) if more else "")


def _late(late: bool) -> Q:
    return late_at(Now()) if late else ~late_at(Now())


REPORTS = Collection(
    name="reports",
    title=LAYERS["reports"].title,
    description=_("Problems that were reported, newest first; numbers in what was written are hidden."),
    public=False,
    rows=_rows,
    pager=_page,
    shape="Point",
    geometry=LAYERS["reports"].geometry,
    identity=UUID,
    timed=True,
    properties=(
        Property("number", _("Case number"), lookup="number"),
        Property("public_number", _("Public number"), lookup="public_number"),
        Property("category", _("Category code"), value=lambda: F("category__code"), lookup="category__code"),
        Property("category_name", _("Category"), value=lambda: F("category__name")),
        Property("category_name_en", _("Category in English"), value=lambda: F("category__name_en")),
        Property("state", _("State"), lookup="state", choices=dict(State.choices)),
        Property("late", _("Late"), Kind.FLAG, value=lambda: LAYERS["reports"].columns()["late"], lookup=_late),
        Property("source", _("Came in by"), lookup="source", choices=dict(Source.choices)),
        Property("region", _("Community code"), value=lambda: F("region_code"), lookup="region_code"),
        Property("grid", _("Grid code"), value=lambda: F("grid__code"), lookup="grid__code"),
        Property("place", _("Place"), value=lambda: without_numbers("place")),
        Property("description", _("Description"), value=lambda: without_numbers("description")),
        Property("times_reported", _("Times reported"), Kind.WHOLE, value=lambda: F("further") + 1),
        Property("times", _("Times at this place"), Kind.WHOLE),
        Property("recorded_at", _("Recorded"), Kind.MOMENT),
        *(
            Property(name, title, Kind.STAMP)
            for name, title in (
                ("occurred_at", _("Happened")),
                ("dispatch_due_at", _("To be dispatched by")),
                ("dispatched_at", _("Dispatched")),
                ("due_at", _("To be fixed by")),
                ("handled_at", _("Handled")),
                ("closed_at", _("Closed")),
            )
        ),
        # A day, but none that `datetime` asks for.
        Property("hold_until", _("On hold until")),
    ),
)
