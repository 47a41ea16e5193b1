"""Stories as templates: each is played once through the state table, to be laid out many times."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import shapely

from fixtures.city.model import Report as Story
from fixtures.simulation.schedule import Told
from grids.models import Grid, Organisation, Person
from grids.worktime import weekday_works
from maps.demo.reports import played
from maps.simulate.districts import Districts
from patrols.models import Event, Party, Report
from patrols.workflow import FINAL_STATES, PARKED_STATES


@dataclass
class Template:
    """A story as it was played on the first district: its rows, the place of its grid and the grid's shape.

    `volunteers` holds the places of the volunteers in it among the district's people, each with a turn of its own.
    """

    report: Report
    events: list[Event]
    parties: list[Party]
    grid: int
    polygon: shapely.Polygon
    volunteers: dict[int, int]

    @property
    def parked(self) -> bool:
        """Whether it waits for a day: that day is kept, whatever week it is moved to."""
        return self.report.state in PARKED_STATES


def templates(where: Districts, stories: Iterable[Story]) -> list[Template]:
    """Play stories with a calendar in which every week is alike, since they are moved by weeks."""
    city = where.city
    found = Person.objects.in_bulk(where.people[0].tolist())
    held = Organisation.objects.in_bulk(where.bodies[0].tolist())
    people = {row.username: found[key] for row, key in zip(city.people, where.people[0].tolist(), strict=True)}
    bodies = {row.code: held[key] for row, key in zip(city.organisations, where.bodies[0].tolist(), strict=True)}
    cast = played(stories, people, bodies, weekday_works)
    events, parties = _by_report(cast.events), _by_report(cast.parties)
    place, grids = where.index("people"), where.index("grids")
    shapes = {row.code: row.geom for row in city.grids}
    names = {row.person for row in city.memberships if row.role == "volunteer" and row.until is None}
    volunteers = {place[people[name].pk] for name in names}
    out = []
    for report in cast.reports:
        assert isinstance(report.grid, Grid)
        mine = parties.get(report.pk, [])
        named = {report.reporter_id, report.handler_id, *(party.person_id for party in mine)}
        walking = sorted(place[key] for key in named if key and place[key] in volunteers)
        turns = {person: turn for turn, person in enumerate(walking)}
        shape = shapes[report.grid.code]
        out.append(Template(report, events[report.pk], mine, grids[report.grid.pk], shape, turns))
    return out


def told(made: list[Template], seasonal: frozenset[str]) -> list[Told]:
    """Say of each story what the schedule has to know; `seasonal` has the codes of categories with a season."""
    return [
        Told(
            one.report.recorded_at,
            one.events[-1].recorded_at,
            one.report.state not in FINAL_STATES,
            one.report.category.code in seasonal,
        )
        for one in made
    ]


def _by_report(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    out: dict[Any, list[Any]] = {}
    for row in rows:
        out.setdefault(row.report_id, []).append(row)
    return out
