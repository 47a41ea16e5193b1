"""What a row of an exported list of reports says: read as plain values, one query however many rows there are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, FilteredRelation, FloatField, Func, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from grids.models.catalogue import Kind
from grids.models.grid import local_grid_name
from grids.models.people import Role
from grids.scope import Scope
from patrols.models.parties import PRESENT_STATES, PartyRole
from patrols.models.reports import Source
from patrols.queries import ReportQuerySet
from patrols.workflow import FIXING_STATES, WAITING_STATES, State

Cell = str | int | float | None
# Seven digits and more, also with blanks and dashes between: a telephone or identity number somebody wrote down.
_NUMBERS = re.compile(r"(?:\d[ -]?){6,}[\dXx]")
HIDDEN = "•••"
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the table: what they may see, when, and in which language."""

    scope: Scope
    now: datetime
    english: bool

    @classmethod
    def of(cls, scope: Scope) -> "Reader":
        """Return somebody as they read now, in the language that is switched on."""
        return cls(scope, timezone.now(), (get_language() or "").startswith("en"))


def headings() -> list[str]:
    """Return what stands above the columns."""
    return [
        _("Case number"),
        _("Public number"),
        _("Kind"),
        _("Came in by"),
        _("Category code"),
        _("Category"),
        _("Group"),
        _("State"),
        _("Late"),
        _("Community code"),
        _("Grid code"),
        _("Grid"),
        _("Place"),
        _("Description"),
        _("Longitude"),
        _("Latitude"),
        _("Times reported"),
        _("Reported by"),
        _("Lead"),
        _("Happened"),
        _("Recorded"),
        _("To be dispatched by"),
        _("Dispatched"),
        _("To be fixed by"),
        _("Handled"),
        _("Closed"),
        _("On hold until"),
    ]


def rows(reports: ReportQuerySet, reader: Reader) -> Iterator[list[Cell]]:
    """Yield the cells of a scoped set of reports, newest first, as the server's cursor gives them.

    Coordinates are degrees in EPSG:4326, times are of the server's time zone. The name of a person stands there only
    for whoever dispatches in the report's region, and for themselves; contacts never do.
    """
    lead = FilteredRelation("parties", condition=Q(parties__role=PartyRole.LEAD, parties__state__in=PRESENT_STATES))
    found: Any = (
        reports.annotate(lead=lead)
        .annotate(lon=_ordinate("X"), lat=_ordinate("Y"), body=Coalesce("lead__organisation__name", "lead__team__name"))
        .annotate(lead_name=F("lead__person__name"))
        .order_by("-recorded_at", "-id")
        .values(*_PLAIN, *_JOINED, "lon", "lat", "body", "lead_name")
    )
    cells = _cells(reader)
    for row in found.iterator(chunk_size=BATCH):
        yield cells(row)


_PLAIN = (
    *("number", "public_number", "kind", "source", "state", "region_code", "place", "description", "further"),
    *("reporter_id", "occurred_at", "recorded_at", "dispatch_due_at", "dispatched_at", "due_at", "handled_at"),
    *("closed_at", "hold_until", "outside_due_at", "lead__person_id"),
)
_JOINED = (
    *("category__code", "category__name", "category__name_en", "category__group", "category__group_en"),
    *("grid__code", "grid__name", "reporter__name"),
)


def _cells(reader: Reader) -> Callable[[dict[str, Any]], list[Cell]]:
    kinds, sources, states = (
        {value: str(label) for value, label in choices} for choices in (Kind.choices, Source.choices, State.choices)
    )
    english, yes, no = reader.english, _("yes"), _("no")

    def cells(row: dict[str, Any]) -> list[Cell]:
        return [
            row["number"],
            row["public_number"],
            kinds[row["kind"]],
            sources[row["source"]],
            row["category__code"],
            row["category__name_en"] if english and row["category__name_en"] else row["category__name"],
            row["category__group_en"] if english and row["category__group_en"] else row["category__group"],
            states[row["state"]],
            yes if _late(row, reader.now) else no,
            row["region_code"],
            row["grid__code"],
            local_grid_name(row["grid__name"], row["grid__code"]) if row["grid__code"] else None,
            _hide_numbers(row["place"]),
            _hide_numbers(row["description"]),
            round(row["lon"], 6),
            round(row["lat"], 6),
            row["further"] + 1,
            _name(row, "reporter_id", "reporter__name", reader.scope),
            row["body"] or _name(row, "lead__person_id", "lead_name", reader.scope),
            *(_time(row[name]) for name in _TIMES),
            _day(row["hold_until"]),
        ]

    return cells


_TIMES = ("occurred_at", "recorded_at", "dispatch_due_at", "dispatched_at", "due_at", "handled_at", "closed_at")


def _ordinate(axis: str) -> Func:
    return Func("anchor", function=f"ST_{axis}", output_field=FloatField())


def _late(row: dict[str, Any], now: datetime) -> bool:
    """Whether the clock that runs has run out, ours or that from outside, as `late_at` asks the database."""
    ours = row["dispatch_due_at"] if row["state"] in WAITING_STATES else row["due_at"]
    over = any(due is not None and due < now for due in (ours, row["outside_due_at"]))
    return row["state"] in WAITING_STATES | FIXING_STATES and over


def _name(row: dict[str, Any], who: str, name: str, scope: Scope) -> str | None:
    if row[who] is None:
        return None
    if row[who] == scope.person_id or scope.reaches(Role.DISPATCHER, row["region_code"]):
        return row[name] or None
    return None


def _hide_numbers(text: str) -> str:
    return _NUMBERS.sub(HIDDEN, text)


def _time(moment: datetime | None) -> str | None:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
