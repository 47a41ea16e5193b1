"""The command line behind the Makefile: `python3 -m runner run|test|bench|services|setup`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from runner import checks, demo, dependencies, manage, places, services
from runner.interruption import Interruption, Stopped
from runner.progress import StepError, report

CHECKOUT = Path(__file__).resolve().parents[3]


def setup(checkout: Path, interruption: Interruption) -> int:
    """`make setup`: bring the dependencies up to date and start nothing."""
    dependencies.install(places.prepare(checkout, places.DEMO), with_tests=False)
    return 0


COMMANDS: dict[str, Callable[[Path, Interruption], int]] = {
    "run": demo.run,
    "stop": demo.stop_other,
    "test": checks.test,
    "lint": checks.lint,
    "bench": checks.bench,
    "services": services.run,
    "setup": setup,
}


def by_hand(arguments: list[str]) -> int:
    try:
        manage.run(CHECKOUT, arguments)
    except StepError as failure:
        report(failure)
        return 1


def main(arguments: list[str]) -> int:
    name, *rest = arguments or ["run"]
    if name == "manage":
        return by_hand(rest)
    command = COMMANDS.get(name)
    if command is None or rest:
        print(f"usage: docker/local/run {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    interruption = Interruption()
    interruption.install()
    try:
        return command(CHECKOUT, interruption)
    except StepError as failure:
        report(failure)
        return 1
    except Stopped:
        return 130


sys.exit(main(sys.argv[1:]))
