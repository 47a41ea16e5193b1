"""What the forms about people offer to choose from."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils.translation import gettext as _

from grids.expressions import holds_words
from grids.models import Membership, Organisation, Person, Region, Team
from grids.models.people import Role
from grids.reach import lies_within, managed, roles_to_give
from grids.roles import Post
from grids.scope import Scope
from maps.pages.asking import day_of, id_of

MOST = 400  # options of a select; beyond, a code is typed
MOST_FOUND = 12
DEPTH = {6: "", 9: "　", 12: "　　"}


def regions(scope: Scope) -> list[tuple[str, str]]:
    """Return code and name of the regions that somebody looks after, indented by level; none if they are too many."""
    rows = Region.objects.current().filter(lies_within(managed(scope), "code")).order_by("code").defer("geom")
    found = [(row.code, DEPTH[len(row.code)] + row.local_name) for row in rows[: MOST + 1]]
    return found if len(found) <= MOST else []


def posts(scope: Scope) -> dict[str, Any]:
    """Return what the form of a role offers: roles, regions, teams and bodies within one's reach."""
    inside = lies_within(managed(scope), "region__code")
    teams = list(Team.objects.filter(inside).order_by("level", "code")[: MOST + 1])
    # A body's seat may be the district while its staff works in a subdistrict.
    around = Q(region__code__in={code[:length] for code in managed(scope) for length in (6, 9, 12)})
    bodies = Organisation.objects.current().filter(inside | around).defer("jurisdiction").order_by("kind", "code")
    return {
        "roles": roles_to_give(scope),
        "regions": regions(scope),
        "teams": teams if len(teams) <= MOST else [],
        "bodies": list(bodies[:MOST]),
    }


def post_of(form: QueryDict) -> Post:
    """Read a role from a form; raises BadInput."""
    return Post(
        role=form.get("role", ""),
        region=form.get("region", "").strip(),
        team=id_of(form.get("team", "")),
        organisation=id_of(form.get("organisation", "")),
        since=day_of(form.get("since", ""), _("first day")),
        last_day=day_of(form.get("last_day", ""), _("last day")),
    )


def search(people: QuerySet[Person], words: str) -> QuerySet[Person]:
    """Keep the people whose name holds the words or whose user name begins with them."""
    words = words.strip()
    if not words:
        return people
    return people.filter(holds_words("name", words) | Q(username__istartswith=words) | Q(name_en__icontains=words))


def candidates(
    codes: Sequence[str], words: str, besides: int | None = None, chosen: Person | None = None
) -> list[dict[str, Any]]:
    """Return who could answer for places in communities: those with a role there first, leaders first among them.

    `codes` are community codes; with `words`, people of the subdistricts around them are searched. Whoever is `chosen`
    already is among them.
    """
    near = Q(pk__in=[])
    for code in codes:
        near |= Q(region__code__startswith=code[:9] if words else code)
    held = Membership.objects.current().filter(near, person__is_active=True).exclude(role=Role.STAFF)
    people = search(Person.objects.filter(pk__in=held.values("person")).exclude(pk=besides or 0), words)
    leaders = held.filter(role=Role.LEADER).values("person")
    rank = Case(When(pk__in=leaders, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = list(people.order_by(rank, "name", "pk")[:MOST_FOUND])
    if chosen and chosen not in rows:
        rows.insert(0, chosen)
    roles = roles_by_person([row.pk for row in rows])
    return [{"id": row.pk, "name": str(row), "username": row.username, "roles": roles.get(row.pk, [])} for row in rows]


def roles_by_person(people: Sequence[int]) -> dict[int, list[Membership]]:
    """Return the present and coming roles of people, in one query."""
    found: dict[int, list[Membership]] = {}
    rows = Membership.objects.not_over().filter(person__in=people)
    for row in rows.select_related("region", "team", "organisation").order_by("region__code", "role"):
        found.setdefault(row.person_id, []).append(row)
    return found
