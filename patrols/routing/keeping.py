"""Writing rules: in the draft of a region's next edition, which changes nothing until it is put in force."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Category, Organisation, Region, Team, Zone
from grids.models.catalogue import Kind
from grids.problems import BadInput, Conflict, NotFound
from grids.scope import Scope
from patrols.models import RoutingEdition, RoutingRule
from patrols.models.routing import EditionState, RulePlace, RuleTarget, RuleTime
from patrols.routing.proposing import propose_again
from patrols.routing.reach import check_keeper

Result = TypeVar("Result")
MOST_RULES = 200
# What a rule says; the rest is where it stands.
SAYS = (
    "active", "categories", "groups", "place", "zone_id", "time", "weekdays", "starts", "ends", "first_day", "last_day",
    "target", "organisation_id", "team_id", "approval", "automatic",
)  # fmt: skip
OF_TIME = {
    RuleTime.WEEKLY: ("weekdays", "starts", "ends"),
    RuleTime.DATES: ("first_day", "last_day"),
}
EMPTY: dict[str, Any] = {"weekdays": [], "starts": None, "ends": None, "first_day": None, "last_day": None}


def edition_of(code: str, state: EditionState) -> RoutingEdition | None:
    """Return the draft of a region, or what is in force there."""
    rows = RoutingEdition.objects.filter(district=code[:6], region_code=code, state=state)
    return rows.select_related("made_by", "published_by").first()


def rules_of(edition: RoutingEdition | None) -> list[RoutingRule]:
    """Return the rules of an edition in their order, with whom and what they name."""
    if edition is None:
        return []
    rows = edition.rules.select_related("zone", "organisation", "team__region").order_by("position")
    return list(rows.defer("zone__geom", "organisation__jurisdiction", "team__region__geom"))


def rules_around(code: str, draft: RoutingEdition | None) -> tuple[list[RoutingRule], list[RoutingRule]]:
    """Return the rules of a draft, and all in force in the district of a region (a code), in their order; one query.

    With whom and what they name, and the outlines of zones.
    """
    held = Q(district=code[:6], edition__state=EditionState.IN_FORCE)
    rows = RoutingRule.objects.filter(held | Q(edition=draft)) if draft else RoutingRule.objects.filter(held)
    found = rows.select_related("zone", "organisation", "team__region").order_by("region_code", "position")
    found = found.defer("organisation__jurisdiction", "team__region__geom")
    drafted: list[RoutingRule] = []
    in_force: list[RoutingRule] = []
    for rule in found:
        (drafted if draft and rule.edition_id == draft.pk else in_force).append(rule)
    return drafted, in_force


def says(rule: RoutingRule) -> dict[str, Any]:
    """Return what a rule says, whatever its number and edition."""
    return {name: getattr(rule, name) for name in SAYS}


def add(scope: Scope, code: str, given: dict[str, Any]) -> RoutingRule:
    """Add a rule at the end of a region's draft."""

    def work(draft: RoutingEdition, rules: list[RoutingRule]) -> RoutingRule:
        if len(rules) >= MOST_RULES:
            raise Conflict(_("There are %(most)s rules already; join some.") % {"most": MOST_RULES})
        rule = RoutingRule(
            edition=draft, district=draft.district, region_code=code, position=len(rules) + 1, **_checked(code, given)
        )
        rule.save(force_insert=True)
        return rule

    return _in_draft(scope, code, work)


def change(scope: Scope, code: str, key: UUID, given: dict[str, Any]) -> RoutingRule:
    """Let a rule of a region's draft say something else."""

    def work(_draft: RoutingEdition, rules: list[RoutingRule]) -> RoutingRule:
        rule = _one(rules, key)
        for name, value in _checked(code, {**says(rule), **given}).items():
            setattr(rule, name, value)
        rule.save(update_fields=SAYS)
        return rule

    return _in_draft(scope, code, work)


def move(scope: Scope, code: str, key: UUID, position: int) -> RoutingRule:
    """Put a rule of a region's draft at another number, counted from 1; the others move up."""

    def work(_draft: RoutingEdition, rules: list[RoutingRule]) -> RoutingRule:
        rule = _one(rules, key)
        rest = [row for row in rules if row is not rule]
        rest.insert(max(0, min(position - 1, len(rest))), rule)
        _number(rest)
        return rule

    return _in_draft(scope, code, work)


