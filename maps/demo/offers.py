"""The demo city's offers: the volunteer is asked for a report nearby, and has the whole day to say so."""

from grids.models import Person
from grids.problems import Problem
from grids.scope import scope_of
from patrols.models import Report
from patrols.offering.calling import Policy, open_call
from patrols.workflow import State

STANDS_MINUTES = 1440


def load_offers(people: dict[str, Person]) -> int:
    """Let the dispatcher ask the volunteer for the oldest report that a volunteer may fix; return how many were asked.

    Nobody is asked for what by then is nothing to ask for: a demonstration begins all the same.
    """
    scope = scope_of(people["dispatcher"])
    waiting = Report.objects.visible_to(scope).filter(state=State.ACCEPTED, category__acts="volunteer")
    policy = Policy(people=(people["volunteer"].pk,), stands_minutes=STANDS_MINUTES)
    for report in waiting.order_by("recorded_at", "id")[:3]:
        try:
            open_call(report.pk, scope, policy)
        except Problem:
            continue
        return 1
    return 0
