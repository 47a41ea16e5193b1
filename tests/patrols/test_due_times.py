"""Due times after the working calendar changed: played again from the history, told, and the same however often."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from grids import outbox
from grids.calendar import works_from
from grids.catalogue import seed_working_days
from grids.models import Notification, Outbox, WorkingDay
from grids.problems import BadInput, Conflict
from grids.workdays import CALENDAR_CHANGED, change_day
from patrols import due_times
from patrols.due_times import DUE_MOVED, FIELDS, affected, replayed
from patrols.models import Event
from tests.patrols.played import moment, report_of
from tests.town import Town

pytestmark = pytest.mark.django_db


def work() -> int:
    """Keep the promises about the calendar and return how many there were."""
    count = 0
    while row := Outbox.objects.filter(topic=CALENDAR_CHANGED, done_at__isnull=True).first():
        outbox.run(str(row.pk))
        count += 1
    return count


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> None:
    """The published calendar, on the first day of February 2026."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: date(2026, 2, 1))
    seed_working_days(date(2026, 2, 1))


@pytest.mark.usefixtures("days")
def test_a_limit_of_a_day_skips_the_spring_festival_and_counts_the_make_up_day(town: Town) -> None:
    """Friday 13 February, 17:00: one hour; Saturday the 14th is worked, seven; then nothing until the 24th."""
    report = report_of(town, ("file", moment(2026, 2, 13, 17), {}))
    assert report.dispatch_due_at == moment(2026, 2, 14, 17)
    long = report_of(town, ("file", moment(2026, 2, 13, 17), {}), minutes=540)
    assert long.dispatch_due_at == moment(2026, 2, 24, 10)


@pytest.mark.usefixtures("days")
def test_october_counts_its_make_up_days(town: Town) -> None:
    """Wednesday 30 September 2026, 17:00; the holiday runs to the 7th; Saturday the 10th is worked."""
    assert WorkingDay.objects.get(day=date(2026, 10, 10)).working
    report = report_of(town, ("file", moment(2026, 9, 30, 17), {}), minutes=60 + 3 * 420)
    assert report.dispatch_due_at == moment(2026, 10, 10, 18)


@pytest.mark.usefixtures("days")
def test_taking_a_day_away_moves_what_runs_over_it_and_nothing_else(town: Town) -> None:
    over = report_of(town, ("file", moment(2026, 3, 2, 15), {}))
    dispatched = report_of(
        town, ("file", moment(2026, 3, 2, 9), {}), ("accept", moment(2026, 3, 2, 10), {}),
        ("dispatch", moment(2026, 3, 2, 15), {}),
    )  # fmt: skip
    before = report_of(town, ("file", moment(2026, 2, 25, 9), {}))
    assert (over.dispatch_due_at, dispatched.due_at) == (moment(2026, 3, 3, 15), moment(2026, 3, 3, 15))
    change_day(date(2026, 3, 3), working=False, reason="停电", person=town.paula.pk)
    assert set(affected(date(2026, 3, 3))) == {over, dispatched}
    assert work() == 1
    for report in (over, dispatched, before):
        report.refresh_from_db()
    assert (over.dispatch_due_at, dispatched.due_at) == (moment(2026, 3, 4, 15), moment(2026, 3, 4, 15))
    assert before.dispatch_due_at == moment(2026, 2, 25, 18)
    told = Notification.objects.get(person=town.paula, verb="calendar")
    assert told.data["moved"] == 2
    assert Event.objects.filter(verb=DUE_MOVED).count() == 2


@pytest.mark.usefixtures("days")
def test_taking_a_change_back_leads_to_the_first_due_time_whatever_the_order(town: Town) -> None:
    report = report_of(town, ("file", moment(2026, 3, 2, 15), {}))
    change_day(date(2026, 3, 3), working=False, reason="一")
    change_day(date(2026, 3, 3), working=True, reason="二")
    for row in Outbox.objects.filter(topic=CALENDAR_CHANGED).order_by("-created_at"):
        outbox.run(str(row.pk))
        outbox.run(str(row.pk))
    report.refresh_from_db()
    assert report.dispatch_due_at == moment(2026, 3, 3, 15)


@pytest.mark.usefixtures("days")
def test_an_approved_extension_stays(town: Town) -> None:
    report = report_of(
        town, ("file", moment(2026, 3, 2, 9), {}), ("accept", moment(2026, 3, 2, 10), {}),
        ("dispatch", moment(2026, 3, 2, 11), {}), ("start", moment(2026, 3, 2, 12), {}),
        ("extend", moment(2026, 3, 2, 12), {"until": "2026-03-10"}),
    )  # fmt: skip
    change_day(date(2026, 3, 4), working=False, reason="停电")
    work()
    report.refresh_from_db()
    assert report.due_at == moment(2026, 3, 10, 18)


