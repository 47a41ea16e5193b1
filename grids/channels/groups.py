"""Chat groups that are told by a robot what happens in their region: who may set one up, and what goes to it.

A group is told what happened, where and how it stands. Nobody is named, and nothing that somebody wrote is quoted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.channels import walls
from grids.channels.registry import ROBOT
from grids.channels.senders import robots
from grids.models import GroupRobot, Parcel, Region, Team
from grids.models.people import Role
from grids.problems import BadInput, Conflict, NotAllowed, NotFound, TooMany
from grids.rate import count_this_minute, left_of_minute
from grids.scope import Scope
from grids.sealed import seal

MANAGERS = (Role.PLANNER, Role.ADMIN)
MOST = 20
MOST_TESTS = 3


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that groups may be told; the key says that it is the same thing. `data` names nobody."""

    key: str
    region_code: str
    verb: str
    category: str
    subject: str
    data: dict[str, Any] = field(default_factory=dict)
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody enters to set a robot up. No categories means all of them."""

    name: str
    kind: str
    region: str
    url: str
    secret: str
    verbs: Sequence[str]
    categories: Sequence[str] = ()
    team: int | None = None


def announce(happening: Happening) -> None:
    """Write down what the robots of a region are to say, each of them once; within the caller's transaction."""
    prefixes = [happening.region_code[:length] for length in (6, 9, 12)]
    wanted = Q(categories=[]) | Q(categories__contains=[happening.category])
    found = GroupRobot.objects.filter(
        wanted, region__code__in=prefixes, ended_at__isnull=True, verbs__contains=[happening.verb]
    )
    payload = {
        "verb": happening.verb,
        "subject": happening.subject[:200],
        "data": happening.data,
        "urgent": happening.urgent,
    }
    parcels = [
        Parcel(channel=ROBOT, robot_id=robot, key=happening.key, payload=payload)
        for robot in found.values_list("pk", flat=True)
    ]
    if parcels:
        Parcel.objects.bulk_create(parcels, ignore_conflicts=True)


def may_manage(scope: Scope) -> bool:
    """Whether somebody looks after robots anywhere."""
    return any(scope.has(role) for role in MANAGERS)


def of(scope: Scope) -> QuerySet[GroupRobot]:
    """Return the robots of the regions somebody plans or administers."""
    condition = Q(pk__in=[])
    for role in MANAGERS:
        for code in scope.regions.get(role, ()):
            condition |= Q(region__code__startswith=code)
    return GroupRobot.objects.filter(condition, ended_at__isnull=True)


def make(scope: Scope, draft: Draft) -> GroupRobot:
    """Set a robot up; raises NotAllowed beyond one's regions, BadInput for what does not fit, Conflict for too many."""
    region = Region.objects.current().filter(code=draft.region).first()
    if region is None or not any(scope.reaches(role, region.code) for role in MANAGERS):
        raise NotAllowed(_("Robots are set up by planners and administrators for their own regions."))
    if draft.kind not in GroupRobot.Kind.values:
        raise BadInput(_("Choose whose robot it is."), field="kind")
    name = draft.name.strip()
    if not 0 < len(name) <= 60:
        raise BadInput(_("Give the group a name of at most 60 letters."), field="name")
    url, secret = draft.url.strip(), draft.secret.strip()
    _check(draft.kind, url, secret)
    team = Team.objects.filter(pk=draft.team, region__code__startswith=region.code).first() if draft.team else None
    if draft.team and team is None:
        raise BadInput(_("There is no such team in this region."), field="team")
    if not draft.verbs:
        raise BadInput(_("Choose what the group is told."), field="verb")
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=region.pk)
        if GroupRobot.objects.filter(region=region, ended_at__isnull=True).count() >= MOST:
            raise Conflict(_("A region has at most %(most)d robots.") % {"most": MOST})
        assert scope.person is not None
        return GroupRobot.objects.create(
            name=name,
            kind=draft.kind,
            region=region,
            team=team,
            sealed=seal({"kind": draft.kind, "url": url, "secret": secret}),
            hint=f"…{url[-4:]}",
            verbs=list(draft.verbs),
            categories=list(draft.categories),
            made_by=scope.person,
        )


def change(scope: Scope, identity: UUID, verbs: Sequence[str], categories: Sequence[str]) -> None:
    """Change what a robot is told; raises NotFound, BadInput."""
    if not verbs:
        raise BadInput(_("Choose what the group is told."), field="verb")
    if not of(scope).filter(pk=identity).update(verbs=list(verbs), categories=list(categories)):
        raise NotFound(_("There is no such robot."))


def test(scope: Scope, identity: UUID) -> None:
    """Let a robot say that it is there; raises NotFound, TooMany."""
    robot = _own(scope, identity)
    if count_this_minute(f"robot:{robot.pk}") > MOST_TESTS:
        raise TooMany(_("That is often enough for now: wait a while, then try again."), left_of_minute())
    Parcel.objects.create(channel=ROBOT, robot=robot, key=f"test:{timezone.now().isoformat()}")


def end(scope: Scope, identity: UUID) -> None:
    """Take a robot away for ever: nothing goes to it any more, and its address and secret are forgotten."""
    robot = _own(scope, identity)
    GroupRobot.objects.filter(pk=robot.pk).update(ended_at=timezone.now(), sealed=b"")


def _own(scope: Scope, identity: UUID) -> GroupRobot:
    robot = of(scope).filter(pk=identity).first()
    if robot is None:
        raise NotFound(_("There is no such robot."))
    return robot


def _check(kind: str, url: str, secret: str) -> None:
    try:
        robots.check(kind, url)
    except walls.Forbidden as wall:
        raise BadInput(
            _("This is no address of a robot of this kind: copy it whole from the group's settings."), field="url"
        ) from wall
    if robots.MAKES[kind].signed and not secret:
        raise BadInput(
            _("Switch the signature (加签, 签名校验) on in the group's settings, and give its secret."), field="secret"
        )
    if len(secret) > 200 or not secret.isascii():
        raise BadInput(_("This is no secret of a robot."), field="secret")
