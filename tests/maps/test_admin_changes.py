"""The pages of history: who changed what, scoped, filtered, and as a table that no spreadsheet runs."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from grids.formulas import harmless
from grids.history import attributed
from grids.models import Building, Checkpoint, CheckpointType, Grid, Membership, Person, Region, Skill
from tests.maps.admin_rows import Rows, build_rows, list_page, page
from tests.maps.route_cast import Cast, build_cast
from tests.town import NEAR, at, box

pytestmark = pytest.mark.django_db
CHANGES = "/admin/changes/"


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


@pytest.fixture
def rows(cast: Cast) -> Rows:
    return build_rows(cast)


@pytest.fixture
def acting(cast: Cast) -> Callable[[str], Client]:
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(cast.people[name])
        return client

    return sign_in


def shown(response: Any) -> list[tuple[str, str, str, str]]:
    assert response.status_code == 200
    found = [row["change"] for row in response.context["changes"]]
    return [(change.label, str(change.model._meta.model_name), change.title, change.who) for change in found]


def rename(grid: Grid, name: str, **who: object) -> None:
    with attributed(**who):
        Grid.objects.filter(pk=grid.pk).update(name=name)


def test_a_change_shows_before_and_after_in_the_reader_s_words(acting: Any, rows: Rows, cast: Cast) -> None:
    stairwell = rows.near["stairwell"]
    with attributed(user=cast.people["paula"].pk, url="/admin/x/"):
        stairwell.households = 12
        stairwell.geom = Point(at(1.6, 1.6).x, at(1.6, 1.6).y, srid=4326)
        stairwell.save()
    seen = acting("adam").get(page(stairwell, "history"))
    newest = seen.context["changes"][0]
    parts = {part.name: (part.before, part.after) for part in newest["change"].differences}
    with translation.override("zh-hans"):
        names = {str(stairwell._meta.get_field(name).verbose_name) for name in ("households", "geom")}
    assert set(parts) == names
    assert ("—", "12") in parts.values()
    assert newest["change"].who == "潘越"
    assert newest["person_link"] == page(cast.people["paula"])
    assert "/admin/x/" in seen.content.decode()


def test_references_are_shown_by_name(acting: Any, rows: Rows, cast: Cast) -> None:
    team = rows.near["team"]
    team.region = Region.objects.get(code=NEAR)
    team.save()
    change = acting("adam").get(page(team, "history")).context["changes"][0]["change"]
    assert [(part.before, part.after) for part in change.differences] == [(f"{NEAR}001区", f"{NEAR}区")]


def test_recent_changes_are_those_of_my_regions(acting: Any, rows: Rows, cast: Cast) -> None:
    rename(cast.town.grids[5], "改近", user=cast.people["adam"].pk)
    rename(cast.town.far_grid, "改远", task="split")
    seen = {row[2] for row in shown(acting("petra").get(CHANGES, {"table": "grid"}))}
    assert "改远" in seen
    assert "改近" not in seen
    assert next(row[3] for row in shown(acting("petra").get(CHANGES, {"table": "grid"}))).count("split") == 1
    all_of_them = {row[1] for row in shown(acting("petra").get(CHANGES))}
    assert "membership" not in all_of_them
    text = acting("petra").get(CHANGES).content.decode()
    assert "-near" not in text


def test_filters_by_person_table_and_days(acting: Any, rows: Rows, cast: Cast) -> None:
    rename(cast.town.grids[1], "甲", user=cast.people["adam"].pk)
    rename(cast.town.grids[2], "乙", user=cast.people["paula"].pk)
    adam = acting("adam")
    assert [row[2] for row in shown(adam.get(CHANGES, {"person": "paula"}))] == ["乙"]
    assert {row[1] for row in shown(adam.get(CHANGES, {"table": "zone"}))} == {"zone"}
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    assert shown(adam.get(CHANGES, {"until": yesterday})) == []
    assert shown(adam.get(CHANGES, {"person": "nobody"})) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "2026-13-40"},
        {"since": "x"},
        {"since": "2026-05-02", "until": "2026-05-01"},
        {"since": "2020-01-01"},
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(acting: Any, rows: Rows, asked: dict[str, str]) -> None:
    assert b'role="alert"' in acting("adam").get(CHANGES, asked).content


def test_a_deleted_row_is_still_told_of(acting: Any, rows: Rows, cast: Cast) -> None:
    checkpoint = Checkpoint.objects.get(source_id="mark-checkpoint-one")
    checkpoint.delete()
    first = shown(acting("adam").get(CHANGES, {"table": "checkpoint"}))[0]
    assert (first[0], first[2]) == ("delete", "mark-checkpoint-one")


def test_how_to_reach_somebody_is_in_no_history(acting: Any, rows: Rows, cast: Cast) -> None:
    cast.people["bob"].phone = "13912345678"
    cast.people["bob"].save()
    for address in (page(cast.people["bob"], "history"), CHANGES, "/admin/changes.csv"):
        response = acting("adam").get(address)
        seen = b"".join(response) if response.streaming else response.content
        assert b"13912345678" not in seen
    assert "contact" in {row[0] for row in shown(acting("adam").get(page(cast.people["bob"], "history")))}


def test_the_table_has_a_line_for_every_column_and_runs_nothing(acting: Any, rows: Rows, cast: Cast) -> None:
    rename(cast.town.grids[1], "=HYPERLINK(1)", user=cast.people["adam"].pk)
    response = acting("adam").get("/admin/changes.csv", {"table": "grid", "person": "adam"})
    text = b"".join(response).decode("utf-8-sig")
    head, line = list(csv.reader(io.StringIO(text)))
    assert len(head) == len(line) == 9
    assert line[1] == "adam"
    assert "'=HYPERLINK(1)" in line[7]
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_that_would_be_run_is_shown(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("第1网格") == "第1网格"


def many(count: int) -> None:
    region = Region.objects.get(code=f"{NEAR}001")
    period = DateRange(timezone.localdate() - timedelta(days=9), None)
    area = box(0, 0, 1, 1)
    area.srid = 4326
    kind = CheckpointType.objects.get(code="market")
    Building.objects.bulk_create(
        Building(source_id=f"m{number}", name=f"楼{number}", region=region, geom=area) for number in range(count)
    )
    Checkpoint.objects.bulk_create(
        Checkpoint(source_id=f"m{number}", name=f"点{number}", type=kind, region=region, geom=at(1, 1), period=period)
        for number in range(count)
    )
    people = Person.objects.bulk_create(
        Person(username=f"p{number}", name=f"人{number}", password="!") for number in range(count)
    )
    Membership.objects.bulk_create(
        Membership(person=person, role="volunteer", region=region, period=period) for person in people
    )
    Skill.objects.bulk_create(Skill(person=person, code="x") for person in people)


def test_lists_of_two_hundred_rows_cost_what_short_ones_do(acting: Any, rows: Rows) -> None:
    adam = acting("adam")
    addresses = [list_page(row) for row in rows.near.values()] + [CHANGES]

    def cost() -> dict[str, int]:
        found = {}
        for address in addresses:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert adam.get(address).status_code == 200
            found[address] = len(queries)
        return found

    cost()
    before = cost()
    many(200)
    after = cost()
    assert all(after[address] <= before[address] + 2 for address in addresses), (before, after)
    assert max(after[address] for address in addresses if address != CHANGES) <= 12
    assert after[CHANGES] <= 40


def test_a_choice_among_many_reads_a_page_of_them(acting: Any, rows: Rows) -> None:
    many(200)
    parameters = {"app_label": "grids", "model_name": "assignment", "field_name": "person", "term": "人"}
    adam = acting("adam")
    with CaptureQueriesContext(connection) as queries:
        found = adam.get(reverse("admin:autocomplete"), parameters).json()
    assert len(found["results"]) == 20
    assert found["pagination"]["more"]
    assert len(queries) <= 8, [query["sql"][:120] for query in queries]


def test_a_name_beyond_ones_regions_and_none_at_all_are_answered_the_same(acting: Any, rows: Rows, cast: Cast) -> None:
    rename(cast.town.grids[5], "那边", user=cast.people["dora"].pk)
    reader = acting("petra")

    def asked(name: str) -> tuple[str, bytes]:
        page = reader.get(f"{CHANGES}?person={name}").content.decode().replace(name, "NAME")
        page = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)
        return page, b"".join(reader.get(f"/admin/changes.csv?person={name}").streaming_content)

    there, nowhere = asked("dora"), asked("dory")
    assert there == nowhere
    assert "“NAME”" in there[0]
    rename(cast.town.far_grid, "这边", user=cast.people["dora"].pk)
    assert [row[2] for row in shown(reader.get(f"{CHANGES}?person=dora"))] == ["这边"]
