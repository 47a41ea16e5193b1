"""Runs: what is read, what is stored, that nothing is left of one that ends early, and who may see them."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client

from grids import jobs
from grids.models import Job, Outbox
from grids.models.platform import JobState
from maps.models import HotspotRun
from tests.maps.hotspots.plain import EAST, UNTIL, day, file_many, lay_streets, walk_whole, widen
from tests.town import Town

Post = Callable[..., Any]
WEEKS = 12
SINCE = day(7 * WEEKS - 1)


@pytest.fixture
def ground(town: Town) -> None:
    """A community of 3 by 3 km with streets, all walked once a week; chance finds, and a spot in the middle."""
    widen()
    streets = lay_streets()
    walk_whole(streets, range(0, 7 * WEEKS, 7))
    rng = np.random.default_rng(4)
    spots = [(*rng.uniform(0.1, 29.9, 2), int(rng.integers(0, 7 * WEEKS))) for _number in range(700)]
    spots += [(*rng.uniform(13, 17, 2), int(rng.integers(0, 7 * WEEKS))) for _number in range(300)]
    file_many(town.litter, spots)


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


def test_a_run_finds_the_spot_and_says_what_to_do(
    ground: None, as_person: Any, django_assert_max_num_queries: Any
) -> None:
    client = as_person("paula")
    run = made(client)
    told = client.get(f"/api/v1/hotspots/{run.pk}").json()
    assert told["state"] == "done"
    assert told["summary"]["problems"] == 1000
    assert told["summary"]["hot"] >= 1
    with django_assert_max_num_queries(7):
        page = client.get(f"/api/v1/hotspots/{run.pk}/cells?limit=5").json()
    first = page["results"][0]
    assert (first["class"], first["effort"], first["rank"]) == (3, "known", 1)
    assert sum(first["weekly"]) == first["count"]
    assert first["count"] == sum(first["by_source"].values())
    assert first["advice"] == "campaign"
    assert "10.1" in first["reasons"][2]
    assert told["sentence"]
