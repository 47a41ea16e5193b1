"""The pages of bringing in lists."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from grids import jobs
from grids.lists import content
from grids.models import Checkpoint, ListImport, Membership, Outbox, Person, Region
from grids.models.lists import ListState, RowState
from tests.grids.list_files import bomb, protected, workbook
from tests.grids.list_town import NAMED, row, spot, take_in
from tests.town import DISTRICT, FAR, NEAR, Town

SignIn = Callable[[str], Client]
HTML = b"<html><table><tr><td>1</td></tr></table></html>"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def paula(as_person: SignIn) -> Client:
    client = as_person("paula")
    client.cookies["django_language"] = "en"
    return client


def upload(client: Client, data: bytes, name: str = "台账.xlsx", **more: str) -> Any:
    form = {"kind": "checkpoints", "region": DISTRICT, "file": SimpleUploadedFile(name, data), **more}
    return client.post("/imports/", form)


def test_a_file_becomes_a_list_and_leads_to_its_columns(town: Town, as_person: SignIn) -> None:
    answer = upload(paula(as_person), workbook([NAMED, row("西口")]))
    listed = ListImport.objects.get()
    assert answer["Location"] == f"/imports/{listed.pk}/columns/"
    assert (listed.name, listed.person, listed.region.code) == ("台账", town.paula, DISTRICT)


def test_the_copy_of_a_file_has_the_name_of_the_file(town: Town, as_person: SignIn) -> None:
    upload(paula(as_person), workbook([NAMED, row("西口")]), "点位台账 - 副本(2).xlsx")
    assert ListImport.objects.get().name == "点位台账"


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "台账.xlsx", "empty"),
        (HTML, "台账.xls", "web page"),
        (protected(), "台账.xlsx", "password"),
        (bomb(60), "台账.xlsx", "too large"),
        (b"PK\x03\x04", "台账.xlsx", "damaged"),
        (workbook([NAMED]), "台账.xlsx", "no row"),
    ],
    ids=["empty", "html", "password", "bomb", "damaged", "headings"],
)
def test_what_is_no_list_is_one_sentence_and_leaves_nothing(
    town: Town, as_person: SignIn, data: bytes, name: str, words: str
) -> None:
    answer = upload(paula(as_person), data, name)
    assert answer.status_code == 422
    assert words in answer.context["problem"]
    assert 'role="alert"' in answer.content.decode()
    assert not ListImport.objects.exists()


def test_a_hundred_megabytes_are_refused_without_being_read(town: Town, as_person: SignIn) -> None:
    client = paula(as_person)
    answer = client.generic(
        "POST", "/imports/", b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(100 << 20)
    )
    assert answer.status_code == 413
    assert "20 MB" in answer.content.decode()


def test_a_file_just_above_the_limit_is_refused(town: Town, as_person: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maps.pages.imports.MOST_BYTES", 1000)
    assert upload(paula(as_person), b"x" * 1001).status_code == 422
    assert content.MOST_BYTES == 20 << 20


def test_a_form_without_its_token_is_refused(town: Town) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.paula)
    assert upload(client, workbook([NAMED, row("西口")])).status_code == 403
    assert not ListImport.objects.exists()


@pytest.mark.parametrize(("field", "value"), [("region", "999999"), ("region", ""), ("kind", "residents")])
def test_a_region_or_kind_that_is_not_offered_is_refused(town: Town, as_person: SignIn, field: str, value: str) -> None:
    assert upload(paula(as_person), workbook([NAMED, row("西口")]), **{field: value}).status_code == 422


def test_lists_of_one_name_are_told_apart_by_their_file(town: Town, as_person: SignIn) -> None:
    client = paula(as_person)
    for name in ("台账.csv", "台账.xlsx"):
        take_in(town, [row("甲")], name=name)
    html = client.get("/imports/").content.decode()
    assert "台账.csv" in html
    assert "台账.xlsx" in html


def test_who_plans_a_part_is_offered_that_part_only(town: Town, as_person: SignIn) -> None:
    Membership.objects.filter(person=town.paula).update(region=Region.objects.get(code=FAR))
    answer = paula(as_person).get("/imports/")
    assert [region["code"] for region in answer.context["regions"]] == [FAR, f"{FAR}001"]
    assert upload(paula(as_person), workbook([NAMED, row("西口")]), region=NEAR).status_code == 422


def test_unfinished_lists_are_found_again_with_what_is_left(town: Town, as_person: SignIn) -> None:
    take_in(town, [row("西口"), row("东口", None)])
    (entry,) = paula(as_person).get("/imports/").context["open"]
    assert entry["summary"] == "2 rows · 1 ready · 1 without a place"
    assert as_person("paula").get(entry["url"])["Location"].endswith("/columns/")


def test_the_columns_show_what_was_guessed_and_take_what_is_said(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("西口")])
    client = paula(as_person)
    url = f"/imports/{listed.pk}/columns/"
    shown = client.get(url).context["columns"]
    assert [column["field"] for column in shown] == ["name", "type", "lon", "lat", "owner"]
    form = {"name": "新名字", "crs": "gcj02", "column-0": "name", "column-1": "type", "swapped": ""}
    assert client.post(url, form)["Location"] == f"/imports/{listed.pk}/rows/"
    listed.refresh_from_db()
    assert (listed.mapping, listed.name, listed.options["crs"]) == ({"name": 0, "type": 1}, "新名字", "gcj02")


def test_two_columns_cannot_mean_the_same(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("西口")])
    form = {"name": "x", "crs": "wgs84", "column-0": "name", "column-1": "name"}
    answer = paula(as_person).post(f"/imports/{listed.pk}/columns/", form)
    assert answer.status_code == 422
    assert "cannot both be" in answer.context["problem"]


def test_a_missing_required_column_is_named_and_can_be_one_value_for_all(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [["甲", *spot(1, 1)]], ("点位名称", "经度", "纬度"))
    client = paula(as_person)
    url = f"/imports/{listed.pk}/columns/"
    assert [str(label) for label in client.get(url).context["missing"]] == ["type"]
    form = {"name": "x", "crs": "wgs84", "column-0": "name", "column-1": "lon", "column-2": "lat"}
    client.post(url, {**form, "constant-type": "market"})
    assert listed.rows.get().state == RowState.READY


def test_the_map_shows_where_rows_would_be_and_changes_nothing(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("西口"), row("外", 40)])
    client = paula(as_person)
    straight = client.get(f"/imports/{listed.pk}/points.json?crs=wgs84").json()
    shifted = client.get(f"/imports/{listed.pk}/points.json?crs=gcj02").json()
    assert (straight["count"], straight["inside"], straight["outside"]) == (2, 1, 1)
    assert straight["points"][0]["lon"] == pytest.approx(spot(1.5, 1.5)[0])
    assert not shifted["points"] or shifted["points"][0]["lon"] != straight["points"][0]["lon"]
    listed.refresh_from_db()
    assert "crs" not in listed.options
    assert client.get(f"/imports/{listed.pk}/points.json?crs=mars").status_code == 404


def test_a_problem_stands_at_its_cell_in_words(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("西口", kind="菜场"), row("东口")])
    answer = paula(as_person).get(f"/imports/{listed.pk}/rows/")
    assert answer.context["only"] == "problem"
    (shown,) = answer.context["rows"]
    cell = shown["cells"][1]
    assert cell["field"] == "type"
    assert "“菜场” is no type of checkpoint" in cell["problems"][0]["text"]
    page = answer.content.decode()
    assert re.search(
        r'class="has-problem bad">\s*<span class="cell-text">菜场</span>\s*<p class="cell-problem bad">“菜场”', page
    )


def test_an_owner_nobody_knows_is_chosen_from_who_works_there(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("甲", owner="王不存在"), row("乙", 2.5, owner=town.alice.name)])
    client = paula(as_person)
    html = client.get(f"/imports/{listed.pk}/rows/?only=problem").content.decode()
    assert 'list="owners"' in html
    assert f'<option value="{town.alice.name}">alice</option>' in html
    Person.objects.filter(username="bob").update(name=town.alice.name)
    html = client.get(f"/imports/{listed.pk}/rows/?only=problem").content.decode()
    assert f'<option value="alice">{town.alice.name}</option>' in html
    assert "owners" not in client.get(f"/imports/{listed.pk}/rows/?only=new").content.decode()


def test_rows_can_be_filtered_and_paged(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row(f"点{index}", 0.5 + index / 100) for index in range(60)] + [row("无", None)])
    client = paula(as_person)
    assert len(client.get(f"/imports/{listed.pk}/rows/?only=").context["rows"]) == 50
    assert len(client.get(f"/imports/{listed.pk}/rows/?only=&page=2").context["rows"]) == 11
    assert [each["number"] for each in client.get(f"/imports/{listed.pk}/rows/?only=unplaced").context["rows"]] == [62]


def test_a_cell_is_corrected_wherever_it_stands(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("甲", kind="菜场"), row("乙", kind="菜场")])
    form = {"do": "correct", "column": "1", "value": "农贸市场", "everywhere": "1"}
    paula(as_person).post(f"/imports/{listed.pk}/rows/2/", form)
    assert set(listed.rows.values_list("state", flat=True)) == {RowState.READY}


def test_what_is_as_corrected_last_time_is_shown_and_taken_back(town: Town, as_person: SignIn) -> None:
    client = paula(as_person)
    form = {"do": "correct", "column": "1", "value": "农贸市场", "everywhere": "1"}
    client.post(f"/imports/{take_in(town, [row('甲', kind='菜场')]).pk}/rows/2/", form)
    listed = take_in(town, [row("乙", kind="菜场"), row("丙")])
    for step in ("columns", "rows", "places", "finish"):
        assert "?only=corrected" in client.get(f"/imports/{listed.pk}/{step}/").content.decode()
    rows = f"/imports/{listed.pk}/rows/"
    shown = client.get(f"{rows}?only=corrected").content.decode()
    assert "as corrected last time" in shown
    assert "the file says “菜场”" in shown
    assert [each["number"] for each in client.get(f"{rows}?only=corrected").context["rows"]] == [2]
    answer = client.post(f"{rows}2/", {"do": "take-back", "column": "1", "only": "corrected"}, follow=True)
    assert "1 cells say again what the file says" in answer.content.decode()
    assert answer.context["rows"] == []
    after = client.get(f"{rows}?only=").content.decode()
    assert "?only=corrected" not in after
    assert "菜场" in after


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "drop"},
        {"do": "correct", "column": "x"},
        {"do": "correct"},
        {"do": "take-back"},
        {"do": "take-back", "column": "-1"},
    ],
)
def test_an_order_nobody_knows_is_not_found(town: Town, as_person: SignIn, form: dict[str, str]) -> None:
    listed = take_in(town, [row("甲")])
    assert paula(as_person).post(f"/imports/{listed.pk}/rows/2/", form).status_code == 404


def test_the_queue_places_leaves_out_and_takes_back(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("甲", None), row("乙", None), row("丙")])
    client = paula(as_person)
    page = client.get(f"/imports/{listed.pk}/places/")
    assert [each["number"] for each in page.context["queue"]] == [2, 3]

    def put(number: int, **body: object) -> Any:
        return client.post(f"/imports/{listed.pk}/places/{number}/", body, content_type="application/json")

    lon, lat = spot(0.5, 0.5)
    answer = put(2, lon=lon, lat=lat, label="西市场").json()
    assert (answer["done"], answer["label"], answer["unplaced"]) == (True, "西市场", 1)
    assert put(3, skip="已拆除").json()["skipped"] is True
    assert client.get(f"/imports/{listed.pk}/places/").context["done"] == 2
    assert put(3, back=True).json()["done"] is False
    assert listed.rows.get(number=2).state == RowState.READY
    assert listed.rows.get(number=3).state == RowState.UNPLACED


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"lon": "x", "lat": 1}',
        '{"lon": 1e9, "lat": 0}',
        '{"lon": 116.4, "lat": 39.9}',
        '{"lon": true, "lat": true}',
        "{" * 3000,
        "[" * 3000,
    ],
)
def test_a_place_that_is_none_is_one_sentence(town: Town, as_person: SignIn, body: str) -> None:
    listed = take_in(town, [row("甲", None), row("乙")])
    url = f"/imports/{listed.pk}/places/2/"
    answer = paula(as_person).post(url, body, content_type="application/json")
    assert answer.status_code == 422
    assert json.loads(answer.content)["detail"]
    assert listed.rows.get(number=2).pin is None


def test_what_is_said_of_a_row_holds_only_what_can_be_kept(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("甲", None), row("乙", None)])
    client, (lon, lat) = paula(as_person), spot(0.5, 0.5)
    for number, body in ((2, {"lon": lon, "lat": lat, "label": "a\0b\ud800"}), (3, {"skip": "a\0\ud800\nb"})):
        url = f"/imports/{listed.pk}/places/{number}/"
        assert client.post(url, json.dumps(body), content_type="application/json").status_code == 200
    pins = [each.pin for each in listed.rows.order_by("number")]
    assert (pins[0]["label"], pins[1]["reason"]) == ("ab", "a b")  # type: ignore[index]
    client.post(f"/imports/{listed.pk}/rows/2/", {"do": "leave-out", "reason": "x\0y"})
    assert listed.rows.get(number=2).pin == {"by": "skip", "reason": "xy"}


@pytest.mark.parametrize("value", ["owner of everything", "a\0b", "9" * 80])
def test_a_value_for_all_rows_that_fits_no_field_is_a_problem_of_the_rows(
    town: Town, as_person: SignIn, value: str
) -> None:
    listed = take_in(town, [["王芳", NEAR + "001"]], ("姓名", "所属社区"), kind="people")
    form = {"column-0": "name", "column-1": "community", "crs": "wgs84", "name": "名单", "constant-role": value}
    assert paula(as_person).post(f"/imports/{listed.pk}/columns/", form).status_code == 302
    listed.refresh_from_db()
    assert (listed.result or {})["problem"] == 1


def test_the_end_shows_what_would_change_and_brings_it_in(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("甲", owner="柳芸"), row("乙", 2.5)])
    client = paula(as_person)
    url = f"/imports/{listed.pk}/finish/"
    confirmed = client.get(url).context["confirmed"]
    assert json.loads(confirmed)["new"] == 2
    assert client.post(url, {"confirmed": confirmed}).status_code == 302
    assert 'data-job="' in client.get(url).content.decode()
    jobs.run(str(Outbox.objects.get(topic=jobs.TOPIC).pk))
    done = client.get(url)
    assert done.context["summary"] == "2 new, 0 changed, 0 unchanged, 0 left out"
    assert done.context["can_undo"]
    assert "Nobody answers for 1 of them." in done.content.decode()
    brought = client.get(f"/imports/{listed.pk}/brought.json").json()["points"]
    assert [(point["name"], round(point["lon"], 6)) for point in brought] == [
        ("甲", spot(1.5, 1.5)[0]),
        ("乙", spot(2.5, 1.5)[0]),
    ]
    client.post(f"/imports/{listed.pk}/undo/")
    assert client.get(f"/imports/{listed.pk}/brought.json").json() == {"points": []}
    assert not Checkpoint.objects.filter(source=listed.source).exists()
    assert ListImport.objects.get().state == ListState.UNDONE


def test_numbers_that_were_not_seen_are_not_confirmed(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("甲")])
    url = f"/imports/{listed.pk}/finish/"
    for confirmed in ("", "[]", '{"new": 9}', "[" * 1000):
        assert paula(as_person).post(url, {"confirmed": confirmed}).status_code == 409
    assert not Outbox.objects.filter(topic=jobs.TOPIC).exists()


def test_a_list_is_given_up(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("甲")])
    assert paula(as_person).post(f"/imports/{listed.pk}/discard/")["Location"] == "/imports/"
    assert not ListImport.objects.exists()


def test_downloads_are_saved_and_not_shown(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("=1+1", kind="?")])
    client = paula(as_person)
    for address in ("problems.csv", "problems.xlsx"):
        answer = client.get(f"/imports/{listed.pk}/{address}")
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert "'=1+1" in client.get(f"/imports/{listed.pk}/problems.csv").content.decode("utf-8-sig")


def test_pages_cost_the_same_with_few_and_many_rows(town: Town, as_person: SignIn) -> None:
    client = paula(as_person)

    def cost(count: int) -> list[int]:
        listed = take_in(town, [row(f"点{index}", None if index % 3 else 0.5) for index in range(count)])
        counts = []
        for step in ("columns", "rows", "places"):
            client.get(f"/imports/{listed.pk}/{step}/")
            with CaptureQueriesContext(connection) as captured:
                client.get(f"/imports/{listed.pk}/{step}/")
            counts.append(len(captured))
        return counts

    few = cost(4)
    assert cost(45) == few
    assert max(few) <= 12


def test_a_list_of_somebody_else_is_a_page_that_is_not_there(town: Town, as_person: SignIn) -> None:
    listed = take_in(town, [row("甲", None)])
    Membership.objects.filter(person=town.dora).update(role="planner")
    client = as_person("dora")
    for step in ("", "columns/", "rows/", "places/", "finish/"):
        answer = client.get(f"/imports/{listed.pk}/{step}")
        assert answer.status_code == 404
        assert answer["Content-Type"].startswith("text/html")
    assert client.get(f"/imports/{listed.pk}/places/2/").json()["status"] == 404
