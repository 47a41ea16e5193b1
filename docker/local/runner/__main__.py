"""The command line behind the Makefile: `python3 -m runner run|test|bench|services|setup`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from runner import services
from runner.interruption import Interruption, Stopped
from runner.progress import StepError, report

CHECKOUT = Path(__file__).resolve().parents[3]
COMMANDS: dict[str, Callable[[Path, Interruption], int]] = {"services": services.run}


def main(arguments: list[str]) -> int:
    command = COMMANDS.get(arguments[0] if arguments else "run")
    if command is None or len(arguments) > 1:
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
