"""Where nobody gets which problems, exact by geometry; and dry runs."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.utils import timezone

from grids import jobs
from grids.models import Assignment, Job, Outbox
from grids.problems import Conflict
from patrols.models import Proposal
from patrols.routing import keeping, trial
from patrols.routing.holes import holes_of
from tests.patrols.routing.rules import in_force
from tests.patrols.routing.test_proposing import body, file
from tests.town import DISTRICT, LITTER, MANHOLE, NEAR, PARKING, Town, box


def found() -> dict[str, tuple[float, float]]:
    """Return hectares without anybody, and with somebody at times, by category, in the near community of 9 ha."""
    rows = holes_of(NEAR)
    return {code: (round(row.never, 2), round(row.at_times, 2)) for row in rows for code in row.categories}


def test_without_rules_everything_is_a_hole(town: Town) -> None:
    assert found() == dict.fromkeys((LITTER, PARKING, MANHOLE), (9.0, 0.0))


def test_a_jurisdiction_that_covers_a_part_leaves_the_rest(town: Town) -> None:
    """
    The squad has the two columns on the left, a street squad a part that lies half over the third:

        +------+------+------+
        |      .      |      |
        | squad.  +---+--+   |      what is left: 300 m × 100 m, less 50 m × 100 m
        |      .  +---+--+   |
        |      .      |      |
        +------+------+------+
    """
    town.squad.jurisdiction = MultiPolygon(box(0, 0, 2, 3), srid=4326)
    town.squad.save()
    body("street", "urban_management", 1.5, 1, 2.5, 2)
    in_force({"target": "body"})
    assert found() == {PARKING: (2.5, 0.0), LITTER: (9.0, 0.0), MANHOLE: (9.0, 0.0)}


def test_owners_get_what_a_volunteer_may_do_in_their_grids(town: Town) -> None:
    Assignment.objects.filter(grid=town.grids[5], person=town.bob).update(role="deputy")
    in_force({"target": "owner"}, {"target": "organisation", "organisation": town.squad, "categories": [MANHOLE]})
    assert found() == {LITTER: (8.0, 0.0), PARKING: (9.0, 0.0)}


def test_what_somebody_gets_only_at_times_is_told_apart(town: Town) -> None:
    in_force({"target": "body", "categories": [PARKING], "time": "working"})
    assert found()[PARKING] == (0.0, 9.0)
    in_force({"target": "body", "categories": [PARKING], "time": "outside"}, region=NEAR)
    assert PARKING not in found()


def test_a_rule_whose_days_are_over_covers_nothing(town: Town) -> None:
    today = timezone.localdate()
    in_force(
        {"target": "body", "categories": [PARKING], "time": "dates", "last_day": today - timedelta(days=1)},
        {"target": "organisation", "organisation": town.squad, "categories": [MANHOLE], "time": "dates",
         "last_day": today},
    )  # fmt: skip
    assert found() == {LITTER: (9.0, 0.0), PARKING: (9.0, 0.0)}


def run(town: Town, code: str = DISTRICT, days: int = 30) -> Any:
    job = trial.begin(town.scope("paula"), code, days)
    promise = Outbox.objects.get(payload__job=str(job.pk))
    jobs.run(str(promise.pk))
    row = Job.objects.get(pk=job.pk)
    assert row.state == "done", row.error
    return row.result


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_counts_what_would_go_elsewhere_and_writes_nothing(town: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr(trial, "BATCH", 3)
    in_force({"target": "body"})
    reports = [file(town, 1.5, 1.5, category) for category in (PARKING, PARKING, LITTER, LITTER, LITTER, MANHOLE)]
    reports += [file(town, 0.5, 0.5, LITTER), file(town, 9.5, 1, LITTER, "charlie")]
    keeping.add(town.scope("paula"), DISTRICT, {"target": "owner", "categories": [LITTER]})
    result = run(town)
    assert (result["total"], result["elsewhere"]) == (8, 4)
    [pair] = result["pairs"]
    assert (pair["from"], pair["to"], pair["count"]) == ("nobody", "owner", 4)
    assert set(pair["examples"]) <= {str(report.pk) for report in reports}
    assert (result["nobody_now"], result["nobody_then"]) == (6, 2)
    # Put in force, the rules say of each what the dry run said.
    keeping.publish(town.scope("paula"), DISTRICT)
    assert Proposal.objects.filter(person__isnull=False).count() == 4


def test_there_is_no_dry_run_without_a_draft(town: Town) -> None:
    with pytest.raises(Conflict):
        trial.begin(town.scope("paula"), DISTRICT, 30)
