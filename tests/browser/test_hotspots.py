"""A planner asks where problems are more than chance, reads why, and plans patrols that the leader then sees."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from grids import jobs
from grids.models import Grid, Outbox, Person
from grids.scope import scope_of
from maps.cells.recounting import fill
from maps.models import HotspotCell, HotspotRun
from patrols.filing import Draft, file_report
from tests.browser.conftest import DESK, Visits, apart

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

MANY = 40
TITLE = "高发区加密巡查"


def trouble() -> str:
    """Let much be found in the leader's grid, see to it that it is counted, and return its code."""
    leader = Person.objects.get(username="leader")
    grid: Grid = Grid.objects.current().get(assignments__person=leader, assignments__role="owner")
    inside = grid.geom.point_on_surface
    for _turn in range(MANY):
        file_report(Draft(category="06010", geom=inside, anchor=inside), scope_of(leader))
    fill()
    return grid.code


def computed(code: str) -> int:
    """Do the job of the run that was asked for, as a worker would, and return what the page calls a grid of it."""
    run = HotspotRun.objects.latest("created_at")
    jobs.run(str(Outbox.objects.get(topic=jobs.TOPIC, payload__job=str(run.job_id)).pk))
    return HotspotCell.objects.get(run=run, grid_code=code).pk


def ask(page: Page, days: int) -> None:
    """Ask by keyboard for a run over grids and so many days, and see that it has begun."""
    page.locator("#hotspots-new summary").press("Enter")
    page.select_option("#hotspots-unit", "grids")
    page.locator("[name=corrected]").set_checked(False)
    page.fill("#hotspots-since", str(timezone.localdate() - timedelta(days=days - 1)))
    page.locator("#hotspots-form [type=submit]").press("Enter")
    expect(page.locator("#hotspots-job progress")).to_be_visible()


def test_a_hotspot_leads_to_a_patrol_that_the_leader_sees(
    visits: Visits, violations: Callable[[Page], list[str]]
) -> None:
    code = apart(trouble)
    page = visits.open("planner", "/planner/", DESK)
    expect(page.locator("#top [data-cell]").first).to_contain_text("每公顷")
    expect(page.locator("#hotspots-sentence")).to_have_text("这里还没有做过分析。")

    # A run that was asked for by mistake is cancelled; the next one is done.
    ask(page, 7)
    page.locator("#hotspots-job [data-cancel] button").press("Enter")
    expect(page.locator("#hotspots-job")).to_be_empty()
    expect(page.locator("#hotspots-runs option").first).to_contain_text("已取消")
    ask(page, 7)
    place = apart(lambda: computed(code))
    row = page.locator(f'#hotspots-list [data-place="{place}"]')
    expect(row).to_contain_text("问题高发")
    expect(page.locator("#hotspots-sentence")).to_contain_text("偶然")
    expect(page.locator("#hotspots-first")).to_contain_text("周一")

    # Chosen by keyboard, it says what to do, then why; where it came back leads there.
    row.locator("button").press("Enter")
    expect(page.locator("#hotspots-place .hotspot-todo")).not_to_be_empty()
    expect(page.locator("#hotspots-place .bullets li").first).to_contain_text("发现")
    expect(page.locator("#choosing-place")).to_contain_text("公顷")
    assert violations(page) == []
    page.locator("summary", has_text="多次复发").press("Enter")
    before = page.url
    page.locator("#hotspots-again button").first.press("Enter")
    page.wait_for_url(lambda url: url != before)
    assert "#18/" in page.url

    # Over other days it is another run, and the two can be set side by side.
    ask(page, 1)
    place = apart(lambda: computed(code))
    expect(page.locator(f'#hotspots-list [data-place="{place}"]')).to_be_visible()
    page.locator("#hotspots-compare summary").press("Enter")
    page.select_option("#hotspots-with", index=1)
    expect(page.locator("#hotspots-changed")).not_to_be_empty()
    expect(page.locator("#hotspots-changes li").first).to_contain_text("→")

    # Who looks at one of the forms and goes back finds chosen what was chosen.
    page.locator(f'#hotspots-list [data-place="{place}"] button').press("Enter")
    expect(page.locator("#choosing-place")).to_contain_text("公顷")
    page.locator("#choosing [formaction*=tasks]").press("Enter")
    page.wait_for_url(re.compile("/tasks/"))
    page.go_back()
    expect(page.locator("#hotspots-place .hotspot-todo")).not_to_be_empty()
    expect(page.locator("#choosing-place")).to_contain_text("公顷")
    page.locator("#choosing .primary").press("Enter")

    page.wait_for_url(re.compile("/planner/patrols/new/"))
    assert "发现" in page.input_value("[name=why]")
    page.fill("[name=name]", TITLE)
    page.locator("form .primary[type=submit]").press("Enter")
    page.wait_for_url(re.compile("/planner/patrols/[0-9a-f-]{36}/"))
    expect(page.locator("h1")).to_have_text(TITLE)
    page.goto("/planner/patrols/")
    expect(page.locator("tr", has_text=TITLE)).to_contain_text("进行中")

    leader = visits.open("leader")
    expect(leader.locator(".row.planned", has_text=TITLE)).to_contain_text("待巡查")
