"""Filing a report: the right grid, one event, one promise, or nothing at all."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from grids.models import Building, Membership, Outbox, Stairwell
from grids.problems import BadInput, Conflict, NotAllowed
from patrols.filing import Draft, file_report
from patrols.models import Event, Report
from patrols.workflow import State
from tests.town import LITTER, MANHOLE, Town, at, box


def draft(point: Point, category: str = LITTER, **more: Any) -> Draft:
    return Draft(category=category, geom=point, anchor=point, **more)


def test_a_report_knows_its_grid_district_and_clock(town: Town) -> None:
    report = file_report(draft(at(1.5, 1.5), place="西市场"), town.scope("bob"))
    stored = Report.objects.get(pk=report.pk)
    assert (stored.grid, stored.district, stored.region_code) == (town.grids[5], "150199", "150199001001")
    assert stored.state == State.REPORTED
    assert stored.dispatch_due_at == stored.recorded_at + timedelta(minutes=60)


def test_a_point_on_a_shared_corner_gets_the_lowest_code(town: Town) -> None:
    """
    Four grids meet at (1, 2): 1 and 4 above, 2 and 5 below.

        | 1 | 4
        +---*---
        | 2 | 5
    """
    report = file_report(draft(at(1, 2)), town.scope("bob"))
    assert report.grid == town.grids[1]


def test_filing_writes_one_event_and_one_promise(town: Town) -> None:
    report = file_report(draft(at(1.5, 1.5)), town.scope("bob"))
    event = Event.objects.get(report=report)
    assert (event.verb, event.before, event.after, event.actor) == ("file", "", "reported", town.bob)
    assert event.transaction > 0
    assert Outbox.objects.get(topic="report.moved").payload["report"] == str(report.pk)


def test_fixed_on_the_spot_is_handled_at_once_by_its_finder(town: Town) -> None:
    report = file_report(draft(at(1.5, 1.5), on_the_spot=True), town.scope("bob"))
    assert (report.state, report.handler) == (State.HANDLED, town.bob)
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == ["file", "handle_on_spot"]


@pytest.mark.parametrize(
    ("point", "more", "words"),
    [
        ((5, 1), {}, "每一个|社区|communit"),
        ((1.5, 1.5), {"category": "99999"}, "99999"),
        ((1.5, 1.5), {"category": MANHOLE, "on_the_spot": True}, "污水井盖"),
        ((1.5, 1.5), {"stairwell": 12345}, "stairwell|楼道"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_leaves_nothing(
    town: Town, point: tuple[float, float], more: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        file_report(draft(at(*point), **more), town.scope("bob"))
    assert not Report.objects.exists()
    assert not Outbox.objects.exists()


def test_a_stairwell_elsewhere_is_refused(town: Town) -> None:
    building = Building.objects.create(source_id="b", name="3号楼", geom=box(9.2, 1, 9.4, 1.2))
    stairwell = Stairwell.objects.create(source_id="s", building=building, label="1单元", geom=at(9.3, 1))
    with pytest.raises(BadInput):
        file_report(draft(at(1, 1), stairwell=stairwell.pk), town.scope("bob"))
    assert file_report(draft(at(9.3, 1.1), stairwell=stairwell.pk), town.scope("charlie")).stairwell == stairwell


def test_somebody_whose_roles_have_ended_files_nothing(town: Town) -> None:
    Membership.objects.filter(person=town.bob).delete()
    with pytest.raises(NotAllowed):
        file_report(draft(at(1, 1)), town.scope("bob"))


def test_a_problem_of_tomorrow_is_refused(town: Town) -> None:
    with pytest.raises(BadInput):
        file_report(draft(at(1, 1), occurred_at=timezone.now() + timedelta(days=1)), town.scope("bob"))


def test_both_times_are_kept(town: Town) -> None:
    happened = timezone.now() - timedelta(hours=5)
    report = file_report(draft(at(1, 1), occurred_at=happened), town.scope("bob"))
    event = Event.objects.get(report=report)
    assert event.occurred_at == happened
    assert event.recorded_at > happened


def test_an_id_that_is_taken_is_a_conflict(town: Town) -> None:
    identity = uuid4()
    file_report(draft(at(1, 1), id=identity), town.scope("bob"))
    with pytest.raises(Conflict):
        file_report(draft(at(1, 1), id=identity), town.scope("bob"))


def test_numbers_are_not_counted(town: Town) -> None:
    numbers = {file_report(draft(at(1, 1)), town.scope("bob")).number for _ in range(20)}
    assert len(numbers) == 20
    assert len({number[-9:] for number in numbers}) == 20
