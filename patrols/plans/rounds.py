"""Who goes where once a plan went out: of each volunteer what is still to be done of it, in the order of a good round.

Nobody's position is kept. A round begins in the grid that somebody answers for, or else at the first of its reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from patrols.matching.rounds import MOST_STOPS, Stop, go_round
from patrols.models import Party, PlanRow
from patrols.plans.people import Home, homes
from patrols.workflow import FIXING_STATES


@dataclass(frozen=True, slots=True)
class Rounds:
    """`stops`: by report its place in the round of who goes there, from 1; `homes`: by person where theirs begins."""

    stops: dict[str, int]
    homes: dict[int, Home]


def rounds_of(rows: Sequence[PlanRow], today: date) -> Rounds:
    """Return the rounds that are left of a plan's rows, whose reports were read with them; in two queries.

    What was done, recalled or given to somebody else since is no stop any more.
    """
    fixing = [row for row in rows if row.person_id and row.report.state in FIXING_STATES]
    leads = dict(
        Party.objects.leading().filter(report__in=[row.report_id for row in fixing]).values_list("report", "person")
    )
    going: dict[int, list[PlanRow]] = {}
    for row in fixing:
        if row.person_id and leads.get(row.report_id) == row.person_id:
            going.setdefault(row.person_id, []).append(row)
    known = homes(going, today)
    stops: dict[str, int] = {}
    for person, mine in going.items():
        first = mine[0].report.anchor
        start = (known[person].lon, known[person].lat) if person in known else (first.x, first.y)
        places = [Stop(str(row.report_id), row.report.anchor.x, row.report.anchor.y) for row in mine[:MOST_STOPS]]
        stops |= {leg.key: number for number, leg in enumerate(go_round(start, places).legs, 1)}
    return Rounds(stops, known)
