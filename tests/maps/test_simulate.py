"""A simulated city in the database: exact counts, lawful histories, everything where it belongs."""

import functools
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F, Q
from django.test import override_settings
from django.utils import timezone

from fixtures.city import staged
from fixtures.simulation.schedule import Plan
from grids.calendar import dispatch_due
from grids.models import Assignment, Grid, Membership, Organisation, Person, Region
from grids.problems import BadInput, Conflict
from grids.worktime import weekday_works
from maps.backup import contents
from maps.management.commands.prepare import load_catalogue
from maps.simulate import run
from maps.simulate.run import LOADED, Order, Result, simulate
from patrols.models import Consent, Event, Fix, Party, Patrol, Report
from patrols.transitions import Move, changes
from patrols.workflow import FINAL_STATES, TRANSITIONS, State
from tests.maps.drill import database, exists, turned_to
from tests.town import build_town

NOW = timezone.now().replace(microsecond=0)
ORDER = Order(Plan(600, 0, 300, 0.4), volunteers=150, fixes=2_500, seed=5, districts=2)
COLUMNS = [
    "state",
    "came_from",
    "hold_until",
    "dispatched_at",
    "due_at",
    "handled_at",
    "closed_at",
    "handler_id",
    "accepted_by_id",
    "waiting_since",
    "dispatch_due_at",
    "changed_at",
]
SCHEMA = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
where connamespace = 'public'::regnamespace and conparentid = 0 and coninhcount = 0
union all select tablename, indexname, indexdef from pg_indexes
where schemaname = 'public' and tablename = any(%s)
union all select tgrelid::regclass::text, tgname, tgenabled::text from pg_trigger
where tgrelid = any(%s::regclass[]) and not tgisinternal
order by 1, 2
"""


def schema() -> list[tuple[str, ...]]:
    """Say what the loaded tables have; where the database writes a cast differs when it reads its own words again."""
    tables = [model._meta.db_table for model in LOADED]
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA, [tables, tables])
        return [
            (str(table), str(name), re.sub(r"::(character varying|text)(\[\])?|[()]", "", str(definition)))
            for table, name, definition in cursor.fetchall()
        ]


@pytest.fixture(scope="module")
def template(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database with a schema and the catalogue, in which nobody is."""
    name = str(connection.settings_dict["NAME"])
    with django_db_blocker.unblock():
        connection.close()
        there = exists(name)
        with database("empty", template=name if there else "template0") as made:
            with turned_to(made):
                if not there:
                    call_command("migrate", verbosity=0)
                load_catalogue()
            # Drawing the map and telling stories takes seconds and is the same every time.
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(run, "staged", functools.cache(staged))
                patch.setattr(run, "TELLINGS", 1)
                yield made


@pytest.fixture(scope="module")
def district(template: str) -> Iterator[str]:
    """A database with one district and nobody but its own people."""
    with database("district", template=template) as made:
        with turned_to(made):
            simulate(Order(Plan(0), districts=1), NOW)
        yield made


@pytest.fixture(scope="module")
def city(template: str) -> Iterator[tuple[Result, list[Any], list[Any]]]:
    """The simulated city, what was written, and the schema before and after."""
    with database("simulated", template=template) as name, turned_to(name):
        before = schema()
        result = simulate(ORDER, NOW)
        yield result, before, schema()


def count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_real_people_are_left_alone() -> None:
    build_town()
    with pytest.raises(Conflict, match="7 real people"):
        simulate(ORDER, NOW)
    assert not Report.objects.exists()


def test_there_is_exactly_as_much_as_was_ordered(city: tuple[Result, Any, Any]) -> None:
    result = city[0]
    assert result.districts == Region.objects.filter(level="district").count() == 2
    assert Report.objects.count() == result.counts["reports"] == 600
    assert Person.objects.filter(username__regex=r"^v\d{7}$").count() == result.counts["volunteers"] == 150
    assert Fix.objects.count() == result.counts["fixes"] == 2_500
    assert Event.objects.count() == result.counts["events"] > 1_800
    assert Party.objects.count() == result.counts["parties"] > 200
    assert Patrol.objects.count() == result.counts["patrols"]
    assert Report.objects.exclude(state__in=FINAL_STATES).count() == ORDER.plan.open


