"""What somebody has in hand is counted by an index of just that, however much they ever did."""

from typing import Any

import pytest
from django.db import connection

from grids.models import Person
from patrols.candidates import candidates, work_in_hand
from patrols.filing import Draft, file_report
from patrols.models import Party, Report
from patrols.transitions import Move, transition
from tests.town import LITTER, Town, at


def filed(town: Town, bob: Person, *verbs: str) -> Report:
    report = file_report(Draft(category=LITTER, geom=at(1.5, 1.5), anchor=at(1.5, 1.5)), town.scope("alice"))
    for verb in verbs:
        move = Move(holder=bob) if verb == "dispatch" else Move()
        transition(report.pk, verb, town.scope("bob" if verb in {"start", "handle"} else "dora"), move)
    return report


def test_only_what_is_not_done_counts(town: Town) -> None:
    filed(town, town.bob, "accept", "dispatch", "start", "handle")
    filed(town, town.bob, "accept", "dispatch", "start")
    filed(town, town.bob, "accept", "dispatch")
    report = filed(town, town.bob)
    offered = {row["id"]: row["why"] for row in candidates(report)["results"] if row["kind"] == "person"}
    assert "2" in offered[town.bob.pk]


@pytest.mark.parametrize("holder", ["person", "organisation"])
def test_the_count_reads_nothing_else(town: Town, holder: str) -> None:
    """With other ways forbidden, much done before, and much in others' hands."""
    report = filed(town, town.bob)
    key = {"district": report.district, "report": report, "role": "responsible", "since": report.recorded_at}
    own: dict[str, Any] = {"organisation": town.squad} if holder == "organisation" else {"person": town.bob}
    rows = [Party(**key, **own, state="done") for _row in range(300)]
    rows += [Party(**key, person=town.alice, state="asked") for _row in range(300)]
    for row in rows:
        row.report_recorded_at = report.recorded_at
    Party.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("analyze patrols_party")
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_bitmapscan = off")
    assert f"party_{holder}_busy" in work_in_hand(holder, [town.bob.pk, 7]).explain()
