"""The API of reports: filing, moving, paging, asking who could go."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from grids.shifts import from_wgs84
from patrols.filing import Draft, file_report
from patrols.models import Event, Report
from tests.town import LITTER, PARKING, STEP_LAT, Town, at

REPORTS = "/api/v1/reports"


def post(client: Client, url: str, body: object, key: str = "") -> tuple[int, dict[str, Any]]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post(url, json.dumps(body), content_type="application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def body(point: Point, **more: object) -> dict[str, object]:
    return {"category": LITTER, "lon": point.x, "lat": point.y, **more}


def fill(town: Town, count: int, category: str = LITTER) -> list[Report]:
    point = at(1.5, 1.5)
    return [file_report(Draft(category=category, geom=point, anchor=point), town.scope("bob")) for _ in range(count)]


def test_a_report_filed_over_http_is_answered_whole(town: Town, as_person: Any) -> None:
    status, answer = post(as_person("bob"), REPORTS, body(at(1.5, 1.5), place="西市场北门"))
    assert status == 201
    assert answer["grid"]["code"] == town.grids[5].code
    assert answer["place"] == "西市场北门"
    assert [event["verb"] for event in answer["events"]] == ["file"]
    assert [row["verb"] for row in answer["verbs"]] == ["withdraw", "handle_on_spot", "urge"]


def test_filing_takes_at_most_twelve_queries(
    town: Town, as_person: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person("bob")
    # The savepoint stands for the transaction that the request opens outside of a test.
    with django_assert_max_num_queries(12):
        status, _ = post(client, REPORTS, body(at(1.5, 1.5)), key=str(uuid4()))
    assert status == 201


def test_a_shifted_place_is_brought_back_to_a_centimetre(town: Town, as_person: Any) -> None:
    meant = at(1.5, 1.5)
    lon, lat = from_wgs84(meant.x, meant.y, "gcj02")
    status, answer = post(as_person("bob"), REPORTS, {"category": LITTER, "lon": lon, "lat": lat, "crs": "gcj02"})
    assert status == 201
    metre = STEP_LAT / 100
    assert abs(answer["lon"] - meant.x) < 0.01 * metre
    assert abs(answer["lat"] - meant.y) < 0.01 * metre


def test_a_line_is_anchored_on_itself(town: Town, as_person: Any) -> None:
    ends = [[at(0.2, 0.5).x, at(0, 0.5).y], [at(0.8, 0.5).x, at(0, 0.5).y]]
    line = {"type": "LineString", "coordinates": ends}
    status, answer = post(as_person("bob"), REPORTS, {"category": LITTER, "geometry": line})
    assert status == 201
    stored = Report.objects.get(pk=answer["id"])
    assert stored.geom.geom_type == "LineString"
    assert stored.geom.distance(stored.anchor) < 1e-9
    assert stored.grid == town.grids[3]


def test_the_same_key_and_body_get_the_first_answer_again(town: Town, as_person: Any) -> None:
    client, key = as_person("bob"), str(uuid4())
    first = post(client, REPORTS, body(at(1.5, 1.5)), key)
    assert post(client, REPORTS, body(at(1.5, 1.5)), key) == first
    assert Report.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(town: Town, as_person: Any) -> None:
    client, key = as_person("bob"), str(uuid4())
    post(client, REPORTS, body(at(1.5, 1.5)), key)
    status, answer = post(client, REPORTS, body(at(1.6, 1.5)), key)
    assert (status, Report.objects.count()) == (422, 1)
    assert answer["detail"]


def test_a_key_belongs_to_its_person(town: Town, as_person: Any) -> None:
    key = str(uuid4())
    assert post(as_person("bob"), REPORTS, body(at(1.5, 1.5)), key)[0] == 201
    assert post(as_person("alice"), REPORTS, body(at(1.5, 1.5)), key)[0] == 201
    assert Report.objects.count() == 2


def test_a_refused_request_may_use_its_key_again_when_corrected(town: Town, as_person: Any) -> None:
    client, key = as_person("bob"), str(uuid4())
    assert post(client, REPORTS, body(at(5, 1)), key)[0] == 422
    assert post(client, REPORTS, body(at(1, 1)), key)[0] == 201


def test_a_transition_over_http_and_its_conflict(town: Town, as_person: Any) -> None:
    report = fill(town, 1)[0]
    client, url = as_person("dora"), f"{REPORTS}/{report.pk}/transitions"
    status, answer = post(client, url, {"verb": "accept", "expected": "reported"})
    assert (status, answer["state"]) == (200, "accepted")
    status, answer = post(client, url, {"verb": "accept", "expected": "reported"})
    assert (status, answer["state"]) == (409, "accepted")
    assert Event.objects.filter(report=report, verb="accept").count() == 1


def test_dispatching_to_a_body_over_http(town: Town, as_person: Any) -> None:
    report = fill(town, 1, PARKING)[0]
    client, url = as_person("dora"), f"{REPORTS}/{report.pk}/transitions"
    post(client, url, {"verb": "accept"})
    status, answer = post(client, url, {"verb": "dispatch", "organisation": town.squad.pk})
    assert (status, answer["lead"]["name"]) == (200, "城管中队")
    assert answer["clock"]["kind"] == "fix"


def test_a_report_elsewhere_is_not_found(town: Town, as_person: Any) -> None:
    report = fill(town, 1)[0]
    client = as_person("charlie")
    for url in (f"{REPORTS}/{report.pk}", f"{REPORTS}/{report.pk}/candidates"):
        assert client.get(url).status_code == 404
    assert post(client, f"{REPORTS}/{report.pk}/transitions", {"verb": "accept"})[0] == 404
    assert client.get(REPORTS).json()["results"] == []


def test_visitors_are_asked_to_sign_in(client: Client, town: Town) -> None:
    answer = client.get(REPORTS)
    assert answer.status_code in {401, 403}
    assert answer["Content-Type"] == "application/problem+json"


def test_pages_by_key_neither_skip_nor_repeat_while_rows_come_in(town: Town, as_person: Any) -> None:
    mine = {str(report.pk) for report in fill(town, 7)}
    client = as_person("dora")
    seen: list[str] = []
    url: str | None = f"{REPORTS}?limit=2"
    while url:
        page = client.get(url).json()
        seen += [row["id"] for row in page["results"]]
        fill(town, 1)
        url = page["next"]
    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == mine


def test_a_list_costs_the_same_queries_whatever_its_length(
    town: Town, as_person: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person("dora")
    fill(town, 2)
    with django_assert_num_queries(6):
        assert len(client.get(REPORTS).json()["results"]) == 2
    fill(town, 20)
    with django_assert_num_queries(6):
        assert len(client.get(REPORTS).json()["results"]) == 22


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=reported", 3),
        ("state=open", 3),
        ("state=closed", 0),
        ("category=09009", 1),
        ("late=1", 0),
        ("since=2020-01-01&until=2020-02-01", 0),
        ("since=2020-01-01", 3),
        ("bbox=111.6,40.8,111.7,40.9", 3),
        ("bbox=10,10,11,11", 0),
        ("source=hotline", 0),
    ],
)
def test_filters_narrow(town: Town, as_person: Any, query: str, count: int) -> None:
    fill(town, 2)
    fill(town, 1, PARKING)
    assert len(as_person("dora").get(f"{REPORTS}?{query}").json()["results"]) == count


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "state=lost",
        "bbox=1,2,3",
        "bbox=5,0,1,9",
        "since=yesterday",
        "cursor=x",
        "limit=0",
        "limit=x",
        "source=x",
    ],
)
def test_what_cannot_be_asked_is_said(town: Town, as_person: Any, query: str) -> None:
    answer = as_person("dora").get(f"{REPORTS}?{query}")
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]


def test_candidates_name_a_reason_and_obey_the_category(town: Town, as_person: Any) -> None:
    litter, parking = fill(town, 1)[0], fill(town, 1, PARKING)[0]
    client = as_person("dora")
    people = client.get(f"{REPORTS}/{litter.pk}/candidates").json()["results"]
    assert [row["name"] for row in people] == ["柳芸", "段禾", "城管中队"]
    assert all(row["why"] for row in people)
    answer = client.get(f"{REPORTS}/{parking.pk}/candidates").json()
    assert [row["kind"] for row in answer["results"]] == ["organisation"]
    assert answer["excluded"][0]["count"] == 2


def test_what_a_tapped_place_is_called(town: Town, as_person: Any) -> None:
    point = at(1.5, 1.5)
    answer = as_person("bob").get(f"/api/v1/places/near?lon={point.x}&lat={point.y}").json()
    assert answer["grid"]["name"] == "第5网格"
    assert as_person("bob").get("/api/v1/places/near?lon=abc").status_code == 422
