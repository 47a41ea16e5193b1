"""Another rule for a task, and its end: what nobody began is called off, everything else stays."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from grids import outbox
from grids.models import Notification, Outbox
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from patrols import parts, task_changes, tasks
from patrols.models import Event, Party, Report, TaskChange
from patrols.task_changes import Rhythm
from patrols.transitions import transition
from patrols.workflow import State
from tests.patrols.requesting import Companies, add_task_bodies
from tests.patrols.test_tasks import THE_19TH, at_noon, make
from tests.town import Town

SignIn = Callable[[str], Client]
MONDAY = date(2026, 11, 2)
WEEKLY = "FREQ=WEEKLY;BYDAY=MO"
THURSDAYS = "FREQ=WEEKLY;BYDAY=TH"


@pytest.fixture
def companies(town: Town) -> Companies:
    return add_task_bodies(town)


def days(state: str = "") -> list[date]:
    rows = Report.objects.filter(**({"state": state} if state else {})).exclude(task_day=None).order_by("task_day")
    return [day for day in rows.values_list("task_day", flat=True) if day]


def nov(*numbers: int) -> list[date]:
    return [date(2026, 11, number) for number in numbers]


def test_what_nobody_began_is_called_off_and_all_else_stays(town: Town, companies: Companies) -> None:
    with at_noon(MONDAY):
        task = make(town, companies, first_day=MONDAY, rule=WEEKLY)
        tasks.make_ahead()
        assert days() == nov(2, 9, 16)
        begun = Report.objects.get(task_day=date(2026, 11, 9))
        mine = Party.objects.get(report=begun, organisation=companies.first)
        parts.say(begun.pk, mine.pk, "working", town.scope(companies.pei.username))
        change = Rhythm(THURSDAYS, date(2026, 11, 5), days_to_do=2)
        plan = task_changes.outlook(task, change)
        assert [report.task_day for report in plan.called_off] == nov(16)
        assert [report.task_day for report in plan.stay] == nov(2, 9)
        assert plan.coming[:2] == nov(5, 12)
        assert days(State.WITHDRAWN) == []  # looking changes nothing
        done = task_changes.change(town.scope("dora"), task.pk, change, "改为周四")
        assert [report.task_day for report in done.called_off] == nov(16)
        assert days(State.WITHDRAWN) == nov(16)
        assert days(State.DISPATCHED) == nov(2, 5, 9, 12)
        tasks.make_ahead()
        assert days() == nov(2, 5, 9, 12, 16)
    off = Report.objects.get(state=State.WITHDRAWN)
    assert not off.parties.present().exists()
    event = Event.objects.get(report=off, verb="call_off")
    assert (event.actor, event.reason, event.before) == (town.dora, "改为周四", State.DISPATCHED)
    for row in Outbox.objects.filter(topic="report.moved", payload__verb="call_off"):
        outbox.run(str(row.pk))
    told = set(Notification.objects.filter(verb="call_off").values_list("person__username", flat=True))
    assert told == {"squad_member", companies.pei.username, companies.qin.username}


def test_the_days_of_the_former_rule_go_on_until_the_new_one_begins(town: Town, companies: Companies) -> None:
    with at_noon(date(2026, 1, 20)):
        task = make(town, companies, first_day=date(2026, 1, 19), rule=THE_19TH)
        new = Rhythm("FREQ=MONTHLY;BYMONTHDAY=25", date(2026, 3, 25))
        task_changes.change(town.scope("dora"), task.pk, new, "月底太忙")
    for day in (date(2026, 2, 10), date(2026, 3, 10), date(2026, 4, 20)):
        with at_noon(day):
            tasks.make_ahead()
    assert days() == [date(2026, 1, 19), date(2026, 2, 19), date(2026, 3, 19), date(2026, 3, 25), date(2026, 4, 25)]


def test_a_day_of_the_former_rule_can_still_be_entered_late(town: Town, companies: Companies) -> None:
    with at_noon(date(2026, 1, 20)):
        task = make(town, companies, first_day=date(2026, 1, 19), rule=THE_19TH)
        task_changes.change(
            town.scope("dora"), task.pk, Rhythm("FREQ=MONTHLY;BYMONTHDAY=25", date(2026, 1, 25)), "改期"
        )
        Report.objects.filter(task_day=date(2026, 1, 19)).delete()
        task.refresh_from_db()
        assert tasks.missed(task, timezone.localdate()) == [date(2026, 1, 19)]
        assert tasks.enter(town.scope("dora"), task.pk, date(2026, 1, 19)).task_day == date(2026, 1, 19)
        with pytest.raises(BadInput):
            tasks.enter(town.scope("dora"), task.pk, date(2026, 2, 25))  # to come: the clock writes it


def test_an_ended_task_comes_no_more_and_can_come_again(town: Town, companies: Companies) -> None:
    with at_noon(MONDAY):
        task = make(town, companies, first_day=MONDAY, rule=WEEKLY)
        tasks.make_ahead()
        task_changes.end(town.scope("paula"), task.pk, date(2026, 11, 9), "活动结束")
        assert days(State.WITHDRAWN) == nov(16)
        with pytest.raises(Conflict):
            task_changes.end(town.scope("paula"), task.pk, date(2026, 11, 9), "活动结束")
    with at_noon(date(2026, 11, 30)):
        assert tasks.make_ahead() == 0
    with at_noon(date(2026, 11, 10)):
        task_changes.end(town.scope("paula"), task.pk, date(2026, 11, 30), "延长")
        tasks.make_ahead()
    assert days(State.DISPATCHED) == nov(2, 9, 16, 23)
    assert [change.until for change in TaskChange.objects.order_by("pk")] == nov(9, 9)


def test_one_that_is_to_come_can_be_ended_before_it_began(town: Town, companies: Companies) -> None:
    with at_noon(MONDAY):
        task = make(town, companies, first_day=date(2026, 11, 9))
        task_changes.end(town.scope("dora"), task.pk, MONDAY, "取消")
    assert days(State.WITHDRAWN) == nov(9)
    with at_noon(date(2026, 11, 12)):
        assert tasks.missed(task, timezone.localdate()) == [date(2026, 11, 9)]
        task.refresh_from_db()
        assert tasks.missed(task, timezone.localdate()) == []


def test_what_is_wrong_or_not_ones_own_changes_nothing(town: Town, companies: Companies) -> None:
    task = make(town, companies)
    today = timezone.localdate()
    first = today + timedelta(days=(3 - today.weekday()) % 7)
    good = Rhythm(THURSDAYS, first)
    for who, problem in (("squad_member", NotAllowed), ("olaf", NotFound), ("alice", NotFound)):
        with pytest.raises(problem):
            task_changes.change(town.scope(who), task.pk, good, "x")
        with pytest.raises(problem):
            task_changes.end(town.scope(who), task.pk, today, "x")
    wrongs = (
        Rhythm("FREQ=DAILY", first),
        Rhythm("", first),
        Rhythm(THURSDAYS, first - timedelta(days=7)),
        Rhythm(THURSDAYS, first + timedelta(days=1)),
        Rhythm(THURSDAYS, first, first - timedelta(days=1)),
        Rhythm(THURSDAYS, first, None, 400),
    )
    for wrong in wrongs:
        with pytest.raises(BadInput):
            task_changes.change(town.scope("dora"), task.pk, wrong, "x")
    with pytest.raises(BadInput):
        task_changes.change(town.scope("dora"), task.pk, good, " ")
    with pytest.raises(BadInput):
        task_changes.end(town.scope("dora"), task.pk, today - timedelta(days=2), "x")
    assert not TaskChange.objects.exists()


def test_called_off_is_nobody_s_step_by_hand(town: Town, companies: Companies) -> None:
    make(town, companies)
    with pytest.raises(NotAllowed):
        transition(Report.objects.get().pk, "call_off", town.scope("dora"))


def test_the_page_says_what_happens_before_it_does(
    town: Town, companies: Companies, as_person: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    dora, today = as_person("dora"), timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    task = make(town, companies, first_day=monday, rule=WEEKLY)
    tasks.make_ahead()
    Report.objects.filter(task_day=monday).delete()
    address = f"/tasks/{task.pk}/"
    with django_assert_max_num_queries(12):
        page = dora.get(address)
    assert page.context["missed"] == [monday]
    assert dora.post(f"{address}days/", {"day": monday.isoformat()}).status_code == 302
    assert dora.get(address).context["missed"] == []
    first = monday + timedelta(days=10)
    form = {"often": "weekly", "first_day": first.isoformat(), "days": "1", "last_day": "", "reason": "改为周四"}
    shown = dora.post(f"{address}change/", form)
    assert shown.status_code == 200
    assert not TaskChange.objects.exists()
    off = [report.task_day for report in shown.context["plan"].called_off]
    assert monday + timedelta(days=14) in off
    assert dora.post(f"{address}change/", {**form, "do": "go"}).status_code == 302
    task.refresh_from_db()
    assert (task.rule, task.first_day, task.days_to_do) == (THURSDAYS, first, 1)
    wrong = dora.post(f"{address}change/", {**form, "first_day": ""})
    assert wrong.status_code == 422
    assert "改为周四" in wrong.content.decode()  # what was typed stays
    ending = {"last_day": today.isoformat(), "reason": "结束"}
    assert dora.post(f"{address}end/", ending).status_code == 200
    assert dora.post(f"{address}end/", {**ending, "do": "go"}).status_code == 302
    assert "改为周四" in dora.get(address).content.decode()
    staff = as_person("squad_member")
    assert "reason" not in staff.get(address).content.decode()
    assert staff.post(f"{address}end/", {**ending, "do": "go"}).status_code == 403


def test_the_api_looks_first_and_then_does(town: Town, companies: Companies, as_person: SignIn) -> None:
    dora, today = as_person("dora"), timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    task = make(town, companies, first_day=monday, rule=WEEKLY)
    tasks.make_ahead()
    address = f"/api/v1/tasks/{task.pk}"
    body = {"last_day": today.isoformat(), "reason": "结束", "preview": True}
    key = {"Idempotency-Key": "end-of-it"}
    look = dora.post(f"{address}/end", body, content_type="application/json").json()
    assert look["called_off"]
    assert look["task"]["last_day"] is None
    body["preview"] = False
    done = dora.post(f"{address}/end", body, content_type="application/json", headers=key).json()
    assert [row["id"] for row in done["called_off"]] == [row["id"] for row in look["called_off"]]
    assert {row["state"] for row in done["called_off"]} == {"withdrawn"}
    assert dora.post(f"{address}/end", body, content_type="application/json", headers=key).json() == done
    assert dora.get(address).json()["last_day"] == today.isoformat()
    change = {
        "rule": THURSDAYS, "first_day": (monday + timedelta(days=10)).isoformat(), "reason": "改", "preview": True,
    }  # fmt: skip
    seen = dora.post(f"{address}/changes", change, content_type="application/json").json()
    assert seen["coming"][0] == change["first_day"]
    change["preview"] = False
    assert dora.post(f"{address}/changes", change, content_type="application/json").json()["task"]["rule"] == THURSDAYS
