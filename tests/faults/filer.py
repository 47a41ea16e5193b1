"""A program that files reports at the small town and says which were acknowledged: `python -m tests.faults.filer`.

It prints one line per committed step, after the commit: `filed ID` or `accepted ID`. It can be killed at any moment
like every other process; what it did not get to print was not acknowledged.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maps.site.settings")
django.setup()

from django.db import Error, connection  # noqa: E402

from grids.models import Person  # noqa: E402
from grids.scope import scope_of  # noqa: E402
from patrols.filing import Draft, file_report  # noqa: E402
from patrols.transitions import transition  # noqa: E402
from tests.town import LITTER, at, build_town  # noqa: E402

PAUSE_S = 0.15
EVERY = 3  # of so many reports one is accepted by the dispatcher too


def file_and_say(turn: int) -> None:
    """File one report as Bob, accept every third as Dora, and say so after each commit."""
    point = at(1.2 + turn % 5 / 10, 1.5)
    bob, dora = (scope_of(Person.objects.get(username=name)) for name in ("bob", "dora"))
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), bob)
    print(f"filed {report.pk}", flush=True)
    if turn % EVERY == 0:
        transition(report.pk, "accept", dora)
        print(f"accepted {report.pk}", flush=True)


def main(count: int) -> None:
    """File so many reports; a database that goes away is waited for, as a person would try again."""
    for turn in range(count):
        try:
            file_and_say(turn)
        except Error as error:
            print(f"not acknowledged: {type(error).__name__}", flush=True)
            connection.close()
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build_town()
    else:
        main(int(sys.argv[1]))
