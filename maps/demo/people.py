"""The demo city's people, teams, roles and responsibilities as rows."""

from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateRange

from fixtures.city.model import City
from grids.models import Assignment, Checkpoint, Grid, Membership, Organisation, Person, Region, Stairwell, Team
from maps.demo.places import SOURCE

ACCOUNTS = ("leader", "volunteer", "dispatcher", "planner", "inspector", "admin", "outsider")


def load_people(city: City, password: str) -> dict[str, Person]:
    """Write everybody and return them by user name; only the demo accounts can sign in."""
    known = make_password(password)
    nobody = make_password(None)
    rows = Person.objects.bulk_create(
        Person(
            username=row.username,
            password=known if row.username in ACCOUNTS else nobody,
            name=row.name,
            name_en=row.name_en,
            party_member=row.party_member,
            invented=True,
        )
        for row in city.people
    )
    people = {row.username: row for row in rows}
    district = city.regions[0].code
    regions = {row.code: row for row in Region.objects.filter(code__startswith=district)}
    teams = _load_teams(city, regions)
    bodies = {row.code: row for row in Organisation.objects.filter(code__in=[row.code for row in city.organisations])}
    Membership.objects.bulk_create(
        Membership(
            person=people[row.person],
            role=row.role,
            region=regions[row.region],
            team=teams[row.team] if row.team else None,
            organisation=bodies[row.organisation] if row.organisation else None,
            period=DateRange(row.since, row.until),
        )
        for row in city.memberships
    )
    _load_assignments(city, people, teams, bodies)
    return people


def _load_teams(city: City, regions: dict[str, Region]) -> dict[str, Team]:
    teams: dict[str, Team] = {}
    for row in sorted(city.teams, key=lambda team: team.level):
        teams[row.code] = Team.objects.create(
            code=row.code,
            name=row.name,
            name_en=row.name_en,
            parent=teams[row.parent] if row.parent else None,
            level=row.level,
            region=regions[row.region],
        )
    return teams


def _load_assignments(
    city: City, people: dict[str, Person], teams: dict[str, Team], bodies: dict[str, Organisation]
) -> None:
    grids = {row.code: row for row in Grid.objects.filter(code__startswith=city.regions[0].code)}
    points, stairs = ([row.source_id for row in rows] for rows in (city.checkpoints, city.stairwells))
    checkpoints = {row.source_id: row for row in Checkpoint.objects.filter(source=SOURCE, source_id__in=points)}
    stairwells = {row.source_id: row for row in Stairwell.objects.filter(source=SOURCE, source_id__in=stairs)}
    Assignment.objects.bulk_create(
        Assignment(
            person=people[row.person] if row.person else None,
            team=teams[row.team] if row.team else None,
            organisation=bodies[row.organisation] if row.organisation else None,
            grid=grids[row.grid] if row.grid else None,
            checkpoint=checkpoints[row.checkpoint] if row.checkpoint else None,
            stairwell=stairwells[row.stairwell] if row.stairwell else None,
            role=row.role,
            period=DateRange(row.since, row.until),
        )
        for row in city.assignments
    )
