"""Cases with a number and a deadline from outside: one open case a number, found by it, late by the earlier end."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from grids.problems import BadInput, Conflict
from grids.scope import scope_of
from maps.pages.queue import queue_of
from patrols.clocks import clock_of
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.town import LITTER, Town, at

NUMBER = "12345-2026-0007"


def file(town: Town, who: str = "dora", **more: Any) -> Report:
    point = at(1.5, 1.5)
    given = {"source": "hotline", "outside_number": NUMBER, **more}
    return file_report(Draft(category=LITTER, geom=point, anchor=point, **given), town.scope(who))


def test_a_number_belongs_to_one_open_case_of_a_source(town: Town) -> None:
    known = file(town)
    with pytest.raises(Conflict, match=known.number):
        file(town)
    assert file(town, source="resident").outside_number == NUMBER
    Report.objects.filter(pk=known.pk).update(state=State.CLOSED)
    again = file(town)
    assert again.outside_number == NUMBER
    with pytest.raises(Conflict, match=again.number):
        transition(known.pk, "reopen", town.scope("dora"), Move(reason="又有了"))


@pytest.mark.parametrize(
    "more",
    [
        {"source": "patrol"},
        {"source": "patrol", "outside_number": "", "outside_due_at": timezone.now()},
        {"outside_due_at": timezone.now() + timedelta(days=800)},
    ],
)
def test_what_cannot_be_is_refused(town: Town, more: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        file(town, **more)
    assert not Report.objects.exists()


def test_the_earlier_end_counts_for_the_clock_the_list_and_the_order_of_the_queue(town: Town) -> None:
    now = timezone.now()
    ours = file(town, outside_number="")
    theirs = file(town, outside_due_at=now - timedelta(minutes=1))
    assert clock_of(theirs, now).late
    assert not clock_of(ours, now).late
    far = file(town, outside_number="far", outside_due_at=now + timedelta(days=9))
    assert clock_of(far, now).due == far.dispatch_due_at
    assert list(Report.objects.late(now)) == [theirs]
    queue = queue_of(scope_of(town.dora), now)
    assert queue["results"][0]["id"] == str(theirs.pk)
    assert queue["late"] == 1
    outside = queue["results"][0]["outside"]
    assert (outside["number"], outside["due"]) == (NUMBER, int((now - timedelta(minutes=1)).timestamp()))


def test_it_is_found_by_the_number_from_outside(town: Town, as_person: Any) -> None:
    report = file(town)
    file(town, outside_number="other")
    answer = json.loads(as_person("dora").get("/api/v1/reports?q=12345-2026").content)
    assert [row["id"] for row in answer["results"]] == [str(report.pk)]


def test_the_form_is_for_dispatchers_and_knows_how_categories_are_read(town: Town, as_person: Any) -> None:
    assert as_person("bob").get("/dispatch/new/").status_code == 404
    page = as_person("dora").get("/dispatch/new/").content.decode()
    assert '"initials": "bllj"' in page


def test_a_case_comes_in_over_http_with_number_and_deadline(town: Town, as_person: Any) -> None:
    due = (timezone.now() + timedelta(days=1)).isoformat()
    body = {"category": LITTER, "lon": at(1.5, 1.5).x, "lat": at(1.5, 1.5).y, "source": "hotline"}
    body |= {"outside_number": NUMBER, "outside_due_at": due}
    first, second = (
        as_person("dora").post("/api/v1/reports", json.dumps(body), content_type="application/json") for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 409)
    assert NUMBER in json.loads(second.content)["detail"]
