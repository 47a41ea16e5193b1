"""The problems that a run is about, read in one pass: a few bytes each, so that millions fit into memory."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection
from django.utils.timezone import get_default_timezone_name
from django.utils.translation import gettext as _

from grids.problems import BadInput
from maps.hotspots.question import MOST_PROBLEMS, Question
from maps.hotspots.statistics.types import Floats, Ints
from patrols.models.reports import Source

SOURCES = tuple(Source.values)
# A row of COPY in its binary form: the number of columns, then each one's length and value.
ROW = np.dtype(
    [
        ("columns", ">i2"),
        *((name, kind) for column, form in (
            ("lon", ">f8"), ("lat", ">f8"), ("day", ">i4"), ("source", ">i2"), ("category", ">i8"), ("grid", ">i8"),
            ("id_high", ">u8"),
        ) for name, kind in ((f"{column}_size", ">i4"), (column, form))),
        ("id_low", ">u8"),
    ]
)  # fmt: skip
HEADER, TRAILER = 19, 2
READ = """
copy (
  select st_x(r.anchor), st_y(r.anchor), (r.recorded_at at time zone {zone})::date - {since}::date,
         (array_position({sources}::text[], r.source::text) - 1)::int2, r.category_id::int8,
         coalesce(r.grid_id, 0)::int8,
         r.id
  from ({rows}) r limit {most}
) to stdout (format binary)
"""


@dataclass(frozen=True)
class Problems:
    """Problems in the order of their ids; days count from the first one of the period."""

    lon: Floats
    lat: Floats
    day: Ints
    source: Ints
    category: Ints
    grid: Ints
    ids: np.ndarray

    def __len__(self) -> int:
        return len(self.day)


def read(question: Question) -> Problems:
    """Read what a question is about; raises BadInput for more than fits into memory."""
    columns = ("anchor", "recorded_at", "source", "category_id", "grid_id", "id")
    sql, values = question.problems().order_by().values(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        inner = cursor.mogrify(sql, values)
        asked = {
            "zone": cursor.mogrify("%s", [get_default_timezone_name()]),
            "since": cursor.mogrify("%s", [question.since]),
            "sources": cursor.mogrify("%s", [list(SOURCES)]),
        }
        blocks = []
        with cursor.copy(READ.format(rows=inner, most=MOST_PROBLEMS + 1, **asked)) as copy:
            while block := copy.read():
                blocks.append(bytes(block))
    rows = np.frombuffer(b"".join(blocks)[HEADER:-TRAILER], dtype=ROW)
    if len(rows) > MOST_PROBLEMS:
        raise BadInput(
            _("A run takes %(most)s problems at most: choose a smaller region, fewer days or some categories.")
            % {"most": MOST_PROBLEMS}
        )
    rows = rows[np.lexsort((rows["id_low"], rows["id_high"]))]
    ids = np.column_stack([rows["id_high"], rows["id_low"]])
    numbers = {name: rows[name].astype(np.int64) for name in ("day", "source", "category", "grid")}
    return Problems(lon=rows["lon"].astype(np.float64), lat=rows["lat"].astype(np.float64), ids=ids, **numbers)


def slices(days: Ints, length: int) -> Ints:
    """Return the row of each day in the tables: 0 before the first whole week, then 1 and so on to the last week."""
    return np.maximum(0, (days - length % 7) // 7 + 1) if length >= 7 else np.zeros(len(days), dtype=np.int64)


def lengths(length: int) -> Floats:
    """Return how many days each row has."""
    return np.array([length % 7, *[7] * (length // 7)], dtype=np.float64)


def day_at(since: date, number: int) -> date:
    """Return a day by its number."""
    return date.fromordinal(since.toordinal() + int(number))
