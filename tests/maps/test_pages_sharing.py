"""What a chat group is told of a report by hand: enough to go there, and nobody's name."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib.gis.geos import LineString
from django.test import Client

from grids.models import Category, Street
from grids.models.catalogue import Kind
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.transitions import Move, transition
from tests.town import LITTER, PARKING, Town, at

AsPerson = Callable[[str], Client]


def filed(town: Town, category: str = LITTER) -> Report:
    place = at(1.5, 1.5)
    draft = Draft(category=category, geom=place, anchor=place, place="北门口", description="段禾说的：王家门前")
    return file_report(draft, town.scope("bob"))


def shared(client: Client, report: Report) -> dict[str, Any]:
    answer = client.get(f"/reports/{report.pk}/share.json", headers={"accept-language": "en"})
    assert answer.status_code == 200
    return dict(answer.json())


def test_it_says_what_where_until_when_and_names_nobody(as_person: AsPerson, town: Town, settings: Any) -> None:
    settings.BASE_URL = "https://grid.example.cn"
    line = LineString(at(0.5, 1.5).coords, at(2.5, 1.5).coords, srid=4326)
    Street.objects.create(source="test", source_id="s", name="东街", kind="residential", geom=line)
    report = filed(town)
    got = shared(as_person("dora"), report)
    url = f"https://grid.example.cn/reports/{report.pk}/"
    assert [fact["name"] for fact in got["facts"]] == ["Number", "Place", "State", "To be done by"]
    assert "北门口" in got["facts"][1]["value"]
    assert got["text"].startswith("#接龙\n[Gridwarden] ")
    assert url in got["text"]
    assert got["text"].endswith("1. ")
    assert len(got["qr"]) == len(got["qr"][0]) > 20
    [street] = got["map"]["streets"]
    # A straight street through the place, 100 m to each side.
    assert street["lines"] == [[[-100, 0], [100, 0]]]
    written = json.dumps(got, ensure_ascii=False)
    for person in (town.bob, town.dora, town.alice):
        assert person.name not in written
    assert "王家" not in written


def test_only_what_volunteers_may_do_and_still_waits_asks_for_names(as_person: AsPerson, town: Town) -> None:
    dora = as_person("dora")
    assert "#接龙" not in shared(dora, filed(town, PARKING))["text"]
    report = filed(town)
    transition(report.pk, "reject", town.scope("dora"), Move(reason="x"))
    got = shared(dora, report)
    assert "#接龙" not in got["text"]
    assert [fact["name"] for fact in got["facts"]] == ["Number", "Place", "State"]


def test_where_a_resident_asked_for_something_is_not_told(as_person: AsPerson, town: Town) -> None:
    report = filed(town)
    Category.objects.filter(code=LITTER).update(kind=Kind.REQUEST)
    Report.objects.filter(pk=report.pk).update(kind=Kind.REQUEST)
    got = shared(as_person("dora"), report)
    assert got["map"] is None
    assert "北门口" not in json.dumps(got, ensure_ascii=False)


def test_it_costs_few_queries_and_is_not_there_for_others(
    as_person: AsPerson, town: Town, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    report = filed(town)
    dora = as_person("dora")
    with django_assert_max_num_queries(8):
        shared(dora, report)
    assert as_person("olaf").get(f"/reports/{report.pk}/share.json").status_code == 404
