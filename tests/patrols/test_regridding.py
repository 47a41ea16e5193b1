"""Accepting a proposal: who keeps what, who is told, and that any day past stays as it was."""

import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids import outbox
from grids.models import (
    Assignment,
    Building,
    Checkpoint,
    Grid,
    GridLineage,
    Membership,
    Notification,
    Outbox,
    Person,
    Region,
    SplitRun,
)
from grids.problems import BadInput, Conflict, NotFound, Problem
from grids.splits.answering import answered_for
from grids.splits.editing import Edit, edit
from patrols.authority import available
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.regridding.accepting import Accepted, accept
from patrols.regridding.previewing import Preview, preview
from patrols.succession import Plan, plan_handover, undo
from patrols.succession import preview as preview_handover
from patrols.transitions import Move, transition
from tests.split_town import build_houses, merged, proposal
from tests.town import FAR, LITTER, NEAR, Town, at, box, build_town

TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def houses(request: pytest.FixtureRequest) -> None:
    if "town" in request.fixturenames:
        build_houses(request.getfixturevalue("town"))


def accepted(town: Town, run: SplitRun, who: str = "paula") -> Accepted:
    return accept(town.scope(who), run.pk, preview(town.scope(who), run.pk).fingerprint)


def report_at(town: Town, east: float, north: float) -> Report:
    point = at(east, north)
    return file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))


def held_on(town: Town, day: date, east: float, north: float) -> tuple[str, list[str]]:
    found = answered_for(at(east, north), day)
    return (found.grid.code[12:] if found.grid else ""), [
        str(row.person.username) for row in found.assignments if row.person
    ]


def codes(day: date | None = None) -> set[str]:
    rows = Grid.objects.on(day or TODAY).filter(region__code=f"{NEAR}001")
    return {code[12:] for code in rows.values_list("code", flat=True)}


def was_yesterday() -> None:
    """Let what was accepted today have been accepted yesterday."""
    yesterday = TODAY - timedelta(days=1)
    for model in (Grid, Assignment):
        for row in model._default_manager.filter(period__endswith=TODAY):
            row.period = DateRange(row.period.lower, yesterday)
            row.save(update_fields=["period"])
        model._default_manager.filter(period__startswith=TODAY).update(period=DateRange(yesterday, None))


def test_the_bigger_grid_keeps_code_name_and_owner(town: Town) -> None:
    """Grids 5 and 6 become one: 200 households, half of them Alice's."""
    done = accepted(town, merged(town, proposal(town), (5, 6)))
    new = Grid.objects.current().get(code=town.grids[5].code)
    assert (new.name, new.households) == ("第5网格", 200)
    assert codes() == {f"00{number}" for number in (1, 2, 3, 4, 5, 7, 8, 9)}
    assert held_on(town, TODAY, 1.5, 0.5) == ("005", ["alice", "bob"])
    assert held_on(town, TODAY - timedelta(days=1), 1.5, 0.5) == ("006", [])
    assert held_on(town, TODAY - timedelta(days=1), 1.5, 1.5) == ("005", ["alice", "bob"])
    assert done.run.state == "accepted"
    assert done.run.accepted_by == town.paula
    assert new.pk in town.scope("alice").owned


def test_what_did_not_change_is_the_same_row(town: Town) -> None:
    accepted(town, merged(town, proposal(town), (5, 6)))
    kept = {number for number, grid in town.grids.items() if Grid.objects.current().filter(pk=grid.pk).exists()}
    assert kept == {1, 2, 3, 4, 7, 8, 9}


def test_lineage_has_the_shares_of_households(town: Town) -> None:
    run = edit_line(town, proposal(town), 4, 5, (0.9, 1.7), (2.1, 1.7))
    Building.objects.create(source_id="more", households=25, geom=box(1.1, 1.8, 1.2, 1.9))
    accepted(town, run)
    rows = {(row.old.code[12:], row.new.code[12:]): row.share for row in GridLineage.objects.all()}
    assert rows == {("004", "004"): 1.0, ("005", "005"): 0.8, ("005", "004"): 0.2}


def edit_line(town: Town, run: SplitRun, one: int, two: int, *places: tuple[float, float]) -> SplitRun:
    points = [at(*place) for place in places]
    line = {"type": "LineString", "coordinates": [[point.x, point.y] for point in points]}
    run.refresh_from_db()
    return edit(town.scope("paula"), run.pk, run.version, Edit("redraw", {"one": one, "two": two, "line": line}))


