"""Computing a proposal: what is read, what is stored, and that a run that ends early leaves nothing."""

import json
from collections.abc import Callable
from unittest.mock import patch

import pytest
import shapely
from django.contrib.gis.geos import LineString, MultiPolygon
from django.test import Client

from grids import jobs
from grids.models import Building, Job, Membership, Outbox, Region, SplitBlock, SplitRun, Street
from grids.models.platform import JobState
from grids.problems import BadInput
from grids.splits.editing import Edit, edit
from grids.splits.ground import to_shapely
from grids.splits.running import Wish, start
from grids.splits.storing import load
from grids.splitting.editing import move_block
from grids.splitting.plan import EditError, adjoin
from tests.split_town import build_houses
from tests.town import FAR, NEAR, Town, at, box


@pytest.fixture(autouse=True)
def ground(town: Town) -> None:
    """Streets along the borders of the nine grids, a main road through the middle, four houses in each block."""
    build_houses(town, 10)
    for column in range(6):
        for row in range(6):
            if (column, row) not in {(2, 2), (2, 3), (3, 2), (3, 3)}:
                Building.objects.create(
                    source_id=f"h{column}-{row}",
                    households=10,
                    geom=box(column / 2 + 0.05, row / 2 + 0.05, column / 2 + 0.1, row / 2 + 0.1),
                )
    for number in (1, 2):
        kind = "primary" if number == 1 else "residential"
        Street.objects.create(source_id=f"e{number}", kind=kind, geom=LineString(at(number, -1), at(number, 4)))
        Street.objects.create(
            source_id=f"n{number}", kind="residential", geom=LineString(at(-1, number), at(4, number))
        )


def east() -> Region:
    return Region.objects.get(code=f"{NEAR}001")


def work_off(job: Job) -> Job:
    promise = Outbox.objects.get(topic=jobs.TOPIC, payload__job=str(job.pk), done_at=None)
    jobs.run(str(promise.pk))
    job.refresh_from_db()
    return job


def test_a_community_is_split_and_stored_exactly(town: Town) -> None:
    job = work_off(start(town.paula, east(), Wish(number=3, seed=1)))
    assert (job.state, job.error) == (JobState.DONE, "")
    assert job.result
    made = SplitRun.objects.get(pk=job.result["split"])
    assert (made.source, made.created_by, made.parameters["number"]) == ("split", town.paula, 3)
    assert made.head
    quality = made.head.quality
    assert (quality["grids"], quality["buildings_cut"], quality["overlap_m2"]) == (3, 0, 0)
    assert quality["coverage_valid"]
    assert quality["gap_m2"] == 0
    shapes = [to_shapely(row.geom) for row in made.grids.filter(present=True)]
    assert shapely.coverage_is_valid(shapes)
    assert sum(row.households for row in made.grids.all()) == 10 * Building.objects.count()


def test_the_blocks_of_a_computed_proposal_can_be_moved(town: Town) -> None:
    job = work_off(start(town.paula, east(), Wish(number=3)))
    assert job.result
    plan = load(SplitRun.objects.get(pk=job.result["split"])).plan
    assert len(plan.blocks) > len(plan.grids)
    moved = 0
    for block in plan.blocks:
        for grid in plan.grids:
            try:
                moved += move_block(plan, block, grid) is not plan
            except EditError:
                continue
    assert moved


def test_unit_grids_are_stored_below_their_service_grids_and_can_be_moved(town: Town) -> None:
    job = work_off(start(town.paula, east(), Wish(number=3, mode="nested")))
    assert job.result
    run = SplitRun.objects.get(pk=job.result["split"])
    assert (run.parameters["mode"], run.parameters["unit_area"]) == ("nested", 10_000)
    assert run.head
    figures = run.head.quality
    assert (figures["grids"], figures["buildings_cut"], figures["units"]["buildings_cut"]) == (3, 0, 0)
    assert figures["units"]["grids"] == pytest.approx(9, abs=2)
    assert figures["units"]["area_m2"]["median"] == pytest.approx(10_000, rel=0.3)
    plan = load(run).plan
    services = [key for key, grid in plan.grids.items() if grid.kind == "service"]
    units = {key: grid.parent for key, grid in plan.grids.items() if grid.kind == "unit"}
    assert set(units.values()) == set(services)
    unit, service = next(
        (unit, service)
        for unit, parent in units.items()
        for service in services
        if parent is not None
        and service != parent
        and len(plan.children(parent)) > 1
        and adjoin(plan.members(unit), plan.members(service))
    )
    moved = edit(town.scope("paula"), run.pk, 1, Edit("move", {"unit": unit, "to": service}))
    assert moved.head
    assert moved.head.quality["units"]["grids"] == figures["units"]["grids"]
    assert moved.head.quality["variation"] != figures["variation"]


