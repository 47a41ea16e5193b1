"""Runs: what is read, what is stored, that nothing is left of one that ends early, and who may see them."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone, translation

from grids import jobs
from grids.models import Grid, Job, Membership, Outbox, Region
from grids.models.base import from_today
from grids.models.platform import JobState
from maps.hotspots import problems, question
from maps.hotspots.running import forget
from maps.models import HotspotCell, HotspotRun
from patrols.grid_streets import lay
from patrols.models import Coverage
from patrols.workflow import State
from tests.maps.hotspots.plain import EAST, UNTIL, day, file_many, lay_streets, walk_whole, widen
from tests.town import DISTRICT, FAR, NEAR, Town

WEEKS = 12
SINCE = day(7 * WEEKS - 1)


@pytest.fixture
def ground(town: Town) -> None:
    """A community of 3 by 3 km with streets, all walked once a week; chance finds, and a spot in the middle."""
    widen()
    streets = lay_streets()
    walk_whole(streets, range(0, 7 * WEEKS, 7))
    rng = np.random.default_rng(4)
    spots = [(*rng.uniform(0.1, 29.9, 2), int(rng.integers(0, 7 * WEEKS))) for _number in range(400)]
    spots += [(*rng.uniform(13, 17, 2), int(rng.integers(0, 7 * WEEKS))) for _number in range(200)]
    file_many(town.litter, spots)


@pytest.fixture
def few(town: Town) -> None:
    """Three problems."""
    file_many(town.litter, [(1, 1, 1), (2, 2, 2), (1, 2, 3)])


def work_off(job: Job) -> Job:
    promise = Outbox.objects.get(topic=jobs.TOPIC, payload__job=str(job.pk), done_at=None)
    jobs.run(str(promise.pk))
    job.refresh_from_db()
    return job


def asked(client: Client, **more: Any) -> Any:
    body = {"region": EAST, "since": SINCE.isoformat(), "until": UNTIL.isoformat(), "resolution": 9, **more}
    return client.post("/api/v1/hotspots", json.dumps(body), content_type="application/json")


def made(client: Client, **more: Any) -> HotspotRun:
    answer = asked(client, **more)
    assert answer.status_code == 201, answer.content
    run = HotspotRun.objects.get(pk=answer.json()["id"])
    assert run.job
    assert work_off(run.job).state == JobState.DONE, run.job.error
    run.refresh_from_db()
    return run


def cells_of(run: HotspotRun) -> list[tuple[Any, ...]]:
    names = [field.attname for field in HotspotCell._meta.concrete_fields if field.attname not in ("id", "run_id")]
    return list(run.cells.order_by("rank").values_list(*names))


def test_a_region_may_be_younger_than_the_period(few: None, as_person: Any) -> None:
    Region.objects.filter(code=EAST).update(period=from_today())
    run = made(as_person("paula"), corrected=False)
    assert run.summary["problems"] == 3


def test_a_run_finds_the_spot_and_says_what_to_do(
    ground: None, as_person: Any, django_assert_max_num_queries: Any
) -> None:
    client = as_person("paula")
    run = made(client)
    with django_assert_max_num_queries(5):
        told = client.get(f"/api/v1/hotspots/{run.pk}").json()
    assert told["state"] == "done"
    assert told["summary"]["problems"] == 600
    assert told["sentence"]
    with django_assert_max_num_queries(7):
        page = client.get(f"/api/v1/hotspots/{run.pk}/cells?limit=5").json()
    first = page["results"][0]
    assert (first["class"], first["effort"], first["rank"], first["advice"]) == (3, "known", 1, "campaign")
    assert sum(first["weekly"]) == first["count"] == sum(first["by_source"].values())
    assert "10.1" in first["reasons"][2]
    assert first["reasons"][-1].startswith("Gi* z = ")
    assert 111.68 < first["lon"] < 111.70
    # Pages go on where they ended, and a filter is heard.
    after = client.get(page["next"]).json()["results"]
    assert [row["rank"] for row in after] == [6, 7, 8, 9, 10]
    hot = client.get(f"/api/v1/hotspots/{run.pk}/cells?class=3,2,1&limit=200").json()["results"]
    assert len(hot) == told["summary"]["hot"]
    lasting = client.get(f"/api/v1/hotspots/{run.pk}/cells?emerging=persistent").json()["results"]
    assert len(lasting) == told["summary"]["emerging"]["persistent"]
    box = ",".join(str(side) for side in first["bbox"])
    assert first["id"] in {
        row["id"] for row in client.get(f"/api/v1/hotspots/{run.pk}/cells?bbox={box}").json()["results"]
    }
    [one] = client.get(f"/api/v1/hotspots/{run.pk}/cells?key={first['key']}").json()["results"]
    assert one == first
    # Where the job leads to, and what the page makes of it when a place is chosen there.
    assert run.job
    assert run.job.result
    assert client.get(f"{run.job.result['url']}&place={first['key']}").status_code == 200
    in_english = client.get(f"/api/v1/hotspots/{run.pk}/cells?limit=1", headers={"Accept-Language": "en"}).json()
    assert "1 in 100 false alarms" in " ".join(in_english["results"][0]["reasons"])
    assert in_english["results"][0]["place"].startswith("Region")
    assert "每 100 处约有 1 处是误报" in " ".join(first["reasons"])


def test_the_same_question_over_the_same_data_has_the_same_answer(ground: None, as_person: Any) -> None:
    client = as_person("paula")
    one, again = (made(client, permutations=99, seed=3) for _turn in range(2))
    assert (one.input_digest, one.summary) == (again.input_digest, again.summary)
    assert cells_of(one) == cells_of(again)
    other = made(client, permutations=99, seed=4)
    assert other.input_digest == one.input_digest
    assert cells_of(other) != cells_of(one)


def test_what_was_not_found_does_not_count(ground: None, town: Town, as_person: Any) -> None:
    client = as_person("paula")
    for state in (State.REJECTED, State.DUPLICATE, State.WITHDRAWN):
        file_many(town.litter, [(20, 20, 3)] * 5, state=state)
    file_many(town.litter, [(20, 20, 7 * WEEKS), (20, 20, -1)])
    file_many(town.parking, [(20, 20, 3)], source="resident")
    run = made(client, source="patrol")
    assert run.summary["problems"] == 600
    assert made(client, categories=["09009"], source="resident").summary["problems"] == 1
    everything = made(client)
    assert everything.summary["by_source"] == {"patrol": 600, "resident": 1}
    [mixed] = [cell for cell in everything.cells.all() if "resident" in cell.by_source]
    assert mixed.by_source["patrol"] + 1 == mixed.count


def test_what_residents_bring_asks_for_no_walks(ground: None, town: Town, as_person: Any) -> None:
    client = as_person("paula")
    file_many(town.litter, [(x / 10, 5, x % 80) for x in range(200)], source="resident")
    run = made(client, source="resident")
    assert run.summary["walked_km"] is None
    assert run.summary["tested"] == run.summary["places"]
    first = client.get(f"/api/v1/hotspots/{run.pk}/cells?limit=1").json()["results"][0]
    assert (first["effort"], first["walked_km"]) == ("none", None)


def test_where_nobody_is_known_to_have_walked_is_said_to_be_unknown(ground: None, as_person: Any) -> None:
    Coverage.objects.all().delete()
    client = as_person("paula")
    run = made(client)
    told = client.get(f"/api/v1/hotspots/{run.pk}", headers={"Accept-Language": "en"}).json()
    assert told["summary"]["tested"] == 0
    assert told["sentence"].startswith("Nobody is known to have walked here")
    row = client.get(f"/api/v1/hotspots/{run.pk}/cells?effort=unknown&limit=1").json()["results"][0]
    assert (row["class"], row["tested"], row["z"], row["advice"]) == (0, False, None, "walk")
    assert row["count"] > 0
    plain = made(client, corrected=False)
    assert plain.summary["hot"] > 0
    notes = client.get(f"/api/v1/hotspots/{plain.pk}", headers={"Accept-Language": "en"}).json()["notes"]
    assert "Where patrols walk more, more is found: this is not corrected for it." in notes


def test_grids_are_compared_by_what_was_walked_in_them(town: Town, as_person: Any) -> None:
    streets = lay_streets(3)
    walk_whole(streets, range(0, 84, 7))
    lay([grid.pk for grid in town.grids.values()])
    file_many(town.litter, [(1.5, 1.5, ago) for ago in range(30)] + [(0.2, 0.2, 3), (2.5, 2.5, 3)])
    client = as_person("paula")
    run = made(client, unit="grids", source="patrol")
    assert (run.resolution, run.summary["places"], run.summary["few"]) == (None, 9, True)
    rows = client.get(f"/api/v1/hotspots/{run.pk}/cells").json()["results"]
    assert rows[0]["key"].startswith(EAST)
    by_key = {row["key"]: row for row in rows}
    middle = by_key[town.grids[5].code]
    assert middle["count"] == 30
    # A street counts as far as 5 m beside the grid too.
    assert middle["walked_km"] == pytest.approx(1.32, rel=0.01)
    assert middle["rate"] == pytest.approx(30 / middle["walked_km"], rel=0.01)
    assert middle["place"].endswith("第5网格")


def test_households_are_what_residents_finds_are_compared_with(town: Town, as_person: Any) -> None:
    Grid.objects.filter(pk=town.grids[1].pk).update(households=None)
    file_many(town.litter, [(1.5, 1.5, ago) for ago in range(30)], source="resident")
    run = made(as_person("paula"), unit="grids", source="resident")
    assert (run.summary["tested"], run.summary["unknown"], run.summary["rate_unit"]) == (8, 1, "thousand_households")
    middle = run.cells.get(grid_code=town.grids[5].code)
    assert middle.rate == pytest.approx(100)
    assert not run.cells.get(grid_code=town.grids[1].code).tested


def test_what_comes_back_is_listed_with_its_days(town: Town, as_person: Any) -> None:
    widen()
    made_reports = file_many(town.litter, [(5, 5, 80), (5.1, 5, 40), (5, 5.1, 1), (9, 9, 5), (5, 5, 83)])
    file_many(town.parking, [(5, 5, 10)])
    client = as_person("paula")
    run = made(client, corrected=False)
    [place] = client.get(f"/api/v1/hotspots/{run.pk}/recurrences").json()["results"]
    assert (place["count"], place["category"], place["category_name"]) == (4, town.litter.code, "暴露垃圾")
    assert place["days"] == sorted(place["days"])
    assert set(place["reports"]) == {str(made_reports[number].pk) for number in (0, 1, 2, 4)}


def test_two_runs_are_compared(ground: None, town: Town, as_person: Any) -> None:
    client = as_person("paula")
    before = made(client, until=day(42).isoformat())
    file_many(town.litter, [(25 + x / 10, 25 + y / 10, 5) for x in range(-6, 6) for y in range(-6, 6)])
    after = made(client, since=day(41).isoformat())
    told = client.get(f"/api/v1/hotspots/{before.pk}/compare?with={after.pk}").json()
    assert (told["before"]["id"], told["after"]["id"]) == (str(before.pk), str(after.pk))
    assert told["counts"]["became"] >= 1
    assert told["counts"]["became"] + told["counts"]["stayed"] == after.summary["hot"]
    became = [row for row in told["results"] if row["change"] == "became"]
    assert all(row["class"] > 0 >= (row["class_before"] or 0) for row in became)
    grids = HotspotRun.objects.create(
        district=after.district, region_code=EAST, since=SINCE, until=UNTIL, unit="grids", code_version="1",
        finished_at=after.finished_at,
    )  # fmt: skip
    assert client.get(f"/api/v1/hotspots/{after.pk}/compare?with={grids.pk}").status_code == 422


def test_cancelling_is_heard_and_leaves_nothing(ground: None, as_person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def step(_run: jobs.Run, text: str, _share: float) -> None:
        said.append(text)
        if len(said) == 6:
            raise jobs.Cancelled

    monkeypatch.setattr(jobs.Run, "step", step)
    client = as_person("paula")
    run = HotspotRun.objects.get(pk=asked(client).json()["id"])
    assert run.job
    assert work_off(run.job).state == JobState.CANCELLED
    assert not HotspotCell.objects.exists()
    told = client.get(f"/api/v1/hotspots/{run.pk}").json()
    assert (told["state"], told["sentence"], told["summary"]) == ("cancelled", "", None)


def test_whoever_no_longer_plans_there_gets_nothing(few: None, town: Town, as_person: Any) -> None:
    run = HotspotRun.objects.get(pk=asked(as_person("paula")).json()["id"])
    Membership.objects.filter(person=town.paula).delete()
    assert run.job
    assert work_off(run.job).state == JobState.FAILED
    assert not HotspotCell.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"since": "2026-10-26"}, 422, "ends before"),
        ({"since": "2024-01-01"}, 422, "731"),
        ({"until": "2999-01-01", "since": "2998-12-01"}, 422, "not over yet"),
        ({"since": "2020-01-01", "until": "2020-02-01"}, 422, "nothing to compare"),
        ({"categories": ["99999"]}, 422, "99999"),
        ({"categories": ["no"]}, 400, "pattern"),
        ({"resolution": 11}, 400, "resolution"),
        ({"unit": "squares"}, 400, "unit"),
        ({"permutations": 7}, 422, "99"),
        ({"region": FAR + "009"}, 404, "no such region"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(
    few: None, as_person: Any, body: dict[str, Any], status: int, said: str
) -> None:
    client = as_person("paula")
    client.cookies["django_language"] = "en"
    answer = asked(client, **body)
    assert answer.status_code == status, answer.content
    assert said in answer.json()["detail"]
    assert not HotspotRun.objects.exists()


def test_more_than_fits_is_refused_with_the_limit(few: None, as_person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = as_person("paula")
    client.cookies["django_language"] = "en"
    with monkeypatch.context() as patch:
        patch.setattr(question, "MOST_PLACE_WEEKS", 20)
        answer = asked(client, resolution=10)
    assert answer.status_code == 422
    assert "20 places times weeks" in answer.json()["detail"]
    with monkeypatch.context() as patch:
        patch.setattr(question, "MOST_DRAWS", 100)
        assert "permutations at most" in asked(client, resolution=10, permutations=999).json()["detail"]
    monkeypatch.setattr(problems, "MOST_PROBLEMS", 2)
    run = HotspotRun.objects.get(pk=asked(client).json()["id"])
    assert run.job
    assert "2 problems at most" in work_off(run.job).error or "最多 2 件" in run.job.error


def test_the_same_request_is_done_once(few: None, as_person: Any) -> None:
    client = as_person("paula")
    client.defaults["HTTP_IDEMPOTENCY_KEY"] = "once"
    assert asked(client).json() == asked(client).json()
    assert HotspotRun.objects.count() == Job.objects.count() == 1


def test_runs_are_the_planners_and_their_maker_deletes_them(few: None, town: Town, as_person: Any) -> None:
    client = as_person("paula")
    run = HotspotRun.objects.get(pk=asked(client).json()["id"])
    assert client.delete(f"/api/v1/hotspots/{run.pk}").status_code == 409
    for other in ("dora", "alice", "charlie"):
        assert as_person(other).get(f"/api/v1/hotspots/{run.pk}").status_code == 404
        assert as_person(other).get("/api/v1/hotspots").json()["results"] == []
        assert asked(as_person(other)).status_code == 404
    assert [row["id"] for row in client.get("/api/v1/hotspots?region=" + EAST).json()["results"]] == [str(run.pk)]
    assert run.job
    work_off(run.job)
    Membership.objects.create(
        person=town.dora, role="planner", region=Region.objects.get(code=NEAR), period=from_today()
    )
    assert as_person("dora").get(f"/api/v1/hotspots/{run.pk}").status_code == 200
    assert as_person("dora").delete(f"/api/v1/hotspots/{run.pk}").status_code == 403
    assert client.delete(f"/api/v1/hotspots/{run.pk}").status_code == 204
    assert not HotspotCell.objects.exists()


def test_runs_are_kept_for_two_years(town: Town) -> None:
    def add(days: int, **more: Any) -> HotspotRun:
        row = HotspotRun.objects.create(
            district=DISTRICT, region_code=EAST, since=SINCE, until=UNTIL, resolution=9, code_version="1", **more
        )
        HotspotRun.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))
        return row

    kept = add(730, finished_at=timezone.now())
    add(732, finished_at=timezone.now())
    add(31)
    waiting = add(29)
    assert forget() == 2
    assert set(HotspotRun.objects.all()) == {kept, waiting}
    assert waiting.state == JobState.FAILED


def test_the_command_prints_a_table_and_the_sentence(ground: None) -> None:
    with translation.override("en"):
        said = run_command("--region", EAST, "--limit", "3")
        assert "Problems found (all sources)" in said
        assert said.count("persistent") == 3
        assert "than chance would explain" in said
        assert "Nobody is known" not in run_command("--region", EAST, "--uncorrected", "--unit", "grids")
        with pytest.raises(CommandError, match="--region"):
            run_command("--region", "000000")
        with pytest.raises(CommandError, match="nothing to compare"):
            run_command("--region", FAR)
    assert not HotspotRun.objects.exists()


def run_command(*more: str) -> str:
    out = StringIO()
    call_command("hotspots", "--since", str(SINCE), "--until", str(UNTIL), *more, stdout=out)
    return out.getvalue()
