"""The index of names: filled from the places, kept with them, found to be right again when something got past it."""

from collections import defaultdict

import pytest
from django.contrib.gis.geos import LineString, MultiPolygon
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from grids import outbox
from grids.models import Building, Checkpoint, Grid, Outbox, Place, SearchName, Stairwell, Street
from grids.search import index, sources
from tests.town import Town, at, box

pytestmark = pytest.mark.django_db


class Bells:
    """Stands in for all queues: remembers what was rung where."""

    count, job_ids = 0, ()

    def __init__(self) -> None:
        self.rung: dict[str, list[str]] = defaultdict(list)

    def of(self, name: str) -> "Bells":
        self.name = name
        return self

    def enqueue(self, function: str, _identity: str, **_options: object) -> None:
        self.rung[self.name].append(function)


def place(name: str, **more: object) -> Place:
    return Place.objects.create(source_id=name, name=name, kind="estate", geom=box(0, 0, 1, 1), **more)


def texts(source: str) -> set[str]:
    return set(SearchName.objects.filter(source=source).values_list("text", flat=True))


def test_every_name_of_a_place_is_indexed() -> None:
    place("锦园小区西区", name_en="Jinyuan Estate (West)", aliases=["锦园小区", "纺织院"])
    index.refresh("place")
    assert texts("place") == {"锦园小区西区", "Jinyuan Estate (West)", "锦园小区", "纺织院"}
    row = SearchName.objects.get(text="锦园小区")
    assert (row.name, row.key, row.pinyin, row.initials) == ("锦园小区西区", "锦园小区", "jin yuan xiao qu", "jyxq")
    assert row.box == pytest.approx(list(box(0, 0, 1, 1).extent))


def test_whole_places_are_indexed_by_what_they_belong_to(town: Town) -> None:
    building = Building.objects.create(source_id="b", name="3号楼", estate="锦园小区", geom=box(0, 0, 1, 1))
    Building.objects.create(source_id="g", name="门卫", estate="锦园小区", kind="gate", geom=box(0, 0, 1, 1))
    Building.objects.create(source_id="n", name="", geom=box(0, 0, 1, 1))
    Stairwell.objects.create(source_id="s", building=building, label="2单元", geom=at(0.5, 0.5))
    Street.objects.create(source_id="r", name="", kind="path", geom=LineString(at(0, 0), at(1, 1), srid=4326))
    index.reconcile()
    assert texts("building") == {"锦园小区3号楼"}
    assert texts("stairwell") == {"锦园小区3号楼2单元"}
    assert texts("street") == set()
    assert {"第5网格", town.grids[5].code} <= texts("grid")
    assert texts("checkpoint") == {"西市场"}
    assert {"城管中队", "Urban management squad"} == texts("organisation")
    assert town.far_grid.region.code in texts("region")


def test_a_name_that_is_read_in_two_ways_has_a_row_for_each() -> None:
    place("长青园")
    place("三里屯")
    index.refresh("place")
    found = SearchName.objects.values_list("text", "pinyin")
    assert set(found) == {
        ("长青园", "chang qing yuan"),
        ("长青园", "zhang qing yuan"),
        ("三里屯", "3 li tun"),
        ("三里屯", "san li tun"),
    }


def test_what_changed_is_made_anew_and_the_rest_is_left_alone() -> None:
    changed, kept = place("旧名"), place("不动")
    index.refresh("place")
    before = SearchName.objects.get(source_key=kept.pk).pk
    Place.objects.filter(pk=changed.pk).update(name="新名")
    assert index.refresh("place") == index.Changes(made=1)
    assert texts("place") == {"新名", "不动"}
    assert SearchName.objects.get(source_key=kept.pk).pk == before
    assert index.refresh("place") == index.Changes()


def test_one_place_can_be_taken_in_alone() -> None:
    first, second = place("甲"), place("乙")
    assert index.refresh("place", [first.pk]) == index.Changes(made=1)
    assert texts("place") == {"甲"}
    gone = second.pk
    index.refresh("place", [gone])
    second.delete()
    assert index.refresh("place", [gone]) == index.Changes(gone=1)
    assert texts("place") == {"甲"}


def test_a_building_takes_its_stairwells_along() -> None:
    building = Building.objects.create(source_id="b", name="3号楼", estate="锦园小区", geom=box(0, 0, 1, 1))
    Stairwell.objects.create(source_id="s", building=building, label="2单元", geom=at(0.5, 0.5))
    index.follow(building)
    assert texts("stairwell") == {"锦园小区3号楼2单元"}
    building.estate = "文苑小区"
    building.save()
    index.follow(building)
    assert texts("building") | texts("stairwell") == {"文苑小区3号楼", "文苑小区3号楼2单元"}


def test_what_was_deleted_is_followed_by_its_former_key() -> None:
    gone = place("旧市场")
    index.follow(gone)
    key = gone.pk
    gone.delete()
    index.follow(gone, key)
    assert not SearchName.objects.exists()


def test_what_has_no_name_of_a_place_is_left_alone(town: Town) -> None:
    index.follow(town.alice)
    assert not SearchName.objects.exists()


def test_what_no_longer_holds_is_taken_out(town: Town) -> None:
    index.reconcile()
    yesterday = timezone.localdate()
    Checkpoint.objects.update(period=DateRange(None, yesterday))
    Grid.objects.filter(pk=town.grids[5].pk).update(period=DateRange(None, yesterday))
    changes = index.reconcile(["checkpoint", "grid"])
    assert {source: change.gone for source, change in changes.items()} == {"checkpoint": 1, "grid": 1}


def test_a_moved_place_is_moved() -> None:
    moved = place("锦园")
    index.refresh("place")
    Place.objects.filter(pk=moved.pk).update(geom=MultiPolygon(box(5, 5, 6, 6), srid=4326))
    index.refresh("place")
    assert SearchName.objects.get().point.within(box(5, 5, 6, 6))


def test_the_command_says_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    place("锦园")
    call_command("search_index", "place")
    assert "1 made" in capsys.readouterr().out
    call_command("search_index")
    assert " 1 made" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["·", "x" * 120, "🏠", "a\u0301", "ﷺ" * 3, "’”<b>"])
def test_odd_names_do_no_harm(name: str) -> None:
    place(name)
    index.refresh("place")
    index.refresh("place")
    assert SearchName.objects.count() <= 2


def test_every_hour_each_source_is_promised_once_and_the_worker_of_long_work_looks_through_it(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    place("锦园小区")
    with django_assert_num_queries(1 + len(sources.ALL)):  # whatever the city holds
        index.promise_to_catch_up()
    promised = Outbox.objects.filter(topic=index.TOPIC)
    assert sorted(row.payload["source"] for row in promised) == sorted(sources.ALL)
    assert not SearchName.objects.exists()
    index.promise_to_catch_up()
    assert promised.count() == len(sources.ALL)
    rung = Bells()
    monkeypatch.setattr("grids.doorbell.queue", rung.of)
    outbox.relay()
    assert rung.rung == {"long": ["grids.outbox.run"] * len(sources.ALL)}
    row = promised.get(payload__source="place")
    outbox.run(str(row.pk))
    assert texts("place") == {"锦园小区"}
    index.promise_to_catch_up()
    assert promised.filter(done_at=None).count() == len(sources.ALL)
