"""Pages of reports: the same rows as the plain condition gives, each way to see a report by its own index."""

import pytest
from django.db import connection

from grids.models import Organisation
from patrols.filing import Draft, file_report
from patrols.filters import read_filter
from patrols.models import Party, Report
from patrols.transitions import Move, transition
from tests.town import LITTER, PARKING, Town, at

QUERIES: tuple[dict[str, str], ...] = (
    {},
    {"state": "open"},
    {"state": "dispatched"},
    {"state": "reported,accepted"},
    {"category": PARKING},
    {"grid": "150199001001005"},
    {"late": "1"},
    {"late": "risk"},
    {"recurrent": "1"},
    {"kind": "request"},
    {"kind": "problem"},
    {"source": "patrol"},
    {"since": "2020-01-01", "until": "2099-01-01"},
    {"bbox": "111.6,40.8,111.7,40.9"},
    {"q": "mark"},
)
NAMES = ("alice", "bob", "charlie", "dora", "olaf", "paula", "squad_member")


@pytest.fixture
def reports(town: Town) -> list[Report]:
    """Reports everywhere, by everybody, some dispatched to the squad and some to Bob."""
    filed = []
    for turn in range(24):
        far = turn % 6 == 5
        place = at(9.5, 1.5) if far else at(0.5 + turn % 3, 0.5 + turn // 3 % 3)
        who = "charlie" if far else ("alice", "bob")[turn % 2]
        draft = Draft(category=PARKING if turn % 4 == 3 else LITTER, geom=place, anchor=place, place=f"mark {turn}")
        report = file_report(draft, town.scope(who))
        if turn % 4 == 3:
            _dispatch(report, town, "olaf" if far else "dora", town.squad)
        filed.append(report)
    return filed


def _dispatch(report: Report, town: Town, dispatcher: str, body: Organisation) -> None:
    transition(report.pk, "accept", town.scope(dispatcher))
    if dispatcher == "dora":
        transition(report.pk, "dispatch", town.scope(dispatcher), Move(holder=body))


@pytest.mark.parametrize("name", NAMES)
def test_pages_hold_what_is_visible_in_order_and_each_once(town: Town, reports: list[Report], name: str) -> None:
    assert reports
    scope = town.scope(name)
    for query in QUERIES:
        wanted = read_filter(query)
        plain = list(wanted.apply(Report.objects.visible_to(scope)).page_before(None, 1000))
        walked: list[Report] = []
        cursor = None
        while page := list(Report.objects.newest_visible(scope, wanted.apply, cursor, 4)):
            walked += page[:4]
            if len(page) <= 4:
                break
            cursor = (page[3].recorded_at, page[3].pk)
        assert [row.pk for row in walked] == [row.pk for row in plain], f"{name} {query}"


def test_a_party_keeps_the_time_of_its_report(town: Town, reports: list[Report]) -> None:
    assert Party.objects.exists()
    assert all(party.report_recorded_at == party.report.recorded_at for party in Party.objects.all())
    del town, reports


def test_no_page_reads_the_whole_table(town: Town, reports: list[Report]) -> None:
    """With sequential scans forbidden the plan must find an index for every way; without one it would cost 1e10."""
    assert reports
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_bitmapscan = off")
    for name in NAMES:
        for query in QUERIES[:12]:
            page = Report.objects.newest_visible(town.scope(name), read_filter(query).apply, None, 50)
            plan = page.explain()
            assert "Seq Scan on patrols_report" not in plan, f"{name} {query}\n{plan}"
            assert "Seq Scan on patrols_party" not in plan, f"{name} {query}\n{plan}"
