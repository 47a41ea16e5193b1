"""`import_places --layer grids`: grids that a city has already become proposals."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import CommandError, call_command
from django.utils import translation

from grids.models import Grid, Region, SplitRun
from grids.places_import import Options, Outcome, run
from grids.problems import BadInput
from grids.splits.ready_made import ReadyGrid, draft_of, propose
from grids.splits.storing import load
from tests.grids.import_files import feature, geojson, square
from tests.grids.test_split_editing import square as hundred

pytestmark = pytest.mark.django_db
CODE = "150102001001"


@pytest.fixture(autouse=True)
def community() -> Iterator[Region]:
    """A community of 2 × 1 squares, and another beside it."""
    with translation.override("en"):
        for number, west in ((1, 0), (2, 2)):
            ring = [*square(west, 0, 1)[0][:1], *square(west + 1, 0, 1)[0][1:3], square(west, 0, 1)[0][3]]
            Region.objects.create(
                code=f"15010200100{number}",
                level="community",
                name=f"{number}社区",
                source_id=f"{number}",
                geom=MultiPolygon(Polygon([*ring, ring[0]]), srid=4326),
            )
        yield Region.objects.get(code=CODE)


def bring(path: Path, **options: Any) -> Outcome:
    return run(Options(path=path, layer="grids", **options))


def two(tmp_path: Path, **second: Any) -> Path:
    return geojson(
        tmp_path / "grids.geojson",
        feature("Polygon", square(0, 0), name="甲网格", code=f"{CODE}007"),
        feature("Polygon", square(1, 0), name="乙网格", **second),
    )


def test_grids_become_a_proposal_of_their_community(tmp_path: Path) -> None:
    outcome = bring(two(tmp_path))
    made = SplitRun.objects.get()
    assert (made.region.code, made.source, made.state) == (CODE, "file", "proposed")
    assert {(patch.name, patch.code) for patch in load(made).plan.grids.values()} == {
        ("甲网格", f"{CODE}007"),
        ("乙网格", ""),
    }
    assert outcome.written
    assert "has to be accepted" in outcome.warnings[0]
    assert not Grid.objects.exists()


def test_a_gap_under_the_tolerance_is_closed_and_told(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "grids.geojson",
        feature("Polygon", square(0, 0), name="甲网格"),
        feature("Polygon", [[[x + 0.00001 * (x < 111.6715), y] for x, y in square(1, 0)[0]]], name="乙网格"),
    )
    outcome = bring(path)
    (remark,) = SplitRun.objects.get().remarks
    assert remark["code"] == "repaired_gap"
    assert remark["values"]["area"] == pytest.approx(94, abs=5)
    assert "closed" in outcome.warnings[1]
    with pytest.raises(BadInput, match="a gap of 9"):
        bring(path, tolerance=0.2)


def test_what_is_too_wide_names_the_grids_and_stores_nothing(tmp_path: Path) -> None:
    path = geojson(tmp_path / "grids.geojson", feature("Polygon", square(0, 0), name="甲网格"))
    with pytest.raises(BadInput, match="甲网格"):
        bring(path)
    assert not SplitRun.objects.exists()


def test_several_communities_make_a_proposal_each(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "grids.geojson",
        *[feature("Polygon", square(column, 0), name=f"{column}") for column in range(4)],
    )
    bring(path)
    assert {run.region.code: run.grids.count() for run in SplitRun.objects.all()} == {CODE: 2, "150102001002": 2}


def test_bad_rows_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "grids.geojson",
        feature("Polygon", square(0, 0), code="12"),
        feature("Polygon", square(1, 0), kind="castle"),
        feature("Polygon", square(5, 5)),
        feature("Polygon", square(0, 0), region="150102"),
    )
    outcome = bring(path)
    assert outcome.refused == 4
    assert not outcome.written
    assert not SplitRun.objects.exists()


def test_the_command_says_what_it_made_and_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    out = StringIO()
    call_command("import_places", two(tmp_path), layer="grids", dry_run=True, stdout=out, verbosity=0)
    assert "grids: 2 new" in out.getvalue()
    assert not SplitRun.objects.exists()
    call_command(
        "import_places", two(tmp_path, kind="单元网格"), layer="grids", stdout=out, verbosity=0, set=[("kind", "unit")]
    )
    assert set(SplitRun.objects.get().grids.values_list("kind", flat=True)) == {"unit"}
    with pytest.raises(CommandError):
        call_command("import_places", two(tmp_path), layer="grids", tolerance=100.0, verbosity=0)


def test_what_is_open_stores_nothing(community: Region) -> None:
    with pytest.raises(BadInput):
        draft_of(community, [ReadyGrid(hundred(0, 0, 1, 1))])
    assert not SplitRun.objects.exists()
    with pytest.raises(BadInput):
        propose(community, [])
