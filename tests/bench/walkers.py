"""Volunteers on patrol, each with a paired tracker: `python -m tests.bench.walkers COUNT` prints them as JSON.

Of the leader's own running patrol it prints the id as well: the benchmark sends its batches there.
"""

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.db.backends.postgresql.psycopg_any import DateRange  # noqa: E402
from django.utils import timezone  # noqa: E402

from grids.models import Device, Grid, Membership, Person, Region  # noqa: E402
from grids.models.people import Role  # noqa: E402
from grids.scope import scope_of  # noqa: E402
from patrols import patrolling  # noqa: E402
from patrols.intake.devices import pair  # noqa: E402
from patrols.models import Consent  # noqa: E402
from patrols.models.patrol import Mode, Patrol, PatrolState  # noqa: E402


def walking(person: Person) -> Patrol:
    """Return a patrol that somebody who has consented began half an hour ago."""
    scope = scope_of(person)
    if not Consent.objects.filter(person=person, withdrawn_at__isnull=True).exists():
        patrolling.give_consent(scope)
    running = Patrol.objects.filter(person=person, state=PatrolState.ACTIVE).first()
    begin = patrolling.Start(None, None, Mode.WALK, timezone.now() - timedelta(minutes=30))
    return running or patrolling.start(scope, begin)


def walker(number: int, region: Region) -> str:
    """Return the secret of a volunteer's tracker."""
    name = f"bench-walker-{number}"
    person, new = Person.objects.get_or_create(username=name, defaults={"name": name, "invented": True})
    if new:
        period = DateRange(timezone.localdate(), None)
        Membership.objects.create(person=person, role=Role.VOLUNTEER, region=region, period=period)
    walking(person)
    Device.objects.filter(person=person, revoked_at__isnull=True).update(revoked_at=timezone.now())
    return pair(person, name, Device.Protocol.TRACCAR)[1]


def main() -> None:
    """Print the secrets, a place to walk at, and the leader's patrol."""
    grid = Grid.objects.current().select_related("region").order_by("code").first()
    assert grid is not None
    middle = grid.geom.centroid
    leader = Person.objects.get(username="leader")
    known = {
        "secrets": [walker(number, grid.region) for number in range(int(sys.argv[1]))],
        "place": [middle.x, middle.y],
        "patrol": str(walking(leader).pk),
        "leader": leader.pk,
        "district": grid.code[:6],
    }
    print(json.dumps(known))


if __name__ == "__main__":
    main()
