"""Teams: who sees them, founding one, renaming one."""

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from grids.models import Region, Team
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.reach import manages
from grids.scope import Scope


def visible_teams(scope: Scope) -> QuerySet[Team]:
    """Return the teams of somebody's regions and their own."""
    return Team.objects.filter(scope.within("region__code") | Q(pk__in=scope.teams))


def found_team(scope: Scope, *, code: str, name: str, name_en: str, region: str, parent: int | None = None) -> Team:
    """Write a team; its level is one below its parent's, the first without one.

    Raises NotAllowed beyond one's region, BadInput for an unknown region or a parent that is none of it, Conflict for
    a code that is taken.
    """
    place = Region.objects.current().filter(code=region).defer("geom").first()
    if place is None:
        raise BadInput(_("There is no region with the code %(code)s.") % {"code": region})
    _check_manager(scope, place.code)
    above = Team.objects.select_related("region").filter(pk=parent).first() if parent else None
    if parent and (above is None or not place.code.startswith(above.region.code)):
        raise BadInput(_("The team above has to be one of this region or of one around it."))
    team = Team(
        code=code, name=name, name_en=name_en, region=place, parent=above, level=above.level + 1 if above else 1
    )
    try:
        with transaction.atomic():
            team.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("There is a team with the code “%(code)s” already.") % {"code": code}) from error
    return team


def change_team(scope: Scope, identity: int, **names: str) -> Team:
    """Rename a team; raises NotFound and NotAllowed."""
    with transaction.atomic():
        team = visible_teams(scope).filter(pk=identity).first()
        if team is None:
            raise NotFound(_("There is no such thing here."))
        _check_manager(scope, Region.objects.values_list("code", flat=True).get(pk=team.region_id))
        for name, value in names.items():
            setattr(team, name, value)
        if names:
            team.save(update_fields=list(names))
        return team


def _check_manager(scope: Scope, code: str) -> None:
    if not manages(scope, code):
        raise NotAllowed(_("The teams of this region are looked after by its planners and administrators."))
