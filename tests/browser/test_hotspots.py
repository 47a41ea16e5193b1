"""A planner asks where problems are more than chance, reads why, and plans patrols that the leader then sees."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from grids import jobs
from grids.models import Grid, Outbox, Person
from grids.scope import scope_of
from maps.models import HotspotCell, HotspotRun
from patrols.filing import Draft, file_report
from tests.browser.conftest import DESK, Visits, apart

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

MANY = 40


def trouble() -> str:
    """Let much be found in the leader's grid, and return its code."""
    leader = Person.objects.get(username="leader")
    grid: Grid = Grid.objects.current().get(assignments__person=leader, assignments__role="owner")
    inside = grid.geom.point_on_surface
    for _turn in range(MANY):
        file_report(Draft(category="06010", geom=inside, anchor=inside), scope_of(leader))
    return grid.code


def computed(code: str) -> int:
    """Do the job of the run that was asked for, as a worker would, and return what the page calls a grid of it."""
    run = HotspotRun.objects.latest("created_at")
    jobs.run(str(Outbox.objects.get(topic=jobs.TOPIC, payload__job=str(run.job_id)).pk))
    return HotspotCell.objects.get(run=run, grid_code=code).pk


def test_a_hotspot_leads_to_a_patrol_that_the_leader_sees(
    visits: Visits, violations: Callable[[Page], list[str]]
) -> None:
    code = apart(trouble)
    page = visits.open("planner", "/planner/", DESK)
    expect(page.locator("#hotspots-sentence")).to_have_text("这里还没有做过分析。")
    page.click("#hotspots-new summary")
    page.select_option("#hotspots-unit", "grids")
    page.uncheck("[name=corrected]")
    page.click("#hotspots-form [type=submit]")
    expect(page.locator("#hotspots-job progress")).to_be_visible()
    place = apart(lambda: computed(code))
    row = page.locator(f'#hotspots-list [data-place="{place}"]')
    expect(row).to_contain_text("问题高发")
    assert "run=" in page.url

    row.locator("button").click()
    expect(page.locator("#hotspots-place .hotspot-todo")).not_to_be_empty()
    expect(page.locator("#hotspots-place .bullets li").first).to_contain_text("发现")
    expect(page.locator("#choosing-place")).to_contain_text("公顷")
    assert violations(page) == []
    page.click("#choosing .primary")

    page.wait_for_url(re.compile("/planner/patrols/new/"))
    assert page.input_value("[name=why]")
    page.fill("[name=name]", "高发区加密巡查")
    page.click("form .primary[type=submit]")
    page.wait_for_url(re.compile("/planner/patrols/[0-9a-f-]{36}/"))
    expect(page.locator("h1")).to_have_text("高发区加密巡查")

    leader = visits.open("leader")
    planned = leader.locator(".row.planned", has_text="高发区加密巡查")
    expect(planned).to_contain_text("待巡查")