def remove(scope: Scope, code: str, key: UUID) -> None:
    """Take a rule out of a region's draft."""

    def work(_draft: RoutingEdition, rules: list[RoutingRule]) -> None:
        rule = _one(rules, key)
        rule.delete()
        _number([row for row in rules if row is not rule])

    _in_draft(scope, code, work)


@transaction.atomic
def discard(scope: Scope, code: str) -> None:
    """Forget a region's draft."""
    check_keeper(scope, code)
    draft = _locked(code)
    if draft is None:
        raise NotFound(_("There is no draft here."))
    draft.delete()


@transaction.atomic
def publish(scope: Scope, code: str, number: int | None = None) -> tuple[RoutingEdition, int]:
    """Put a region's draft in force at once; return it and how many waiting reports were asked anew.

    `number` is the edition that the person saw: another one is refused.
    """
    check_keeper(scope, code)
    draft = _locked(code)
    if draft is None or (number is not None and draft.number != number):
        raise Conflict(_("Somebody else put these rules in force or discarded them meanwhile. Look again."))
    now = timezone.now()
    same = RoutingEdition.objects.filter(district=code[:6], region_code=code, state=EditionState.IN_FORCE)
    same.update(state=EditionState.OVER, until=now)
    draft.state, draft.since, draft.published_by = EditionState.IN_FORCE, now, scope.person
    draft.save(update_fields=["state", "since", "published_by"])
    return draft, propose_again(code[:6], code)


def changed(before: Iterable[RoutingRule], after: Iterable[RoutingRule]) -> dict[str, list[RoutingRule]]:
    """Return what makes two sets of rules differ: rules that are new, gone, say something else, or only moved."""
    old = {rule.key: rule for rule in before}
    new = {rule.key: rule for rule in after}
    stay = [rule for key, rule in new.items() if key in old]
    other = [rule for rule in stay if says(rule) != says(old[rule.key])]
    # What keeps its order among those that stay has not moved, whatever came or went between them.
    order = [rule.key for rule in sorted((old[rule.key] for rule in stay), key=lambda rule: rule.position)]
    moved = [
        rule
        for place, rule in enumerate(sorted(stay, key=lambda rule: rule.position))
        if order[place] != rule.key and rule not in other
    ]
    return {
        "added": [rule for key, rule in new.items() if key not in old],
        "removed": [rule for key, rule in old.items() if key not in new],
        "changed": other,
        "moved": moved,
    }


def choices(code: str) -> dict[str, QuerySet[Any]]:
    """Return the bodies, teams and zones of today that rules of a region may name."""
    near = Q(region__code__startswith=code) | Q(region__code__in=[code[:6], code[:9]])
    return {
        "organisation": Organisation.objects.current().filter(near).defer("jurisdiction").order_by("name", "pk"),
        "team": Team.objects.filter(near).order_by("name", "pk"),
        "zone": Zone.objects.current().filter(near).defer("geom").order_by("name", "pk"),
    }


def _in_draft(scope: Scope, code: str, work: Callable[[RoutingEdition, list[RoutingRule]], Result]) -> Result:
    """Do something with a region's draft, which begins as a copy of what is in force."""
    check_keeper(scope, code)
    with transaction.atomic():
        # Whoever begins or changes a draft holds the region, so that of two none overwrites the other.
        region = Region.objects.current().filter(code=code).select_for_update(no_key=True, of=("self",)).only("pk")
        if not region.exists():
            raise NotFound(_("There is no such region here."))
        draft = _locked(code) or _begin(scope, code)
        return work(draft, rules_of(draft))


def _locked(code: str) -> RoutingEdition | None:
    rows = RoutingEdition.objects.filter(district=code[:6], region_code=code, state=EditionState.DRAFT)
    return rows.select_for_update(no_key=True).first()


