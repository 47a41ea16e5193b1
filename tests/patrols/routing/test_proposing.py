"""What the rules say of a report: the statement against plain Python, and the cases that people ask about."""

import random
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiPolygon
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from grids.models import Assignment, Grid, Organisation, Region, Team, WorkingDay, Zone
from patrols.filing import Draft, file_report
from patrols.models import Proposal, Report, RoutingRule
from patrols.routing.proposing import propose
from tests.patrols.routing.plainly import first
from tests.patrols.routing.rules import in_force
from tests.town import DISTRICT, FAR, LITTER, MANHOLE, NEAR, PARKING, Town, at, box

ANY: dict[str, Any] = {}


def file(town: Town, east: float, north: float, category: str = LITTER, who: str = "bob") -> Report:
    point = at(east, north)
    return file_report(Draft(category=category, geom=point, anchor=point), town.scope(who))


def body(code: str, kind: str, west: float, south: float, east: float, north: float, **more: Any) -> Organisation:
    return Organisation.objects.create(
        code=code, name=code, kind=kind, region=Region.objects.get(code=NEAR),
        jurisdiction=MultiPolygon(box(west, south, east, north), srid=4326), **more,
    )  # fmt: skip


def passed(kept: Proposal) -> list[tuple[int, str]]:
    return [(rule, why) for rule, why, _number, _length in kept.passed]


def test_a_report_is_proposed_to_the_body_of_its_kind_when_it_is_filed(town: Town) -> None:
    [rule] = in_force({"target": "body"})
    report = file(town, 1.5, 1.5, PARKING)
    kept = Proposal.objects.get(report=report)
    assert (kept.rule, kept.organisation, kept.passed) == (rule, town.squad, [])


def test_where_no_rules_are_in_force_nothing_is_proposed(town: Town) -> None:
    file(town, 1.5, 1.5)
    assert not Proposal.objects.exists()


def test_that_no_rule_fits_is_said(town: Town) -> None:
    in_force({"categories": [PARKING], "target": "body"})
    kept = Proposal.objects.get(report=file(town, 1.5, 1.5, LITTER))
    assert (kept.rule, kept.passed) == (None, [])


def test_a_rule_that_finds_nobody_is_passed_over_and_says_why(town: Town) -> None:
    """Grid 5 is Alice's, grid 1 is nobody's; there is no sanitation."""
    team = Team.objects.create(code="t", name="突击队", level=1, region=Region.objects.get(code=NEAR))
    rules = in_force({"target": "owner"}, {"target": "body"}, {"target": "team", "team": team})
    kept = Proposal.objects.get(report=file(town, 0.5, 2.5))
    assert (kept.rule, kept.team) == (rules[2], team)
    assert passed(kept) == [(rules[0].pk, "no_owner"), (rules[1].pk, "no_body")]
    assert Proposal.objects.get(report=file(town, 1.5, 1.5)).person == town.alice


def test_nobody_without_powers_gets_what_only_a_body_may_do(town: Town) -> None:
    team = Team.objects.create(code="t", name="突击队", level=1, region=Region.objects.get(code=NEAR))
    rules = in_force({"target": "owner"}, {"target": "team", "team": team})
    kept = Proposal.objects.get(report=file(town, 1.5, 1.5, MANHOLE))
    assert (kept.rule, passed(kept)) == (None, [(rules[0].pk, "powers"), (rules[1].pk, "powers")])


def test_a_body_that_has_ended_gets_nothing(town: Town) -> None:
    rules = in_force({"target": "organisation", "organisation": town.squad}, {"target": "body"})
    today = timezone.localdate()
    town.squad.period = DateRange(town.squad.period.lower, today)
    town.squad.save(update_fields=["period"])
    kept = Proposal.objects.get(report=file(town, 1.5, 1.5, PARKING))
    assert (kept.rule, passed(kept)) == (None, [(rules[0].pk, "ended"), (rules[1].pk, "no_body")])


def test_the_smallest_jurisdiction_wins_and_the_nearest_region_is_asked_first(town: Town) -> None:
    street = body("street", "urban_management", 1, 1, 2, 2)
    in_force({"target": "body"})
    assert Proposal.objects.get(report=file(town, 1.5, 1.5, PARKING)).organisation == street
    assert Proposal.objects.get(report=file(town, 0.5, 1.5, PARKING)).organisation == town.squad
    [near] = in_force({"target": "organisation", "organisation": town.squad}, region=NEAR)
    kept = Proposal.objects.get(report=file(town, 1.5, 1.5, PARKING))
    assert (kept.rule, kept.organisation) == (near, town.squad)


def test_a_zone_that_is_a_line_reaches_thirty_metres(town: Town) -> None:
    """A frontage along north 1; reports 20 m and 40 m above it."""
    line = LineString(at(0, 1).coords, at(3, 1).coords, srid=4326)
    zone = Zone.objects.create(name="门前", kind="duty", region=Region.objects.get(code=NEAR), geom=line, source_id="z")
    in_force({"place": "zone", "zone": zone, "target": "owner"})
    assert Proposal.objects.get(report=file(town, 1.5, 1.2)).person == town.alice
    assert Proposal.objects.get(report=file(town, 1.5, 1.4)).rule is None


