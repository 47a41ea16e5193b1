"""Whoever can answer for something: a person, a team or a body; who of them reaches a place, and who is told."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Q
from django.utils.translation import gettext as _

from grids.models import Membership, Organisation, Person, Team
from grids.models.people import Role
from grids.problems import BadInput

Holder = Person | Team | Organisation
HOLDERS = ("person", "team", "organisation")


def holder_for(kind: str, identity: int, code: str, geom: GEOSGeometry, day: date) -> Holder:
    """Return who is to answer for a place in the community with this code on a day.

    A person has a role there on that day, a team belongs there: to the community, the subdistrict around it, or above.
    A body's jurisdiction reaches the place on that day. Raises BadInput for everybody else.
    """
    if kind == "person":
        person = Person.objects.filter(pk=identity, is_active=True, tombstoned_at=None).first()
        if person is None or not serves(person, code, day):
            raise BadInput(_("Choose somebody who has a role in this community or above it on that day."))
        return person
    if kind == "team":
        team = Team.objects.select_related("region").defer("region__geom").filter(pk=identity).first()
        if team is None or not reach_to([team.region.code], code):
            raise BadInput(_("Choose a team of this community or of a region above it."))
        return team
    bodies: Any = Organisation.objects.on(day).defer("jurisdiction")
    body: Organisation | None = bodies.filter(pk=identity, jurisdiction__intersects=geom).first()
    if body is None:
        raise BadInput(_("Choose a body whose jurisdiction reaches this place on that day."))
    return body


def serves(person: Person, code: str, day: date) -> bool:
    """Whether a person has a role on a day in a region, in the subdistrict around it, or above."""
    codes = Membership.objects.on(day).filter(person=person).values_list("region__code", flat=True)
    return reach_to(codes, code)


def reach_to(codes: Iterable[str], code: str) -> bool:
    """Whether roles in regions reach to a community: there, in the subdistrict around it, or above."""
    return any(code.startswith(own) or own.startswith(code[:9]) for own in codes)


def people_of(kind: str, identity: int) -> set[int]:
    """Return the ids of a person, of a team's members or of a body's staff today."""
    if kind == "person":
        return {identity}
    body = Q(team=identity) if kind == "team" else Q(organisation=identity, role=Role.STAFF)
    return set(Membership.objects.current().filter(body).values_list("person_id", flat=True))
