"""Task lists: one lead, responsible bodies with parts of their own, a day; and the days that come by themselves."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from grids.models import Notification, Organisation
from grids.models.catalogue import Kind
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from patrols import parts, tasks
from patrols.models import Party, Report, Task
from patrols.task_rules import days_by, read_rule
from patrols.tasks import Entry
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.patrols.requesting import Companies, add_task_bodies
from tests.town import FAR, NEAR, Town, box

SignIn = Callable[[str], Client]
EAST = NEAR + "001"
THE_19TH = "FREQ=MONTHLY;BYMONTHDAY=19"


@pytest.fixture
def companies(town: Town) -> Companies:
    """The two companies do the parts, the squad leads."""
    return add_task_bodies(town)


def entry(town: Town, companies: Companies, **more: Any) -> Entry:
    values: dict[str, Any] = {
        "title": "月末清运",
        "lead": town.squad.pk,
        "responsible": [companies.first.pk, companies.second.pk],
        "first_day": timezone.localdate(),
    }
    return Entry(**(values | more))


def make(town: Town, companies: Companies, **more: Any) -> Task:
    [task] = tasks.make_list(town.scope("dora"), EAST, "十一月清单", [(uuid4(), entry(town, companies, **more))])
    return task


def at_noon(day: date) -> Any:
    """Let it be noon of a day."""
    moment = timezone.make_aware(datetime(day.year, day.month, day.day, 12))
    return mock.patch.object(timezone, "now", return_value=moment)


def test_each_body_reports_its_part_and_the_lead_the_whole(town: Town, companies: Companies) -> None:
    make(town, companies, days_to_do=3)
    report = Report.objects.get()
    assert (report.state, report.kind, report.grid) == (State.DISPATCHED, Kind.TASK, None)
    assert timezone.localdate(report.due_at) == timezone.localdate() + timedelta(days=3)
    roles = list(Party.objects.filter(report=report).order_by("pk").values_list("role", "organisation", "state"))
    assert roles == [
        ("lead", town.squad.pk, "asked"),
        ("responsible", companies.first.pk, "asked"),
        ("responsible", companies.second.pk, "asked"),
    ]
    lead = "squad_member"
    transition(report.pk, "start", town.scope(lead))
    with pytest.raises(BadInput, match="甲物业"):
        transition(report.pk, "handle", town.scope(lead))
    for person, body in ((companies.pei, companies.first), (companies.qin, companies.second)):
        party = Party.objects.get(report=report, organisation=body)
        with pytest.raises(NotAllowed):
            parts.say(report.pk, party.pk, "done", town.scope(lead))
        parts.say(report.pk, party.pk, "done", town.scope(person.username))
    transition(report.pk, "handle", town.scope(lead))
    with pytest.raises(NotAllowed):
        transition(report.pk, "close", town.scope(lead))
    assert transition(report.pk, "close", town.scope("dora")).state == State.CLOSED


def test_the_last_responsible_body_stays(town: Town, companies: Companies) -> None:
    make(town, companies)
    report = Report.objects.get()
    first, second = Party.objects.filter(report=report, role="responsible").order_by("pk")
    parts.say(report.pk, first.pk, "left", town.scope("dora"), "换人")
    with pytest.raises(BadInput):
        parts.say(report.pk, second.pk, "left", town.scope("dora"), "换人")
    parts.ask(report.pk, companies.first, town.scope("dora"))
    parts.say(report.pk, second.pk, "left", town.scope("dora"), "换人")


def test_what_a_task_needs(town: Town, companies: Companies) -> None:
    today = timezone.localdate()
    elsewhere = Organisation.objects.create(
        code="away", name="外区", kind="fire", region=town.squad.region, period=town.squad.period,
        jurisdiction=MultiPolygon(box(9, 0, 10, 3), srid=4326),
    )  # fmt: skip
    wrongs: tuple[dict[str, Any], ...] = (
        {"title": " "},
        {"responsible": []},
        {"responsible": [town.squad.pk]},
        {"lead": elsewhere.pk},
        {"responsible": [companies.first.pk, elsewhere.pk]},
        {"days_to_do": 367},
        {"first_day": today - timedelta(days=1000)},
        {"last_day": today - timedelta(days=1)},
        {"rule": "FREQ=DAILY"},
        {"rule": f"FREQ=MONTHLY;BYMONTHDAY={1 if today.day != 1 else 2}"},
    )
    for wrong in wrongs:
        with pytest.raises(BadInput):
            make(town, companies, **wrong)
    good = (uuid4(), entry(town, companies))
    with pytest.raises(BadInput, match="2"):
        tasks.make_list(town.scope("dora"), EAST, "清单", [good, (uuid4(), entry(town, companies, title=""))])
    assert not Task.objects.exists()  # all or none
    with pytest.raises(NotFound):
        tasks.make_list(town.scope("dora"), FAR + "001", "清单", [good])
    with pytest.raises(NotAllowed):
        tasks.make_list(town.scope("alice"), EAST, "清单", [good])
    tasks.make_list(town.scope("dora"), EAST, "清单", [good])
    with pytest.raises(Conflict):
        tasks.make_list(town.scope("dora"), EAST, "清单", [good])


def test_the_database_refuses_a_task_without_its_parts(town: Town, companies: Companies) -> None:
    task = make(town, companies)
    report = Report.objects.get()
    for column in ("task", "task_day", "due_at"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(**{column: None})
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(kind=Kind.PROBLEM)
    for column in ("lead", "responsible"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(**{column: None})
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(responsible=town.squad)
    with pytest.raises(IntegrityError), transaction.atomic():
        Party.objects.create(
            report=report, district=report.district, role="lead", organisation=companies.first, since=timezone.now()
        )


def test_its_day_stays_its_limit(town: Town, companies: Companies) -> None:
    make(town, companies)
    report = Report.objects.get()
    due = report.due_at
    transition(report.pk, "send_back", town.scope("squad_member"), Move(reason="不属于我们"))
    transition(report.pk, "dispatch", town.scope("dora"), Move(holder=companies.first))
    report.refresh_from_db()
    assert report.due_at == due


def test_the_19th_comes_by_itself_ahead_of_time_and_once(town: Town, companies: Companies) -> None:
    start = date(2026, 1, 19)
    with at_noon(start):
        make(town, companies, first_day=start, rule=THE_19TH)
        assert tasks.make_ahead() == 0
    with at_noon(date(2026, 2, 4)):
        assert tasks.make_ahead() == 0
    with at_noon(date(2026, 2, 5)):
        assert tasks.make_ahead() == 1
        assert tasks.make_ahead() == 0
    # The clock stood still for three months: of what was missed the latest is written, and nothing comes twice.
    with at_noon(date(2026, 5, 20)):
        assert tasks.make_ahead() == 1
        assert tasks.make_ahead() == 0
    days = list(Report.objects.order_by("task_day").values_list("task_day", flat=True))
    assert days == [date(2026, month, 19) for month in (1, 2, 5)]
    assert {report.parties.count() for report in Report.objects.all()} == {3}


def test_a_first_day_far_back_is_no_year_of_reports(town: Town, companies: Companies) -> None:
    """A weekly task that began a year ago: its first day, the latest that was missed, and those of two weeks ahead."""
    start = date(2025, 6, 2)
    with at_noon(date(2026, 6, 3)):
        make(town, companies, first_day=start, rule="FREQ=WEEKLY;BYDAY=MO")
        assert tasks.make_ahead() == 3
        assert tasks.make_ahead() == 0
    days = list(Report.objects.order_by("task_day").values_list("task_day", flat=True))
    assert days == [start, date(2026, 6, 1), date(2026, 6, 8), date(2026, 6, 15)]


def test_what_has_no_body_any_more_goes_to_nobody_and_its_maker_is_told_once(
    town: Town, companies: Companies, as_person: SignIn
) -> None:
    start = date(2026, 1, 19)
    with at_noon(start):
        task = make(town, companies, first_day=start, rule=THE_19TH)
    body = task.lead
    Organisation.objects.filter(pk=body.pk).update(period=DateRange(date(2025, 1, 1), date(2026, 2, 10)))
    with at_noon(date(2026, 2, 6)):
        assert tasks.make_ahead() == 0  # the 19th lies beyond its end
        assert tasks.make_ahead() == 0
    assert Report.objects.count() == 1
    told = Notification.objects.filter(verb="task_lacking")
    assert [row.person for row in told] == [task.made_by]
    with at_noon(date(2026, 2, 20)):
        with pytest.raises(BadInput):
            tasks.enter(town.scope("dora"), task.pk, date(2026, 2, 19))
        client = as_person("dora")
        assert "make the task anew" in client.get("/tasks/", headers={"accept-language": "en"}).content.decode().lower()
        assert client.get(f"/inbox/{told.get().pk}/").headers["Location"].startswith("/tasks/?list=")


def test_a_responsible_body_that_ended_has_no_part_while_another_is_left(town: Town, companies: Companies) -> None:
    start = date(2026, 1, 19)
    with at_noon(start):
        task = make(town, companies, first_day=start, rule=THE_19TH)
    gone = task.responsible
    Organisation.objects.filter(pk=gone.pk).update(period=DateRange(date(2025, 1, 1), date(2026, 2, 1)))
    with at_noon(date(2026, 2, 6)):
        assert tasks.make_ahead() == 1
    report = Report.objects.get(task_day=date(2026, 2, 19))
    assert gone not in {party.organisation for party in report.parties.all()}
    assert report.parties.count() == 2


def test_a_list_that_ended_comes_no_more(town: Town, companies: Companies) -> None:
    start = date(2026, 1, 19)
    with at_noon(start):
        make(town, companies, first_day=start, rule=THE_19TH, last_day=date(2026, 3, 1))
    with at_noon(date(2026, 12, 1)):
        assert tasks.make_ahead() == 1
        assert tasks.make_ahead() == 0


def test_a_late_entry_is_credited_to_the_19th(town: Town, companies: Companies, as_person: SignIn) -> None:
    start = date(2026, 1, 19)
    with at_noon(start):
        task = make(town, companies, first_day=start, rule=THE_19TH)
    Report.objects.all().delete()
    with at_noon(date(2026, 1, 21)):
        with pytest.raises(BadInput):
            tasks.enter(town.scope("dora"), task.pk, date(2026, 1, 21))
        with pytest.raises(NotAllowed):
            tasks.enter(town.scope("squad_member"), task.pk, start)
        with pytest.raises(NotFound):
            tasks.enter(town.scope("olaf"), task.pk, start)
        report = tasks.enter(town.scope("dora"), task.pk, start)
        with pytest.raises(Conflict):
            tasks.enter(town.scope("dora"), task.pk, start)
        for person in (companies.pei, companies.qin):
            scope = town.scope(person.username)
            mine = Party.objects.get(report=report, organisation__in=scope.organisations)
            parts.say(report.pk, mine.pk, "done", scope)
        transition(report.pk, "start", town.scope("squad_member"))
        transition(report.pk, "handle", town.scope("squad_member"))
    assert Report.objects.get(task_day=start).handled_at is not None
    [row] = as_person("dora").get("/tasks/").context["lists"][0]["rows"]
    [day] = row["days"]
    assert (day["report"].task_day, day["handled"], day["late"]) == (start, date(2026, 1, 21), True)
    assert "计入当日" in as_person("dora").get("/tasks/").content.decode()


def test_a_list_of_twenty_is_made_followed_and_read_through_the_api(
    town: Town, companies: Companies, as_person: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    dora, today = as_person("dora"), timezone.localdate()
    form: dict[str, Any] = {"community": EAST, "rows": "20", "list": "创城二十项"}
    for line in range(20):
        form |= {
            f"key-{line}": str(uuid4()), f"title-{line}": f"第{line + 1}项", f"lead-{line}": str(town.squad.pk),
            f"responsible-{line}": [str(companies.first.pk)], f"day-{line}": today.isoformat(), f"days-{line}": "9",
        }  # fmt: skip
    assert "title-19" in dora.get(f"/tasks/new/?community={EAST}&rows=20").content.decode()
    wrong = dora.post("/tasks/new/", form | {"responsible-7": []})
    assert wrong.status_code == 422
    assert "第 8 项" in wrong.content.decode()
    assert 'id="problem-line-7"' in wrong.content.decode()
    assert not Task.objects.exists()
    assert dora.post("/tasks/new/", form).status_code == 302
    assert (Task.objects.count(), Report.objects.filter(kind="task").count()) == (20, 20)
    with django_assert_max_num_queries(12):
        page = dora.get("/tasks/").content.decode()
    assert "第20项" in page
    for person, sees in ((companies.pei, True), (companies.qin, False)):
        client = Client()
        client.force_login(person)
        assert ("第20项" in client.get("/tasks/").content.decode()) is sees
    assert as_person("alice").get("/tasks/new/").status_code == 404
    rows = dora.get("/api/v1/tasks").json()["results"]
    assert len(rows) == 20
    assert rows[0]["responsible"] == [companies.first.pk]
    report = Report.objects.filter(kind="task").first()
    assert report
    assert "计入" not in dora.get("/tasks/").content.decode()
    assert today.isoformat() in dora.get(f"/reports/{report.pk}/").content.decode()


def test_the_api_takes_a_list_whole_or_not_at_all(town: Town, companies: Companies, as_person: SignIn) -> None:
    dora = as_person("dora")
    one = {
        "title": "清运", "lead": town.squad.pk, "responsible": [companies.first.pk],
        "first_day": timezone.localdate().isoformat(),
    }  # fmt: skip
    body = {"community": EAST, "list_name": "清单", "tasks": [one, {**one, "responsible": []}]}
    assert dora.post("/api/v1/tasks", body, content_type="application/json").status_code == 400
    assert not Task.objects.exists()
    body["tasks"] = [one, one]
    answer = dora.post("/api/v1/tasks", body, content_type="application/json")
    assert [row["position"] for row in answer.json()["results"]] == [1, 2]


@settings(max_examples=40, deadline=None)
@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 12), st.integers(1, 28), st.integers(0, 400))
def test_the_days_of_a_rule_do_not_depend_on_when_one_asks(first: date, interval: int, day: int, later: int) -> None:
    first = first.replace(day=day)
    rule = read_rule(f"FREQ=MONTHLY;INTERVAL={interval};BYMONTHDAY={day}")
    until, since = first + timedelta(days=900), first + timedelta(days=later)
    whole = list(days_by(rule, first, first, until))
    assert list(days_by(rule, first, since, until)) == [one for one in whole if one >= since]
    assert all(one.day == day for one in whole)
    assert whole[0] == first


def test_rules_of_weeks_quarters_and_last_days() -> None:
    monday = date(2026, 11, 2)
    weekly = read_rule("FREQ=WEEKLY;BYDAY=MO,TH")
    assert list(days_by(weekly, monday, monday, date(2026, 11, 12))) == [
        date(2026, 11, day) for day in (2, 5, 9, 12)
    ]  # fmt: skip
    quarter = read_rule("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=19")
    assert list(days_by(quarter, date(2026, 11, 19), date(2026, 11, 20), date(2027, 8, 31))) == [
        date(2027, 2, 19), date(2027, 5, 19), date(2027, 8, 19),
    ]  # fmt: skip
    last = read_rule("FREQ=MONTHLY;BYMONTHDAY=-1")
    assert list(days_by(last, date(2027, 1, 31), date(2027, 1, 31), date(2027, 3, 31))) == [
        date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31),
    ]  # fmt: skip
    for wrong in ("FREQ=YEARLY", "FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;INTERVAL=0;BYMONTHDAY=1"):
        with pytest.raises(ValueError, match=wrong):
            read_rule(wrong)
