"""Who answers for a row: somebody found by name or user name as close to its community as possible."""

import re
from collections.abc import Sequence

from grids.lists.context import Context
from grids.lists.drafts import Draft
from grids.lists.lookups import narrowest, people_called
from grids.lists.saying import gettext_noop

_SEVERAL = re.compile(r"[、,，;；/]|\s+(?=[^\x00-\x7f])")


def own(drafts: Sequence[Draft], context: Context) -> None:
    """Set `wanted["owner"]` to a person's id; an unknown or ambiguous name is a problem at its cell."""
    words = {draft.number: [part for part in _SEVERAL.split(draft.text("owner")) if part] for draft in drafts}
    known = people_called({parts[0] for parts in words.values() if parts}, context.root)
    for draft in drafts:
        parts = words[draft.number]
        if not parts:
            continue
        community = draft.region_code or _said_community(draft, context) or context.root.code
        found = narrowest(known.get(parts[0], []), community)
        by_user_name = [person for person in found.values() if person.username == parts[0]]
        if len(by_user_name) == 1:
            found = {by_user_name[0].person: by_user_name[0]}
        if not found:
            sentence = gettext_noop("Nobody called “%(name)s” works in %(region)s: add them first, or empty the cell.")
            draft.refuse("owner", sentence, name=parts[0], region=context.root.local_name)
        elif len(found) > 1:
            sentence = gettext_noop("%(count)s people are called “%(name)s” here: write one of %(choices)s instead.")
            choices = ", ".join(sorted(person.username for person in found.values()))
            draft.refuse("owner", sentence, count=len(found), name=parts[0], choices=choices)
        else:
            draft.wanted["owner"] = next(iter(found))
        if len(parts) > 1:
            draft.note("owner", gettext_noop("There is one owner: “%(name)s” is taken."), name=parts[0])


def _said_community(draft: Draft, context: Context) -> str:
    region = context.regions.find(draft.text("community")) if draft.text("community") else None
    return region.code if region else ""
