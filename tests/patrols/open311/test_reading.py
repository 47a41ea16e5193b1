"""Reading by Open311: every call in both forms, by the rules of the public schemas, and nothing that is not public."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client
from django.utils import timezone

from patrols.models import Party, Photo, Report
from patrols.open311 import reading
from patrols.public import SHOWN
from patrols.workflow import FINAL_STATES, State
from tests.patrols.open311.conftest import Call, Caller, Put
from tests.town import DISTRICT, Town

DISCOVERY = ("changeset", "contact", "key_service", "endpoints")
ENDPOINT = ("specification", "url", "changeset", "type", "formats")
SERVICE = ("service_code", "service_name", "description", "metadata", "type", "keywords", "group")
REQUEST = (
    *("service_request_id", "status", "status_notes", "service_name", "service_code", "description"),
    *("agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime"),
    *("address", "address_id", "zipcode", "lat", "long", "media_url"),
)
PRIVATE = ("mark-place", "mark-words")
ID = f"{DISTRICT}-PUBL000000000000"


def tree(response: Any, root: str) -> Element:
    """Return the root of an XML answer: declared, in UTF-8, without a namespace or an attribute."""
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert response.content.lower().startswith(
        b"<?xml version='1.0' encoding='utf-8'?>"
    ) or response.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    element = fromstring(response.content)
    assert element.tag == root
    assert not [one for one in element.iter() if one.attrib or "}" in one.tag]
    return element


def check(element: Element, names: Sequence[str]) -> dict[str, str]:
    """Check that an element holds these, once each and in this order, and return their texts."""
    assert [child.tag for child in element] == list(names)
    return {child.tag: child.text or "" for child in element}


def listed(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json; charset=utf-8"
    found = response.json()
    assert isinstance(found, list)
    return found


def refusal(response: Any, status: int) -> list[str]:
    assert response.status_code == status, response.content
    if response["Content-Type"].startswith("text/xml"):
        errors = [check(error, ("code", "description")) for error in tree(response, "errors")]
        assert {error["code"] for error in errors} == {str(status)}
    else:
        errors = response.json()
        assert {error["code"] for error in errors} == {status}
    return [error["description"] for error in errors]


def test_discovery(call: Call) -> None:
    root = tree(call("discovery.xml"), "discovery")
    shown = check(root, DISCOVERY)
    assert datetime.fromisoformat(shown["changeset"]).tzinfo
    [endpoint] = root[3]
    told = check(endpoint, ENDPOINT)
    assert endpoint.tag == "endpoint"
    assert told["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert told["url"].endswith("/open311/v2")
    assert told["type"] in {"production", "test"}
    assert [(one.tag, one.text) for one in endpoint[4]] == [("format", "text/xml"), ("format", "application/json")]
    assert tuple(call("discovery.json").json()) == DISCOVERY


def test_services(town: Town, call: Call) -> None:
    rows = [check(one, SERVICE) for one in tree(call("services.xml"), "services")]
    assert [row["service_code"] for row in rows] == ["01002", "06010", "09009"]
    assert {(row["metadata"], row["type"]) for row in rows} == {("false", "realtime")}
    assert rows[1]["service_name"] == "暴露垃圾"
    found = listed(call("services.json"))
    assert [tuple(row) for row in found] == [SERVICE] * 3
    # A number would lose its leading zero.
    assert found[1]["service_code"] == "06010"
    assert found[1]["metadata"] is False
    english = Client().get("/open311/v2/services.json", headers={"Accept-Language": "en"})
    assert english.json()[1]["service_name"] == "Category 06010"
    assert "Accept-Language" in english["Vary"]


def test_a_service_s_definition_asks_for_nothing_more(town: Town, call: Call) -> None:
    root = tree(call("services/06010.xml"), "service_definition")
    assert check(root, ("service_code", "attributes")) == {"service_code": "06010", "attributes": ""}
    assert call("services/06010.json").json() == {"service_code": "06010", "attributes": []}
    assert refusal(call("services/99999.xml"), 404)


def test_filing_and_following_in_both_forms(caller: Caller, post: Call, call: Call) -> None:
    [filed] = tree(post("xml"), "service_requests")
    assert filed.tag == "request"
    number = check(filed, ("service_request_id", "service_notice", "account_id"))["service_request_id"]
    [followed] = tree(call(f"requests/{number}.xml"), "service_requests")
    shown = check(followed, REQUEST)
    assert (shown["service_request_id"], shown["status"]) == (number, "open")
    # How far it is, and nothing of what it says or where it is: nobody has taken it on.
    assert not any(shown[name] for name in ("description", "address", "lat", "long", "media_url"))
    [row] = listed(call(f"requests/{number.lower()}.json"))
    assert tuple(row) == REQUEST
    assert row["lat"] is None
    for form in ("xml", "json"):
        token = call(f"tokens/{number}.{form}")
        assert (tree(token, "service_requests")[0][0].text if form == "xml" else token.json()[0]["token"]) == number
    assert listed(call("requests.json")) == []


def test_the_public_sees_the_cell_and_the_state_of_a_problem_and_nothing_else(put: Put, call: Call) -> None:
    put(5, east=0.91, north=0.07)
    rows = [check(one, REQUEST) for one in tree(call("requests.xml"), "service_requests")]
    assert {(row["lat"], row["long"]) for row in rows} == {("40.8215", "111.6715")}
    assert {(row["status"], row["service_code"]) for row in rows} == {("open", "06010")}
    assert all(datetime.fromisoformat(row["requested_datetime"]).tzinfo for row in rows)
    for path in ("requests.xml", "requests.json", f"requests/{ID}.json"):
        assert not [mark for mark in PRIVATE if mark in call(path, extensions="true").content.decode()]


def test_what_is_not_public_is_not_listed(put: Put, call: Call) -> None:
    put(4)
    for state in sorted(set(State) - set(SHOWN)):
        put(3, state=state)
    put(9, kind="request")
    assert listed(call("requests.json")) == []
    put(1)
    assert len(listed(call("requests.json"))) == 5


def test_a_wish_is_not_read_by_its_number(put: Put, call: Call) -> None:
    put(1, kind="request")
    assert refusal(call(f"requests/{ID}.json"), 404)


def test_of_who_deals_with_it_a_body_is_named_and_nobody(town: Town, put: Put, call: Call) -> None:
    rows = put(6)
    now = timezone.now()
    Party.objects.create(report=rows[0], district=DISTRICT, role="lead", organisation=town.squad, since=now)
    Party.objects.create(report=rows[1], district=DISTRICT, role="lead", person=town.bob, since=now)
    by_number = {row["service_request_id"][-1]: row["agency_responsible"] for row in listed(call("requests.json"))}
    assert by_number == {"0": "城管中队", "1": None, "2": None, "3": None, "4": None, "5": None}


def test_only_released_photos_have_an_address(put: Put, call: Call) -> None:
    rows = put(5)
    common = {"district": DISTRICT, "width": 1, "height": 1, "bytes": 1, "recorded_at": timezone.now()}
    Photo.objects.create(report=rows[0], sha256="0" * 64, **common)
    assert {row["media_url"] for row in listed(call("requests.json"))} == {None}
    shown = Photo.objects.create(
        report=rows[0], sha256="1" * 64, public="p", public_small="s", public_at=timezone.now(), **common
    )
    [address] = {row["media_url"] for row in listed(call("requests.json"))} - {None}
    assert address.endswith(f"/photos/{shown.pk}/public.jpg")


def test_filters(town: Town, put: Put, call: Call) -> None:
    old = timezone.now() - timedelta(days=100)
    put(5)
    put(5, category=town.parking, state=State.CLOSED)
    put(5, recorded_at=old)

    def count(**query: str) -> int:
        [row] = listed(call("requests.json", just_count="true", **query))
        assert row["count"] == len(listed(call("requests.json", **query)))
        return int(row["count"])

    day = timedelta(days=1)
    assert count() == 10
    assert count(service_code="06010") == count(status="open") == count(detailed_status="RECEIVED") == 5
    assert count(status="closed") == count(service_code="09009,01002") == 5
    assert count(status="open,closed", service_code="") == 10
    assert count(status="open", detailed_status="archived") == 0
    assert count(start_date=(old - day).isoformat(), end_date=(old + day).isoformat()) == 5
    assert count(start_date=old.date().isoformat(), end_date=old.date().isoformat()) == 5
    assert count(start_date=(timezone.now() - timedelta(minutes=1)).isoformat()) == 0
    assert count(updated_after=(timezone.now() - day).isoformat().replace("+", " ")) == 10
    assert count(updated_before=(timezone.now() - day).isoformat()) == 0
    assert count(area_code="150199") == count(area_code="150199001") == count(area_code="150199001001") == 10
    assert count(area_code="150199002") == count(jurisdiction_id="") - 10
    assert count(jurisdiction_id="150199") == 10
    assert count(service_request_id=f"{ID},{DISTRICT}-NOTHING,x", status="closed") == 1


def test_a_circle_is_drawn_around_the_middle_of_the_cell(put: Put, call: Call) -> None:
    put(5, east=0.99, north=0.99)
    # The cell's middle lies 150 m west of here, its problems 108 m.
    near = {"lat": "40.8215", "long": "111.67328"}
    assert len(listed(call("requests.json", **near, radius="155"))) == 5
    assert listed(call("requests.json", **near, radius="145")) == []


def test_pages_without_a_size_do_not_repeat_each_other() -> None:
    sizes = [reading.read({"page": page}).page_size for page in ("1", "2")]
    assert sizes == [100, 100]
    assert reading.read({}).page_size == 1_000


def test_pages_follow_each_other_newest_first(put: Put, call: Call) -> None:
    for minutes in range(6):
        put(1, recorded_at=timezone.now() - timedelta(minutes=minutes))
    pages = [listed(call("requests.json", page=str(page), page_size="4")) for page in (1, 2, 3)]
    numbers = [row["service_request_id"][-1] for page in pages for row in page]
    assert numbers == list("012345")
    assert [len(page) for page in pages] == [4, 2, 0]


def test_extensions(put: Put, call: Call) -> None:
    put(5, further=2)
    root = tree(call("requests.xml", extensions="true"), "service_requests")
    check(root[0], (*REQUEST, "extended_attributes"))
    told = check(root[0][-1], ("detailed_status", "area_code", "reports"))
    assert told == {"detailed_status": "RECEIVED", "area_code": "150199001001", "reports": "3"}


def test_every_state_has_a_status(put: Put, call: Call) -> None:
    for state in State:
        put(1, state=state)
    ids = ",".join(f"{DISTRICT}-PUBL{number:012}" for number in range(len(State)))
    rows = listed(call("requests.json", service_request_id=ids, extensions="1"))
    assert [row["status"] for row in rows] == ["closed" if state in FINAL_STATES else "open" for state in State]
    assert all(row["extended_attributes"]["detailed_status"] and row["status_notes"] for row in rows)


@pytest.mark.parametrize(
    "query",
    [
        {"status": "done"},
        {"service_code": "99999"},
        {"service_code": "0601\x00"},
        {"start_date": "yesterday"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
        {"start_date": "2026-06-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"},
        {"start_date": "0001-01-01T00:00:00Z"},
        {"page": "0"},
        {"page": "9" * 30},
        {"page": "2", "page_size": "501"},
        {"page_size": "1001"},
        {"lat": "40.8"},
        {"lat": "NaN", "long": "111.6", "radius": "10"},
        {"lat": "1e308", "long": "111.6", "radius": "10"},
        {"lat": "40.8", "long": "111.6", "radius": "nan"},
        {"lat": "40.8", "long": "111.6", "radius": "-1"},
        {"lat": "40.8", "long": "111.6", "radius": "1e9"},
        {"area_code": "15"},
        {"area_code": "٣٣٣٣٣٣"},
        {"extensions": "perhaps"},
        {"detailed_status": "SLEEPING"},
        {"limit": "3"},
        {"service_request_id": ",".join(["x"] * 201)},
    ],
    ids=str,
)
def test_a_question_that_cannot_be_answered_is_400(town: Town, call: Call, query: dict[str, str]) -> None:
    for form in ("xml", "json"):
        assert refusal(call(f"requests.{form}", **query), 400)


def test_several_mistakes_are_told_at_once(db: None, call: Call) -> None:
    assert len(refusal(call("requests.xml", status="x", page="x", radius="5"), 400)) == 3


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("requests/150199-NOTHING.xml", 404),
        ("requests/1%00.json", 404),
        ("services/%00.xml", 404),
        ("tokens/x.json", 404),
        ("services.html", 404),
        ("requests", 404),
        ("", 404),
        ("services.xml?jurisdiction_id=city.gov", 404),
        ("requests.json?jurisdiction_id=city.gov", 404),
        ("services.xml?color=red", 400),
    ],
)
def test_what_is_not_there(town: Town, path: str, status: int) -> None:
    response = Client().get(f"/open311/v2/{path}")
    assert refusal(response, status)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_call_is_made_by_its_method(town: Town, method: str) -> None:
    for path in ("services.json", "discovery.json", f"requests/{ID}.json"):
        response = getattr(Client(), method)(f"/open311/v2/{path}")
        assert refusal(response, 405)
        assert response["Allow"] == "GET, HEAD"


def test_what_no_xml_may_hold_does_not_break_it(town: Town, put: Put, call: Call) -> None:
    put(5)
    town.litter.name = "垃\x0b圾<&>"
    town.litter.save(update_fields=["name"])
    [row] = tree(call(f"requests/{ID}.xml"), "service_requests")
    assert check(row, REQUEST)["service_name"] == "垃\ufffd圾<&>"
    assert json.loads(call("services.json").content)[1]["service_name"] == "垃\x0b圾<&>"


def test_a_list_costs_two_queries_at_most(put: Put, call: Call, django_assert_num_queries: Any) -> None:
    put(5)
    with django_assert_num_queries(1):
        call("requests.json")
    put(20)
    with django_assert_num_queries(3):
        assert len(listed(call("requests.json", service_code="06010", jurisdiction_id=DISTRICT))) == 25
    with django_assert_num_queries(1):
        call("services.xml")
    with django_assert_num_queries(1):
        call(f"requests/{ID}.json")


def test_the_list_is_read_by_its_index(put: Put, db: None) -> None:
    [index] = [one for one in Report._meta.indexes if one.name == "report_public"]
    assert index.condition is not None
    kinds, states = (value for _name, value in index.condition.children)
    assert kinds == "problem"
    assert set(states) == set(SHOWN)


def test_readers_in_a_hurry_wait(town: Town, call: Call, settings: Any) -> None:
    settings.OPEN311_RATE = 0
    response = call("services.xml")
    assert refusal(response, 429)
    assert response["Retry-After"]
