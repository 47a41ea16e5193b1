"""`manage.py split --community`: a proposal from the database, accepted on request."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from grids.models import Grid, SplitRun
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


def test_what_cannot_be_is_one_sentence(town: Town) -> None:
    for options, words in (
        (["--community", "150199001999", "--grids", "3"], "no community"),
        (["--community", f"{NEAR}001", "--grids", "0"], "at least 1"),
        (["--accept"], "Without --community"),
        (["--boundary", "x.geojson"], "--streets"),
    ):
        with pytest.raises(CommandError, match=words):
            split(*options)
    assert not SplitRun.objects.exists()
