"""`manage.py draw_workflow`: the life of a report as a diagram and a table, from the state table itself."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from patrols.workflow import PARKED_STATES, TRANSITIONS, State, Transition

HEAD = """# The life of a report

Written by `python manage.py draw_workflow > docs/workflow.md` from `patrols/workflow.py`; a test compares the two.

A report starts as `reported`. `resume` leads back to the state that a parked report came from; `extend` moves the due
time and leaves the state as it is. *By another* means: by somebody who neither handled the report, nor leads it, nor
proposed who leads it.
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
