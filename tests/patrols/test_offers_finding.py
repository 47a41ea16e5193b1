"""Who can be asked, best first: the same as by looking at everybody, with the reason in words, and looks are noted."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Assignment, LookLog, Membership, Person, Region, Skill
from grids.scope import scope_of
from patrols.candidates import candidates
from patrols.live import FRESH
from patrols.models import LastPosition, Offer, Party, Patrol, Report
from patrols.offering.answering import decline
from patrols.offering.finding import STEP, find, on_patrol
from tests.patrols.offering import called, filed, helpers, offer_to
from tests.patrols.posting import volunteer
from tests.town import DISTRICT, NEAR, Town, at

SignIn = Callable[[str], Client]


def walking(person: Person, where: Point, seconds_ago: float = 10) -> None:
    """Let somebody be on patrol at a place."""
    now = timezone.now()
    patrol = Patrol.objects.create(person=person, district=DISTRICT, state="active", started_at=now, heard_at=now)
    LastPosition.objects.create(
        person=person,
        patrol=patrol,
        district=DISTRICT,
        geom=where,
        accuracy=5,
        taken_at=now - timedelta(seconds=seconds_ago),
    )


def names(report: Report) -> list[str]:
    people = [one.person for one in find(report, timezone.now())]
    by_id = dict(Person.objects.values_list("pk", "username"))
    return [by_id[person] for person in people]


def test_on_patrol_then_the_grid_s_own_then_the_neighbours(town: Town) -> None:
    neighbour, far_walker, near_walker = (volunteer(name) for name in ("neighbour", "walker2", "walker1"))
    Assignment.objects.create(person=neighbour, grid=town.grids[4], role="owner")
    walking(far_walker, at(1.5, 2.9))
    walking(near_walker, at(1.5, 1.6))
    assert names(filed(town)) == ["walker1", "walker2", "alice", "bob", "neighbour"]


def test_the_reasons_say_why_and_the_rest_is_counted_without_names(town: Town, as_person: SignIn) -> None:
    neighbour = volunteer("neighbour")
    Assignment.objects.create(person=neighbour, grid=town.grids[4], role="owner")
    report = filed(town)
    walking(town.bob, at(1.5, 2.5))
    decline(town.scope("alice"), offer_to(called(town, report, people=(town.alice.pk,)), town.alice).pk)
    address = f"/api/v1/reports/{report.pk}/candidates"
    answer: dict[str, Any] = as_person("dora").get(address, headers={"Accept-Language": "en"}).json()
    people = [row for row in answer["results"] if row["kind"] == "person"]
    assert [row["why"] for row in people] == [
        "on patrol, 100 m away · member of this grid · 0 cases in hand",
        "of Grid 4, 50 m from here · 0 cases in hand",
    ]
    assert answer["excluded"][0] == {"count": 1, "why": "Volunteers who are not available just now."}
    assert "柳芸" not in str(answer)
    assert LookLog.objects.get().owner == town.bob
    assert all(one.away is None for one in find(report, timezone.now(), positions=False))


def test_nobody_of_another_subdistrict_and_nobody_without_a_role_is_asked(town: Town) -> None:
    for person in (town.charlie, town.paula, town.squad_member):
        walking(person, at(1.5, 1.5))
    walking(town.bob, at(1.5, 1.6), FRESH.total_seconds() + 5)
    assert names(filed(town)) == ["alice", "bob"]


def test_no_volunteer_stands_in_the_list_for_what_only_a_body_may_do(town: Town) -> None:
    walking(town.bob, at(1.5, 1.5))
    for category in ("09009", "01002"):
        assert {row["kind"] for row in candidates(filed(town, category))["results"]} == {"organisation"}


def test_it_is_what_looking_at_everybody_gives(town: Town) -> None:
    rng = random.Random(5)
    town.litter.skills = ["first-aid"]
    town.litter.save()
    report, other = filed(town), filed(town)
    everybody = helpers(town, 40)
    middle = at(1.5, 1.5)
    for person in everybody:
        if rng.random() < 0.8:
            where = at(1.5 + rng.uniform(-15, 15), 1.5 + rng.uniform(-15, 15))
            walking(person, where, rng.choice([5, 60, 290, 310]))
        if rng.random() < 0.7:
            Skill.objects.create(person=person, code="first-aid")
        for _number in range(rng.choice([0, 0, 1, 3])):
            Party.objects.create(
                report=other, district=DISTRICT, person=person, role="responsible", since=timezone.now()
            )
    for person in rng.sample(everybody, 6):
        Person.objects.filter(pk=person.pk).update(is_active=False)
    Membership.objects.filter(person__in=rng.sample(everybody, 6)).update(region=Region.objects.get(code=DISTRICT))
    call = called(town, report, waves=(8,))
    for offer in Offer.objects.filter(call=call):
        decline(scope_of(offer.person), offer.pk)
    now = timezone.now()
    assert [one.person for one in find(report, now, 50)] == brute_force(report, middle, now)


def brute_force(report: Report, middle: Point, now: Any) -> list[int]:
    """Return who can be asked by looking at each person on their own, in plain Python."""
    rows: list[tuple[tuple[float, ...], int]] = []
    for person in Person.objects.filter(is_active=True):
        roles = Membership.objects.current().filter(person=person, role__in=["leader", "steward", "volunteer"])
        codes = set(roles.values_list("region__code", flat=True))
        skilled = Skill.objects.filter(person=person, code="first-aid").exists()
        refused = Offer.objects.filter(report=report, person=person).exists()
        if not codes & {DISTRICT, NEAR, f"{NEAR}001"} or not skilled or refused:
            continue
        load = Party.objects.filter(person=person, state__in=["asked", "working"]).count()
        position = LastPosition.objects.filter(person=person, taken_at__gt=now - FRESH).first()
        away = metres(position.geom, middle) if position else None
        own = Assignment.objects.filter(person=person, grid=report.grid_id).first()
        order = {"owner": 0, "deputy": 1, "member": 2}[own.role] if own else 3
        if away is not None and away <= 2000:
            rows.append(((0, away // STEP, order, load, away, person.pk), person.pk))
        elif own:
            rows.append(((1, order, load, person.pk), person.pk))
    return [person for _rank, person in sorted(rows)]


def metres(one: Point, other: Point) -> float:
    """Return metres by the sphere that PostGIS takes for the nearest neighbours of geographies."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select st_makepoint(%s, %s)::geography <-> st_makepoint(%s, %s)::geography",
            [one.x, one.y, other.x, other.y],
        )
        found = cursor.fetchone()
    assert found
    return float(found[0])


@pytest.mark.parametrize("count", [3, 30])
def test_the_cost_does_not_grow_with_who_is_around(town: Town, count: int) -> None:
    for person in helpers(town, count):
        walking(person, at(1.5, 1.5))
    report = filed(town)
    with CaptureQueriesContext(connection) as asked:
        list(on_patrol(report, timezone.now(), 10))
        find(report, timezone.now())
    assert len(asked) == 7
