"""The people of a region (人员): who there is, their roles and what they answer for."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.models import AccountReset, Assignment, Membership, Person
from grids.models.people import AssignmentRole, Role
from grids.problems import BadInput, Problem
from grids.reach import (
    check_manager,
    check_power,
    find_person,
    has_power_over,
    lies_within,
    managed,
    may_give,
    people_of,
)
from grids.roles import Newcomer, bid_farewell, create_person, end_role, give_role, set_active
from grids.scope import Scope, scope_of
from maps.pages import people_choices
from maps.pages.asking import by_page, day_of, id_of
from maps.pages.role_rows import roles_of
from maps.pages.wording import moment
from patrols.models import Handover
from patrols.succession import handovers_of

PAGE_SIZE = 50
MOST_PLACES = 100


@require_safe
@login_required
@never_cache
@by_page
def people(request: HttpRequest) -> HttpResponse:
    """List the people of one's regions by name: ?q= words, ?role=, ?region=, ?state=, ?after= the last one's id."""
    scope = scope_of(request.user)
    check_manager(scope)
    found = _narrow(people_of(scope), request.GET, scope)
    after = people_of(scope).filter(pk=id_of(request.GET.get("after", "")) or 0).values_list("name", "pk").first()
    if after:
        name, pk = after
        found = found.filter(Q(name__gt=name) | Q(name=name, pk__gt=pk), name__gte=name)
    rows = list(found.order_by("name", "pk")[: PAGE_SIZE + 1])
    page = rows[:PAGE_SIZE]
    query = {key: str(value) for key, value in request.GET.items() if key != "after" and value}
    context = {
        "rows": _rows(page),
        "chosen": query,
        "roles": Role.choices,
        "regions": people_choices.regions(scope),
        "older": _address(query, after=page[-1].pk) if len(rows) > PAGE_SIZE else "",
        "first": _address(query) if after else "",
        "states": _states(query.get("state", "")),
    }
    return render(request, "maps/people/list.html", context)


@require_safe
@login_required
@never_cache
@by_page
def person_page(request: HttpRequest, identity: int) -> HttpResponse:
    """Show somebody with their roles, what they answer for, and what may be done."""
    scope = scope_of(request.user)
    check_manager(scope)
    now = timezone.now()
    factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type="recovery_codes")
    person = find_person(scope, identity, factor=Exists(factors))
    roles = [{**role, "mine": _may_end(scope, person, role)} for role in roles_of(person)]
    held = [(role["code"], role["region"].code) for role in roles if not role["over"]]
    answers = (
        Assignment.objects.not_over()
        .filter(person=person)
        .select_related("grid__region", "checkpoint", "stairwell__building", "zone")
    )
    places = list(answers.order_by("grid__code", "checkpoint__name", "stairwell_id", "pk")[: MOST_PLACES + 1])
    choices = people_choices.posts(scope)
    context = {
        "person": person,
        "places": places[:MOST_PLACES],
        "more_places": len(places) > MOST_PLACES,
        "power": person.pk != scope.person_id and has_power_over(scope, person, held),
        "self": person.pk == scope.person_id,
        "factor": person.factor,  # type: ignore[attr-defined]
        "resets": _resets(person),
        "handovers": _handovers(scope, person),
        "today": timezone.localdate(),
        "last_sign_in": moment(person.last_login, now) if person.last_login else "",
        **choices,
        "roles_to_give": choices["roles"],
        "roles": roles,
    }
    return render(request, "maps/people/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def new(request: HttpRequest) -> HttpResponse:
    """Enter somebody with a first role."""
    scope = scope_of(request.user)
    check_manager(scope)
    status, problem = 200, ""
    if request.method == "POST":
        try:
            person = create_person(scope, _newcomer(request.POST), people_choices.post_of(request.POST))
        except Problem as refused:
            status, problem = refused.status, str(refused.sentence)
        else:
            messages.success(
                request, _("%(name)s is entered. Give them a link so that they can sign in.") % {"name": person}
            )
            return _to(person.pk)
    context = {"given": request.POST, "problem": problem, "today": timezone.localdate(), **people_choices.posts(scope)}
    return render(request, "maps/people/new.html", context, status=status)


@require_POST
@login_required
@by_page
def edit(request: HttpRequest, identity: int) -> HttpResponse:
    """Save what is known of somebody."""
    scope = scope_of(request.user)
    person = _theirs(scope, identity)
    known = _newcomer(request.POST)
    if not known.name.strip() or max(len(known.name), len(known.name_en)) > 120 or len(known.phone) > 20:
        raise BadInput(_("Give a name of at most 120 characters, and a phone number of at most 20."))
    person.name, person.name_en = known.name.strip(), known.name_en.strip()
    person.phone, person.party_member = known.phone.strip(), known.party_member
    person.save(update_fields=["name", "name_en", "phone", "party_member"])
    messages.success(request, _("Saved."))
    return _to(identity)


@require_POST
@login_required
@by_page
def give(request: HttpRequest, identity: int) -> HttpResponse:
    """Give a role."""
    scope = scope_of(request.user)
    check_manager(scope)
    person = find_person(scope, identity)
    give_role(scope, person, people_choices.post_of(request.POST))
    messages.success(request, _("The role is given; %(name)s reads it in their messages.") % {"name": person})
    return _to(identity)


@require_POST
@login_required
@by_page
def end(request: HttpRequest, identity: int, membership: int) -> HttpResponse:
    """Let a role end."""
    scope = scope_of(request.user)
    check_manager(scope)
    find_person(scope, identity)
    last = day_of(request.POST.get("last_day", ""), _("last day"))
    if last is None:
        raise BadInput(_("Give the last day of the role."))
    end_role(scope, identity, membership, last)
    messages.success(request, _("The role ends."))
    return _to(identity)


@require_POST
@login_required
@by_page
def active(request: HttpRequest, identity: int) -> HttpResponse:
    """Shut somebody out, let them in again, or let them leave for good."""
    scope = scope_of(request.user)
    check_manager(scope)
    person = find_person(scope, identity)
    match request.POST.get("act"):
        case "close":
            set_active(scope, person, active=False)
            messages.success(request, _("%(name)s is shut out.") % {"name": person})
        case "open":
            set_active(scope, person, active=True)
            messages.success(request, _("%(name)s may sign in again.") % {"name": person})
        case "leave":
            bid_farewell(scope, person)
            messages.success(request, _("%(name)s has left. What they did stays.") % {"name": person})
        case _:
            raise BadInput(_("Choose what is to be done."))
    return _to(identity)


def _theirs(scope: Scope, identity: int) -> Person:
    check_manager(scope)
    person = find_person(scope, identity)
    check_power(scope, person)
    return person


def _newcomer(form: QueryDict) -> Newcomer:
    return Newcomer(
        username=form.get("username", ""),
        name=form.get("name", ""),
        name_en=form.get("name_en", ""),
        phone=form.get("phone", ""),
        party_member=form.get("party_member") == "on",
    )


def _to(identity: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("person", args=[identity]))


def _narrow(found: QuerySet[Person], query: QueryDict, scope: Scope) -> QuerySet[Person]:
    held = Membership.objects.current().filter(lies_within(managed(scope), "region__code"), person=OuterRef("pk"))
    found = people_choices.search(found, query.get("q", "")[:60])
    role, region, state = query.get("role"), query.get("region"), query.get("state")
    if role:
        held = held.filter(role=role)
    if region:
        held = held.filter(region__code__startswith=region)
    if state == "idle":
        owns = Assignment.objects.not_over().filter(person=OuterRef("pk"), role=AssignmentRole.OWNER)
        return found.filter(~Exists(owns), Exists(held.filter(role=Role.LEADER)))
    if state == "past":
        return found.filter(~Exists(held))
    return found.filter(Exists(held)) if role or region or state == "now" else found


def _rows(page: list[Person]) -> list[dict[str, Any]]:
    pks = [person.pk for person in page]
    roles = people_choices.roles_by_person(pks)
    owned = Assignment.objects.current().filter(person__in=pks, role=AssignmentRole.OWNER).values("person")
    counts = {row["person"]: row for row in owned.annotate(grids=Count("grid"), all=Count("pk")).order_by()}
    return [
        {
            "id": person.pk,
            "name": str(person),
            "username": person.username,
            "roles": roles.get(person.pk, []),
            "grids": counts.get(person.pk, {}).get("grids", 0),
            "others": counts.get(person.pk, {}).get("all", 0) - counts.get(person.pk, {}).get("grids", 0),
            "left": person.tombstoned_at,
            "closed": not person.is_active,
            "entered_only": not person.has_usable_password(),
        }
        for person in page
    ]


def _states(chosen: str) -> list[dict[str, Any]]:
    ways = (
        ("", _("All")),
        ("now", _("With a role today")),
        ("idle", _("Leaders without a grid")),
        ("past", _("Without a role today")),
    )
    return [
        {"label": label, "url": _address({"state": value} if value else {}), "current": chosen == value}
        for value, label in ways
    ]


def _address(query: dict[str, str], **more: object) -> str:
    kept = QueryDict(mutable=True)
    for key, value in {**query, **more}.items():
        kept[key] = str(value)
    return f"{reverse('people')}?{kept.urlencode()}" if kept else reverse("people")


def _may_end(scope: Scope, person: Person, role: dict[str, Any]) -> bool:
    return not role["over"] and person.pk != scope.person_id and may_give(scope, role["code"], role["region"].code)


def _resets(person: Person) -> list[dict[str, Any]]:
    now = timezone.now()
    rows = AccountReset.objects.filter(person=person).select_related("issued_by").order_by("-issued_at")
    return [
        {"who": row.issued_by, "why": row.reason, "when": moment(row.issued_at, now), "used": row.used_at}
        for row in rows[:10]
    ]


def _handovers(scope: Scope, person: Person) -> list[Handover]:
    rows = handovers_of(scope).filter(Q(person=person) | Q(successor=person))
    return list(rows[:10])


urlpatterns: list[URLPattern] = [
    path("people/", people, name="people"),
    path("people/new/", new, name="people-new"),
    path("people/<int:identity>/", person_page, name="person"),
    path("people/<int:identity>/edit/", edit, name="person-edit"),
    path("people/<int:identity>/roles/", give, name="person-roles"),
    path("people/<int:identity>/roles/<int:membership>/end/", end, name="person-role-end"),
    path("people/<int:identity>/active/", active, name="person-active"),
]
