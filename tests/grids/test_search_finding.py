"""The search: the same places as a look at every name, in the order that the formula gives."""

from collections.abc import Callable, Iterable

import pytest
from django.contrib.gis.geos import LineString
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grids.models import Building, Checkpoint, SearchName, Street
from grids.scope import NOBODY, Scope
from grids.search import index
from grids.search.finding import find
from grids.search.query import Query, read_query
from grids.search.ranking import Match, Name, distance, loosely, score, strictly
from grids.search.statement import FEW, PREAMBLE, Reach, Values, statement
from tests.grids.search_names import GOLDENS, near, read, write_names
from tests.town import Town, at, box

Fit = Callable[[Query, Name], Match | None]
pytestmark = pytest.mark.django_db


@pytest.fixture
def names(town: Town) -> Town:
    """The town with the names."""
    return write_names(town)


@pytest.mark.parametrize("where", [near(0.5, 0.5), None], ids=["near", "nowhere"])
@given(
    typed=st.one_of(
        st.sampled_from([typed for typed, _first in GOLDENS]),
        st.text("锦园小区北辰街号楼0123三十医院jinyuax ", min_size=1, max_size=9),
        st.text("abcdefghijlnouxyz", min_size=1, max_size=8),
    )
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_finds_what_a_look_at_every_name_finds(names: Town, where: tuple[float, float] | None, typed: str) -> None:
    query = read_query(typed)
    if query is None:
        return
    found = [(row.source, row.id) for row in find(query, NOBODY, where, limit=500)]
    every = reference(query, where)
    if where is None:
        # Far from everywhere, what hardly says anything (a letter, one syllable with a slip) is not looked for.
        every = [row for row in every if row in found]
    assert found == every


def reference(query: Query, where: tuple[float, float] | None) -> list[tuple[str, int]]:
    """Return what fits in its order, by looking at every name that a visitor may find."""
    best = ranked(query, where, strictly, set())
    if len(best) < FEW:
        best += ranked(query, where, loosely, {(row.source, row.source_key) for _score, row in best})
    kept, streets = [], set()
    for _score, row in best:
        if row.source != "street" or row.name not in streets:
            kept.append((row.source, row.source_key))
        if row.source == "street":
            streets.add(row.name)
    return kept


def ranked(
    query: Query, where: tuple[float, float] | None, fit: Fit, known: Iterable[tuple[str, int]]
) -> list[tuple[float, SearchName]]:
    best: dict[tuple[str, int], tuple[float, SearchName]] = {}
    for row in SearchName.objects.exclude(source="checkpoint"):
        match = fit(query, Name(row.text, row.key, row.pinyin, row.sounds))
        if match is None or (row.source, row.source_key) in known:
            continue
        metres = distance(row.point.x, row.point.y, *where) if where else None
        worth = score(match.quality, metres, row.weight)
        if (row.source, row.source_key) not in best or worth > best[row.source, row.source_key][0]:
            best[row.source, row.source_key] = worth, row
    return sorted(best.values(), key=lambda pair: (-pair[0], pair[1].name, pair[1].source, pair[1].source_key))


def test_of_names_that_fit_as_well_the_nearest_comes_first(names: Town) -> None:
    west, east = find(read("3号楼"), NOBODY, near(0, 0)), find(read("3号楼"), NOBODY, near(5, 0))
    assert [row.name for row in west[:2]] == ["锦园小区3号楼", "柳溪湾3号楼"]
    assert [row.name for row in east[:2]] == ["柳溪湾3号楼", "锦园小区3号楼"]
    assert west[0].metres == pytest.approx(17, abs=15)


def test_a_whole_name_comes_before_a_beginning_wherever_it_is(names: Town) -> None:
    found = find(read("人民医院"), NOBODY, near(0.5, 9))
    assert [row.name for row in found[:2]] == ["青岚区人民医院", "人民医院公厕"]


def test_without_a_place_the_search_starts_at_ones_own_grids(names: Town) -> None:
    found = find(read("3号楼"), names.scope("alice"))
    assert found[0].metres is not None
    assert found[0].metres < 250
    assert find(read("3号楼"), NOBODY)[0].metres is None


def test_only_the_kinds_that_are_asked_for_are_found(names: Town) -> None:
    found = find(read("锦园"), NOBODY, near(0, 0), kinds=("building", "street"))
    assert {row.kind for row in found} == {"building", "street"}


def test_a_street_of_several_stretches_is_found_once(names: Town) -> None:
    found = find(read("新华路"), NOBODY, near(3, 1.5))
    assert [row.name for row in found] == ["新华路"]
    assert found[0].lon > at(2, 0).x


@pytest.mark.parametrize(
    ("who", "sees"),
    [("alice", True), ("bob", True), ("dora", True), ("paula", True), ("charlie", False), ("olaf", False)],
)
def test_checkpoints_are_found_by_those_who_may_see_them(names: Town, who: str, sees: bool) -> None:
    found = find(read("西市场"), names.scope(who), near(1.5, 1.5))
    assert ("checkpoint" in {row.source for row in found}) is sees
    assert "checkpoint" not in {row.source for row in find(read("西市场"), NOBODY, near(1.5, 1.5))}


def test_who_answers_for_a_checkpoint_elsewhere_finds_it(names: Town) -> None:
    point = Checkpoint.objects.get()
    point.assignments.create(person=names.charlie, role="owner", period=names.grids[1].period)
    assert find(read("西市场"), names.scope("charlie"))[0].name == "西市场"


@pytest.mark.parametrize("typed", ["北", "jinyuan", "jyxq", "锦园3号楼", "绵园小区", "12-3"])
def test_no_look_reads_the_whole_table(names: Town, typed: str) -> None:
    values = Values()
    text = statement(read(typed), Reach(NOBODY, names.grids[1].period.lower, near(0, 0)), 10, values)
    with connection.cursor() as cursor:
        cursor.execute(PREAMBLE + "explain (costs off) " + text, values.bound)
        cursor.nextset()
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan on grids_searchname" not in plan.replace("never executed", "")
    assert "search_name_point" in plan


def test_a_search_is_one_query(names: Town, django_assert_num_queries: object) -> None:
    scope: Scope = names.scope("alice")
    with django_assert_num_queries(1):  # type: ignore[operator]
        find(read("jinyuanxioaqu"), scope)


def test_a_street_is_not_crowded_out_by_hundreds_of_nearer_buildings(town: Town) -> None:
    Building.objects.bulk_create(
        Building(source_id=f"b{number}", name=f"{number}号楼", estate="锦园", geom=box(0, 0, 0.1, 0.1))
        for number in range(1, 200)
    )
    Street.objects.create(
        source_id="s", name="锦园巷", kind="alley", geom=LineString(at(1.5, 1), at(1.5, 2), srid=4326)
    )
    index.reconcile(["building", "street"])
    assert "锦园巷" in {row.name for row in find(read("锦园"), NOBODY, near(0, 0))}
