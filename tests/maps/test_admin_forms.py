"""What the forms of the administration take and refuse: geometries, choices, roles, endings."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grids.models import Assignment, Category, Checklist, Checkpoint, Grid, Membership, Person, Place, Region, Street
from grids.scope import scope_of
from patrols.models import HandoverItem
from patrols.succession import Plan, plan_handover, preview
from tests.maps.admin_rows import Rows, build_rows, edit, list_page, page
from tests.maps.route_cast import Cast, build_cast
from tests.town import FAR, NEAR, at

pytestmark = pytest.mark.django_db
Values = dict[str, Any]


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


def text_of(client: Client, address: str, values: Values) -> str:
    response = client.post(address, values)
    assert response.status_code == 200, "the form was taken"
    return response.content.decode()


def taken(response: Any) -> bool:
    assert response.status_code == 302, response.context and response.context.get("errors")
    return True


def inline(prefix: str, rows: list[Values] | None = None) -> Values:
    rows = rows or []
    found: Values = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        found |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return found


def place_form(geom: object, **more: object) -> Values:
    geometry = geom if isinstance(geom, str) else json.dumps(geom)
    return {"name": "新店", "kind": "shop", "source": "local", "source_id": "x1", "geom": geometry, **more}


POINT = {"type": "Point", "coordinates": [at(1.5, 1.5).x, at(1.5, 1.5).y]}
HOSTILE = {
    "nested": '{"type": "GeometryCollection", "geometries": ' + "[" * 3000 + "]" * 3000 + "}",
    "huge numbers": '{"type": "Point", "coordinates": [1e308, 1e308]}',
    "infinity": '{"type": "Point", "coordinates": [Infinity, 1]}',
    "not a number": '{"type": "Point", "coordinates": [NaN, 1]}',
    "swapped": '{"type": "Point", "coordinates": [40.8, 111.6]}',
    "bow tie": '{"type": "Polygon", "coordinates": [[[0,0],[1,1],[1,0],[0,1],[0,0]]]}',
    "text": "POINT(1 1)",
    "list": "[1, 2]",
    "wrong kind": '{"type": "MultiPoint", "coordinates": [[1, 1]]}',
    "no coordinates": '{"type": "Point"}',
    "many points": json.dumps({"type": "LineString", "coordinates": [[111 + n / 1e6, 40] for n in range(10_500)]}),
    "surrogate": '{"type": "\\ud800", "coordinates": [1, 1]}',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_geometry_is_refused_in_one_sentence(acting: Any, rows: Rows, text: str) -> None:
    seen = text_of(acting("adam"), reverse("admin:grids_place_add"), place_form(text))
    assert seen.count('class="errorlist"') == 1
    assert not Place.objects.filter(name="新店").exists()


def test_a_place_is_added_and_its_history_names_who_did_it(acting: Any, rows: Rows, cast: Cast) -> None:
    assert taken(acting("adam").post(reverse("admin:grids_place_add"), place_form(POINT)))
    place = Place.objects.get(name="新店")
    event = place.history.get()  # type: ignore[attr-defined]
    assert event.pgh_context["user"] == cast.people["adam"].pk
    assert event.pgh_context["url"] == "/admin/grids/place/add/"
    seen = acting("adam").get(page(place, "history")).content.decode()
    assert "新店" in seen
    assert "adam" in seen


@pytest.mark.parametrize("name", ["adam", "petra"])
def test_what_lies_outside_of_one_s_regions_cannot_be_placed(acting: Any, rows: Rows, name: str) -> None:
    elsewhere = {"type": "Point", "coordinates": [116.4, 39.9]} if name == "adam" else POINT
    seen = text_of(acting(name), reverse("admin:grids_place_add"), place_form(elsewhere))
    assert "errorlist" in seen
    assert not Place.objects.filter(name="新店").exists()


def test_an_untouched_outline_stays_to_the_last_digit(acting: Any, rows: Rows) -> None:
    street = rows.near["street"]
    Street.objects.filter(pk=street.pk).update(geom="SRID=4326;LINESTRING(111.671234567891 40.8211, 111.6722 40.8212)")
    before = Street.objects.get(pk=street.pk).geom.wkb
    form = acting("adam").get(page(street)).context["adminform"].form
    values = {"name": "改名", "kind": "alley", "geom": form["geom"].field.widget.format_value(form["geom"].value())}
    assert taken(edit(acting("adam"), page(street), values))
    after = Street.objects.get(pk=street.pk)
    assert (after.name, after.geom.wkb) == ("改名", before)


def checkpoint_form(region: Region, **more: object) -> Values:
    values = {"name": "新点", "type": "", "region": region.pk, "period_first": "2026-01-01", "geom": json.dumps(POINT)}
    return {**values, "source": "local", "source_id": "n1", **inline("assignments"), **inline("designations"), **more}


def test_a_checkpoint_lies_in_its_region_and_in_one_of_mine(acting: Any, rows: Rows) -> None:
    kind = rows.everywhere["checkpointtype"].pk
    add = reverse("admin:grids_checkpoint_add")
    far = Region.objects.get(code=f"{FAR}001")
    assert "errorlist" in text_of(acting("adam"), add, checkpoint_form(far, type=kind))  # not where it was drawn
    near = Region.objects.get(code=f"{NEAR}001")
    assert "errorlist" in text_of(acting("petra"), add, checkpoint_form(near, type=kind))  # not hers to choose
    owner = {"role": "owner", "person": Person.objects.get(username="bob").pk, "period_first": "2026-01-01"}
    values = checkpoint_form(near, type=kind, **inline("assignments", [owner]))
    assert taken(acting("adam").post(add, values))
    assert Assignment.objects.get(checkpoint__name="新点").person.username == "bob"  # type: ignore[union-attr]


def test_choices_end_where_the_regions_do(acting: Any, rows: Rows, cast: Cast) -> None:
    for name, sees in (("petra", {"mark-team-far"}), ("adam", {"mark-team-far", "mark-team-near"})):
        parameters = {"app_label": "grids", "model_name": "assignment", "field_name": "team", "term": "mark"}
        found = acting(name).get(reverse("admin:autocomplete"), parameters).json()["results"]
        assert {row["text"] for row in found} == sees
    dora = acting("dora").get(reverse("admin:autocomplete"), parameters)
    assert dora.status_code == 404


def test_an_end_before_the_beginning_and_no_beginning_are_said(acting: Any, rows: Rows) -> None:
    for days in (
        {"period_first": "2026-05-02", "period_last": "2026-05-01"},
        {"period_first": "", "period_last": "2026-05-01"},
    ):
        assert "errorlist" in text_of(acting("adam"), page(rows.near["assignment"]), days)
    values = {"period_first": "2025-01-01", "period_last": "2026-05-31"}
    assert taken(edit(acting("adam"), page(rows.near["assignment"]), values))
    ended = Assignment.objects.get(pk=rows.near["assignment"].pk).period.upper
    assert ended.isoformat() == "2026-06-01"  # the day after the last


def test_a_second_owner_is_refused_in_words(acting: Any, rows: Rows, cast: Cast) -> None:
    values = {
        "role": "owner",
        "period_first": "2026-01-01",
        "person": cast.people["bob"].pk,
        "grid": cast.town.grids[5].pk,
    }
    seen = text_of(acting("adam"), reverse("admin:grids_assignment_add"), values)
    assert "once_at_a_time" not in seen
    assert "errorlist" in seen


def membership_form(person: Person, role: str, region: Region) -> Values:
    return {"person": person.pk, "role": role, "region": region.pk, "period_first": "2026-01-01"}


def test_nobody_gives_a_role_elsewhere_or_to_themselves(acting: Any, rows: Rows, cast: Cast) -> None:
    add = reverse("admin:grids_membership_add")
    period = DateRange(timezone.localdate() - timedelta(days=9), None)
    near = Region.objects.get(code=NEAR)
    local = Person.objects.create_user("local_admin", "a-long-password", name="local")
    Membership.objects.create(person=local, role="admin", region=near, period=period)
    client = Client()
    client.force_login(local)
    far, district = Region.objects.get(code=FAR), Region.objects.get(code="150199")
    for person, role, region in (
        (cast.people["bob"], "leader", far),
        (cast.people["bob"], "admin", district),
        (local, "dispatcher", near),
        (cast.people["charlie"], "leader", near),
    ):
        text_of(client, add, membership_form(person, role, region))
    assert taken(client.post(add, membership_form(cast.people["bob"], "admin", near)))
    assert acting("paula").post(add, membership_form(cast.people["bob"], "planner", near)).status_code == 403
    assert set(local.memberships.values_list("role", flat=True)) == {"admin"}
    # Who may do more than I is not mine to change, nor am I.
    assert client.post(page(cast.people["paula"]), {}).status_code in {403, 404}
    assert client.post(page(local), {"name": "x"}).status_code == 403


def test_a_new_person_needs_a_role_and_gets_no_password(acting: Any, rows: Rows, cast: Cast) -> None:
    add = reverse("admin:grids_person_add")
    values = {"username": "neu", "name": "新人", "is_active": "on", **inline("skills"), **inline("availabilities")}
    assert "errorlist" in text_of(acting("adam"), add, {**values, **inline("memberships")})
    role = {"role": "volunteer", "region": Region.objects.get(code=NEAR).pk, "period_first": "2026-01-01"}
    assert taken(acting("adam").post(add, {**values, **inline("memberships", [role])}))
    person = Person.objects.get(username="neu")
    assert not person.has_usable_password()
    assert person.memberships.get().role == "volunteer"
    assert not person.is_staff


def test_somebody_who_leaves_stays_in_the_records(acting: Any, rows: Rows, cast: Cast) -> None:
    bob = cast.people["bob"]
    address = reverse("admin:grids_person_leave", args=[bob.pk])
    assert acting("paula").get(address).status_code == 403
    assert acting("petra").get(address).status_code == 404
    assert acting("adam").get(address).status_code == 200
    assert taken(acting("adam").post(address))
    bob.refresh_from_db()
    assert (bob.is_active, bob.tombstoned_at is not None) == (False, True)
    assert not Membership.objects.current().filter(person=bob).exists()
    assert not Assignment.objects.current().filter(person=bob).exists()
    assert Assignment.objects.filter(person=bob).exists()
    assert acting("adam").post(address).status_code == 403  # once


def test_who_leaves_may_have_handed_over_what_has_not_begun(acting: Any, rows: Rows, cast: Cast) -> None:
    bob, adam, today = cast.people["bob"], cast.people["adam"], timezone.localdate()
    coming = Assignment.objects.create(
        person=bob, grid=cast.town.grids[1], role="member", period=DateRange(today + timedelta(days=2), None)
    )
    plan = Plan(bob.pk, cast.town.alice.pk, today + timedelta(days=9), ("grids",))
    plan_handover(scope_of(adam), plan, uuid4(), preview(scope_of(adam), plan).fingerprint)
    assert HandoverItem.objects.filter(assignment=coming).exists()
    assert taken(acting("adam").post(reverse("admin:grids_person_leave", args=[bob.pk])))
    coming.refresh_from_db()
    assert coming.period.isempty


def test_rows_are_ended_and_only_a_mistake_is_deleted(acting: Any, rows: Rows, cast: Cast) -> None:
    adam, old = acting("adam"), rows.near["zone"]
    assert adam.post(page(old, "delete"), {"post": "yes"}).status_code == 403
    values = {"action": "end_today", "_selected_action": [old.pk, rows.far["zone"].pk]}
    assert taken(acting("petra").post(list_page(old), values))
    old.refresh_from_db()
    rows.far["zone"].refresh_from_db()
    assert old.period.upper is None  # not petra's
    assert rows.far["zone"].period.upper == timezone.localdate()
    old.period = DateRange(timezone.localdate(), None)
    old.save()
    assert taken(adam.post(page(old, "delete"), {"post": "yes"}))
    assert b"delete_selected" not in adam.get(list_page(rows.near["street"])).content


def test_what_something_hangs_on_is_not_deleted(acting: Any, rows: Rows) -> None:
    for name in ("building", "team", "region"):
        assert acting("adam").post(page(rows.near[name], "delete"), {"post": "yes"}).status_code == 403, name


def test_a_grid_s_outline_and_time_are_not_to_be_set(acting: Any, rows: Rows, cast: Cast) -> None:
    grid = cast.town.grids[5]
    values = {"name": "新名", "households": 9, "geom": json.dumps(POINT), "code": "1", "period_first": "2020-01-01"}
    values |= {"assignments-TOTAL_FORMS": 0, "assignments-INITIAL_FORMS": 0}
    assert taken(edit(acting("adam"), page(grid), values))
    after = Grid.objects.get(pk=grid.pk)
    assert (after.name, after.households, after.code, after.geom, after.period) == (
        "新名", 9, grid.code, grid.geom, grid.period,
    )  # fmt: skip


def test_a_grid_is_drawn_where_none_lies(acting: Any, rows: Rows, cast: Cast) -> None:
    near = Region.objects.get(code=f"{NEAR}001")
    add = reverse("admin:grids_grid_add")
    values = {"name": "新网格", "kind": "service", "region": near.pk, "period_first": "2026-01-01"}
    values |= {"assignments-TOTAL_FORMS": 0, "assignments-INITIAL_FORMS": 0, "code": f"{NEAR}001010"}
    taken_place = json.dumps({"type": "Polygon", "coordinates": cast.town.grids[5].geom.coords})
    assert "errorlist" in text_of(acting("paula"), add, {**values, "geom": taken_place})
    Grid.objects.filter(pk=cast.town.grids[5].pk).update(period=DateRange(date(2024, 1, 1), date(2025, 1, 1)))
    assert "errorlist" in text_of(acting("paula"), add, {**values, "geom": taken_place, "code": f"{FAR}001010"})
    assert taken(acting("paula").post(add, {**values, "geom": taken_place}))
    assert Grid.objects.get(name="新网格").geom.equals(cast.town.grids[5].geom)


def test_a_changed_category_is_a_new_row(acting: Any, rows: Rows, cast: Cast) -> None:
    old = cast.town.litter
    form = acting("adam").get(page(old)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    values = {name: value for name, value in values.items() if value is not False}
    assert taken(edit(acting("adam"), page(old), {**values, "limit_minutes": 90, "active": "on"}))
    old.refresh_from_db()
    new = Category.objects.get(code=old.code, active=True)
    assert (old.active, old.limit_minutes) == (False, 240)
    assert (new.pk != old.pk, new.limit_minutes, new.version) == (True, 90, "local-1")
    assert acting("adam").post(page(old), values).status_code == 403


def test_a_checklist_in_force_is_renewed_and_not_changed(acting: Any, rows: Rows) -> None:
    old = rows.everywhere["checklist"]
    assert acting("adam").post(page(old), {"valid_from": "2027-01-01"}).status_code == 403
    address = reverse("admin:grids_checklist_renew", args=[old.pk])
    assert acting("adam").get(address).status_code == 405
    assert acting("paula").post(address).status_code == 403
    assert taken(acting("adam").post(address))
    new = Checklist.objects.get(type=old.type, version=3)
    assert list(new.criteria.values_list("code", "name")) == [("1", "无垃圾")]


def test_who_puts_a_checkpoint_on_the_list_is_written_down(acting: Any, rows: Rows, cast: Cast) -> None:
    checkpoint = Checkpoint.objects.get(source_id="mark-checkpoint-five")
    values = {"checkpoint": checkpoint.pk, "period_first": timezone.localdate().isoformat()}
    assert taken(acting("paula").post(reverse("admin:grids_designation_add"), values))
    assert checkpoint.designations.get().designated_by == cast.people["paula"]


@pytest.mark.parametrize("value", ["x", "9" * 40, "1e3", "\0", "-", "None"])
def test_a_choice_that_is_no_key_chooses_nothing(acting: Any, rows: Rows, value: str) -> None:
    client, add = acting("adam"), reverse("admin:grids_membership_add")
    assert client.get(add, {"region": value, "person": value}).status_code == 200
    form = {"person": value, "role": "volunteer", "region": value, "period_first": "2026-01-01"}
    assert "errorlist" in text_of(client, add, form)


@pytest.mark.parametrize("query", ["period=x", "geom=x", "aliases=x", "name=a", "region__code=1", "kind=%00"])
def test_a_list_takes_only_what_its_filters_ask(acting: Any, rows: Rows, query: str) -> None:
    for kind in ("zone", "place"):
        answer = acting("adam").get(f"{list_page(rows.near[kind])}?{query}")
        assert answer.status_code in {302, 400}, query
    assert acting("adam").get(f"{list_page(rows.near['zone'])}?kind__exact=core").status_code == 200


def test_a_day_after_which_there_is_none_is_refused(acting: Any, rows: Rows, cast: Cast) -> None:
    form = {"role": "volunteer", "person": cast.people["bob"].pk, "region": Region.objects.get(code=NEAR).pk}
    days = {"period_first": "2026-01-01", "period_last": "9999-12-31"}
    assert "errorlist" in text_of(acting("adam"), reverse("admin:grids_membership_add"), form | days)


@pytest.mark.parametrize("query", ["until=0001-01-01", "until=9999-12-31", "since=0001-01-01", "since=\0"])
@pytest.mark.parametrize("page_of", ["changes", "changes_csv"])
def test_days_outside_of_every_history_are_said(acting: Any, rows: Rows, page_of: str, query: str) -> None:
    answer = acting("adam").get(f"{reverse(f'admin:{page_of}')}?{query}")
    assert answer.status_code == 200
    if page_of == "changes":
        assert answer.context["wanted"].problem
    else:
        assert b"".join(answer.streaming_content)


def place_values(place: Place, **more: object) -> Values:
    return {**place_form(POINT), "source": place.source, "source_id": place.source_id, **more}


@pytest.mark.parametrize("meanwhile", ["page", "command"])
def test_who_saves_second_is_told_so_and_overwrites_nothing(acting: Any, rows: Rows, meanwhile: str) -> None:
    place = rows.near["place"]
    first, second = acting("adam"), acting("paula")
    opened = second.get(page(place)).context["seen"]
    if meanwhile == "page":
        assert taken(edit(first, page(place), place_values(place, name="甲改")))
    else:
        Place.objects.filter(pk=place.pk).update(name="甲改")
    values = place_values(place, name="乙改", _seen=opened)
    told = text_of(second, page(place), values)
    assert "他人已更改" in told
    assert 'value="乙改"' in told  # what was written is not lost
    assert "他人已更改" in text_of(second, page(place), values)  # sending it again does not help
    assert Place.objects.get(pk=place.pk).name == "甲改"
    assert taken(edit(second, page(place), values))
    assert Place.objects.get(pk=place.pk).name == "乙改"


def test_a_form_that_does_not_say_when_it_was_opened_is_refused(acting: Any, rows: Rows) -> None:
    place = rows.near["place"]
    assert "他人已更改" in text_of(acting("adam"), page(place), place_values(place, name="x"))


def test_a_change_of_a_row_below_counts_too(acting: Any, rows: Rows, cast: Cast) -> None:
    grid = cast.town.grids[5]
    values = {"name": "新名", "households": 9, **inline("assignments")}
    adam = acting("adam")
    opened = adam.get(page(grid)).context["seen"]
    Assignment.objects.filter(grid=cast.town.grids[1]).update(role="deputy")
    Assignment.objects.filter(grid=grid).update(role="member")
    assert "他人已更改" in text_of(adam, page(grid), {**values, "_seen": opened})
    other = cast.town.grids[2]
    opened = adam.get(page(other)).context["seen"]
    Assignment.objects.filter(grid=grid).update(role="deputy")
    assert taken(adam.post(page(other), {**values, "_seen": opened}))