@pytest.mark.usefixtures("days")
def test_a_parked_report_keeps_the_working_time_it_had_left(town: Town) -> None:
    """Held at 15:00 with four hours left of the seven: taking away the next day moves the due time behind it."""
    report = report_of(
        town, ("file", moment(2026, 3, 2, 9), {}), ("accept", moment(2026, 3, 2, 9), {}),
        ("dispatch", moment(2026, 3, 2, 11), {}), ("start", moment(2026, 3, 2, 12), {}),
        ("hold", moment(2026, 3, 2, 15), {"until": "2026-03-06"}),
    )  # fmt: skip
    assert report.due_at == moment(2026, 3, 3, 11)
    change_day(date(2026, 3, 3), working=False, reason="停电")
    work()
    report.refresh_from_db()
    assert report.due_at == moment(2026, 3, 4, 11)


@pytest.mark.usefixtures("days")
def test_playing_a_history_again_gives_what_the_report_has(town: Town) -> None:
    report = report_of(
        town, ("file", moment(2026, 3, 2, 9), {}), ("accept", moment(2026, 3, 2, 10), {}),
        ("dispatch", moment(2026, 3, 2, 11), {}), ("start", moment(2026, 3, 2, 12), {}),
        ("handle", moment(2026, 3, 2, 15), {}), ("return", moment(2026, 3, 3, 10), {}),
    )  # fmt: skip
    works = works_from(date(2026, 3, 1), 90)
    history = list(report.events.order_by("recorded_at"))
    assert replayed(report, history, works) == {name: getattr(report, name) for name in FIELDS}
    assert replayed(report, history[1:], works) is None


@pytest.mark.usefixtures("days")
def test_many_reports_are_worked_off_in_batches_and_told_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_times, "BATCH", 2)
    for _number in range(5):
        report_of(town, ("file", moment(2026, 3, 2, 15), {}))
    change_day(date(2026, 3, 3), working=False, reason="停电", person=town.paula.pk)
    assert work() == 3
    assert Notification.objects.get(person=town.paula, verb="calendar").data["moved"] == 5


@pytest.mark.usefixtures("days")
def test_a_year_that_becomes_known_moves_what_runs_over_it(town: Town) -> None:
    WorkingDay.objects.filter(day__range=(date(2026, 10, 1), date(2026, 10, 10))).delete()
    for offset in range(10):
        day = date(2026, 10, 1) + timedelta(days=offset)
        WorkingDay.objects.create(day=day, working=day.weekday() < 5, provisional=True)
    report = report_of(town, ("file", moment(2026, 9, 30, 17), {}))
    assert report.dispatch_due_at == moment(2026, 10, 1, 17)
    seed_working_days(date(2026, 2, 1))
    work()
    report.refresh_from_db()
    assert report.dispatch_due_at == moment(2026, 10, 8, 17)
    assert not WorkingDay.objects.filter(day__year=2026, provisional=True).exists()


@pytest.mark.usefixtures("days")
@pytest.mark.parametrize(
    ("day", "working", "reason", "error"),
    [
        (date(2026, 1, 30), False, "x", BadInput),
        (date(2026, 3, 3), False, "  ", BadInput),
        (date(2026, 3, 3), False, "x" * 201, BadInput),
        (date(2031, 3, 3), False, "x", BadInput),
        (date(2026, 3, 3), True, "x", Conflict),
    ],
)
def test_what_cannot_be_changed_is_refused_and_promises_nothing(
    town: Town, day: date, working: bool, reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        change_day(day, working=working, reason=reason)
    assert not Outbox.objects.filter(topic=CALENDAR_CHANGED).exists()


@pytest.mark.usefixtures("days")
def test_a_provisional_day_can_be_confirmed_without_moving_anything(town: Town) -> None:
    WorkingDay.objects.filter(day=date(2027, 5, 6)).update(provisional=True, working=True)
    row = change_day(date(2027, 5, 6), working=True, reason="县里通知")
    assert (row.provisional, Outbox.objects.filter(topic=CALENDAR_CHANGED).exists()) == (False, False)
    seed_working_days(date(2026, 2, 1))
    assert WorkingDay.objects.get(day=date(2027, 5, 6)).reason == "县里通知"


def test_a_promise_without_anybody_to_tell_is_kept(town: Town) -> None:
    due_times.recompute(UUID(int=1), {"since": "2026-03-03", "days": 1, "person": None})
    assert not Notification.objects.exists()
