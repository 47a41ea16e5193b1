"""The pages of posts and shifts: what is seen of them, what can be done, and at which cost."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar
from python_calamine import CalamineWorkbook

from grids.models import Notification
from patrols.models import Pattern, Post, Shift, Turn
from patrols.posts.presence import arrive
from patrols.posts.turns import ask_swap, take
from tests.patrols.posting import post, shift, volunteer
from tests.town import Town, at

SignIn = Callable[[str], Client]


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    words: str = answer.content.decode()
    return words


def test_ones_own_shift_stands_first_and_the_sentence_says_it(town: Town, as_person: SignIn) -> None:
    row = shift(post(town), hours=24, wanted=2)
    take(town.scope("bob"), row.pk)
    page = text(as_person("bob").get("/shifts/"))
    assert "北门路口" in page.partition("</h1>")[0]
    assert 'data-verb="swap"' in page
    assert 'data-verb="take"' not in page  # the free place is in one's own shift


def test_a_free_place_and_a_swap_are_offered_to_who_is_free(town: Town, as_person: SignIn) -> None:
    where = post(town)
    free, swapped = shift(where, hours=30), shift(where, hours=50)
    take(town.scope("bob"), swapped.pk)
    ask_swap(town.scope("bob"), swapped.pk)
    page = text(as_person("alice").get("/shifts/"))
    assert f'data-shift="{free.pk}"' in page
    assert 'data-verb="take-over"' in page
    take(town.scope("alice"), shift(post(town, "南门"), hours=30).pk)
    page = text(as_person("alice").get("/shifts/"))
    assert f'data-shift="{free.pk}"' not in page


def test_places_near_ones_grids_come_before_those_elsewhere(town: Town, as_person: SignIn) -> None:
    post_ = post(town)
    shift(post_, hours=30)
    page = text(as_person("bob").get("/shifts/"))
    assert 'id="near-title"' in page
    assert 'id="elsewhere-title"' not in page
    Post.objects.update(geom=at(200, 1.5))
    page = text(as_person("bob").get("/shifts/"))
    assert 'id="elsewhere-title"' in page


def test_the_outsider_sees_no_shift_of_others(town: Town, as_person: SignIn) -> None:
    shift(post(town), hours=30)
    assert "北门路口" not in text(as_person("charlie").get("/shifts/"))


def test_coming_is_offered_from_an_hour_before_until_the_end(town: Town, as_person: SignIn) -> None:
    row = shift(post(town), hours=0.9)
    take(town.scope("bob"), row.pk)
    offered = re.compile(r'data-verb="arrive"[^>]*>')

    def shown() -> str:
        found = offered.search(text(as_person("bob").get("/shifts/")))
        return found.group() if found else ""

    assert shown()
    assert "hidden" not in shown()
    Shift.objects.update(starts_at=timezone.now() + timedelta(hours=1.1), ends_at=timezone.now() + timedelta(hours=2))
    assert "hidden" in shown()  # the page shows it in time, also without a network
    arrive_at = timezone.now() - timedelta(minutes=3)
    Turn.objects.update(arrived_at=arrive_at)
    assert not shown()


def test_the_pages_cost_as_many_queries_with_many_shifts_as_with_few(town: Town, as_person: SignIn) -> None:
    where = post(town)
    bob, paula, dora = as_person("bob"), as_person("paula"), as_person("dora")
    pages = [
        (bob, "/shifts/"),
        (paula, "/posts/"),
        (dora, "/posts/"),
        (paula, "/posts/roster/"),
        (paula, f"/posts/{where.pk}/"),
    ]
    counts: list[list[int]] = []
    for turn in range(2):
        for number in range(1 if turn == 0 else 12):
            row = shift(where, hours=1 + turn * 20 + number * 2, wanted=3)
            take(town.scope("bob"), row.pk)
            take(town.scope("alice"), row.pk)
            shift(post(town, f"岗{turn}{number}", 0.5, 0.5), hours=100 + number)
        found = []
        for client, address in pages:
            client.get(address)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
    assert all(count <= 12 for count in counts[1]), counts


def test_the_calendar_file_has_ones_own_shifts_each_once(town: Town, as_person: SignIn) -> None:
    row = shift(post(town, instruction="看好\n路口, 谢谢"), hours=24)
    shift(post(town, "南门"), hours=24)
    take(town.scope("bob"), row.pk)
    bob = as_person("bob")
    answer = bob.get("/shifts/calendar.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]).endswith("北门路口")
    assert event.decoded("dtstart") == row.starts_at
    assert event["description"] == "看好\n路口, 谢谢"
    assert len(event.walk("VALARM")) == 1
    again = Calendar.from_ical(bob.get("/shifts/calendar.ics").content).walk("VEVENT")
    assert [one["uid"] for one in again] == [event["uid"]]


def test_a_dispatcher_sees_who_came_and_a_planner_only_how_many(town: Town, as_person: SignIn) -> None:
    row = shift(post(town), hours=-0.2, wanted=2)
    if row.day != timezone.localdate():
        pytest.skip("over midnight")
    take(town.scope("bob"), row.pk)
    arrive(town.scope("bob"), row.pk)
    dora, paula, ines = (text(as_person(who).get("/posts/")) for who in ("dora", "paula", "dora"))
    assert "段禾（" in dora
    assert "段禾" in paula
    assert "段禾（" not in paula
    assert "自报到岗1人" in paula
    assert ines


def test_a_planner_makes_a_post_and_plans_its_week(town: Town, as_person: SignIn) -> None:
    paula, point = as_person("paula"), at(1.5, 1.5)
    given = {"name": "南门", "radius": "80", "lon": str(point.x), "lat": str(point.y), "skills": "first-aid， english"}
    answer = paula.post("/posts/new/", given)
    row = Post.objects.get()
    assert answer["Location"] == f"/posts/{row.pk}/"
    assert (row.name, row.radius, row.skills) == ("南门", 80, ["english", "first-aid"])
    week = {"act": "pattern", "weekday": ["1", "2", "3"], "starts": "07:30", "ends": "09:00", "wanted": "2"}
    assert paula.post(answer["Location"], week).status_code == 302
    pattern = Pattern.objects.get()
    assert (pattern.weekdays, pattern.wanted, pattern.worked_days) == ([1, 2, 3], 2, False)
    assert Shift.objects.filter(pattern=pattern).count() >= 11
    page = text(paula.get(answer["Location"]))
    assert "07:30–09:00" in page
    end = paula.post(f"{answer['Location']}patterns/{pattern.pk}/end/", {"last_day": timezone.localdate().isoformat()})
    assert end.status_code == 302
    assert not Shift.objects.filter(state="open", day__gt=timezone.localdate()).exists()
    assert paula.post(answer["Location"], {"act": "change", **given, "name": "南二门"}).status_code == 302
    assert Post.objects.get().name == "南二门"
    close = {"act": "close", "last_day": timezone.localdate().isoformat()}
    assert paula.post(answer["Location"], close)["Location"] == "/posts/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"lon": ""},
        {"lon": "1e400"},
        {"lat": "north"},
        {"radius": "far"},
        {"radius": "9999"},
        {"skills": "a,b,c,d,e,f"},
        {"skills": "a b"},
        {"instruction": "x" * 1001},
    ],
    ids=str,
)
def test_a_post_that_cannot_be_is_answered_with_the_form_and_a_sentence(
    town: Town, as_person: SignIn, wrong: dict[str, str]
) -> None:
    point = at(1.5, 1.5)
    given = {"name": "南门", "radius": "80", "lon": str(point.x), "lat": str(point.y), **wrong}
    answer = as_person("paula").post("/posts/new/", given)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "pattern", "starts": "07:30", "ends": "09:00", "wanted": "1"},
        {"act": "pattern", "weekday": "1", "starts": "25:30", "ends": "09:00", "wanted": "1"},
        {"act": "pattern", "weekday": "1", "starts": "07:30", "ends": "09:00", "wanted": "many"},
        {"act": "shift", "starts": "07:30", "ends": "09:00", "wanted": "1"},
        {"act": "shift", "day": "2026-13-01", "starts": "07:30", "ends": "09:00", "wanted": "1"},
        {"act": "close", "last_day": "1999-01-01"},
        {"act": "dance"},
    ],
    ids=str,
)
def test_a_plan_that_cannot_be_is_answered_with_a_sentence(
    town: Town, as_person: SignIn, wrong: dict[str, str]
) -> None:
    answer = as_person("paula").post(f"/posts/{post(town).pk}/", wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Shift.objects.exists()


def test_somebody_is_assigned_and_taken_off_on_the_page_of_the_shift(town: Town, as_person: SignIn) -> None:
    row = shift(post(town), hours=30, wanted=2)
    page, dora = f"/posts/shifts/{row.pk}/", as_person("dora")
    busy = volunteer("busy")
    other = shift(post(town, "南门"), hours=30)
    take(town.scope("busy"), other.pk)
    shown = text(dora.get(page))
    assert f'value="{town.bob.pk}"' in shown
    assert f'value="{busy.pk}"' not in shown
    assert dora.post(page, {"act": "assign", "person": town.bob.pk}).status_code == 302
    assert Notification.objects.get(person=town.bob).verb == "shift_assigned"
    assert dora.post(page, {"act": "remove", "person": town.bob.pk}).status_code == 302
    assert Turn.objects.get(shift=row).state == "removed"
    refused = dora.post(page, {"act": "cancel", "reason": "x"})
    assert refused.status_code == 403
    paula = as_person("paula")
    assert paula.post(page, {"act": "wanted", "wanted": "5"}).status_code == 302
    assert paula.post(page, {"act": "cancel", "reason": "下雪"}).status_code == 302
    row.refresh_from_db()
    assert (row.wanted, row.state) == (5, "cancelled")


def test_the_roster_is_taken_away_as_a_table(town: Town, as_person: SignIn) -> None:
    where = post(town, "=北门")
    row = shift(where, hours=1, wanted=2)
    take(town.scope("bob"), row.pk)
    paula, week = as_person("paula"), f"?week={row.day.isoformat()}"
    lines = list(csv.reader(io.StringIO(paula.get(f"/posts/roster.csv{week}").content.decode("utf-8-sig"))))
    assert lines[1][2:] == ["'=北门", where.region.name, "2", "1", "段禾", "照常"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(paula.get(f"/posts/roster.xlsx{week}").content))
    assert book.get_sheet_by_index(0).to_python()[1][2] == "=北门"


@pytest.mark.parametrize("week", ["x", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_a_week_that_is_none_is_refused(town: Town, as_person: SignIn, week: str) -> None:
    assert as_person("paula").get(f"/posts/roster/?week={week}").status_code == 422


def test_a_message_leads_to_the_shift(town: Town, as_person: SignIn) -> None:
    row = shift(post(town), hours=30)
    as_person("paula").post(f"/posts/shifts/{row.pk}/", {"act": "assign", "person": town.bob.pk})
    bob = as_person("bob")
    message = Notification.objects.get(person=town.bob)
    assert "您已被安排值守" in text(bob.get("/inbox/"))
    assert bob.get(f"/inbox/{message.pk}/")["Location"] == f"/shifts/#shift-{row.pk}"
