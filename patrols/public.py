"""What anybody may know of problems: which ones, and where as a cell of about a hundred metres (docs/public.md).

Places of problems are public, people are not. A problem is public once a dispatcher took it on, and once five reports
or an official source stand behind its cell; of its place only the cell is. Requests, tasks and what was refused never
are. Names, words and photos are no part of it.
"""

from datetime import date, datetime, time, timedelta
from math import floor

from django.contrib.gis.geos import Point, Polygon
from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Value,
    When,
)
from django.utils import timezone

from grids.models import Category
from grids.models.catalogue import Kind
from patrols.duplicates import box_around
from patrols.models import PublicCell, Report
from patrols.models.reports import Source
from patrols.queries import ReportQuerySet
from patrols.workflow import FINAL_STATES, State

ENOUGH = 5  # reports behind a cell; whoever follows one by name reported it too
CELLS_A_DEGREE = 1000  # so that a cell is 111 m high, and 85 m wide at 40° north
MOST_NEARBY = 5
SHOWN_FOR = timedelta(days=365)  # what is closed; what is open is shown for as long as it is
# Who speaks for the city: an inspection, and the hotline that passes on what it took down.
OFFICIAL = (Source.INSPECTION, Source.HOTLINE)
NEVER = frozenset({State.REPORTED, State.REOPENED, State.REJECTED, State.DUPLICATE, State.WITHDRAWN})
OPEN = tuple(sorted(set(State) - NEVER - FINAL_STATES))
SHOWN = (*OPEN, State.CLOSED)
# What one report counts for behind its cell: whoever says so here without an account, once or often, opens none.
WEIGHT = Case(
    When(source__in=OFFICIAL, then=Value(ENOUGH)),
    default=F("further") - F("unvouched") + 1,
    output_field=IntegerField(),
)


class CellIndex(Func):
    """The column (of ST_X) or row (of ST_Y) of the cell of a point: thousandths of a degree, rounded down."""

    template = f"floor(%(function)s(%(expressions)s) * {CELLS_A_DEGREE})::bigint"
    arity = 1
    output_field = BigIntegerField()


def moderated(today: date | None = None) -> ReportQuerySet:
    """Return the problems that a dispatcher took on, as far as they are still shown, each with its `column` and `row`.

    What was fixed on the spot by who found it was never for a dispatcher to take on: it counts once it is closed.
    They have no public place by this alone: as they stand only their numbers for a community or larger are public.
    """
    since = timezone.make_aware(datetime.combine((today or timezone.localdate()) - SHOWN_FOR, time()))
    return Report.objects.filter(
        Q(accepted_by__isnull=False) | Q(state=State.CLOSED),
        Q(state__in=OPEN) | Q(closed_at__gte=since),
        kind=Kind.PROBLEM,
        state__in=SHOWN,
    ).annotate(column=CellIndex("anchor", function="ST_X"), row=CellIndex("anchor", function="ST_Y"))


def public_problems(today: date | None = None) -> ReportQuerySet:
    """Return the problems that anybody may know of, each with the `column` and `row` of its cell.

    Of what each row holds only category, state, the moments and `centre_of` its cell may be told, and the photos that
    were released. Which cells are public say the kept counts, as they do for the map: to count what stands behind a
    busy cell for every row of a page would take a city minutes.
    """
    shown = PublicCell.objects.filter(shown=True, column=OuterRef("column"), row=OuterRef("row"))
    return moderated(today).filter(Exists(shown))


def centre_of(column: int, row: int) -> Point:
    """Return the middle of a cell in EPSG:4326: all that is public of the place of a problem in it."""
    return Point((column + 0.5) / CELLS_A_DEGREE, (row + 0.5) / CELLS_A_DEGREE, srid=4326)


def known_near(category: Category, at: Point, now: datetime) -> list[Report]:
    """Return open problems that may be the same as one at a point in EPSG:4326, the latest first, at most five.

    However few stand behind them, but by cells alone: those within the category's distance of the point are looked
    through as a whole. Were the places themselves to decide, a few questions would tell each of them.
    """
    sides = box_around(at, category.near_metres).extent
    west, south, east, north = (floor(side * CELLS_A_DEGREE) for side in sides)
    # What only touches the box at its far sides lies in the next cells: those of the rows decide.
    touched = Polygon.from_bbox(
        (west / CELLS_A_DEGREE, south / CELLS_A_DEGREE, (east + 1) / CELLS_A_DEGREE, (north + 1) / CELLS_A_DEGREE)
    )
    rows = moderated().filter(
        Q(("column__range", (west, east)), ("row__range", (south, north))),
        anchor__bboverlaps=touched,
        state__in=OPEN,
        category__code=category.code,
        recorded_at__gt=now - timedelta(days=category.near_days),
    )
    return list(rows.defer("geom").order_by("-recorded_at", "-id")[:MOST_NEARBY])