def replay(report: Report, history: list[Event]) -> Report:
    """Return the report as its events make it, from its filing on."""
    first, *rest = history
    again = Report(pk=report.pk, category=report.category, recorded_at=report.recorded_at, state=State.REPORTED)
    again.waiting_since = again.changed_at = first.recorded_at
    again.dispatch_due_at = dispatch_due(report.category, first.recorded_at, weekday_works)
    for event in rest:
        row, until = TRANSITIONS[event.verb], event.data.get("until")
        assert again.state == event.before
        assert again.state in row.sources
        move = Move(until=date.fromisoformat(until) if until else None)
        moved = changes(row, again, event.actor_id, move, event.recorded_at, weekday_works)
        for name, value in {**moved, "changed_at": event.recorded_at}.items():
            setattr(again, name, value)
        assert again.state == event.after
    return again


def test_every_history_replays_to_the_present_row(city: tuple[Result, Any, Any]) -> None:
    histories: dict[Any, list[Event]] = defaultdict(list)
    for event in Event.objects.order_by("recorded_at", "id"):
        histories[event.report_id].append(event)
    reports = list(Report.objects.select_related("category"))
    assert histories.keys() == {report.pk for report in reports}
    for report in reports:
        first = histories[report.pk][0]
        assert (first.verb, first.before, first.recorded_at) == ("file", "", report.recorded_at)
        assert first.actor_id == report.reporter_id
        again = replay(report, histories[report.pk])
        assert {name: getattr(again, name) for name in COLUMNS} == {name: getattr(report, name) for name in COLUMNS}


def test_whoever_was_sent_is_the_one_lead(city: tuple[Result, Any, Any]) -> None:
    working = Report.objects.filter(state__in=["dispatched", "in_progress", "returned"])
    assert working.exists()
    leads = Party.objects.leading().filter(report__in=working).values_list("report_id", flat=True)
    assert sorted(leads) == sorted(working.values_list("pk", flat=True))
    # Whom a dispatch named is a party.
    sent = set(Event.objects.filter(verb="dispatch").values_list("report", "person", "organisation"))
    assert sent <= set(Party.objects.values_list("report", "person", "organisation"))
    assert not Party.objects.exclude(report_recorded_at=F("report__recorded_at")).exists()


def test_nobody_verifies_their_own_work(city: tuple[Result, Any, Any]) -> None:
    closed = Event.objects.filter(verb__in=["close", "return"]).select_related("report")
    assert closed.count() > 300
    handlers: dict[Any, int | None] = {}
    for event in Event.objects.filter(verb__in=["handle", "handle_on_spot", "close"]).order_by("recorded_at"):
        if event.verb == "close":
            assert event.actor_id != handlers[event.report_id]
        else:
            handlers[event.report_id] = event.actor_id


def test_everything_is_where_it_says(city: tuple[Result, Any, Any]) -> None:
    astray = "not ST_Covers(g.geom, anchor) or left(g.code, 12) <> region_code or left(g.code, 6) <> district"
    query = f"select count(*) from patrols_report join grids_grid g on g.id = grid_id where {astray}"  # noqa: S608
    assert count(query) == 0
    assert len(set(Report.objects.values_list("district", flat=True))) == 2
    for model in (Party, Event):
        assert not model.objects.exclude(district=F("report__district")).exists()
    # Who acts belongs to the district.
    homes: dict[int, set[str]] = defaultdict(set)
    for person, code in Membership.objects.values_list("person", "region__code"):
        homes[person].add(code[:6])
    for district, actor in Event.objects.filter(actor__isnull=False).values_list("district", "actor"):
        assert district in homes[actor]
    bodies = {row.pk: row.region.code for row in Organisation.objects.select_related("region")}
    for district, body in Party.objects.filter(organisation__isnull=False).values_list("district", "organisation"):
        assert bodies[body].startswith(district)


def test_nothing_lies_in_the_future_or_before_the_window(city: tuple[Result, Any, Any]) -> None:
    assert not Event.objects.filter(recorded_at__gt=NOW).exists()
    assert not Report.objects.filter(Q(recorded_at__gt=NOW) | Q(occurred_at__gt=F("recorded_at"))).exists()
    assert not Report.objects.filter(recorded_at__lt=NOW - timedelta(days=301)).exists()
    waiting = Report.objects.filter(state__in=["on_hold", "deferred"])
    assert waiting.exists()
    assert not waiting.filter(hold_until__lte=NOW.date()).exists()