def test_a_code_is_never_given_again(town: Town) -> None:
    """4, 5 and 6 become 010, since it is half of none; then they come back: one as 010, two with new numbers."""
    accepted(town, merged(town, proposal(town), (4, 5), (4, 6)))
    was_yesterday()
    accepted(town, proposal(town, TODAY - timedelta(days=2)))
    assert codes() == {"001", "002", "003", "007", "008", "009", "010", "011", "012"}
    assert codes(TODAY - timedelta(days=2)) == {f"00{number}" for number in range(1, 10)}


def test_more_than_999_numbers_are_refused(town: Town) -> None:
    accepted(town, merged(town, proposal(town), (4, 5)))
    was_yesterday()
    grid = town.grids[1]
    Grid.objects.create(
        code=f"{grid.region.code}999",
        name="x",
        region=grid.region,
        geom=grid.geom,
        period=DateRange(TODAY - timedelta(days=9), TODAY - timedelta(days=8)),
    )
    with pytest.raises(BadInput, match="999"):
        preview(town.scope("paula"), proposal(town, TODAY - timedelta(days=2)).pk)


def test_the_first_split_is_numbered_in_the_order_of_the_proposal(town: Town) -> None:
    run = proposal(town)
    Assignment.objects.filter(grid__region__code=f"{NEAR}001").delete()
    Grid.objects.filter(region__code=f"{NEAR}001").delete()
    run.grids.update(name="", code="")
    accepted(town, run)
    assert codes() == {f"00{number}" for number in range(1, 10)}
    assert Grid.objects.get(code=f"{NEAR}001001").name == f"{NEAR}001区第1网格"


def test_open_reports_follow_and_closed_ones_keep_their_grid(town: Town) -> None:
    closed, open_one, elsewhere = report_at(town, 1.5, 0.5), report_at(town, 1.6, 0.6), report_at(town, 0.5, 0.5)
    transition(closed.pk, "withdraw", town.scope("bob"))
    done = accepted(town, merged(town, proposal(town), (5, 6)))
    new = Grid.objects.current().get(code=town.grids[5].code)
    assert done.reports == 1
    assert Report.objects.get(pk=open_one.pk).grid == new
    assert Report.objects.get(pk=closed.pk).grid == town.grids[6]
    assert Report.objects.get(pk=elsewhere.pk).grid == town.grids[3]


def test_a_leader_goes_on_reading_what_was_closed_under_the_same_code(town: Town) -> None:
    """Grid 5 takes in 6, then 4: what was closed in 5 before is read on by who answers for 5, and by nobody else."""
    own, taken_in, elsewhere = report_at(town, 1.5, 1.5), report_at(town, 1.5, 0.5), report_at(town, 0.5, 1.5)
    for report in (own, taken_in, elsewhere):
        transition(report.pk, "withdraw", town.scope("bob"))
    Report.objects.update(reporter=town.charlie)  # what one filed is visible anyway
    accepted(town, merged(town, proposal(town), (5, 6)))
    between = report_at(town, 1.5, 0.5)
    transition(between.pk, "withdraw", town.scope("bob"))
    Report.objects.update(reporter=town.charlie)
    accepted(town, merged(town, proposal(town), (5, 4)))  # on the same day: the grid in between has an empty period
    for name in ("alice", "bob"):
        scope = town.scope(name)
        assert set(Report.objects.visible_to(scope)) == {own, between}
        assert available(Report.objects.get(pk=own.pk), scope) == []
    assert town.scope("charlie").former == frozenset()
    Assignment.objects.filter(person=town.alice).update(period=DateRange(empty=True))
    assert not Report.objects.visible_to(town.scope("alice")).exists()


def test_a_unit_grid_with_the_code_of_a_service_grid_opens_none_of_its_reports(town: Town) -> None:
    accepted(town, merged(town, proposal(town), (5, 6)))
    unit = Grid.objects.create(
        code=town.grids[5].code, kind="unit", name="单元", region=town.grids[5].region, geom=box(0, 0, 1, 1)
    )
    Assignment.objects.create(person=town.charlie, grid=unit, role="owner")
    assert town.scope("charlie").former == frozenset()


