"""Whose a dispatch plan is: the dispatchers' of all the regions that it was made for."""

from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from grids.models import Region
from grids.models.people import Role
from grids.problems import NotAllowed, NotFound
from grids.reach import lies_within
from grids.scope import Scope
from patrols.models import DispatchPlan


def codes_of(scope: Scope) -> list[str]:
    """Return the regions in which somebody dispatches; raises NotAllowed for who dispatches nowhere."""
    codes = scope.regions.get(Role.DISPATCHER, ())
    if not codes:
        raise NotAllowed(_("Who could go is for the dispatchers of the region."))
    return sorted(codes)


def visible_plans(scope: Scope) -> QuerySet[DispatchPlan]:
    """Return the plans for regions all of which somebody dispatches in."""
    codes = scope.regions.get(Role.DISPATCHER, ())
    mine = Region.objects.filter(lies_within(codes, "code")).order_by().values("code")
    near = DispatchPlan.objects.filter(district__in={code[:6] for code in codes})
    return near.filter(codes__contained_by=ArraySubquery(mine)).select_related("made_by", "ended_by")


def find_plan(scope: Scope, identity: UUID) -> DispatchPlan:
    """Return a plan; raises NotFound, also for one of other regions."""
    plan = visible_plans(scope).filter(pk=identity).first()
    if plan is None:
        raise NotFound(_("There is no such plan here."))
    return plan
