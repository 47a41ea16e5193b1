"""Zones over HTTP: who sees which, filters, pages and days."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from grids.models import Assignment, Membership, Organisation, Region, Team, Zone
from tests.town import FAR, NEAR, Town, at

V = "/api/v1/zones"
ALWAYS = DateRange(None, None)


def zone(name: str, east: float, region: str = NEAR + "001", kind: str = "duty", period: DateRange = ALWAYS) -> Zone:
    return Zone.objects.create(
        source_id=name,
        name=name,
        kind=kind,
        region=Region.objects.get(code=region),
        geom=at(east, 1.5).buffer(0.0001),
        period=period,
    )


def names(client: Any, query: str = "") -> list[str]:
    return [row["name"] for row in client.get(f"{V}{query}").json()["results"]]


@pytest.fixture
def zones(town: Town) -> dict[str, Zone]:
    """A duty area in the fifth grid, a core beside it in the fourth, one in the far community, one that is over."""
    over = DateRange(None, timezone.localdate() - timedelta(days=3))
    return {
        "duty": zone("duty", 1.5),
        "core": zone("core", 0.5, kind="core"),
        "far": zone("far", 9.5, FAR + "001"),
        "over": zone("over", 1.5, period=over),
    }


def test_planners_see_their_region_leaders_their_grids_and_others_nothing(
    town: Town, zones: dict[str, Zone], as_person: Any
) -> None:
    assert names(as_person("dora")) == ["duty", "core"]
    assert names(as_person("alice")) == ["duty"]
    assert names(as_person("charlie")) == ["far"]
    assert as_person("alice").get(f"{V}/{zones['core'].pk}").status_code == 404
    assert as_person("alice").get(f"{V}/{zones['duty'].pk}").json()["geometry"]["type"] == "Polygon"


@pytest.mark.parametrize("holder", ["person", "team", "organisation"])
def test_who_answers_for_a_zone_sees_it_themselves_and_by_team_and_body(
    town: Town, zones: dict[str, Zone], as_person: Any, holder: str
) -> None:
    assert names(as_person("alice")) == ["duty"]
    region = Region.objects.get(code=NEAR)
    team = Team.objects.create(code="t", name="t", level=1, region=region)
    member = Membership.objects.filter(person=town.alice)
    answers: dict[str, Any] = {"person": town.alice, "team": team, "organisation": Organisation.objects.first()}
    if holder == "team":
        member.update(team=team)
    elif holder == "organisation":
        member.update(role="staff", organisation=answers[holder])
    Assignment.objects.create(zone=zones["core"], period=ALWAYS, role="owner", **{holder: answers[holder]})
    assert "core" in names(as_person("alice"))


def test_zones_are_filtered_by_kind_region_box_and_day(town: Town, zones: dict[str, Zone], as_person: Any) -> None:
    client = as_person("dora")
    assert names(client, "?kind=core") == ["core"]
    assert names(client, f"?region={FAR}") == []
    west, south, east, north = zones["core"].geom.extent
    assert names(client, f"?bbox={west},{south},{east},{north}") == ["core"]
    day = timezone.localdate() - timedelta(days=10)
    assert names(client, f"?on={day}") == ["duty", "core", "over"]
    assert client.get(f"{V}?colour=red").status_code == 400


def test_zones_come_in_pages_by_key(town: Town, zones: dict[str, Zone], as_person: Any) -> None:
    client = as_person("dora")
    first = client.get(f"{V}?limit=1").json()
    zone("later", 1.6)
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    assert [page["results"][0]["name"] for page in (first, second, third)] == ["duty", "core", "later"]
    assert third["next"] is None


def test_a_page_of_zones_costs_the_same_whatever_it_holds(
    town: Town, zones: dict[str, Zone], as_person: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person("dora")
    for query in ("?limit=1", "?limit=200&geometry=true"):
        with django_assert_num_queries(4):
            client.get(f"{V}{query}")