def test_what_is_opened_again_gets_the_grid_of_today(town: Town) -> None:
    report = report_at(town, 1.5, 0.5)
    transition(report.pk, "reject", town.scope("dora"), Move(reason="重复"))
    accepted(town, merged(town, proposal(town), (5, 6)))
    transition(report.pk, "reopen", town.scope("dora"), Move(reason="仍在"))
    assert Report.objects.get(pk=report.pk).grid == Grid.objects.current().get(code=town.grids[5].code)


def test_a_report_filed_into_an_ended_grid_follows_a_moment_later(town: Town) -> None:
    accepted(town, merged(town, proposal(town), (5, 6)))
    late = report_at(town, 1.5, 0.5)
    Report.objects.filter(pk=late.pk).update(grid=town.grids[6])
    outbox.run(str(Outbox.objects.get(topic="grids.regridded").pk))
    assert Report.objects.get(pk=late.pk).grid == Grid.objects.current().get(code=town.grids[5].code)


def test_an_owner_whose_grid_goes_on_under_no_code_is_told_and_has_none(town: Town) -> None:
    """5 goes up in 4 with 6, of three grids none is half: the largest part decides, and here 4 weighs most."""
    Building.objects.filter(name="4号楼").update(households=900)
    shown = preview(town.scope("paula"), merged(town, proposal(town), (4, 5)).pk)
    assert [(row.holder.username, row.effect) for row in shown.concerned if isinstance(row.holder, Person)] == [
        ("bob", "ends"),
        ("alice", "ends"),
    ]
    accept(town.scope("paula"), shown.run.pk, shown.fingerprint)
    assert held_on(town, TODAY, 1.5, 1.5) == ("004", [])
    assert not town.scope("alice").owned
    assert set(Notification.objects.filter(verb="grid_ended").values_list("person__username", flat=True)) == {
        "alice",
        "bob",
    }


def test_everybody_concerned_is_told_once(town: Town) -> None:
    region = town.grids[5].region
    Membership.objects.create(person=town.olaf, role="planner", region=region)
    accepted(town, merged(town, proposal(town), (5, 6)))
    told = {(row.person.username, row.verb) for row in Notification.objects.select_related("person")}
    assert told == {("alice", "regridded"), ("bob", "regridded"), ("olaf", "split_accepted")}
    assert Notification.objects.get(person=town.alice).data == {"grid": town.grids[5].code}


def test_the_preview_lists_who_gains_and_what_moves(town: Town) -> None:
    report_at(town, 1.5, 0.5)
    report_at(town, 1.5, 1.5)
    Checkpoint.objects.create(
        source_id="c6", name="六号", type=town.checkpoint.type, region=town.grids[6].region, geom=at(1.5, 0.5)
    )
    run = merged(town, proposal(town), (5, 6))
    shown = preview(town.scope("paula"), run.pk)
    alice = next(row for row in shown.concerned if row.holder == town.alice)
    assert (alice.role, alice.effect, alice.coming, alice.going) == ("owner", "gains", 100, 0)
    assert (shown.households, shown.moving.reports, shown.moving.checkpoints) == (100, 1, 1)
    assert (shown.loads[5].reports, shown.loads[5].checkpoints) == (2, 2)
    assert shown.owners == {5: [town.alice]}
    assert SplitRun.objects.get(pk=run.pk).state == "proposed"


def test_what_is_planned_for_a_coming_day_goes_on_with_the_grid(town: Town) -> None:
    day = TODAY + timedelta(days=7)
    plan = Plan(town.alice.pk, town.bob.pk, day, ("grids",), "轮岗")
    found = preview_handover(town.scope("paula"), plan)
    handover = plan_handover(town.scope("paula"), plan, uuid4(), found.fingerprint)
    accepted(town, merged(town, proposal(town), (5, 6)))
    new = Grid.objects.current().get(code=town.grids[5].code)
    assert [row.person for row in Assignment.objects.on(day).filter(grid=new, role="owner")] == [town.bob]
    assert [row.person for row in Assignment.objects.on(TODAY).filter(grid=new, role="owner")] == [town.alice]
    undo(town.scope("paula"), handover.pk)
    assert [row.person for row in Assignment.objects.on(day).filter(grid=new, role="owner")] == [town.alice]


def test_accepting_twice_on_one_day_leaves_periods_that_never_held(town: Town) -> None:
    accepted(town, merged(town, proposal(town), (5, 6)))
    between = Grid.objects.current().get(code=town.grids[5].code)
    accepted(town, merged(town, proposal(town), (5, 4)))
    between.refresh_from_db()
    assert between.period.isempty
    assert held_on(town, TODAY, 1.5, 1.5)[1] == ["alice", "bob"]
    assert held_on(town, TODAY - timedelta(days=1), 1.5, 1.5) == ("005", ["alice", "bob"])


