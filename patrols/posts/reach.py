"""Who sees which posts, who plans them, and who may stand there."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from grids.holders import serves
from grids.models import Person, Skill
from grids.models.people import Role
from grids.problems import NotAllowed, NotFound
from grids.scope import Scope
from patrols.models import Post, Shift

FIELD_ROLES = (Role.LEADER, Role.STEWARD, Role.VOLUNTEER)
KEEPERS = (Role.PLANNER, Role.ADMIN)
ASSIGNERS = (*KEEPERS, Role.DISPATCHER)


def within_reach(scope: Scope, field: str) -> Q:
    """Return the condition that a region's code is one whose posts somebody sees.

    A volunteer sees those of the whole subdistrict: a neighbour's school gate may lack somebody too.
    """
    condition = scope.within(field)
    for role in FIELD_ROLES:
        for code in scope.regions.get(role, ()):
            condition |= Q(**{f"{field}__startswith": code[:9]})
    return condition


def visible_posts(scope: Scope) -> QuerySet[Post]:
    """Return the posts somebody sees, whenever they hold."""
    rows: QuerySet[Post] = Post.objects.filter(within_reach(scope, "region__code"))
    return rows.select_related("region").defer("region__geom")


def visible_shifts(scope: Scope) -> QuerySet[Shift]:
    """Return the shifts somebody sees, with their posts: those within reach, and those where they had a place."""
    seen = within_reach(scope, "post__region__code")
    if scope.person:
        seen |= Q(pk__in=Shift.objects.filter(turns__person=scope.person).values("pk"))
    return Shift.objects.filter(seen).select_related("post__region").defer("post__region__geom")


def find_post(scope: Scope, identity: int, *, lock: bool = False) -> Post:
    """Return a post that somebody keeps; raises NotFound, NotAllowed for one that they only see."""
    post = visible_posts(scope).filter(pk=identity).first()
    if post is None:
        raise NotFound(_("There is no such post here."))
    check_keeper(scope, post.region.code)
    if lock:
        Post.objects.select_for_update(no_key=True).get(pk=post.pk)
    return post


def keeps(scope: Scope, code: str) -> bool:
    """Whether somebody plans the posts of a region."""
    return any(scope.reaches(role, code) for role in KEEPERS)


def assigns(scope: Scope, code: str) -> bool:
    """Whether somebody says who stands at the posts of a region, and is told who does."""
    return any(scope.reaches(role, code) for role in ASSIGNERS)


def check_keeper(scope: Scope, code: str) -> None:
    """Raise NotAllowed for who does not plan the posts of a region."""
    if not keeps(scope, code):
        raise NotAllowed(_("The posts of this region are planned by its planners."))


def check_assigner(scope: Scope, code: str) -> None:
    """Raise NotAllowed for who does not say who stands at the posts of a region."""
    if not assigns(scope, code):
        raise NotAllowed(_("Who stands at the posts of this region is said by its planners and dispatchers."))


def why_not(person: Person, shift: Shift) -> str:
    """Return in a sentence why somebody cannot stand at a shift's post, nothing if they can."""
    post = shift.post
    if not person.is_active or person.tombstoned_at:
        return _("%(name)s no longer takes part.") % {"name": person}
    if not serves(person, post.region.code, shift.day):
        return _("%(name)s has no role near this post on that day.") % {"name": person}
    lacks = set(post.skills) - set(Skill.objects.filter(person=person).values_list("code", flat=True))
    if lacks:
        return _("This post needs somebody with: %(skills)s.") % {"skills": ", ".join(sorted(lacks))}
    return ""
