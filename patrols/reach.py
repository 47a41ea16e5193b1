"""What somebody on patrol may tick: what lies in or beside their grids, or without a grid in their district."""

from typing import Any

from django.db import connection
from django.utils import timezone

from grids.scope import Scope
from patrols.models import Patrol
from patrols.standing import BESIDE

# Where what can be ticked lies. A door may lie beyond the border that its building reaches over: either counts.
THINGS = {
    "street": "select geom from grids_street where id = %(key)s",
    "checkpoint": "select geom from grids_checkpoint where id = %(key)s",
    "building": "select geom from grids_building where id = %(key)s",
    "stairwell": "select unnest(array[w.geom, b.geom]) as geom"
    " from grids_stairwell w join grids_building b on b.id = w.building_id where w.id = %(key)s",
}
REACH = """
with thing as ({where})
select exists(
  select from thing join grids_grid a on st_dwithin(a.geom::geography, thing.geom::geography, %(beside)s)
  where a.id = any(%(grids)s)
  union all
  select from thing join grids_region a on st_dwithin(a.geom::geography, thing.geom::geography, %(beside)s)
  where a.code = any(%(regions)s) and a.period @> %(today)s::date
)
"""


def in_reach(scope: Scope, patrol: Patrol, thing: str, key: int) -> bool:
    """Whether a street or place lies in, or within `BESIDE` metres of, what somebody walks through on a patrol.

    That is the patrol's grid and all of the person's, and for a patrol without a grid also its district and the
    person's regions. False for what does not exist.
    """
    own = {code for codes in scope.regions.values() for code in codes}
    asked: dict[str, Any] = {
        "key": key,
        "beside": BESIDE,
        "grids": [*scope.grids, *([patrol.grid_id] if patrol.grid_id else [])],
        "regions": [] if patrol.grid_id else [patrol.district, *own],
        "today": timezone.localdate(),
    }
    with connection.cursor() as cursor:
        cursor.execute(REACH.format(where=THINGS[thing]), asked)
        row: tuple[bool] = cursor.fetchone()
    return row[0]
