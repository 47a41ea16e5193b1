"""The books that must balance when everything is quiet: what was acknowledged is there, once, and told once."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

Ask = Callable[[str], list[tuple[Any, ...]]]
TOLD = {"file": ["alice", "dora"], "accept": ["bob"]}
OPEN = """
select (select count(*) from grids_outbox where done_at is null)
     + (select count(*) from grids_job where state in ('waiting', 'running'))
"""
STEPS = """
select row.id::text, row.payload->>'verb' as verb, row.payload->>'report' as report,
       array(select person.username::text from grids_notification told join grids_person person on person.id = person_id
             where told.key = row.id::text order by 1) as told
from grids_outbox row where topic = 'report.moved'
"""
JOBS = """
select job.id::text, job.state, job.kind,
       (select count(*) from grids_slot where task = 'effect ' || job.id),
       (select count(*) from grids_notification where key = 'job:' || job.id)
from grids_job job
"""
Acknowledged = Counter[tuple[str, str]]


def read(lines: Iterable[str]) -> Acknowledged:
    """Return (word, id) for each step that a filer's lines acknowledge."""
    words = {"filed", "accepted", "started", "stopped"}
    split = (line.split() for line in lines)
    return Counter((line[0], line[1]) for line in split if len(line) == 2 and line[0] in words)


def check_reports(ask: Ask, acknowledged: Acknowledged) -> None:
    """Every step has one promise, every promise told everybody concerned once and nobody else."""
    rows = ask(STEPS)
    for promise, verb, report, told in rows:
        assert told == TOLD[verb], f"{verb} of {report} ({promise}) told {told}"
    steps = Counter((verb, report) for _promise, verb, report, _told in rows)
    assert not [step for step, times in steps.items() if times > 1]
    names = {"filed": "file", "accepted": "accept"}
    for word, report in acknowledged:
        if word in names:
            assert steps[names[word], report] == 1, f"{word} {report} was acknowledged and is lost"
    filed = sum(verb == "file" for verb, _report in steps)
    assert ask("select count(*) from patrols_report") == [(filed,)]
    assert ask("select count(*) from patrols_event") == [(len(steps),)]
    [(told,)] = ask("select count(*) from grids_notification where key not like 'job:%'")
    assert told == sum(len(TOLD[verb]) for verb, _report in steps)
    keyed = "select description from patrols_report where description <> '' group by 1 having count(*) > 1"
    assert ask(keyed) == [], "a key filed two reports"


def check_jobs(ask: Ask, acknowledged: Acknowledged) -> None:
    """Every job is over; who was done left one mark and told once, who was stopped neither."""
    rows = {job: (state, marks, told) for job, state, _kind, marks, told in ask(JOBS)}
    for job, (state, marks, told) in rows.items():
        expected = {"done": (1, 1), "cancelled": (0, 0)}
        assert (marks, told) == expected.get(state), f"{job} is {state}, left {marks} marks and told {told} times"
    for word, job in acknowledged:
        if word in {"started", "stopped"}:
            assert job in rows, f"{word} {job} was acknowledged and is lost"