def test_more_units_than_codes_are_refused_with_the_least_area(town: Town) -> None:
    Region.objects.filter(pk=east().pk).update(geom=MultiPolygon(box(0, 0, 40, 40)))
    with pytest.raises(BadInput, match="17000"):
        start(town.paula, east(), Wish(number=3, mode="nested"))
    assert start(town.paula, east(), Wish(number=3)).parameters["mode"] == "service"


def test_the_same_wish_has_the_same_answer(town: Town) -> None:
    results = [work_off(start(town.paula, east(), Wish(number=3, seed=4))).result for _turn in range(2)]
    first, second = (
        [bytes(row.geom.wkb) for row in SplitRun.objects.get(pk=one["split"]).grids.order_by("key")]
        for one in results
        if one
    )
    assert first == second


def test_a_cancelled_run_leaves_nothing(town: Town) -> None:
    job = start(town.paula, east(), Wish(number=3))
    with patch("grids.splits.running.store", side_effect=jobs.Cancelled):
        work_off(job)
    assert job.state == JobState.CANCELLED
    assert not SplitRun.objects.exists()


@pytest.mark.parametrize("turn", [2, 4, 6])
def test_cancelling_is_heard_at_every_step(town: Town, monkeypatch: pytest.MonkeyPatch, turn: int) -> None:
    said: list[str] = []

    def step(_run: jobs.Run, text: str, _share: float) -> None:
        said.append(text)
        if len(said) == turn:
            raise jobs.Cancelled

    monkeypatch.setattr(jobs.Run, "step", step)
    assert work_off(start(town.paula, east(), Wish(number=3))).state == JobState.CANCELLED
    assert len(said) == turn
    assert not SplitRun.objects.exists()


def test_a_run_that_fails_while_storing_leaves_nothing(town: Town) -> None:
    job = start(town.paula, east(), Wish(number=3))
    with patch("grids.splits.storing.SplitGrid.objects.bulk_create", side_effect=RuntimeError("gone")):
        work_off(job)
    assert job.state == JobState.FAILED
    assert not SplitRun.objects.exists()
    assert not SplitBlock.objects.exists()


def test_what_cannot_be_split_is_one_sentence(town: Town) -> None:
    job = work_off(start(town.paula, east(), Wish(number=900)))
    assert job.state == JobState.FAILED
    assert "900" in job.error
    with pytest.raises(BadInput):
        start(town.paula, east(), Wish())
    with pytest.raises(BadInput):
        start(town.paula, east(), Wish(households=3, number=3))


def test_whoever_no_longer_plans_there_gets_nothing(town: Town) -> None:
    job = start(town.paula, east(), Wish(number=3))
    Membership.objects.filter(person=town.paula).delete()
    assert work_off(job).state == JobState.FAILED
    assert not SplitRun.objects.exists()


def test_it_is_started_over_the_api(town: Town, as_person: Callable[[str], Client]) -> None:
    def post(who: str, **body: object) -> tuple[int, dict[str, object]]:
        answer = as_person(who).post("/api/v1/splits", json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    status, job = post("paula", region=f"{NEAR}001", households=120, barriers=["primary"], setting=0.2)
    assert (status, job["kind"], job["state"]) == (201, "split", "waiting")
    assert Job.objects.get().parameters["barriers"] == ["primary"]
    assert post("paula", region=f"{NEAR}001")[0] == 422
    assert post("paula", region=f"{NEAR}001", number=3, mode="both")[0] == 400
    assert post("paula", region=f"{NEAR}001", number=3, mode="nested", unit_area=10)[0] == 400
    assert post("paula", region=f"{NEAR}001", number=3, barriers=["hedge"])[0] == 400
    assert post("paula", region=f"{NEAR}999", number=3)[0] == 404
    assert post("charlie", region=f"{FAR}001", number=3)[0] == 403
    assert Job.objects.count() == 1