def test_the_days_between_three_splits_can_all_be_asked(town: Town) -> None:
    accepted(town, merged(town, proposal(town), (5, 6)))
    was_yesterday()
    accepted(town, merged(town, proposal(town), (5, 2)))
    answers = [held_on(town, TODAY - timedelta(days=back), 1.5, 0.5)[0] for back in (0, 1, 2)]
    assert answers == ["005", "005", "006"]
    assert held_on(town, TODAY, 0.5, 1.5) == ("005", ["alice", "bob"])
    assert held_on(town, TODAY - timedelta(days=1), 0.5, 1.5) == ("002", [])


def test_a_boundary_that_moved_meanwhile_is_refused(town: Town) -> None:
    run = proposal(town)
    Region.objects.filter(code=f"{NEAR}001").update(geom=MultiPolygon(box(0, 0, 3, 3.1), srid=4326))
    with pytest.raises(BadInput, match="边界"):
        preview(town.scope("paula"), run.pk)


def test_grids_of_a_coming_day_are_in_the_way(town: Town) -> None:
    run = proposal(town)
    Grid.objects.filter(pk=town.grids[1].pk).update(period=DateRange(TODAY + timedelta(days=3), None))
    with pytest.raises(BadInput, match="日后"):
        preview(town.scope("paula"), run.pk)


def test_what_changed_since_the_preview_is_not_accepted(town: Town) -> None:
    run = merged(town, proposal(town), (5, 6))
    seen = preview(town.scope("paula"), run.pk).fingerprint
    Assignment.objects.create(person=town.paula, grid=town.grids[5], role="deputy")
    with pytest.raises(Conflict):
        accept(town.scope("paula"), run.pk, seen)
    assert codes() == {f"00{number}" for number in range(1, 10)}
    assert not GridLineage.objects.exists()


def test_an_accepted_proposal_is_not_accepted_again(town: Town) -> None:
    run = merged(town, proposal(town), (5, 6))
    accepted(town, run)
    with pytest.raises(Conflict):
        accept(town.scope("paula"), run.pk, None)


@pytest.mark.parametrize("who", ["alice", "charlie", "dora", "olaf"])
def test_nobody_but_planners_of_the_region_may(town: Town, who: str) -> None:
    run = proposal(town)
    for work in (lambda: preview(town.scope(who), run.pk), lambda: accept(town.scope(who), run.pk, None)):
        with pytest.raises(NotFound):
            work()


def test_the_far_community_is_left_alone(town: Town) -> None:
    accepted(town, merged(town, proposal(town), (5, 6)))
    assert Grid.objects.current().get(region__code=f"{FAR}001") == town.far_grid
    assert town.far_grid.pk in town.scope("charlie").owned


def test_the_preview_takes_the_same_number_of_queries_for_any_size(town: Town) -> None:
    counts = []
    for pairs in ([(5, 6)], [(5, 6), (1, 2), (7, 8)]):
        for east in range(len(pairs)):
            report_at(town, east + 0.5, 0.5)
        run, scope = merged(town, proposal(town), *pairs), town.scope("paula")
        with CaptureQueriesContext(connection) as captured:
            preview(scope, run.pk)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 16


@pytest.mark.django_db(transaction=True)
def test_of_two_planners_who_accept_at_once_one_wins_and_the_other_is_told() -> None:
    town = build_town()
    build_houses(town)
    runs = [merged(town, proposal(town), pair) for pair in ((5, 6), (5, 4))]
    shown: list[Preview] = [preview(town.scope("paula"), run.pk) for run in runs]
    start, outcomes = threading.Barrier(2), []

    def decide(one: Preview) -> None:
        try:
            scope = town.scope("paula")
            start.wait(10)
            accept(scope, one.run.pk, one.fingerprint)
            outcomes.append("won")
        except Problem as problem:
            outcomes.append(f"{problem.status}")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(one,)) for one in shown]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["409", "won"]
    assert SplitRun.objects.filter(state="accepted").count() == 1
    assert Grid.objects.current().filter(region__code=f"{NEAR}001").count() == 8
    assert Notification.objects.filter(verb__in=["regridded", "grid_ended"]).count() == 2
