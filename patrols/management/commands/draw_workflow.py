"""`manage.py draw_workflow`: the life of a report as a diagram and a table, from the state table itself."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from patrols.workflow import PARKED_STATES, TRANSITIONS, State, Transition

HEAD = """# The life of a report

Written by `python manage.py draw_workflow > docs/workflow.md` from `patrols/workflow.py`; a test compares the two.

A report starts as `reported`. `resume` leads back to the state that a parked report came from; steps that stay leave
the state as it is: `extend` moves the due time. *By another* means: by somebody who neither handled the report, nor
leads it, nor proposed who leads it, nor asked for what is granted.

Who deals with a report may ask for an extension or to defer it, one at a time, until a day and with a reason. Somebody
else approves, which does what was asked for, or refuses with a reason; who asked may withdraw it. Starting, urging and
supervising leave what is asked for as it is; every other step answers it or lets it lapse, and the history says so.

`urge` and `supervise` are told to whoever leads the report, and to the dispatchers while nobody does. They are counted
and shown wherever the report is. Who only reported it may urge once a day.

A fix of a hazard, or of a category that says so, is always verified by somebody else. Of the other categories a seeded
sample is; what is not drawn closes by itself after half an hour (`settle`), and the history says so. What was returned
once is always verified. A category may require a photo of after before a report counts as handled; after rework, a new
one.

Two clocks run in the time of the category's limit: until dispatch, and from dispatch until the fix. A report is at risk
when a quarter of the limit or less is left, and late when none is. A clock stands while the report is parked, handled
or closed. What was sent back begins to wait anew; how long each holder had it is kept and shown.
"""


class Command(BaseCommand):
    """Prints Markdown."""

    help = "Print the life of a report as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write to the standard output."""
        self.stdout.write(draw(), ending="")


def draw() -> str:
    """Return the page."""
    with translation.override("en"):
        return "\n".join([HEAD, _states(), _diagram(), _verbs()])


def _states() -> str:
    rows = [f"| `{state.value}` | {state.label} | {_chinese(state)} |" for state in State]
    return "\n".join(["## States", "", "| state | English | 中文 |", "|---|---|---|", *rows, ""])


def _diagram() -> str:
    lines = ["## Steps", "", "```mermaid", "stateDiagram-v2", "    [*] --> reported: file"]
    for row in TRANSITIONS.values():
        if row.target is None or row.target in PARKED_STATES:
            continue
        lines += [f"    {source} --> {row.target.value}: {row.verb}" for source in sorted(row.sources)]
    return "\n".join([*lines, "```", ""])


def _verbs() -> str:
    rows = [
        f"| `{row.verb}` | {_chinese(row)} | {_names(row.sources)} | {_target(row)} | {_names(row.may)} |"
        f" {_names(row.needs)} | {'yes' if row.by_another else ''} |"
        for row in TRANSITIONS.values()
    ]
    head = ["| verb | 中文 | from | to | who may | needs | by another |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _target(row: Transition) -> str:
    if row.target:
        return f"`{row.target.value}`"
    return "where it came from" if row.verb == "resume" else "stays"


def _names(values: frozenset[Any]) -> str:
    return ", ".join(sorted(value.value for value in values))


def _chinese(thing: State | Transition) -> str:
    with translation.override("zh-hans"):
        return str(thing.label)