def _begin(scope: Scope, code: str) -> RoutingEdition:
    known = RoutingEdition.objects.filter(district=code[:6], region_code=code)
    number = (known.aggregate(last=Max("number"))["last"] or 0) + 1
    draft = RoutingEdition.objects.create(district=code[:6], region_code=code, number=number, made_by=scope.person)
    copies = [
        RoutingRule(
            edition=draft, key=rule.key, district=rule.district, region_code=code, position=rule.position, **says(rule)
        )
        for rule in rules_of(edition_of(code, EditionState.IN_FORCE))
    ]
    RoutingRule.objects.bulk_create(copies)
    return draft


def _one(rules: list[RoutingRule], key: UUID) -> RoutingRule:
    found = next((rule for rule in rules if rule.key == key), None)
    if found is None:
        raise NotFound(_("There is no such rule here."))
    return found


def _number(rules: list[RoutingRule]) -> None:
    for position, rule in enumerate(rules, 1):
        if rule.position != position:
            rule.position = position
            rule.save(update_fields=["position"])


def _checked(code: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a rule is to say, without what does not belong to it; raises BadInput for what cannot be."""
    said = {"active": True, "categories": [], "groups": [], "approval": False, "automatic": False, **EMPTY, **given}
    said["place"] = _choice(RulePlace, said.get("place", RulePlace.ANY))
    said["time"] = _choice(RuleTime, said.get("time", RuleTime.ANY))
    said["target"] = _choice(RuleTarget, said.get("target"))
    for name, value in EMPTY.items():
        if name not in OF_TIME.get(said["time"], ()):
            said[name] = value
    kinds = {"organisation": RuleTarget.ORGANISATION, "team": RuleTarget.TEAM}
    wants = {name: said["target"] == kind for name, kind in kinds.items()}
    wants["zone"] = said["place"] == RulePlace.ZONE
    for name, rows in choices(code).items():
        said[f"{name}_id"] = _named(name, rows, said.get(f"{name}_id")) if wants[name] else None
    _check_categories(said)
    _check_time(said)
    if said["place"] == RulePlace.JURISDICTION and said["target"] == RuleTarget.OWNER:
        raise BadInput(_("An owner answers for a grid and has no jurisdiction: choose another place."), field="place")
    if said["approval"] and said["automatic"]:
        raise BadInput(_("What is discussed first cannot go out by itself: choose one of the two."), field="way")
    return {name: said[name] for name in SAYS}


def _choice(kind: Any, value: object) -> Any:
    if value not in kind.values:
        raise BadInput(_("Open the form again."))
    return kind(value)


def _named(name: str, rows: QuerySet[Any], identity: int | None) -> int:
    if identity is None or not rows.filter(pk=identity).exists():
        words = {
            "organisation": _("Choose a body of this region that is there today."),
            "team": _("Choose a team of this region or of one above it."),
            "zone": _("Choose a zone of this region that holds today."),
        }
        raise BadInput(words[name], field=name)
    return identity


def _check_categories(said: dict[str, Any]) -> None:
    known = Category.objects.filter(active=True, kind=Kind.PROBLEM).values_list("code", "group")
    codes, groups = {code for code, _group in known}, {group for _code, group in known}
    said["categories"], said["groups"] = sorted(set(said["categories"])), sorted(set(said["groups"]))
    for wrong in [*(set(said["categories"]) - codes), *(set(said["groups"]) - groups)]:
        raise BadInput(_("There is no category “%(code)s” in the catalogue.") % {"code": wrong})


def _check_time(said: dict[str, Any]) -> None:
    if said["time"] == RuleTime.WEEKLY:
        said["weekdays"] = sorted(set(said["weekdays"]))
        if not said["weekdays"] or not set(said["weekdays"]) <= set(range(1, 8)):
            raise BadInput(_("Choose the days of the week."), field="weekdays")
        if said["starts"] is None or said["ends"] is None or said["starts"] == said["ends"]:
            raise BadInput(_("Say from when until when, and not the same twice."), field="starts")
    if said["time"] == RuleTime.DATES:
        first, last = said["first_day"], said["last_day"]
        if first is None and last is None:
            raise BadInput(_("Give the first day, the last day or both."), field="first_day")
        if first and last and last < first:
            raise BadInput(_("The last day lies before the first."), field="last_day")
