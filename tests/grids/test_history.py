"""History: written by the database for every kind of write, with who made it, and not to be changed by anybody."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pghistory
import pytest
from django.contrib.gis.geos import MultiPolygon
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from grids.catalogue import load_categories, load_checkpoint_types, local_edition
from grids.history import HistoryMiddleware, attributed, changed_by_people
from grids.models import Assignment, Building, Category, CheckpointType, Grid, Person, Region, Skill, Team
from tests.grids.test_catalogue import ENTRY
from tests.town import Town, box

pytestmark = pytest.mark.django_db


def events(row: Any) -> list[Any]:
    return list(row.history.order_by("pgh_id"))


def who(event: Any) -> dict[str, Any] | None:
    """Who made a change, without the id of what belongs together."""
    context = event.pgh_context
    return context and {key: value for key, value in context.items() if key != "id"}


def labels(row: Any) -> list[str]:
    return [event.pgh_label for event in events(row)]


def test_adding_changing_and_deleting_are_written_down_with_the_values(town: Town) -> None:
    skill = Skill.objects.create(person=town.bob, code="first-aid")
    skill.code = "crane"
    skill.save()
    key = skill.pk
    skill.delete()
    kept = [(event.pgh_label, event.code) for event in events(Skill(pk=key))]
    assert kept == [("insert", "first-aid"), ("update", "crane"), ("delete", "crane")]


def test_what_changes_nothing_is_not_written_down(town: Town) -> None:
    grid = town.grids[1]
    Grid.objects.filter(pk=grid.pk).update(name=grid.name)
    assert labels(grid) == ["insert"]


def test_bulk_writes_and_raw_sql_are_written_down_too(town: Town) -> None:
    Grid.objects.filter(region=town.grids[1].region).update(households=7)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE grids_grid SET name = name || '甲' WHERE households = 7")
    assert all(labels(grid) == ["insert", "update", "update"] for grid in town.grids.values())
    assert labels(town.far_grid) == ["insert"]
    area = box(0, 0, 1, 1)
    area.srid = 4326
    Building.objects.bulk_create(Building(source_id=str(number), geom=area) for number in range(3))
    assert [labels(row) for row in Building.objects.all()] == [["insert"]] * 3


def test_an_outline_is_kept_as_it_was(town: Town) -> None:
    region = Region.objects.get(code="150199001001")
    before = region.geom.clone()
    region.geom = MultiPolygon(box(0, 0, 4, 3), srid=4326)
    region.name = "新名"
    region.save()
    first, second = events(region)
    assert first.geom.equals_exact(before)
    assert second.name == "新名"


def test_a_password_and_how_to_reach_somebody_are_not_kept_but_that_they_changed_is(town: Town) -> None:
    bob = town.bob
    bob.set_password("another-long-password")
    bob.save()
    bob.phone = "13900000000"
    bob.email = "bob@example.org"
    bob.save()
    Person.objects.filter(pk=bob.pk).update(last_login=timezone.now())
    assert labels(bob) == ["insert", "password", "contact"]
    columns = {column.name for column in type(events(bob)[0])._meta.concrete_fields}
    assert not columns & {"password", "phone", "email", "last_login", "is_superuser"}


def guarded() -> Iterator[str]:
    for model in pghistory.core.event_models():
        yield model._meta.db_table


def test_every_table_of_history_is_guarded_against_every_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled = 'A'"
        )
        found = {name for (name,) in cursor.fetchall()}
    assert found == set(guarded())
    assert len(found) >= 25


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grids_gridevent SET name = 'x'",
        "UPDATE grids_gridevent SET pgh_context = NULL WHERE false",
        "DELETE FROM grids_gridevent",
        "TRUNCATE grids_gridevent",
        "INSERT INTO grids_gridevent SELECT * FROM grids_gridevent ON CONFLICT (pgh_id) DO UPDATE SET name = 'x'",
        "SET LOCAL pgtrigger.ignore = '{append_only}'; DELETE FROM grids_gridevent",
    ],
)
def test_nobody_rewrites_history(town: Town, statement: str) -> None:
    count = type(events(town.grids[1])[0]).objects.count()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert type(events(town.grids[1])[0]).objects.count() == count


def test_deleting_a_row_leaves_its_history(town: Town) -> None:
    team = Team.objects.create(code="t", name="队", level=1, region=town.grids[1].region)
    key = team.pk
    team.delete()
    assert labels(Team(pk=key)) == ["insert", "delete"]


def test_a_block_names_who_made_the_change(town: Town) -> None:
    grid = town.grids[2]
    with attributed(task="handover", user=town.dora.pk):
        Grid.objects.filter(pk=grid.pk).update(name="乙")
    Grid.objects.filter(pk=grid.pk).update(name="丙")
    _first, named, unnamed = events(grid)
    assert who(named) == {"task": "handover", "user": town.dora.pk}
    assert unnamed.pgh_context is None


def test_the_name_holds_for_bare_per_cent_signs_named_parameters_and_many_sets(town: Town) -> None:
    first, second, third = (town.grids[number] for number in (1, 2, 3))
    with attributed(task="raw"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE grids_grid SET name = '5%' WHERE id = {first.pk} AND name LIKE '%网格'")  # noqa: S608
        assert cursor.rowcount == 1
        cursor.execute(
            "UPDATE grids_grid SET name = %(name)s WHERE id = %(id)s RETURNING id", {"name": "x", "id": second.pk}
        )
        assert cursor.fetchall() == [(second.pk,)]
        cursor.executemany("UPDATE grids_grid SET name = %s WHERE id = %s", [("y", third.pk), ("z", town.far_grid.pk)])
    for grid in (first, second, third, town.far_grid):
        assert who(events(grid)[-1]) == {"task": "raw"}, grid


def test_rolling_back_part_of_a_block_does_not_lose_the_name(town: Town) -> None:
    grid = town.grids[4]
    with attributed(task="twice"):
        with contextlib.suppress(DatabaseError), transaction.atomic():
            Grid.objects.filter(pk=grid.pk).update(name="甲")
            Grid.objects.filter(pk=grid.pk).update(code="x")
        Grid.objects.filter(pk=grid.pk).update(name="乙")
    assert [who(event) for event in events(grid)[1:]] == [{"task": "twice"}]


def test_a_request_that_writes_names_its_person_and_address_and_one_that_reads_does_nothing(town: Town) -> None:
    grid = town.grids[5]

    def view(request: Any) -> Any:
        Grid.objects.filter(pk=grid.pk).update(name=request.method)
        return None

    for method in ("get", "post"):
        request = getattr(RequestFactory(), method)("/somewhere/")
        request.user = town.dora
        HistoryMiddleware(view)(request)
    read, posted = events(grid)[1:]
    assert who(posted) == {"user": town.dora.pk, "url": "/somewhere/"}
    assert read.pgh_context is None


def test_changes_of_one_request_belong_together(town: Town) -> None:
    with attributed(task="both"):
        Grid.objects.filter(pk=town.grids[1].pk).update(name="甲")
        Assignment.objects.filter(person=town.alice).update(role="deputy")
    one, other = events(town.grids[1])[-1], events(Assignment.objects.get(person=town.alice))[-1]
    assert one.pgh_context == other.pgh_context
    assert len(one.pgh_context["id"]) == 36


def test_nothing_about_who_made_a_change_is_kept_where_it_could_be_changed(town: Town) -> None:
    with attributed(task="x"):
        Grid.objects.filter(pk=town.grids[1].pk).update(name="甲")
    assert not pghistory.models.Context.objects.exists()


def test_what_people_changed_in_the_catalogue_survives_the_next_start() -> None:
    kind = {"code": "school", "name": "学校", "name_en": "School", "glyph": "学", "geometry": "point"}
    load_checkpoint_types([kind])
    load_categories("2026.1", [ENTRY])
    with attributed(user=1, url="/admin/"):
        CheckpointType.objects.update(name="中小学")
        old = Category.objects.get()
        Category.objects.update(active=False)
        old.pk, old.version, old._state.adding = None, local_edition(old.code), True
        old.limit_minutes, old.active = 60, True
        old.save()
    assert changed_by_people(CheckpointType).count() == 1
    load_checkpoint_types([kind])
    load_categories("2026.1", [ENTRY])
    load_categories("2027.1", [ENTRY])
    assert CheckpointType.objects.get().name == "中小学"
    active = Category.objects.get(active=True)
    assert (active.version, active.limit_minutes) == ("local-1", 60)
