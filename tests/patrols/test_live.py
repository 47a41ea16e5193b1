"""Where somebody on patrol is: for the dispatchers of their region alone, noted, and gone when it is over or old."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Device, LookLog, Person
from patrols.filing import Draft, file_report
from patrols.intake.devices import pair
from patrols.live import FRESH, SHOWN
from patrols.models import LastPosition, Patrol
from patrols.patrolling import withdraw_consent
from patrols.protocols.readings import Reading
from tests.patrols.walks import begun, ended, hours_ago, sent
from tests.town import LITTER, Town, at

SignIn = Callable[[str], Client]
URL = "/dispatch/patrols.json"


def here(person: Person, seconds_ago: float = 5, east: float = 1.5, north: float = 1.5, accuracy: float = 8) -> None:
    place = at(east, north)
    sent(person, [Reading(place.x, place.y, timezone.now() - timedelta(seconds=seconds_ago), accuracy)])


@pytest.fixture
def bob(town: Town) -> Patrol:
    """Bob's patrol in grid 5, with a position of just now."""
    patrol = begun(town.bob, town.grids[5].pk, hours_ago(1))
    here(town.bob)
    return patrol


def shown(client: Client) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = client.get(URL).json()["people"]
    return people


def test_a_dispatcher_sees_name_place_age_and_accuracy(town: Town, bob: Patrol, as_person: SignIn) -> None:
    (one,) = shown(as_person("dora"))
    assert one["id"] == town.bob.pk
    assert one["name"] == str(town.bob)
    assert (round(one["lon"], 5), round(one["lat"], 5), one["accuracy"]) == (
        round(at(1.5, 1.5).x, 5),
        round(at(1.5, 1.5).y, 5),
        8,
    )
    assert timezone.now().timestamp() - one["at"] < 60
    page = as_person("dora").get("/dispatch/", headers={"Accept-Language": "zh-Hans"}).content.decode()
    assert "1 名志愿者在巡" in page
    assert f"{one['lon']:.4f}" not in page


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "paula", "squad_member"])
def test_nobody_but_a_dispatcher_sees_it(town: Town, bob: Patrol, as_person: SignIn, name: str) -> None:
    assert as_person(name).get(URL).status_code == 404
    assert Client().get(URL).status_code == 401
    assert not LookLog.objects.exists()


def test_another_regions_dispatcher_does_not(town: Town, bob: Patrol, as_person: SignIn) -> None:
    assert shown(as_person("olaf")) == []
    Patrol.objects.update(grid=None)  # then it is the volunteer's role that says where
    assert shown(as_person("olaf")) == []
    assert len(shown(as_person("dora"))) == 1


def test_it_is_gone_when_the_patrol_ends_or_the_consent(town: Town, bob: Patrol, as_person: SignIn) -> None:
    begun(town.alice, town.grids[5].pk, hours_ago(1))
    here(town.alice)
    assert len(shown(as_person("dora"))) == 2
    ended(bob)
    assert [one["id"] for one in shown(as_person("dora"))] == [town.alice.pk]
    withdraw_consent(town.alice)
    assert shown(as_person("dora")) == []
    here(town.alice, 1)
    assert not LastPosition.objects.exists()


def test_an_old_position_is_not_shown_and_not_a_look(town: Town, bob: Patrol, as_person: SignIn) -> None:
    LastPosition.objects.update(taken_at=timezone.now() - SHOWN - timedelta(seconds=1))
    (one,) = shown(as_person("dora"))
    assert (one["lon"], one["lat"], one["at"]) == (None, None, None)
    assert not LookLog.objects.exists()


def test_a_tracker_sets_it_like_the_phone(town: Town, as_person: SignIn) -> None:
    begun(town.bob, town.grids[5].pk, hours_ago(1))
    _device, secret = pair(town.bob, "手机", Device.Protocol.OSMAND)
    place, now = at(1.2, 1.2), timezone.now()
    for seconds, lat in ((10, place.y), (40, 40.9)):  # the second one is late, and older
        moment = int((now - timedelta(seconds=seconds)).timestamp())
        Client().get(f"/ingest/osmand?id={secret}&lat={lat!r}&lon={place.x!r}&timestamp={moment}")
    (one,) = shown(as_person("dora"))
    assert round(one["lat"], 6) == round(place.y, 6)


def test_every_look_is_noted_once_a_quarter_and_unchanged_answers_cost_little(
    town: Town, bob: Patrol, as_person: SignIn
) -> None:
    dora = as_person("dora")
    first = dora.get(URL)
    for _poll in range(3):
        with CaptureQueriesContext(connection) as captured:
            again = dora.get(URL, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304
    assert len(captured) <= 7
    assert not any("looklog" in query["sql"] for query in captured)
    here(town.bob, 1)
    assert dora.get(URL, headers={"If-None-Match": first["ETag"]}).status_code == 200
    look = LookLog.objects.get()
    assert (look.viewer, look.owner, look.role, look.about) == (town.dora, town.bob, "dispatcher", bob.pk)
    assert "Cookie" in first["Vary"]
    assert "private" in first["Cache-Control"]


def test_many_cost_as_many_queries_as_one(town: Town, bob: Patrol, as_person: SignIn) -> None:
    dora = as_person("dora")

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            dora.get(URL)
        return len(captured)

    few = asked()
    for name in ("alice", "charlie", "paula", "squad_member"):
        person = getattr(town, name)
        patrol = begun(person, None, hours_ago(1))
        Patrol.objects.filter(pk=patrol.pk).update(grid=town.grids[5])
        here(person)
    assert asked() <= few
    assert len(shown(dora)) == 5


class TestCandidates:
    def candidates(self, client: Client, report: Any) -> list[dict[str, Any]]:
        answer = client.get(f"/api/v1/reports/{report.pk}/candidates", headers={"Accept-Language": "en"})
        people: list[dict[str, Any]] = [row for row in answer.json()["results"] if row["kind"] == "person"]
        return people

    def report(self, town: Town) -> Any:
        point = at(1.5, 1.5)
        return file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("alice"))

    def test_whoever_is_on_patrol_nearby_comes_first(self, town: Town, as_person: SignIn) -> None:
        report, dora = self.report(town), as_person("dora")
        assert [row["id"] for row in self.candidates(dora, report)] == [town.alice.pk, town.bob.pk]
        begun(town.bob, town.grids[5].pk, hours_ago(1))
        here(town.bob, east=1.5, north=2.5)
        first, second = self.candidates(dora, report)
        assert first["id"] == town.bob.pk
        assert first["why"].startswith("on patrol, 100 m away")
        assert "away" not in second["why"]
        look = LookLog.objects.get()
        assert (look.what, look.owner) == (LookLog.What.DISTANCE, town.bob)

    def test_a_position_that_is_not_fresh_does_not_count(self, town: Town, as_person: SignIn) -> None:
        report = self.report(town)
        begun(town.bob, town.grids[5].pk, hours_ago(1))
        here(town.bob, FRESH.total_seconds() + 5)
        assert [row["id"] for row in self.candidates(as_person("dora"), report)] == [town.alice.pk, town.bob.pk]
        assert not LookLog.objects.exists()
