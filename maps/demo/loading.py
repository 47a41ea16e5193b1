"""Loading the demo city as a whole, and taking it away again."""

from datetime import datetime
from typing import Any

import pghistory
from django.db import connection, transaction

from fixtures.city import build
from grids.history import attributed
from grids.models import Region
from grids.search import index
from maps.demo.kinds import load_kinds
from maps.demo.loop import load_loop
from maps.demo.offers import load_offers
from maps.demo.people import load_people
from maps.demo.places import SOURCE, designate, load_places, long_ago
from maps.demo.posts import load_posts
from maps.demo.reports import load_reports
from maps.demo.rules import load_rules
from maps.demo.walks import load_walks
from patrols import public_cells, public_effort


def is_loaded() -> bool:
    """Whether the demo city is there."""
    return Region.objects.filter(source=SOURCE).exists()


@attributed(task="demo")
@transaction.atomic
def load(now: datetime, password: str, seed: int = 7) -> int:
    """Write the demo city with its dates relative to a moment; return the number of reports.

    The catalogue must be loaded. Raises IntegrityError if the city is there already.
    """
    city = build(seed, now=now)
    since = long_ago()
    load_places(city, since)
    people = load_people(city, password)
    designate(city, since, people["planner"].pk)
    load_posts(people, now)
    index.reconcile()
    count = load_reports(city, people, now)
    load_kinds(people)
    load_rules(people, now)
    load_loop(people, now)
    load_walks(now, seed)
    load_offers(people)
    public_cells.refresh()
    public_effort.make()
    with connection.cursor() as cursor:
        # The database plans its first queries with what it knows of the city, and not as if there were none.
        cursor.execute(f"analyze {', '.join(connection.ops.quote_name(name) for name in _tables(cursor))}")
    return count


def unload() -> None:
    """Empty every table of ours but the catalogue, the calendar and the history, which refuses it; only for a demo."""
    keep = {"grids_category", "grids_checkpointtype", "grids_workingday", "grids_slot"}
    keep |= {model._meta.db_table for model in pghistory.core.event_models()}
    with connection.cursor() as cursor:
        tables = [name for name in _tables(cursor) if name not in keep]
        cursor.execute(f"truncate {', '.join(connection.ops.quote_name(name) for name in tables)} cascade")


def _tables(cursor: Any) -> list[str]:
    """Return the names of our tables."""
    names = connection.introspection.table_names(cursor)
    return [name for name in names if name.startswith(("grids_", "patrols_", "maps_", "account_"))]
