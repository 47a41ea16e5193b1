"""What all rows of a list are understood with."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.utils import timezone

from grids.lists.lookups import Buildings, Regions, Types
from grids.lists.saying import Said
from grids.models import ListImport, Region
from grids.models.people import Role
from grids.scope import Scope, scope_of
from grids.shifts import CRS, Crs

# Who plans may appoint people for the field; who administers may appoint anybody.
PLANNERS_APPOINT = frozenset({Role.LEADER, Role.STEWARD, Role.VOLUNTEER, Role.STAFF})


@dataclass
class Context:
    """A list and what the database knows of its region."""

    listed: ListImport
    whole: bool = True  # whether all rows are understood, or only some of which the others are known
    today: date = field(default_factory=timezone.localdate)
    notes: list[Said] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def root(self) -> Region:
        """The region of the list: nothing outside of it is touched."""
        return self.listed.region

    @property
    def found_before(self) -> dict[str, Any]:
        """What was found out when all rows were understood together."""
        return dict(self.listed.options.get("found", {}))

    @cached_property
    def scope(self) -> Scope:
        """The reach of whoever brings the list in."""
        return scope_of(self.listed.person)

    @property
    def appoints(self) -> frozenset[str]:
        """The roles they may give to people here."""
        everybody = self.listed.person.is_superuser or self.scope.reaches(Role.ADMIN, self.root.code)
        return frozenset(Role.values) if everybody else PLANNERS_APPOINT

    @property
    def crs(self) -> Crs:
        """How the list's coordinates are shifted."""
        chosen = self.listed.options.get("crs")
        return next((crs for crs in CRS if crs == chosen), "wgs84")

    @cached_property
    def constants(self) -> dict[str, str]:
        """Values for rows whose own cell is empty, by field."""
        return {name: str(value) for name, value in self.listed.options.get("constants", {}).items() if value}

    @cached_property
    def regions(self) -> Regions:
        """The regions within the list's region."""
        return Regions(self.root)

    @cached_property
    def types(self) -> Types:
        """The catalogue's types of checkpoints."""
        return Types()

    @cached_property
    def buildings(self) -> Buildings:
        """The buildings within the list's region."""
        return Buildings(self.root)
