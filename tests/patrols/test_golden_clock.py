"""Both clocks over Spring Festival and National Day 2026, computed by hand from the published calendar.

            Feb 13 Fri  14 Sat  15–23      24 Tue  25 Wed  26 Thu  |  Sep 30 Wed  Oct 1–7    8 Thu  9 Fri  10 Sat
    worked  yes         yes     holiday    yes     yes     yes     |  yes         holiday    yes    yes    yes

A worked day has seven hours, 9–12 and 14–18. A clock is at risk when a quarter of its limit is left.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from grids.catalogue import seed_working_days
from patrols.clocks import clock_of
from patrols.models import Report
from patrols.workflow import State
from tests.patrols.played import moment, report_of
from tests.town import Town

pytestmark = pytest.mark.django_db
Step = tuple[str, datetime, dict[str, Any]]
DAY, TWO_DAYS = 420, 840


@pytest.fixture(autouse=True)
def calendar_of_2026(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: date(2026, 2, 1))
    seed_working_days(date(2026, 2, 1))


def feb(day: int, hour: int, minute: int = 0) -> datetime:
    return moment(2026, 2, day, hour, minute)


def autumn(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return moment(2026, month, day, hour, minute)


def sent(when: datetime) -> list[Step]:
    """Filed and accepted at the beginning of a day, dispatched at a moment of it."""
    early = when.replace(hour=9, minute=0)
    return [("file", early, {}), ("accept", early, {}), ("dispatch", when, {})]


def test_two_days_from_before_the_spring_festival_count_the_saturday_and_end_after_it(town: Town) -> None:
    """Three hours on Friday, seven on Saturday, four on the 24th."""
    report = report_of(town, *sent(feb(13, 15)), minutes=TWO_DAYS)
    assert (report.due_at, report.risk_at) == (feb(24, 15), feb(24, 9, 30))


def test_what_stands_over_the_spring_festival_has_ten_hours_left_after_it(town: Town) -> None:
    """Four of fourteen hours are gone on Saturday at ten; it goes on on Wednesday the 25th at two."""
    hold = ("hold", feb(14, 10), {"until": "2026-02-25"})
    report = report_of(town, *sent(feb(13, 15)), hold, ("resume", feb(25, 14), {}), minutes=TWO_DAYS)
    assert (report.due_at, report.risk_at) == (feb(26, 17), feb(26, 11, 30))


def test_what_comes_back_within_the_holiday_begins_to_run_after_it(town: Town) -> None:
    hold = ("hold", feb(14, 10), {"until": "2026-02-18"})
    report = report_of(town, *sent(feb(13, 15)), hold, ("resume", feb(18, 0, 5), {}), minutes=TWO_DAYS)
    assert (report.due_at, report.risk_at) == (feb(25, 12), feb(24, 17, 30))


def test_a_deferral_that_was_asked_for_stands_like_any_other(town: Town) -> None:
    asked = ("ask_deferral", feb(13, 17), {"until": "2026-02-25"})
    granted = ("approve_deferral", feb(14, 10), {"until": "2026-02-25"})
    report = report_of(town, *sent(feb(13, 15)), asked, granted, ("resume", feb(25, 14), {}), minutes=TWO_DAYS)
    assert (report.state, report.due_at) == (State.DISPATCHED, feb(26, 17))


def test_what_is_sent_back_waits_anew_and_is_given_the_whole_time_again(town: Town) -> None:
    back: Step = ("send_back", feb(13, 16), {})
    waiting = report_of(town, *sent(feb(13, 15)), back, minutes=TWO_DAYS)
    assert (waiting.due_at, waiting.dispatch_due_at, waiting.risk_at) == (None, feb(24, 16), feb(24, 10, 30))
    again = report_of(town, *sent(feb(13, 15)), back, ("dispatch", feb(24, 10), {}), minutes=TWO_DAYS)
    assert (again.due_at, again.risk_at) == (feb(26, 10), feb(25, 15, 30))


@pytest.mark.parametrize(
    ("returned", "due", "risk"),
    [
        (autumn(10, 10, 10), autumn(10, 10, 12), autumn(10, 10, 10, 15)),  # on the Saturday that is worked
        (autumn(10, 3, 10), autumn(10, 8, 11), autumn(10, 8, 9, 15)),  # within the holiday
        (autumn(10, 10, 17), autumn(10, 12, 10), autumn(10, 10, 17, 15)),  # one hour today, one on Monday
    ],
)
def test_rework_after_national_day_has_what_was_left_when_it_was_handled(
    town: Town, returned: datetime, due: datetime, risk: datetime
) -> None:
    """Handled on 30 September at four, two hours before its end."""
    handled: list[Step] = [("start", autumn(9, 30, 9, 30), {}), ("handle", autumn(9, 30, 16), {})]
    report = report_of(town, *sent(autumn(9, 30, 9)), *handled, ("return", returned, {}), minutes=DAY)
    assert (report.due_at, report.risk_at, report.rework) == (due, risk, 1)


def test_a_clock_that_had_run_out_stays_run_out(town: Town) -> None:
    handled: list[Step] = [("start", autumn(9, 30, 9, 30), {}), ("handle", autumn(10, 8, 10), {})]
    report = report_of(town, *sent(autumn(9, 30, 9)), *handled, ("return", autumn(10, 9, 10), {}), minutes=DAY)
    assert report.due_at == autumn(9, 30, 18)
    assert clock_of(report, autumn(10, 9, 11)).late


def test_the_sunday_that_is_worked_before_national_day_counts(town: Town) -> None:
    report = report_of(town, ("file", autumn(9, 19, 10), {}), minutes=DAY)
    assert (report.dispatch_due_at, report.risk_at) == (autumn(9, 20, 18), autumn(9, 20, 16, 15))


def test_an_extension_ends_with_the_hours_of_its_day(town: Town) -> None:
    asked = ("ask_extension", autumn(9, 30, 11), {"until": "2026-10-10"})
    granted = ("approve_extension", autumn(9, 30, 12), {"until": "2026-10-10"})
    report = report_of(town, *sent(autumn(9, 30, 9)), asked, granted, minutes=DAY)
    assert (report.due_at, report.risk_at) == (autumn(10, 10, 18), autumn(10, 10, 16, 15))


def test_a_limit_round_the_clock_knows_no_holiday(town: Town) -> None:
    report = report_of(town, *sent(autumn(9, 30, 17)), minutes=240, unit="calendar")
    assert (report.due_at, report.risk_at) == (autumn(9, 30, 21), autumn(9, 30, 20))


def test_the_database_and_the_clock_agree_on_what_is_late_and_at_risk(town: Town) -> None:
    """Through the whole life of some reports, at every edge: at risk from a quarter on, late from the end on."""
    reports = [
        report_of(town, *sent(feb(13, 15)), minutes=TWO_DAYS),
        report_of(town, *sent(feb(13, 15)), ("send_back", feb(13, 16), {}), minutes=TWO_DAYS),
        report_of(town, *sent(feb(13, 15)), ("hold", feb(14, 10), {"until": "2026-02-25"}), minutes=TWO_DAYS),
        report_of(town, ("file", feb(24, 9), {}), minutes=TWO_DAYS),
    ]
    seen = set()
    for now in (
        feb(24, 9, 29),
        feb(24, 9, 30),
        feb(24, 10, 30),
        feb(24, 15),
        feb(24, 15, 1),
        feb(24, 16, 1),
        feb(26, 9),
    ):
        clocks = {report.pk: clock_of(report, now) for report in reports}
        late, risk = (set(chosen.values_list("pk", flat=True)) for chosen in (
            Report.objects.late(now), Report.objects.at_risk(now)
        ))  # fmt: skip
        assert late == {key for key, clock in clocks.items() if clock.late}
        assert risk == {key for key, clock in clocks.items() if clock.at_risk}
        assert not late & risk
        seen.add((len(late), len(risk)))
    assert seen == {(0, 0), (0, 1), (0, 2), (1, 1), (2, 0), (3, 0)}


def test_what_is_late_by_the_deadline_from_outside_is_not_at_risk_any_more(town: Town) -> None:
    report = report_of(town, *sent(autumn(9, 30, 17)), minutes=240, unit="calendar")
    now = autumn(9, 30, 20, 30)
    assert clock_of(report, now).at_risk
    assert list(Report.objects.at_risk(now)) == [report]
    report.outside_due_at = autumn(9, 30, 20, 15)
    report.save(update_fields=["outside_due_at"])
    assert (clock_of(report, now).late, clock_of(report, now).at_risk) == (True, False)
    assert list(Report.objects.late(now)) == [report]
    assert not Report.objects.at_risk(now).exists()


def test_from_the_risk_on_a_quarter_is_left(town: Town) -> None:
    for minutes in range(60, 1700, 77):
        report = report_of(town, *sent(feb(13, 11)), minutes=minutes)
        assert report.due_at is not None
        assert report.risk_at is not None
        assert report.dispatched_at is not None
        assert report.dispatched_at < report.risk_at < report.due_at
        assert report.due_at - report.risk_at >= timedelta(minutes=minutes) / 4