def test_a_duplicate_repeats_another_report_of_its_district(city: tuple[Result, Any, Any]) -> None:
    twins = Report.objects.filter(state=State.DUPLICATE).select_related("duplicate_of")
    assert twins.exclude(duplicate_of=None).count() > 5
    for twin in twins:
        if twin.duplicate_of is None:
            first = Report.objects.filter(district=twin.district, recorded_at__lt=twin.recorded_at)
            assert not first.exclude(state=State.DUPLICATE).exists()
            continue
        assert twin.duplicate_of.district == twin.district
        assert twin.duplicate_of.recorded_at <= twin.recorded_at
        assert twin.duplicate_of.state != State.DUPLICATE


def test_volunteers_belong_to_a_grid_of_their_community(city: tuple[Result, Any, Any]) -> None:
    volunteers = Person.objects.filter(username__regex=r"^v\d{7}$")
    assert not volunteers.exclude(invented=True).exists()
    assert not any(person.has_usable_password() for person in volunteers)
    for person in volunteers[:40]:
        [membership] = Membership.objects.current().filter(person=person)
        [assignment] = Assignment.objects.current().filter(person=person)
        assert membership.role == "volunteer"
        assert assignment.grid is not None
        assert assignment.grid.region_id == membership.region_id == membership.team.region_id
    assert Party.objects.filter(person__in=volunteers).exists()


def test_fixes_belong_to_a_patrol_of_a_person_who_agreed(city: tuple[Result, Any, Any]) -> None:
    inside = Q(taken_at__gte=F("patrol__started_at"), taken_at__lt=F("patrol__ended_at"), person=F("patrol__person"))
    assert not Fix.objects.exclude(inside).exists()
    assert not Patrol.objects.exclude(state="ended").exists()
    assert Fix.objects.filter(taken_at__gt=NOW).count() == 0
    walked = set(Patrol.objects.values_list("person", flat=True))
    assert sorted(Consent.objects.values_list("person", flat=True)) == sorted(walked)
    assert count("select count(*) from patrols_fix_default") == 0
    assert count("select count(*) from patrols_event_default") == 0


def test_indexes_keys_and_triggers_are_all_back(city: tuple[Result, Any, Any]) -> None:
    _result, before, after = city
    assert [row for row in before if row not in after] == []
    assert [row for row in after if row not in before] == []


def test_every_partition_has_the_indexes_of_its_table(city: tuple[Result, Any, Any]) -> None:
    """The index of a partitioned table is invalid while a partition lacks it, and no query uses it."""
    assert count("select count(*) from pg_index where not indisvalid") == 0
    assert count("select count(distinct inhrelid) from pg_inherits where inhparent = 'patrols_event'::regclass") > 3
    lacking = """
    select count(*) from pg_inherits join pg_index parent on parent.indrelid = inhparent
    where inhparent in ('patrols_event'::regclass, 'patrols_fix'::regclass) and not exists (
        select from pg_index own join pg_inherits of on of.inhrelid = own.indexrelid
        where own.indrelid = pg_inherits.inhrelid and of.inhparent = parent.indexrelid)
    """
    assert count(lacking) == 0


def test_the_same_seed_makes_the_same_city(district: str) -> None:
    found = []
    for ending, seed in (("one", 1), ("two", 1)):
        with database(ending, template=district) as name, turned_to(name):
            simulate(Order(Plan(40, 0, 200), volunteers=15, fixes=300, seed=seed, districts=1), NOW)
            with transaction.atomic():
                found.append(contents.measure([model._meta.db_table for model in (Report, Fix, Patrol, Assignment)]))
    # The moment of writing is in no column of these.
    assert found[0] == found[1]


def test_more_can_be_added_to_a_simulated_city(district: str) -> None:
    with database("more", template=district) as name, turned_to(name):
        grids = Grid.objects.count()
        for _again in range(2):
            simulate(Order(Plan(50, 0, 200), volunteers=20, fixes=300, districts=1), NOW)
        assert Report.objects.count() == 100
        assert 0 < Grid.objects.count() == grids
        assert Consent.objects.count() == Patrol.objects.values("person").distinct().count()


def test_what_cannot_be_is_refused_in_a_sentence(template: str) -> None:
    for wrong in ({"volunteers": -1}, {"districts": 101}, {"fixes": 10}):
        with pytest.raises(BadInput):
            Order(Plan(0), **wrong)
    with turned_to(template):
        for arguments in (["--to-days=10"], ["--open=2"], ["--reports=5", "--fixes=5"]):
            with pytest.raises(CommandError):
                call_command("simulate", *arguments, stdout=io.StringIO())
        with override_settings(PRODUCTION=True), pytest.raises(CommandError, match="only with --yes"):
            call_command("simulate", "--reports=5", stdout=io.StringIO())
        assert not Person.objects.exists()
