"""Links through which residents bring a wish (点单入口): making one, ending one, and what one opens."""

from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.links import hash_of, new_token
from grids.models import Building, Grid, Region
from grids.models.catalogue import Kind
from grids.models.grid import GridKind
from grids.models.people import Role
from grids.models.places import RegionLevel
from grids.problems import BadInput, Conflict, NotAllowed, NotFound, Problem
from grids.reach import lies_within
from grids.scope import NOBODY, Scope
from patrols.contacts import Details
from patrols.filing import Draft, file_report
from patrols.models import Report, RequestLink
from patrols.models.reports import Source

MAKERS = (Role.DISPATCHER, Role.PLANNER, Role.ADMIN)
LONGEST_NOTE = 120
MOST_BUILDINGS = 400


class Gone(Problem):
    """The link was one and opens nothing any more."""

    status = 410


def codes_of(scope: Scope) -> tuple[str, ...]:
    """Return the regions in which somebody makes links."""
    return tuple(sorted({code for role in MAKERS for code in scope.regions.get(role, ())}))


def communities_of(scope: Scope) -> QuerySet[Region]:
    """Return the communities for which somebody makes links, by code, without their outlines."""
    rows = Region.objects.current().filter(lies_within(codes_of(scope), "code"), level=RegionLevel.COMMUNITY)
    return rows.defer("geom").order_by("code")


def links_of(scope: Scope) -> QuerySet[RequestLink]:
    """Return the links of somebody's regions, newest first."""
    rows = RequestLink.objects.filter(lies_within(codes_of(scope), "region__code"))
    rows = rows.select_related("region", "grid", "made_by").defer("region__geom", "grid__geom")
    return rows.order_by("-made_at", "-pk")


def make(scope: Scope, identity: UUID, code: str, note: str = "") -> tuple[RequestLink, str]:
    """Make a link for the community (12 digits) or grid (15) with this code and return it with its token, not kept.

    Raises NotAllowed for who makes no links, NotFound elsewhere, Conflict for an id that is taken.
    """
    codes = codes_of(scope)
    if not codes:
        raise NotAllowed(_("Links for requests are made by dispatchers, planners and administrators."))
    community = communities_of(scope).filter(code=code[:12]).first()
    grid = Grid.objects.current().filter(kind=GridKind.SERVICE, code=code).first() if len(code) > 12 else None
    if community is None or (len(code) > 12 and grid is None):
        raise NotFound(_("There is no community or grid with this code in your region."))
    token = new_token()
    link = RequestLink(
        id=identity,
        district=community.code[:6],
        token_hash=hash_of(token),
        region=community,
        grid=grid,
        note=note.strip()[:LONGEST_NOTE],
        made_by=scope.person,
    )
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This link was made already; it is shown once.")) from error
    return link, token


def revoke(scope: Scope, identity: UUID) -> None:
    """End a link; raises NotFound, Conflict when it was ended already."""
    if not links_of(scope).filter(pk=identity).exists():
        raise NotFound(_("There is no such link here."))
    open_ones = RequestLink.objects.filter(pk=identity, revoked_at__isnull=True)
    if open_ones.update(revoked_at=timezone.now(), revoked_by=scope.person) != 1:
        raise Conflict(_("This link was ended already."))


def find(token: str) -> RequestLink:
    """Return the link of a token; raises NotFound, or Gone for one that was ended."""
    digest = hash_of(token)
    rows = RequestLink.objects.select_related("region", "grid")
    link = rows.filter(token_hash=digest).first() if digest else None
    if link is None:
        raise NotFound(_("This link is not known here: check that it is complete."))
    if link.revoked_at:
        raise Gone(_("This link is no longer in use: ask your community for the new one."))
    return link


def buildings_at(place: Region | Grid) -> list[Building]:
    """Return the buildings of a community or grid to choose from; none when there are too many for a list."""
    rows = Building.objects.filter(geom__intersects=place.geom).order_by("estate", "name", "pk")
    found = list(rows.only("pk", "name", "name_en", "estate", "geom")[: MOST_BUILDINGS + 1])
    return found if len(found) <= MOST_BUILDINGS else []


def anchor_of(place: Region | Grid, building: int | None) -> tuple[Point, str]:
    """Return a point on a building within a community or grid, with its name; without one a point of the place itself.

    Raises BadInput for a building elsewhere.
    """
    if building is None:
        point = place.geom.point_on_surface
        assert isinstance(point, Point)
        return point, ""
    found = Building.objects.filter(pk=building, geom__intersects=place.geom).first()
    if found is None:
        raise BadInput(_("There is no such building here."))
    point = found.geom.intersection(place.geom).point_on_surface
    assert isinstance(point, Point)
    return point, found.local_name


def bring(
    link: RequestLink, identity: UUID, category: str, details: Details, *, building: int | None, words: str
) -> Report:
    """File the wish of a resident who came through a link and return the report; raises BadInput, Conflict.

    Sent again, as by a second tap or after an answer that was lost, it is the one that was filed: without it the
    resident would have no number to follow it by.
    """
    anchor, name = anchor_of(link.grid or link.region, building)
    draft = Draft(
        category=category,
        geom=anchor,
        anchor=anchor,
        source=Source.RESIDENT,
        place=name or str(link),
        description=words,
        id=identity,
        kind=Kind.REQUEST,
        contact=details,
        by_link=True,
    )
    try:
        with transaction.atomic():
            return file_report(draft, NOBODY)
    except Conflict:
        brought = Report.objects.filter(kind=Kind.REQUEST, source=Source.RESIDENT, reporter=None)
        known = brought.filter(pk=identity, region_code=link.region.code).first()
        if known is None:
            raise
        return known
