"""`manage.py split --community`: a proposal from the database, accepted on request."""

from io import StringIO

import pytest
import shapely
from django.core.management import CommandError, call_command
from django.utils import translation

from grids.models import Grid, SplitRun
from grids.splits.ground import to_shapely
from tests.split_town import build_houses
from tests.town import NEAR, Town


@pytest.fixture(autouse=True)
def houses(town: Town) -> None:
    build_houses(town)


def split(*options: str) -> str:
    out = StringIO()
    with translation.override("en"):
        call_command("split", *options, stdout=out, verbosity=0)
    return out.getvalue()


def test_it_stores_a_proposal_and_changes_nothing(town: Town) -> None:
    said = split("--community", f"{NEAR}001", "--households", "300")
    made = SplitRun.objects.get()
    assert (made.state, made.created_by) == ("proposed", None)
    assert f"Proposal {made.pk}: 3 grids" in said
    assert Grid.objects.current().count() == 10


def test_accepting_makes_it_the_grids_of_today(town: Town) -> None:
    said = split("--community", f"{NEAR}001", "--grids", "3", "--accept")
    assert "Accepted: 3 grids" in said
    assert SplitRun.objects.get().state == "accepted"
    assert Grid.objects.current().filter(region__code=f"{NEAR}001").count() == 3


def test_unit_grids_are_made_and_accepted_with_the_service_grids(town: Town) -> None:
    said = split("--community", f"{NEAR}001", "--grids", "3", "--mode", "nested", "--accept")
    rows = Grid.objects.current().filter(region__code=f"{NEAR}001").select_related("parent")
    services, units = ([row for row in rows if row.kind == kind] for kind in ("service", "unit"))
    assert "Accepted: 3 grids" in said
    assert f"{len(units)} unit grids" in said
    assert len(services) == 3
    assert len(units) == 9  # of 300 m × 300 m
    assert sorted(unit.code for unit in units) == [f"{NEAR}001{number:03}" for number in range(1, 10)]
    assert {unit.parent for unit in units} == set(services)
    assert {unit.name for unit in units} == {f"{units[0].region.name}第{number}单元网格" for number in range(1, 10)}
    for service in services:
        below = [to_shapely(unit.geom) for unit in units if unit.parent == service]
        assert shapely.equals(shapely.coverage_union_all(below), to_shapely(service.geom))
        assert sum(unit.households for unit in units if unit.parent == service) == service.households


def test_what_cannot_be_is_one_sentence(town: Town) -> None:
    for options, words in (
        (["--community", "150199001999", "--grids", "3"], "no community"),
        (["--community", f"{NEAR}001", "--grids", "0"], "at least 1"),
        (["--community", f"{NEAR}001", "--grids", "3", "--mode", "nested", "--unit-area", "10"], "at least 1000 m²"),
        (["--accept"], "Without --community"),
        (["--boundary", "x.geojson"], "--streets"),
    ):
        with pytest.raises(CommandError, match=words):
            split(*options)
    assert not SplitRun.objects.exists()
