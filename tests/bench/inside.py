"""What only a process of the site knows: `python -m tests.bench.inside TILE…` prints it as JSON.

Sessions of the accounts, the cursor of the planner's hundredth page, and the SQL of tiles with its values in place.
"""

import json
import sys
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.db.backends.postgresql.psycopg_any import DateRange  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from grids.models import Membership, Organisation, Person  # noqa: E402
from grids.models.people import Role  # noqa: E402
from patrols.filters import write_cursor  # noqa: E402
from patrols.models import Party, Report  # noqa: E402
from tests.bench.city import STAFF  # noqa: E402
from tests.bench.rules import write_rules  # noqa: E402

ACCOUNTS = ("leader", "dispatcher", "planner", STAFF)
HUNDREDTH = 99 * 50


def employ() -> None:
    """Let somebody work for the body that deals with most."""
    with_bodies = Party.objects.present().filter(organisation__isnull=False)
    [busiest] = with_bodies.values("organisation").annotate(count=Count("pk")).order_by("-count")[:1]
    body = Organisation.objects.get(pk=busiest["organisation"])
    person, new = Person.objects.get_or_create(username=STAFF, defaults={"name": STAFF, "invented": True})
    if new:
        period = DateRange(timezone.localdate(), None)
        Membership.objects.create(person=person, role=Role.STAFF, region=body.region, organisation=body, period=period)


def session_of(name: str) -> str:
    """Sign somebody in and return the session's key."""
    client = Client()
    client.force_login(Person.objects.get(username=name))
    return client.cookies["sessionid"].value


def tile_sql(path: str) -> str:
    """Return the statement that the planner's tile at a path is made by."""
    found: list[str] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if "ST_AsMVT(" in sql:
            found.append(connection.ops.compose_sql(sql, parameters))  # type: ignore[attr-defined]
        return execute(sql, parameters, many, context)

    client = Client()
    client.force_login(Person.objects.get(username="planner"))
    with connection.execute_wrapper(note):
        assert client.get(path).status_code == 200
    [statement] = found
    return statement


def main() -> None:
    """Print all of it."""
    employ()
    write_rules()
    row = Report.objects.order_by("-recorded_at", "-id")[HUNDREDTH - 1]
    known = {
        "sessions": {name: session_of(name) for name in ACCOUNTS},
        "cursor": write_cursor(row.recorded_at, row.pk),
        "tiles": {path: tile_sql(path) for path in sys.argv[1:]},
    }
    print(json.dumps(known))


if __name__ == "__main__":
    main()
