"""Volunteers as rows: people, memberships, assignments."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import connection

from fixtures.simulation.crowd import Volunteer
from grids.models import Assignment, Membership, Person
from maps.simulate.districts import Districts, Ints
from maps.simulate.tables import copy_rows


@dataclass
class Crowd:
    """Volunteers in a row; those of one community follow each other.

    `grid` is each one's grid, as its place in `Districts.grids`, read row after row.
    """

    people: Ints
    grid: Ints

    def __len__(self) -> int:
        """How many volunteers."""
        return len(self.people)

    def of_communities(self, where: Districts) -> tuple[Ints, Ints]:
        """For each grid of each district, where the volunteers of its community begin and how many they are."""
        names = sorted({row.community for row in where.city.grids})
        community = np.array([names.index(row.community) for row in where.city.grids])
        # The communities of all districts, counted on from one district to the next.
        number = community + len(names) * np.arange(len(where.codes))[:, None]
        of_each = number.reshape(-1)[self.grid]
        size = np.bincount(of_each, minlength=len(names) * len(where.codes))
        first = np.zeros_like(size)
        present, begins = np.unique(of_each, return_index=True)
        first[present] = begins
        return first[number], size[number]


def write(drawn: Iterable[Volunteer], count: int, grids: dict[str, int], where: Districts) -> Crowd:
    """Write volunteers. `grids` says at which place of `where.grids`, read row after row, a grid's code stands."""
    first = _reserve("grids_person", count)
    taken = Person.objects.filter(username__regex=r"^v\d{7}$").count()
    nobody = make_password(None)
    volunteers = list(drawn)
    copy_rows(
        Person,
        ["id", "username", "password", "name", "name_en", "party_member", "invented", "created_at"],
        (
            (
                first + v.number,
                f"v{taken + v.number:07d}",
                nobody,
                v.name,
                v.name_en,
                v.party_member,
                True,
                v.since,
            )
            for v in volunteers
        ),
    )
    regions = {code: int(key) for code, key in _by_code(where, "regions")}
    teams = {code: int(key) for code, key in _by_code(where, "teams")}
    copy_rows(
        Membership,
        ["person_id", "role", "region_id", "team_id", "period"],
        (
            (
                first + v.number,
                "volunteer",
                regions[v.community],
                teams[f"t{v.community}{v.squad}"],
                f"[{v.since:%Y-%m-%d},)",
            )
            for v in volunteers
        ),
    )
    flat = where.grids.reshape(-1)
    place = np.array([grids[v.grid] for v in volunteers], dtype=np.int64)
    copy_rows(
        Assignment,
        ["person_id", "grid_id", "role", "period"],
        (
            (first + v.number, int(flat[at]), "deputy" if v.deputy else "member", f"[{v.since:%Y-%m-%d},)")
            for v, at in zip(volunteers, place, strict=True)
        ),
    )
    return Crowd(np.arange(first, first + count), place)


def _by_code(where: Districts, kind: str) -> Iterable[tuple[str, int]]:
    """Codes of regions or teams with their keys, in all districts."""
    home = where.city.regions[0].code
    for code, keys in zip(where.codes, getattr(where, kind), strict=True):
        for row, key in zip(getattr(where.city, kind), keys, strict=True):
            yield row.code.replace(home, code, 1), key


def _reserve(table: str, count: int) -> int:
    """Take so many ids that follow each other, and return the first."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_serial_sequence(%s, 'id')", [table])
        [sequence] = cursor.fetchone()
        cursor.execute("select nextval(%s)", [sequence])
        [first] = cursor.fetchone()
        cursor.execute("select setval(%s, %s)", [sequence, first + max(count, 1) - 1])
    return int(first)
