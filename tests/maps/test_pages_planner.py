"""The split studio's page: who may open it, and who carries what in a community."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from grids.models import Assignment, Grid, Job, Membership, Person, Region
from grids.models.people import Role
from grids.models.platform import JobState
from maps.pages.fair_load import GridLoad, Loads, loads_of, with_spots
from maps.pages.planner import headline
from patrols.filing import Draft, file_report
from tests.town import FAR, LITTER, NEAR, Town, at, box

SignIn = Callable[[str], Client]
EAST, AWAY = f"{NEAR}001", f"{FAR}001"


def found(town: Town) -> Loads:
    return loads_of(town.scope("paula"), with_spots(Region.objects.filter(code=EAST)).get())


def loads(town: Town) -> dict[int, GridLoad]:
    return {load.number: load for load in found(town).grids}


def file(town: Town, east: float, north: float, times: int = 1) -> None:
    for _time in range(times):
        point = at(east, north)
        file_report(Draft(category=LITTER, geom=point, anchor=point, place="x"), town.scope("bob"))


def households(town: Town, **of: int) -> None:
    for name, count in of.items():
        Grid.objects.filter(pk=town.grids[int(name[1:])].pk).update(households=count)


def test_grids_come_by_number_with_what_they_carry_and_a_place_inside(town: Town) -> None:
    households(town, g5=412)
    file(town, 1.5, 1.5, times=2)
    rows = found(town).grids
    assert [row.number for row in rows] == list(range(1, 10))
    five = rows[4]
    assert (five.households, five.reports, five.checkpoints, five.owner) == (412, 2, 1, str(town.alice))
    assert at(1, 1).x < five.at[0] < at(2, 2).x
    assert at(1, 1).y < five.at[1] < at(2, 2).y
    assert rows[0].owner == ""


def test_what_is_too_much_is_said_in_times_of_the_median(town: Town) -> None:
    households(town, g9=600)  # the others have 300
    (reason,) = loads(town)[9].reasons
    assert "2.0" in reason


def test_a_median_of_nothing_is_not_divided_by(town: Town) -> None:
    file(town, 0.5, 0.5, times=9)
    (reason,) = loads(town)[3].reasons
    assert reason
    assert not any(character.isdigit() for character in reason)


def test_only_who_owns_several_grids_is_named_among_owners(town: Town) -> None:
    assert found(town).owners == []
    Assignment.objects.create(person=town.alice, grid=town.grids[6], role="owner", period=town.grids[6].period)
    (owner,) = found(town).owners
    assert (owner.owner, owner.numbers, owner.households) == (str(town.alice), (5, 6), 600)


def test_the_sentence_counts_grids_and_names_what_is_wrong(town: Town) -> None:
    households(town, g9=600)
    clauses = headline(found(town).grids)
    assert [clause.tone for clause in clauses] == ["", "warn", "bad"]
    assert [clause.text.split()[0] for clause in clauses] == ["9", "1", "8"]


def test_a_community_without_grids_says_so(town: Town) -> None:
    (only,) = headline([])
    assert not any(character.isdigit() for character in only.text)


def test_the_page_shows_every_grid_with_its_owner(town: Town, as_person: SignIn) -> None:
    page = as_person("paula").get("/planner/split/", {"community": EAST}).content.decode()
    assert page.count("data-grid=") == 9
    assert str(town.alice) in page
    assert f"/people/vacancies/grid/{town.grids[1].pk}/" in page


def test_a_community_that_has_no_grids_is_shown_all_the_same(town: Town, as_person: SignIn) -> None:
    Assignment.objects.all().delete()
    Grid.objects.all().delete()
    answer = as_person("paula").get("/planner/split/", {"community": EAST})
    assert answer.status_code == 200
    assert "data-grid=" not in answer.content.decode()


def test_the_grids_before_are_offered_once_others_ended(town: Town, as_person: SignIn) -> None:
    client, today = as_person("paula"), timezone.localdate()
    asked = {"community": EAST}
    assert client.get("/planner/split/", asked).context["before"] is None
    Grid.objects.filter(pk=town.grids[9].pk).update(period=DateRange(today - timedelta(days=90), today))
    Grid.objects.filter(pk=town.grids[8].pk).update(period=DateRange(today - timedelta(days=90), today + timedelta(9)))
    Grid.objects.filter(pk=town.grids[7].pk).update(period=DateRange(empty=True))
    page = client.get("/planner/split/", asked)
    assert page.context["before"] == today - timedelta(days=1)
    assert f'data-on="{today - timedelta(days=1)}"' in page.content.decode()


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_loads_are_taken_away_as_a_table(town: Town, as_person: SignIn) -> None:
    households(town, g9=600)
    Grid.objects.filter(pk=town.grids[8].pk).update(households=None)
    Assignment.objects.create(person=town.alice, grid=town.grids[6], role="owner", period=town.grids[6].period)
    answer = as_person("paula").get("/planner/load.csv", {"community": EAST})
    assert answer["Content-Disposition"] == f'attachment; filename="{EAST}-load.csv"'
    rows = table(answer)
    assert len(rows) == 1 + 9 + 1
    assert rows[5][:6] == ["5", str(town.alice), "300", "0", "1", "0.0"]
    assert rows[8][2] == ""  # unknown is not zero
    assert "2.0" in rows[9][6]
    assert rows[10][:3] == ["5、6", str(town.alice), "600"]


def test_a_name_that_begins_like_a_formula_stays_text(town: Town, as_person: SignIn) -> None:
    Person.objects.filter(pk=town.alice.pk).update(name="=1+1")
    assert table(as_person("paula").get("/planner/load.csv", {"community": EAST}))[5][1] == "'=1+1"


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "dora", "olaf"])
def test_nobody_but_a_planner_takes_it_away(town: Town, as_person: SignIn, name: str) -> None:
    assert as_person(name).get("/planner/load.csv", {"community": EAST}).status_code == 404


def test_the_page_takes_twelve_queries_at_most(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/planner/split/").status_code == 200
    assert len(captured) <= 12


def test_what_one_started_here_is_followed_and_nothing_else(town: Town, as_person: SignIn) -> None:
    for kind, code, state in (
        ("split", EAST, JobState.WAITING),
        ("split", AWAY, JobState.WAITING),
        ("import", EAST, JobState.WAITING),
        ("split", EAST, JobState.DONE),
    ):
        Job.objects.create(kind=kind, person=town.paula, parameters={"region": code}, state=state)
    Job.objects.create(kind="split", person=town.alice, parameters={"region": EAST}, state=JobState.WAITING)
    page = as_person("paula").get("/planner/split/", {"community": EAST}).content.decode()
    assert page.count("data-job=") == 1


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "dora", "olaf", "squad_member"])
def test_nobody_but_a_planner_has_a_studio(town: Town, as_person: SignIn, name: str) -> None:
    assert as_person(name).get("/planner/split/").status_code == 404
    assert as_person(name).get("/planner/split/", {"community": EAST}).status_code == 404


@pytest.mark.parametrize(("role", "draws"), [("planner", False), ("admin", True)])
def test_without_a_community_it_is_said_where_a_boundary_is_drawn(
    town: Town, as_person: SignIn, role: str, draws: bool
) -> None:
    Region.objects.filter(level="community").update(period=DateRange(empty=True))
    Membership.objects.filter(person=town.paula).update(role=role)
    page = as_person("paula").get("/planner/split/").content.decode()
    assert ("/admin/grids/region/add/" in page) is draws


def test_a_visitor_signs_in_first(town: Town, client: Client) -> None:
    assert client.get("/planner/split/").status_code == 302


def test_a_planner_sees_the_communities_of_their_region_only(town: Town, as_person: SignIn) -> None:
    Membership.objects.filter(person=town.paula).update(region=Region.objects.get(code=FAR))
    client = as_person("paula")
    page = client.get("/planner/split/").content.decode()
    assert AWAY in page
    assert EAST not in page
    assert client.get("/planner/split/", {"community": EAST}).status_code == 404


@pytest.mark.parametrize("code", ["150199", "x", "9" * 400, "150199001001\x00"])
def test_what_is_no_community_is_refused_in_a_sentence(town: Town, as_person: SignIn, code: str) -> None:
    assert as_person("paula").get("/planner/split/", {"community": code}).status_code in {404, 422}


def test_a_boundary_drawn_anew_is_said_until_grids_follow_it(town: Town, as_person: SignIn) -> None:
    """A strip of 100 m beyond the boundary becomes part of the community, and one of ten metres leaves it."""
    client = as_person("paula")
    assert client.get("/planner/split/", {"community": EAST}).context["beside"] is None
    Region.objects.filter(code=EAST).update(geom=MultiPolygon(box(0.1, 0, 4, 3), srid=4326))
    page = client.get("/planner/split/", {"community": EAST})
    found = page.context["beside"]
    assert (found.open, found.beyond) == (pytest.approx(30_000, rel=0.02), pytest.approx(3_000, rel=0.02))
    assert 'id="beside"' in page.content.decode()


def test_the_page_says_who_draws_boundaries(town: Town, as_person: SignIn) -> None:
    link = reverse("admin:grids_region_change", args=[Region.objects.get(code=EAST).pk])
    assert link not in as_person("paula").get("/planner/split/", {"community": EAST}).content.decode()
    today = DateRange(timezone.localdate(), None)
    Membership.objects.create(person=town.paula, role=Role.ADMIN, region=Region.objects.get(code=NEAR), period=today)
    assert link in as_person("paula").get("/planner/split/", {"community": EAST}).content.decode()