def test_a_rule_that_is_switched_off_says_nothing(town: Town) -> None:
    in_force({"target": "owner", "active": False})
    assert Proposal.objects.get(report=file(town, 1.5, 1.5)).rule is None


def test_a_report_that_is_open_again_is_proposed_anew(town: Town) -> None:
    report = file(town, 1.5, 1.5)
    in_force({"target": "owner"})
    propose(report)
    Assignment.objects.filter(grid=town.grids[5], role="owner").update(person=town.bob)
    propose(report)
    assert Proposal.objects.get(report=report).person == town.bob


@pytest.mark.parametrize("seed", range(4))
def test_the_statement_says_what_plain_python_says(town: Town, seed: int) -> None:
    rng = random.Random(seed)
    bodies, zones, teams = _things(rng)
    for region in (DISTRICT, NEAR, f"{NEAR}001"):
        in_force(*(_rule(rng, bodies, zones, teams) for _number in range(rng.randint(1, 6))), region=region)
    today = timezone.localdate()
    WorkingDay.objects.update_or_create(day=today, defaults={"working": rng.random() < 0.5})
    WorkingDay.objects.update_or_create(day=today + timedelta(days=1), defaults={"working": rng.random() < 0.5})
    won = 0
    for _case in range(40):
        point = at(rng.uniform(0.02, 2.98), rng.uniform(0.02, 2.98))
        grid = Grid.covering(point)[0]
        code = grid.code[:12]
        category = rng.choice([town.litter, town.parking, town.manhole])
        local = datetime.combine(today + timedelta(days=rng.randint(0, 8)), time(rng.randrange(24), rng.randrange(60)))
        moment = timezone.make_aware(local)
        report = file(town, 1.5, 1.5)
        report.category, report.grid, report.region_code, report.anchor = category, grid, code, point
        propose(report, moment)
        kept = Proposal.objects.get(report=report)
        rule, holder, over = first(category, point, code, grid, timezone.localtime(moment))
        assert (kept.rule, kept.person or kept.team or kept.organisation) == (rule, holder)
        assert [one for one, _why in passed(kept)] == over
        won += rule is not None
    assert won > 4


def _things(rng: random.Random) -> tuple[list[Organisation], list[Zone], list[Team]]:
    today = timezone.localdate()
    region = Region.objects.get(code=NEAR)
    bodies = []
    for number in range(8):
        west, south = rng.randint(0, 2), rng.randint(0, 2)
        kind = rng.choice(["sanitation", "urban_management", "municipal", "property"])
        ended = rng.random() < 0.2
        period = DateRange(today - timedelta(days=30), today if ended else None)
        far = (west + rng.randint(1, 2), south + rng.randint(1, 2))
        bodies.append(body(f"b{number}", kind, west, south, *far, period=period))
    zones = [
        Zone.objects.create(
            name=f"z{number}", kind="core", region=region, source_id=f"z{number}",
            geom=box(number * 0.7, 0.3, number * 0.7 + 1.4, 2.1),
            period=DateRange(today - timedelta(days=9), today if number == 2 else None),
        )
        for number in range(3)
    ]  # fmt: skip
    homes = Region.objects.filter(code__in=[NEAR, FAR])
    teams = [Team.objects.create(code=home.code, name=home.code, level=1, region=home) for home in homes]
    return bodies, zones, teams


def _rule(rng: random.Random, bodies: list[Organisation], zones: list[Zone], teams: list[Team]) -> dict[str, Any]:
    given: dict[str, Any] = {"active": rng.random() < 0.9}
    given["categories"] = rng.sample([LITTER, PARKING, MANHOLE], rng.randint(0, 2))
    given["target"] = rng.choice(["body", "organisation", "team", "owner"])
    if given["target"] == "organisation":
        given["organisation"] = rng.choice(bodies)
    if given["target"] == "team":
        given["team"] = rng.choice(teams)
    given["place"] = rng.choice(["any", "zone", "any" if given["target"] == "owner" else "jurisdiction"])
    if given["place"] == "zone":
        given["zone"] = rng.choice(zones)
    given["time"] = rng.choice(["any", "any", "weekly", "working", "outside", "dates"])
    today = timezone.localdate()
    if given["time"] == "weekly":
        starts, ends = rng.sample([time(0), time(6, 30), time(12), time(18), time(22)], 2)
        given |= {"weekdays": sorted(rng.sample(range(1, 8), rng.randint(1, 6))), "starts": starts, "ends": ends}
    if given["time"] == "dates":
        given["first_day"] = rng.choice([None, today + timedelta(days=2)])
        given["last_day"] = today + timedelta(days=rng.randint(2, 6))
    return given


def test_the_constraints_refuse_a_rule_that_contradicts_itself(town: Town) -> None:
    for wrong in (
        {"target": "organisation"},
        {"place": "zone"},
        {"place": "jurisdiction", "target": "owner"},
        {"time": "weekly", "weekdays": [1]},
        {"time": "weekly", "weekdays": [8], "starts": "08:00", "ends": "09:00"},
        {"time": "dates"},
        {"approval": True, "automatic": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            in_force(wrong)
    assert not RoutingRule.objects.exists()
