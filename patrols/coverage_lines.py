"""The lines of a grid's streets, and what of them was covered lately, for whoever draws them without the server."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from grids.models import Grid
from patrols.standing import GROUND, INTERVAL, ground_values

LINES = """
with /*ground*/,
recent as (
  select street_id, range_agg(covered) as covered from patrols_coverage
  where district = any(%(districts)s) and street_id in (select street from ground)
    and day > %(recent)s and day <= %(today)s
  group by street_id
)
select g.grid, g.street, st_asgeojson(g.geom, 6), st_asgeojson(c.geom, 6)
from ground g
join grids_street s on s.id = g.street
left join recent r on r.street_id = g.street
left join lateral (
  select st_multi(st_collect(st_linesubstring(s.geom, lower(part) / 1e6, least(upper(part) / 1e6, 1)))) as geom
  from unnest(r.covered * g.stretch) part
) c on true
""".replace("/*ground*/", GROUND)


@dataclass(frozen=True, slots=True)
class StreetLines:
    """A street within a grid and what of it was covered in the interval, as MultiLineStrings of GeoJSON (WGS-84).

    `covered` is None where nothing was.
    """

    line: str
    covered: str | None


def lines_of(grids: Iterable[Grid], today: date, interval: timedelta = INTERVAL) -> dict[tuple[int, int], StreetLines]:
    """Return the lines of streets by the ids of grid and street, in one query."""
    rows = list(grids)
    asked: dict[str, Any] = {
        **ground_values([grid.pk for grid in rows]),
        "districts": sorted({grid.code[:6] for grid in rows}),
        "today": today,
        "recent": today - interval,
    }
    with connection.cursor() as cursor:
        cursor.execute(LINES, asked)
        return {(grid, street): StreetLines(line, covered) for grid, street, line, covered in cursor.fetchall()}
