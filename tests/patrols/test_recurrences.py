"""What comes back: linked to the case that was closed last at its place, counted along the chain."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from grids.models import Building, Stairwell
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.workflow import State
from tests.town import LITTER, PARKING, Town, at, box


def file(town: Town, point: Point, category: str = LITTER, **more: Any) -> Report:
    return file_report(Draft(category=category, geom=point, anchor=point, **more), town.scope("bob"))


def close(report: Report, days: float) -> None:
    Report.objects.filter(pk=report.pk).update(state=State.CLOSED, closed_at=timezone.now() - timedelta(days=days))


def test_what_comes_back_within_thirty_days_is_linked_and_counted(town: Town) -> None:
    first = file(town, at(1.5, 1.5))
    close(first, 29)
    second = file(town, at(1.6, 1.5))
    assert (second.recurrence_of, second.times) == (first, 2)
    close(second, 1)
    third = file(town, at(1.6, 1.6))
    assert (third.recurrence_of, third.times) == (second, 3)


def test_too_long_ago_too_far_another_kind_and_still_open_are_no_recurrence(town: Town) -> None:
    close(file(town, at(0.5, 0.5)), 31)
    close(file(town, at(1.5, 1.5)), 1)
    close(file(town, at(2.5, 2.5), category=PARKING), 1)
    file(town, at(2.5, 0.5))
    for point in (at(0.5, 0.5), at(1.5, 1.81), at(2.5, 2.5), at(2.5, 0.5)):
        assert file(town, point).times == 1


def test_the_other_stairwell_of_a_building_is_another_place(town: Town) -> None:
    building = Building.objects.create(source_id="b", name="3号楼", geom=box(1.2, 1.2, 1.6, 1.4))
    one, two = (
        Stairwell.objects.create(source_id=str(n), building=building, label=f"{n}单元", geom=at(1.3 + n / 10, 1.2))
        for n in (1, 2)
    )
    close(file(town, at(1.4, 1.2), stairwell=one.pk), 2)
    assert file(town, at(1.4, 1.2), stairwell=two.pk).times == 1
    assert file(town, at(1.4, 1.9), stairwell=one.pk).times == 2


def test_the_list_keeps_what_came_back(town: Town, as_person: Any) -> None:
    first = file(town, at(1.5, 1.5))
    close(first, 1)
    again = file(town, at(1.5, 1.5))
    answer = json.loads(as_person("bob").get("/api/v1/reports?recurrent=1").content)
    assert [(row["id"], row["times"]) for row in answer["results"]] == [(str(again.pk), 2)]
    page = as_person("bob").get("/reports/?recurrent=1").content.decode()
    assert again.number in page
    assert first.number not in page
    assert first.number in as_person("bob").get(f"/reports/{again.pk}/").content.decode()
