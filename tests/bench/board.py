"""The dispatch board with 5,000 open reports and 2,000 volunteers: its page, an update of it, an idle poll."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

import psycopg

from tests.bench.city import FEW_OPEN, MANY_OPEN, City
from tests.bench.client import Answer, Reader
from tests.bench.measure import Row, compare, row_of
from tests.bench.rows import Bench

PAGE, QUEUE = "/dispatch/", "/dispatch/queue.json"
# One report moves on, as a transition would have it: the row and its event in one transaction.
CHANGE = """
with moved as (
    update patrols_report set changed_at = now() where id = (
        select id from patrols_report where state = 'in_progress' and region_code like '150199001%%'
        order by md5(id::text || %(salt)s) limit 1
    ) returning id, district, state
)
insert into patrols_event (id, district, report_id, verb, before, after, reason, data, occurred_at)
select gen_random_uuid(), district, id, 'hand_over', state, state, '', '{}', now() from moved
"""


@dataclass
class Watcher:
    """A board that is open: what it knows, and how many bytes its last update had."""

    reader: Reader
    cursor: str = ""
    tag: str = ""
    sizes: list[int] = field(default_factory=list)

    @property
    def address(self) -> str:
        """What it asks for next."""
        return f"{QUEUE}?since={self.cursor}"

    def whole(self) -> float:
        """Ask for the whole queue and return how long it took."""
        return self._take(self.reader.send(QUEUE, Accept_Encoding="identity")).seconds

    def update(self) -> float:
        """Let one report change and return how long the update took."""
        change(self.reader.city)
        answer = self._take(self.reader.send(self.address, Accept_Encoding="identity"))
        told = json.loads(answer.body)
        assert len(told["changed"]) == 1, told.keys()
        self.sizes.append(len(answer.body))
        return answer.seconds

    def idle(self) -> float:
        """Ask while nothing happened and return how long that took."""
        answer = self.reader.send(self.address, If_None_Match=self.tag)
        assert (answer.status, answer.body) == (304, b"")
        return answer.seconds

    def _take(self, answer: Answer) -> Answer:
        self.cursor, self.tag = json.loads(answer.body)["cursor"], answer.headers["etag"]
        return answer


def change(city: City) -> None:
    """Let one of the dispatcher's reports change."""
    with psycopg.connect(city.conninfo) as link:
        link.execute(CHANGE, {"salt": str(uuid4())})


def board(bench: Bench) -> Iterator[Row]:
    """What it costs to open the board, to keep it up to date, and to leave it open."""
    many, few = (Watcher(bench.reader(size)) for size in (MANY_OPEN, FEW_OPEN))
    [(count,)] = many.reader.city.ask("select count(*) from grids_membership where role = 'volunteer'")
    size = f"{MANY_OPEN:,} open, {count:,} volunteers"
    yield Row(f"board, {size}", many.reader.queries(PAGE), 12, "queries of one request", "queries")
    page = compare(partial(many.reader.seconds, PAGE), partial(few.reader.seconds, PAGE), 5, 6)
    yield row_of(f"board, {size}", page, 1.5, f"{FEW_OPEN:,} open, which fill fewer rows")
    many.whole()
    yield Row("board, idle poll", _queries(many), 5, "queries of one request, two of them for the session", "queries")
    idle = compare(many.idle, partial(many.reader.seconds, "/floor/nothing"))
    yield row_of("board, idle poll, 304 and no body", idle, 2, "a view that does nothing")
    change(many.reader.city)
    queries = many.reader.queries(many.address)
    yield Row("board, update after one change", queries, 10, "queries of one request", "queries")
    whole = len(many.reader.send(QUEUE, Accept_Encoding="identity").body)
    few.whole(), many.whole()
    against_few = compare(many.update, few.update)
    middle, other = (sorted(each.sizes)[len(each.sizes) // 2] for each in (many, few))
    detail = f"{middle:,} bytes of JSON against {whole:,}; with {FEW_OPEN:,} open {other:,}"
    yield Row("board, update after one change: bytes", middle / whole, 0.05, f"{detail}", "of the whole")
    yield row_of(f"board, update after one change, {MANY_OPEN:,} open", against_few, 1.5, f"{FEW_OPEN:,} open")
    against_whole = compare(many.update, many.whole)
    yield row_of("board, update after one change: time", against_whole, 0.5, "the whole queue")


def _queries(watcher: Watcher) -> int:
    return watcher.reader.queries(watcher.address, If_None_Match=watcher.tag)
