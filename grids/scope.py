"""What a person may see, worked out once a request from their current memberships and assignments."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b

from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, DateField, F, Q, Value
from django.utils import timezone

from grids.composed import Composed, Parameter
from grids.models import Assignment, Grid, Membership, Person
from grids.models.grid import GridKind
from grids.models.people import AssignmentRole, Role

FORMER = "former"  # stands for a role in the rows of grids that are over
REGION_WIDE: frozenset[str] = frozenset({Role.DISPATCHER, Role.INSPECTOR, Role.PLANNER, Role.ADMIN})


@dataclass(frozen=True)
class Scope:
    """The reach of one person on one day.

    `regions` maps each role to the region codes it holds for (6, 9 or 12 digits, a prefix of all below). `grids` are
    the ids of grids the person answers for or belongs to; `owned` those they lead or deputise. `former` are what those
    grids were before they got another outline, under the same code: what lies in them is theirs to read, not to act on.
    """

    person: Person | None
    regions: dict[str, tuple[str, ...]]
    grids: frozenset[int]
    owned: frozenset[int]
    teams: frozenset[int]
    organisations: frozenset[int]
    former: frozenset[int] = frozenset()

    @cached_property
    def roles(self) -> frozenset[str]:
        """All roles held today."""
        return frozenset(self.regions)

    @cached_property
    def wide(self) -> tuple[str, ...]:
        """Region codes within which everything is seen, without those inside another."""
        codes = sorted({code for role in REGION_WIDE & self.roles for code in self.regions[role]})
        kept: list[str] = []
        for code in codes:
            if not kept or not code.startswith(kept[-1]):
                kept.append(code)
        return tuple(kept)

    @cached_property
    def key(self) -> str:
        """A short name of this reach: two people with the same key see the same."""
        parts = (
            self.person_id,
            # By role: a planner sees more of the same region than a dispatcher does.
            sorted((role, sorted(codes)) for role, codes in self.regions.items()),
            sorted(self.grids),
            sorted(self.organisations),
            sorted(self.teams),
            sorted(self.former),
        )
        return blake2b(repr(parts).encode(), digest_size=12).hexdigest()

    @property
    def person_id(self) -> int:
        """The person's id, 0 for a visitor."""
        return self.person.pk if self.person else 0

    def has(self, role: str) -> bool:
        """Whether the role is held anywhere today."""
        return role in self.regions

    def reaches(self, role: str, region_code: str) -> bool:
        """Whether the role is held for a region or for one that contains it."""
        return any(region_code.startswith(code) for code in self.regions.get(role, ()))

    def within(self, field: str) -> Q:
        """Return the condition that a region code lies in the regions seen as a whole (never true without any)."""
        condition = Q(pk__in=[])
        for code in self.wide:
            condition |= Q(**{f"{field}__startswith": code})
        return condition


NOBODY = Scope(None, {}, frozenset(), frozenset(), frozenset(), frozenset())


def scope_of(person: Person | AnonymousUser) -> Scope:
    """Return a person's reach today, in one query; the result is kept on the person for the request."""
    if not isinstance(person, Person):
        return NOBODY
    known = person.__dict__.get("_scope")
    if isinstance(known, Scope):
        return known
    scope = _read(person)
    person.__dict__["_scope"] = scope
    return scope


@lru_cache(maxsize=1)
def _reach() -> Composed:
    """Compose what is asked at every request: the memberships of a day, the grids answered for, and what those were."""
    person = Parameter("person", BigIntegerField())
    today = Parameter("today", DateField())
    held = Membership.objects.filter(period__contains=today, person_id=person)
    answers = Assignment.objects.filter(grid__isnull=False, period__contains=today, grid__period__contains=today)
    # One part for each index: an "or" of person and team would look through every assignment there is.
    mine = [answers.filter(person_id=person), answers.filter(team_id__in=held.values("team_id"))]
    none = Value(None, output_field=BigIntegerField())
    of_grids = (F("role"), Value(""), none, none, F("grid_id"), F("person_id"))
    # A number is never given again, so whatever had the code is the same grid at an earlier time. Reports lie in
    # service grids only. What was replaced on the day it began has an empty period.
    over = Q(period__endswith__lte=today) | Q(period__isempty=True)
    ended = Grid.objects.filter(over, kind=GridKind.SERVICE)
    codes = [part.filter(grid__kind=GridKind.SERVICE).values("grid__code") for part in mine]
    of_former = (Value(FORMER), Value(""), none, none, F("pk"), none)
    rows = held.values_list(F("role"), F("region__code"), F("team_id"), F("organisation_id"), none, none).union(
        *(part.values_list(*of_grids) for part in mine),
        *(ended.filter(code__in=part).values_list(*of_former) for part in codes),
        all=True,
    )
    return Composed(*rows.query.sql_with_params())


def _read(person: Person) -> Scope:
    rows = _reach().rows({"person": person.pk, "today": timezone.localdate()}, primary=True)
    regions: dict[str, list[str]] = {}
    sets: dict[str, set[int]] = {name: set() for name in ("grids", "owned", "teams", "organisations", "former")}
    for role, code, team, organisation, grid, who in rows:
        if role == FORMER:
            sets["former"].add(grid)
            continue
        if grid:
            sets["grids"].add(grid)
            if who == person.pk and role in {AssignmentRole.OWNER, AssignmentRole.DEPUTY}:
                sets["owned"].add(grid)
            continue
        regions.setdefault(role, []).append(code)
        if team:
            sets["teams"].add(team)
        if organisation and role == Role.STAFF:
            sets["organisations"].add(organisation)
    return Scope(
        person=person,
        regions={role: tuple(codes) for role, codes in regions.items()},
        **{name: frozenset(found) for name, found in sets.items()},
    )
