"""What may be the same problem: the category says how near and how old; in stairwells the entrance decides."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from grids.models import Building, Category, Stairwell
from grids.shifts import from_wgs84
from patrols.duplicates import similar
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.workflow import State
from tests.town import LITTER, PARKING, Town, at, box

SIMILAR = "/api/v1/reports/similar"


def file(town: Town, point: Point, who: str = "alice", category: str = LITTER, **more: Any) -> Report:
    return file_report(Draft(category=category, geom=point, anchor=point, **more), town.scope(who))


def found(town: Town, point: Point, stairwell: int | None = None, **more: Any) -> list[tuple[str, str]]:
    rows = similar(Category.objects.get(pk=town.litter.pk), point, stairwell, timezone.now(), **more)
    return [(row.report.place, row.closeness.value) for row in rows]


def ask(client: Client, point: Point, **more: Any) -> Any:
    answer = client.get(SIMILAR, {"category": LITTER, "lon": point.x, "lat": point.y, **more})
    return answer.status_code, json.loads(answer.content)


def test_the_category_says_how_far_and_the_nearest_come_first(town: Town) -> None:
    """29 m away counts, 31 m does not: the category's limit is 30."""
    for metres in (31, 29, 5):
        file(town, at(1.5 + metres / 100, 1.5), place=f"{metres} m")
    assert found(town, at(1.5, 1.5)) == [("5 m", "here"), ("29 m", "near")]
    Category.objects.filter(pk=town.litter.pk).update(near_metres=40)
    assert len(found(town, at(1.5, 1.5))) == 3


def test_the_category_says_how_old_and_what_is_over_is_no_answer(town: Town) -> None:
    old, over, other = (file(town, at(1.5, 1.5), place=name) for name in ("old", "over", "other kind"))
    Report.objects.filter(pk=old.pk).update(recorded_at=timezone.now() - timedelta(days=15))
    Report.objects.filter(pk=over.pk).update(state=State.CLOSED)
    Report.objects.filter(pk=other.pk).update(category=town.parking)
    assert found(town, at(1.5, 1.5)) == []
    Category.objects.filter(pk=town.litter.pk).update(near_days=16)
    assert found(town, at(1.5, 1.5)) == [("old", "here")]


def test_another_edition_of_the_category_is_the_same_category(town: Town) -> None:
    file(town, at(1.5, 1.5), place="earlier edition")
    Category.objects.filter(pk=town.litter.pk).update(active=False)
    newer = Category.objects.get(pk=town.litter.pk)
    newer.pk, newer.version, newer.active, newer._state.adding = None, "next", True, True
    newer.save()
    rows = similar(newer, at(1.5, 1.5), None, timezone.now())
    assert [row.report.place for row in rows] == ["earlier edition"]


def test_the_same_stairwell_is_near_from_anywhere_and_another_one_from_nowhere(town: Town) -> None:
    """Two doors of a building, 10 m apart; the pins drift by 60 m and lie on each other."""
    building = Building.objects.create(source_id="b", name="3号楼", geom=box(1.2, 1.2, 1.6, 1.4))
    one, two = (
        Stairwell.objects.create(source_id=str(n), building=building, label=f"{n}单元", geom=at(1.3 + n / 10, 1.2))
        for n in (1, 2)
    )
    file(town, at(1.4, 1.8), place="first door", stairwell=one.pk)
    file(town, at(1.4, 1.2), place="no door")
    assert found(town, at(1.4, 1.2), one.pk) == [("first door", "stairwell"), ("no door", "here")]
    assert found(town, at(1.4, 1.8), two.pk) == []
    assert found(town, at(1.4, 1.8)) == [("first door", "here")]


def test_of_another_s_report_a_volunteer_learns_four_things(town: Town, as_person: Any) -> None:
    """Alice filed it in grid 1, which is not Bob's: he learns that it is there, and not what it says."""
    secret = file(town, at(0.5, 2.5), place="秘密地点", description="秘密文字")
    file(town, at(1.5, 1.5), who="bob", place="西市场")
    status, answer = ask(as_person("bob"), at(0.55, 2.5))
    [row] = answer["results"]
    assert (status, row["report"], row["distance"]) == (200, None, "here")
    assert (row["category"]["code"], row["age_days"], row["state"]) == (LITTER, 0, "reported")
    text = json.dumps(answer, ensure_ascii=False)
    for hidden in (str(secret.pk), secret.number, "秘密", secret.public_number):
        assert hidden not in text
    [own] = ask(as_person("bob"), at(1.5, 1.5))[1]["results"]
    assert (own["report"]["place"], own["report"]["metres"], own["mine"]) == ("西市场", 0, True)


def test_a_shifted_place_is_looked_for_where_it_is(town: Town, as_person: Any) -> None:
    file(town, at(1.5, 1.5))
    lon, lat = from_wgs84(at(1.5, 1.5).x, at(1.5, 1.5).y, "gcj02")
    assert ask(as_person("bob"), Point(lon, lat), crs="wgs84")[1]["results"] == []
    assert len(ask(as_person("bob"), Point(lon, lat), crs="gcj02")[1]["results"]) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [({"category": "99999"}, 422), ({"lon": "x"}, 400), ({"lat": 95}, 422), ({"colour": "red"}, 400), ({}, 200)],
)
def test_what_cannot_be_asked_gets_a_sentence(town: Town, as_person: Any, change: dict[str, Any], status: int) -> None:
    answer = ask(as_person("bob"), at(1.5, 1.5), **change)
    assert answer[0] == status
    assert status == 200 or answer[1]["detail"]


def test_the_look_up_takes_few_queries_and_the_index(
    town: Town, as_person: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for step in range(8):
        file(town, at(1.5 + step / 100, 1.5))
    client = as_person("bob")
    with django_assert_max_num_queries(7):
        assert len(ask(client, at(1.5, 1.5))[1]["results"]) == 5
    with connection.cursor() as cursor:
        cursor.execute("set enable_seqscan = off")
        with CaptureQueriesContext(connection) as caught:
            found(town, at(1.5, 1.5))
        sql = next(one["sql"] for one in caught if "patrols_report" in one["sql"])
        cursor.execute(f"explain {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "report_open_anchor" in plan


def test_a_dispatcher_looks_farther_for_the_original(town: Town, as_person: Any) -> None:
    original = file(town, at(1.5, 1.5), place="original")
    repeat = file(town, at(2.5, 1.5))
    url = f"/api/v1/reports/{repeat.pk}/similar"
    answer = json.loads(as_person("dora").get(url).content)
    assert [row["report"]["id"] for row in answer["results"]] == [str(original.pk)]
    assert abs(answer["results"][0]["report"]["metres"] - 100) <= 1
    assert as_person("alice").get(url).status_code == 403
    assert as_person("olaf").get(url).status_code == 404
    assert as_person("dora").get(f"/api/v1/reports/{uuid4()}/similar").status_code == 404


def test_only_problems_of_the_category_are_offered(town: Town) -> None:
    file(town, at(1.5, 1.5), category=PARKING)
    Report.objects.filter(pk=file(town, at(1.5, 1.5)).pk).update(kind="request")
    assert found(town, at(1.5, 1.5)) == []
