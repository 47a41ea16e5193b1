"""The page of a patch."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Assignment, Building, Checkpoint, Stairwell, Street
from maps.pages import my_grid
from patrols.filing import Draft, file_report
from patrols.models import Coverage, Report
from patrols.transitions import Move, transition
from tests.patrols.walks import street
from tests.town import DISTRICT, LITTER, PARKING, Town, at, box

SignIn = Callable[[str], Client]
MOST_QUERIES = 12


def file(town: Town, who: str = "bob", category: str = LITTER, east: float = 1.5, **more: Any) -> Report:
    point = at(east, 1.5)
    return file_report(Draft(category=category, geom=point, anchor=point, **more), town.scope(who))


def listed(answer: Any) -> list[str]:
    return [row["number"] for row in answer.context["reports"]]


def holding(answer: Any) -> list[str]:
    return [row["holding"] for row in answer.context["reports"]]


def since_long_ago() -> DateRange:
    return DateRange(timezone.localdate() - timedelta(days=100), None)


def test_a_leader_sees_the_open_reports_of_the_grid_and_no_others(town: Town, as_person: SignIn) -> None:
    mine, _next_door, gone = file(town), file(town, "dora", east=2.5), file(town)
    transition(gone.pk, "withdraw", town.scope("bob"))
    answer = as_person("alice").get("/my-grid/")
    assert listed(answer) == [mine.number]


def test_the_most_overdue_comes_first_and_what_has_no_clock_last(town: Town, as_person: SignIn) -> None:
    calm, late, later, parked = file(town), file(town), file(town), file(town)
    now, dora = timezone.now(), town.scope("dora")
    transition(parked.pk, "accept", dora)
    transition(
        parked.pk, "hold", town.scope("paula"), Move(reason="材料", until=timezone.localdate() + timedelta(days=3))
    )
    for report, minutes in ((calm, 90), (late, -30), (later, -60)):
        Report.objects.filter(pk=report.pk).update(dispatch_due_at=now + timedelta(minutes=minutes))
    answer = as_person("alice").get("/my-grid/")
    assert listed(answer) == [report.number for report in (later, late, calm, parked)]
    tones = [row["pill"]["tone"] if row["pill"] else None for row in answer.context["reports"]]
    assert tones[:2] == ["bad", "bad"]


def test_what_waits_for_the_leader_comes_before_what_is_late_with_others(town: Town, as_person: SignIn) -> None:
    late, checked = file(town), file(town)
    for verb, who, move in (
        ("accept", "dora", Move()),
        ("dispatch", "dora", Move(holder=town.bob)),
        ("start", "bob", Move()),
        ("handle", "bob", Move()),
    ):
        transition(checked.pk, verb, town.scope(who), move)
    Report.objects.filter(pk=late.pk).update(dispatch_due_at=timezone.now() - timedelta(hours=1))
    answer = as_person("alice").get("/my-grid/")
    assert listed(answer) == [checked.number, late.number]
    assert [row["yours"] for row in answer.context["reports"]] == [True, False]


def test_says_who_holds_each_report(town: Town, as_person: SignIn) -> None:
    report, dora = file(town), town.scope("dora")
    seen = []
    client = as_person("alice")
    client.cookies["django_language"] = "en"
    seen += holding(client.get("/my-grid/"))
    transition(report.pk, "accept", dora)
    seen += holding(client.get("/my-grid/"))
    transition(report.pk, "dispatch", dora, Move(holder=town.bob))
    seen += holding(client.get("/my-grid/"))
    transition(report.pk, "start", town.scope("bob"))
    transition(report.pk, "handle", town.scope("bob"))
    seen += holding(client.get("/my-grid/"))
    assert seen == ["waits to be accepted", "waits to be dispatched", "dispatched to Bob", "waits for your check"]


def test_what_is_dispatched_to_me_is_mine_to_deal_with(town: Town, as_person: SignIn) -> None:
    report, dora = file(town, "dora"), town.scope("dora")
    transition(report.pk, "accept", dora)
    transition(report.pk, "dispatch", dora, Move(holder=town.bob))
    [row] = as_person("bob").get("/my-grid/").context["reports"]
    assert row["yours"]
    [row] = as_person("alice").get("/my-grid/").context["reports"]
    assert not row["yours"]


def test_checkpoints_are_unknown_and_those_without_owner_say_so(town: Town, as_person: SignIn) -> None:
    client = as_person("alice")
    client.cookies["django_language"] = "en"
    [row] = client.get("/my-grid/?tab=checkpoints").context["checkpoints"]
    assert (json.loads(row["symbol"])["status"], row["owner"]) == ("unknown", "")
    page = client.get("/my-grid/?tab=checkpoints").content.decode()
    assert "not inspected" in page
    assert "no owner" in page
    Assignment.objects.create(checkpoint=town.checkpoint, person=town.bob, role="owner", period=since_long_ago())
    [row] = client.get("/my-grid/?tab=checkpoints").context["checkpoints"]
    assert row["owner"] == str(town.bob)


def test_a_checkpoint_on_both_sides_belongs_where_its_middle_is(town: Town, as_person: SignIn) -> None:
    """The stretch reaches from the middle of grid 5 far into grid 8."""
    Checkpoint.objects.create(
        name="东段",
        type=town.checkpoint.type,
        region=town.checkpoint.region,
        geom=LineString(at(1.9, 1.5), at(2.9, 1.5), srid=4326),
        source="test",
        source_id="stretch",
        period=since_long_ago(),
    )
    names = [row["name"] for row in as_person("alice").get("/my-grid/").context["checkpoints"]]
    assert "东段" not in names


@pytest.mark.parametrize("number", [5, 8])
def test_a_checkpoint_along_a_shared_edge_is_seen_from_both_sides(town: Town, as_person: SignIn, number: int) -> None:
    Checkpoint.objects.create(
        name="界街",
        type=town.checkpoint.type,
        region=town.checkpoint.region,
        geom=LineString(at(2, 1.03), at(2, 1.47), at(2, 1.99), srid=4326),
        source="test",
        source_id="edge",
        period=since_long_ago(),
    )
    answer = as_person("dora").get(f"/my-grid/?grid={town.grids[number].code}")
    assert "界街" in [row["name"] for row in answer.context["checkpoints"]]


def test_the_stretches_of_a_street_are_one_street_with_the_metres_inside_the_grid(
    town: Town, as_person: SignIn
) -> None:
    """West lane crosses grid 5 in two stretches and goes on; the corner path only touches it.

    ::

        lat 2   +----|----+
                |    |    |
                |    |    |
        lat 1   +----|----+
                     |
    """
    for number, (south, north) in enumerate(((0.2, 1.5), (1.5, 2.0))):
        geom = LineString(at(1.5, south), at(1.5, north), srid=4326)
        Street.objects.create(name="西巷", kind="alley", geom=geom, source="test", source_id=f"lane-{number}")
    Street.objects.create(
        name="角路", kind="path", geom=LineString(at(1, 1), at(0.5, 0.5), srid=4326), source="test", source_id="corner"
    )
    Street.objects.create(
        name="柳溪渠",
        kind="water",
        geom=LineString(at(1, 1.5), at(2, 1.5), srid=4326),
        source="test",
        source_id="canal",
    )
    [row] = as_person("alice").get("/my-grid/?tab=streets").context["streets"]
    assert row.name == "西巷"
    assert row.length == pytest.approx(110, abs=10)


def test_names_everybody_who_answers_for_something(town: Town, as_person: SignIn) -> None:
    building = Building.objects.create(
        name="3号楼", kind="residential", geom=box(1.4, 1.4, 1.6, 1.6), source="test", source_id="b3"
    )
    stairwell = Stairwell.objects.create(
        building=building, label="2单元", geom=at(1.5, 1.4), source="test", source_id="b3-2"
    )
    Assignment.objects.create(stairwell=stairwell, person=town.bob, role="owner", period=since_long_ago())
    context = as_person("alice").get("/my-grid/?tab=people").context
    answering = context["answering"]
    assert answering.owner == str(town.alice)
    assert [(row.name, row.place) for row in answering.stewards] == [(str(town.bob), "3号楼2单元")]
    assert str(town.squad) in [row.name for row in context["bodies"]]


def test_a_grid_without_owner_says_so_first(town: Town, as_person: SignIn) -> None:
    Assignment.objects.filter(grid=town.grids[5], role="owner").delete()
    context = as_person("bob").get("/my-grid/").context
    assert context["sentence"][0].tone == "bad"
    assert not context["answering"].owner


def test_somebody_without_a_grid_reads_what_to_do(town: Town, as_person: SignIn) -> None:
    answer = as_person("squad_member").get("/my-grid/")
    assert answer.status_code == 200
    assert "maps/my_grid_none.html" in [template.name for template in answer.templates]


def test_several_grids_can_be_switched(town: Town, as_person: SignIn) -> None:
    other = town.grids[8]
    Assignment.objects.create(grid=other, person=town.alice, role="deputy", period=since_long_ago())
    client = as_person("alice")
    assert client.get("/my-grid/").context["grid"] == town.grids[5]
    assert client.get(f"/my-grid/?grid={other.code}").context["grid"] == other


@pytest.mark.parametrize("who", ["charlie", "olaf", "squad_member"])
def test_the_grid_of_another_community_is_not_there(town: Town, as_person: SignIn, who: str) -> None:
    assert as_person(who).get(f"/my-grid/?grid={town.grids[5].code}").status_code == 404


def test_the_grid_next_door_is_not_mine_to_open(town: Town, as_person: SignIn) -> None:
    assert as_person("alice").get(f"/my-grid/?grid={town.grids[8].code}").status_code == 404


def test_a_dispatcher_may_look_at_any_grid_of_the_region(town: Town, as_person: SignIn) -> None:
    answer = as_person("dora").get(f"/my-grid/?grid={town.grids[8].code}")
    assert answer.status_code == 200
    assert answer.context["page"]["mine"] == []


@pytest.mark.parametrize("code", ["", "x", "150199001001005%00", "1" * 400])
def test_a_code_that_is_none_is_not_found_or_ignored(town: Town, as_person: SignIn, code: str) -> None:
    answer = as_person("alice").get(f"/my-grid/?grid={code}&tab=nonsense&report='")
    assert answer.status_code == (404 if code else 200)


def test_visitors_are_sent_to_the_sign_in(client: Client, db: None) -> None:
    answer = client.get("/my-grid/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_what_is_reported_here_most_is_offered_first(town: Town, as_person: SignIn) -> None:
    codes = [row.code for row in as_person("alice").get("/my-grid/").context["categories"]]
    for _ in range(2):
        file(town, category=PARKING)
    file(town, category=LITTER)
    used = [row.code for row in as_person("alice").get("/my-grid/").context["categories"]]
    assert used[:2] == [PARKING, LITTER]
    assert sorted(used) == sorted(codes)


def test_the_number_of_queries_is_small_and_does_not_grow(town: Town, as_person: SignIn) -> None:
    client, dora = as_person("alice"), town.scope("dora")
    file(town)
    with CaptureQueriesContext(connection) as few:
        client.get("/my-grid/")
    for index in range(12):
        report = file(town)
        if index % 2:
            transition(report.pk, "accept", dora)
            transition(report.pk, "dispatch", dora, Move(holder=town.bob))
        Street.objects.create(
            name=f"{index}巷",
            kind="alley",
            geom=LineString(at(1, 1 + index / 20), at(2, 1 + index / 20), srid=4326),
            source="test",
            source_id=f"s{index}",
        )
        checkpoint = Checkpoint.objects.create(
            name=f"点 {index}",
            type=town.checkpoint.type,
            region=town.checkpoint.region,
            geom=at(1.2 + index / 30, 1.2),
            source="test",
            source_id=f"c{index}",
            period=since_long_ago(),
        )
        Assignment.objects.create(checkpoint=checkpoint, person=town.bob, role="owner", period=since_long_ago())
    with CaptureQueriesContext(connection) as many:
        client.get("/my-grid/")
    assert len(many) == len(few) <= MOST_QUERIES


def test_a_long_list_is_cut_and_says_so(town: Town, as_person: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(my_grid, "MOST", 2)
    for _ in range(3):
        file(town)
    answer = as_person("alice").get("/my-grid/")
    assert len(answer.context["reports"]) == 2
    assert answer.context["more"]
    assert f"/reports/?grid={town.grids[5].code}" in answer.content.decode()


def test_words_of_people_are_escaped(town: Town, as_person: SignIn) -> None:
    file(town, place='"><script>alert(1)</script>', description="<img src=x onerror=alert(1)>")
    page = as_person("alice").get("/my-grid/").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page


class TestStreets:
    """The tab of streets: how each stands, the one that was left most first."""

    @pytest.fixture
    def lanes(self, town: Town) -> dict[str, Street]:
        return {
            "西巷": street("西巷", (1.2, 1.5), (1.8, 1.5), kind="alley"),
            "东巷": street("东巷", (1.2, 1.3), (1.8, 1.3), kind="alley"),
            "南街": street("南街", (1.2, 1.7), (1.8, 1.7)),
        }

    @staticmethod
    def saw(road: Street, ago: int, covered: Any = ((0, 1_000_000),), **more: Any) -> None:
        day = timezone.localdate() - timedelta(days=ago)
        Coverage.objects.create(district=DISTRICT, street=road, day=day, covered=covered, **more)

    @staticmethod
    def page(as_person: SignIn, query: str = "?tab=streets") -> Any:
        client = as_person("alice")
        client.cookies["django_language"] = "en"
        return client.get(f"/my-grid/{query}")

    def test_the_one_that_was_left_most_is_first_and_in_the_sentence(
        self, town: Town, lanes: dict[str, Street], as_person: SignIn
    ) -> None:
        self.saw(lanes["东巷"], 9)
        self.saw(lanes["南街"], 6)
        answer = self.page(as_person)
        rows = answer.context["streets"]
        assert [(row.name, str(row.state)) for row in rows] == [("西巷", "never"), ("东巷", "overdue"), ("南街", "due")]
        assert [row.words for row in rows] == ["never walked", "9 days not walked", "6 days not walked"]
        said = [clause.text for clause in answer.context["sentence"] if clause.tone == "warn"]
        assert said == ["西巷 was never walked, and 1 more street"]
        self.saw(lanes["西巷"], 0)
        answer = self.page(as_person)
        said = [clause.text for clause in answer.context["sentence"] if clause.tone == "warn"]
        assert said == ["东巷 9 days not walked"]
        assert [row.words for row in answer.context["streets"]][-1] == "walked today"

    def test_of_a_grid_that_no_patrol_was_in_nothing_is_said_to_be_left(
        self, town: Town, lanes: dict[str, Street], as_person: SignIn
    ) -> None:
        answer = self.page(as_person)
        assert "no patrol has been recorded in it yet" in [clause.text for clause in answer.context["sentence"]]
        page = answer.content.decode()
        assert page.count("no patrol recorded") == 3
        assert "never walked" not in page.split("</ul>")[-2]

    def test_what_is_unknown_and_what_was_told_is_said_apart(
        self, town: Town, lanes: dict[str, Street], as_person: SignIn
    ) -> None:
        self.saw(lanes["西巷"], 1, covered=((0, 300_000),), unknown=((300_000, 900_000),))
        self.saw(lanes["东巷"], 2, covered=(), told=True)
        answer = self.page(as_person)
        rows = {row.name: row for row in answer.context["streets"]}
        assert (rows["西巷"].words, rows["西巷"].covered, rows["西巷"].unknown) == ("not known", 30, 60)
        assert (str(rows["东巷"].state), rows["东巷"].covered) == ("walked", 0)
        assert rows["东巷"].told_on
        page = answer.content.decode()
        assert "unknown 60%" in page
        assert "told by hand" in page

    def test_stretches_of_one_name_stand_as_the_worst_of_them(
        self, town: Town, lanes: dict[str, Street], as_person: SignIn
    ) -> None:
        other = street("西巷2", (1.3, 1.1), (1.7, 1.1))
        Street.objects.filter(pk=other.pk).update(name="西巷")
        self.saw(lanes["西巷"], 1)
        self.saw(other, 8)
        row = next(row for row in self.page(as_person).context["streets"] if row.name == "西巷")
        assert (str(row.state), row.days, row.of_parts, row.id) == ("overdue", 8, "1 of 2 stretches", other.pk)
        assert set(row.ids) == {lanes["西巷"].pk, other.pk}

    def test_a_street_is_selected_by_its_address(self, town: Town, lanes: dict[str, Street], as_person: SignIn) -> None:
        page = self.page(as_person, f"?tab=streets&street={lanes['南街'].pk}").content.decode()
        assert page.count('aria-current="true"') == 2  # the tab, the street

    def test_a_checkpoint_says_when_a_patrol_came_by(
        self, town: Town, lanes: dict[str, Street], as_person: SignIn
    ) -> None:
        assert "no patrol has come by" in self.page(as_person, "?tab=checkpoints").content.decode()
        day = timezone.localdate() - timedelta(days=1)
        Coverage.objects.create(district=DISTRICT, checkpoint=town.checkpoint, day=day, covered=((0, 1_000_000),))
        assert "a patrol came by yesterday" in self.page(as_person, "?tab=checkpoints").content.decode()
