"""People and their roles: known by user name, else by their name where they work. Nobody's password changes."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from grids.lists.changes import begun, compare
from grids.lists.context import Context
from grids.lists.drafts import Draft
from grids.lists.identity import refuse_doubles
from grids.lists.lookups import bare, narrowest, people_called
from grids.lists.saying import gettext_noop
from grids.models import Membership, Organisation, Person
from grids.models.lists import Fate
from grids.models.people import Role
from grids.search.readings import read

_COLUMNS = ("name", "name_en", "phone", "party_member")


def understand(drafts: Sequence[Draft], context: Context) -> None:
    """Find the region, body and account of each row; whoever works elsewhere, or administers, is left alone."""
    bodies = _bodies(context)
    for draft in drafts:
        _understand(draft, context, bodies)
    found = _accounts(drafts, context)
    held = _held(found, context)
    for draft in drafts:
        for name in _COLUMNS:
            if name in draft.said:
                draft.wanted[name] = draft.said[name]
        person = found.get(draft.number)
        if person is not None:
            _guard(draft, person, held, context)
        draft.target = person.pk if person else None
        draft.source_id = draft.text("username") or (person.username if person else "")
        current = {name: getattr(person, name) for name in _COLUMNS} if person else None
        if person and current is not None:
            mine = {(row.role, row.region_id): row for row in held[person.pk] if context.today in row.period}
            membership = mine.get((draft.wanted.get("role", ""), draft.wanted.get("region_id", 0)))
            current |= {
                "role": draft.wanted.get("role") if membership else None,
                "region_id": draft.wanted.get("region_id") if membership else None,
                "organisation_id": membership.organisation_id if membership else None,
            }
        compare(draft, current)
    _refuse_doubles(drafts)


def _understand(draft: Draft, context: Context, bodies: dict[str, list[Organisation]]) -> None:
    community = draft.text("community")
    region = context.regions.find(community) if community else context.root
    if region is None:
        sentence = gettext_noop("There is no community of this name in %(region)s.")
        draft.refuse("community", sentence, region=context.root.local_name)
    else:
        draft.wanted["region_id"], draft.region_code = region.pk, region.code
    role = draft.text("role")
    if role and role not in context.appoints:
        sentence = gettext_noop("Only an administrator of %(region)s may give the role “%(role)s”.")
        draft.refuse("role", sentence, region=context.root.local_name, role=str(Role(role).label))
    elif role:
        draft.wanted["role"] = role
    word = draft.text("organisation")
    rows = bodies.get(bare(word), []) if word else []
    if len(rows) == 1:
        draft.wanted["organisation_id"] = rows[0].pk
    elif word and role == Role.STAFF:
        draft.refuse("organisation", gettext_noop("There is no body with this code or name here."))
    elif role == Role.STAFF:
        draft.refuse("role", gettext_noop("Staff of a body need a column with the body."))


def _bodies(context: Context) -> dict[str, list[Organisation]]:
    found: dict[str, list[Organisation]] = defaultdict(list)
    for row in Organisation.objects.current().filter(region__code__startswith=context.root.code).defer("jurisdiction"):
        for word in {bare(row.code), bare(row.name)}:
            found[word].append(row)
    return found


def _accounts(drafts: Sequence[Draft], context: Context) -> dict[int, Person]:
    by_user_name = {
        person.username: person
        for person in Person.objects.filter(username__in={draft.text("username") for draft in drafts})
    }
    nameless = [draft for draft in drafts if not draft.text("username")]
    known = people_called({draft.text("name") for draft in nameless}, context.root)
    found: dict[int, Person] = {}
    by_id: dict[int, int] = {}
    for draft in drafts:
        if draft.text("username"):
            if draft.text("username") in by_user_name:
                found[draft.number] = by_user_name[draft.text("username")]
            continue
        namesakes = narrowest(known.get(draft.text("name"), []), draft.region_code or context.root.code)
        if len(namesakes) == 1:
            by_id[draft.number] = next(iter(namesakes))
        elif namesakes:
            sentence = gettext_noop("%(count)s people are called “%(name)s” here: add a column with the user name.")
            draft.refuse("name", sentence, count=len(namesakes), name=draft.text("name"))
    people = Person.objects.in_bulk(set(by_id.values()))
    return found | {number: people[pk] for number, pk in by_id.items()}


def _held(found: dict[int, Person], context: Context) -> dict[int, list[Membership]]:
    """Return the roles that these people have, had or will have, each with its region; not those called off."""
    held: dict[int, list[Membership]] = defaultdict(list)
    rows = Membership.objects.filter(person__in={person.pk for person in found.values()}, period__isempty=False)
    for row in rows.select_related("region"):
        held[row.person_id].append(row)
    return held


def _guard(draft: Draft, person: Person, held: dict[int, list[Membership]], context: Context) -> None:
    field = "username" if draft.text("username") else "name"
    # Who has left for elsewhere, or was never here, is not brought here by a list of ours.
    ever = held[person.pk]
    standing = [row for row in ever if row.period.upper is None or row.period.upper > context.today]
    elsewhere = any(
        rows and not any(row.region.code.startswith(context.root.code) for row in rows) for rows in (ever, standing)
    )
    if person.is_superuser or person.is_staff or elsewhere:
        sentence = gettext_noop("This account belongs to somebody who is not managed from %(region)s.")
        draft.refuse(field, sentence, region=context.root.local_name)
    elif person.tombstoned_at is not None:
        draft.refuse(field, gettext_noop("This account was closed."))
    elif any(row.role not in context.appoints for row in standing):
        draft.refuse(field, gettext_noop("Only an administrator may change this account."))


def _refuse_doubles(drafts: Sequence[Draft]) -> None:
    def key(draft: Draft) -> tuple[object, ...]:
        who = draft.target or draft.text("username") or (draft.text("name"), draft.region_code)
        return (who, draft.wanted.get("role"), draft.wanted.get("region_id"))

    refuse_doubles(drafts, key, "name", gettext_noop("The same person and role stand in row %(row)s."))


def write(drafts: Sequence[Draft], context: Context, step: Callable[[str, float], None]) -> None:
    """Create accounts without a password, change what differs, and give the memberships that are missing."""
    taken = set(Person.objects.values_list("username", flat=True)) if any(d.fate == Fate.NEW for d in drafts) else set()
    made: dict[tuple[str, str], int] = {}
    for count, draft in enumerate(drafts):
        if count % 20 == 0:
            step(_("%(done)s of %(all)s people") % {"done": count, "all": len(drafts)}, 0.9 * count / len(drafts))
        if draft.fate == Fate.NEW:
            # Somebody with two roles stands in two rows, and is one person.
            who = (draft.text("username") or draft.text("name"), draft.region_code)
            if who not in made:
                made[who] = _create(draft, taken)
            draft.target = made[who]
        elif draft.fate == Fate.CHANGED and draft.target:
            wanted = {name: draft.wanted[name] for name in _COLUMNS if name in (draft.before or {})}
            Person.objects.filter(pk=draft.target).update(**wanted) if wanted else None
        if draft.fate != Fate.UNCHANGED and draft.target:
            _appoint(draft, context)


def _create(draft: Draft, taken: set[str]) -> int:
    username = draft.text("username") or _user_name(draft.text("name"), taken)
    taken.add(username)
    fields: dict[str, Any] = {name: draft.wanted[name] for name in _COLUMNS if name in draft.wanted}
    return Person.objects.create_user(username, None, **fields).pk


def _user_name(name: str, taken: set[str]) -> str:
    stem = "".join(character for character in "".join(read(name)).lower() if character.isalnum())[:50] or "u"
    number = 1
    while (chosen := stem if number == 1 else f"{stem}{number}") in taken:
        number += 1
    return chosen


def _appoint(draft: Draft, context: Context) -> None:
    key = {"person_id": draft.target, "role": draft.wanted["role"], "region_id": draft.wanted["region_id"]}
    rows = list(Membership.objects.select_for_update().filter(**key).order_by("period"))
    body = draft.wanted.get("organisation_id")
    current = next((row for row in rows if _holds(row, context)), None)
    if current is not None:
        if body and current.organisation_id != body:
            Membership.objects.filter(pk=current.pk).update(organisation_id=body)
        return
    first = begun(draft.text("since") or None, context.today).lower
    ends = [row.period.upper for row in rows if row.period.upper is not None]
    starts = [row.period.lower for row in rows if row.period.lower and row.period.lower > context.today]
    if starts:
        return  # it begins later anyway
    Membership.objects.create(**key, organisation_id=body, period=DateRange(max([first, *ends]), None))


def _holds(row: Membership, context: Context) -> bool:
    lower, upper = row.period.lower, row.period.upper
    if row.period.isempty:  # called off before it began
        return False
    return (lower is None or lower <= context.today) and (upper is None or upper > context.today)
