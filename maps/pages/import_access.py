"""Who may bring in lists, and into which regions."""

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpRequest

from grids.lists import staging
from grids.models import ListImport, Person, Region
from grids.models.people import Role
from grids.problems import NotFound
from grids.scope import scope_of

BRINGERS = frozenset({Role.PLANNER, Role.ADMIN})


def codes_of(request: HttpRequest) -> list[str]:
    """Return the codes of the regions that somebody plans or administers; not found for everybody else."""
    scope = scope_of(request.user)
    codes = sorted({code for role in BRINGERS for code in scope.regions.get(role, ())})
    if not codes:
        raise Http404
    return codes


def regions_of(request: HttpRequest) -> Sequence[Region]:
    """Return these regions and all within them, the widest first."""
    codes = codes_of(request)
    rows = Region.objects.current().defer("geom").order_by("code")
    return [row for row in rows if any(row.code.startswith(code) for code in codes)]


def own(request: HttpRequest, identity: UUID) -> ListImport:
    """Return one of somebody's own lists; not found, as a page, for everybody else."""
    try:
        return staging.of_person(person_of(request), identity)
    except NotFound as error:
        raise Http404(str(error.sentence)) from error


def person_of(request: HttpRequest) -> Person:
    """Return who asks, if they may bring in lists."""
    codes_of(request)
    assert isinstance(request.user, Person)
    return request.user
