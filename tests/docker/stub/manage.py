"""Stands in for the site in the tests of the local runner: the same commands, no Django, ready in no time."""

import os
import signal
import sys
import time
from pathlib import Path

VAR = Path(os.environ["GRIDWARDEN_VAR"])


def wait_for_term() -> None:
    """Live until TERM, having left a child in a process group of its own, as RQ's worker does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        time.sleep(0.2)


def main(command: str) -> None:
    if command == "prepare":
        if (VAR / "break-prepare").exists():
            sys.exit("prepare: the catalogue is unreadable")
    elif command == "show-database":
        print(os.environ["GRIDWARDEN_DATABASE_URL"], *sys.argv[2:])
    elif command == "rqworker":
        if os.fork() == 0:
            os.setpgrp()
            while True:
                time.sleep(0.2)
        wait_for_term()
    else:
        wait_for_term()


main(sys.argv[1])
