"""The districts of a simulated city: the demo's own and its copies, with the keys of what is alike in them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from fixtures.city import City
from fixtures.simulation import districts
from grids.models import Grid, Organisation, Person, Region, Team
from grids.problems import Conflict
from maps.demo import loading
from maps.demo.people import load_people
from maps.demo.places import load_places, long_ago

Ints = npt.NDArray[np.int64]


@dataclass
class Districts:
    """Keys of people, bodies, grids and teams: a row for each district, in the order of the demo city's own rows."""

    city: City
    codes: list[str]
    people: Ints
    bodies: Ints
    grids: Ints
    teams: Ints
    regions: Ints

    def index(self, kind: str) -> dict[int, int]:
        """Where something of the first district stands in a row."""
        return {int(key): place for place, key in enumerate(getattr(self, kind)[0])}


def prepare(city: City, number: int, say: Callable[[str], None]) -> Districts:
    """Make the districts that are missing, in the first place the demo's own, and return what they hold.

    Raises Conflict if the demo city in the database is not the one that this version generates.
    """
    own = loading.is_loaded()
    if not own:
        _write(districts.moved(city, 0))
    # Without the demo's accounts its people are called as in a copy.
    home = city if Person.objects.filter(username=city.people[0].username).exists() else districts.moved(city, 0)
    every = [home]
    present = set(Region.objects.filter(level="district").values_list("code", flat=True))
    for turn in range(1, number):
        copy = districts.moved(city, turn)
        every.append(copy)
        if copy.regions[0].code not in present:
            _write(copy)
            say(f"district {turn + 1} of {number}")
    return Districts(
        city,
        [one.regions[0].code for one in every],
        _keys(Person.objects.all(), "username", [[row.username for row in one.people] for one in every]),
        _keys(Organisation.objects.all(), "code", [[row.code for row in one.organisations] for one in every]),
        _keys(Grid.objects.filter(kind="service"), "code", [[row.code for row in one.grids] for one in every]),
        _keys(Team.objects.all(), "code", [[row.code for row in one.teams] for one in every]),
        _keys(Region.objects.all(), "code", [[row.code for row in one.regions] for one in every]),
    )


def _write(city: City) -> None:
    load_places(city, long_ago())
    load_people(city, "")


def _keys(found: "QuerySet[Any]", name: str, wanted: list[list[str]]) -> Ints:
    known = dict(found.filter(**{f"{name}__in": [key for row in wanted for key in row]}).values_list(name, "pk"))
    try:
        return np.array([[known[key] for key in row] for row in wanted], dtype=np.int64)
    except KeyError as error:
        message = f"The demo city in this database lacks {error}: it is of another version, or was changed."
        raise Conflict(message) from error
