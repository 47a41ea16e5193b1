"""By what a row is known again: its number in the list, else its name and community."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from hashlib import blake2b
from typing import TypeVar

from grids.lists.drafts import Draft
from grids.lists.lookups import bare
from grids.lists.saying import gettext_noop

K = TypeVar("K", bound=Hashable)


def hashed(*parts: str) -> str:
    """Return a short identity for texts, the same for the same texts whatever their width, case and blanks."""
    return "h-" + blake2b("|".join(map(bare, parts)).encode(), digest_size=12).hexdigest()


def identify(drafts: Sequence[Draft], *names: str) -> None:
    """Set `source_id`: the key if there is one, else a hash of these fields; the address tells namesakes apart."""
    by_name: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        draft.source_id = draft.known_id or draft.text("key") or hashed(*map(draft.text, names))
        by_name[draft.source_id].append(draft)
    for namesakes in by_name.values():
        if len(namesakes) > 1 and not namesakes[0].text("key") and not namesakes[0].known_id:
            for draft in namesakes:
                draft.source_id = hashed(*map(draft.text, names), draft.text("address"))
    sentence = gettext_noop(
        "Nothing tells it from row %(row)s: both have the same name, community and address. Give both a number."
    )
    refuse_doubles(drafts, lambda draft: draft.source_id, "key" if _keyed(drafts) else "name", sentence)


def refuse_doubles(drafts: Iterable[Draft], key: Callable[[Draft], K | None], field: str, sentence: str) -> None:
    """Say of every row but the first with a key that it is the same as that one; rows left out do not count."""
    first: dict[K, int] = {}
    for draft in drafts:
        identity = key(draft)
        if identity is None:
            continue
        draft.identity = blake2b(repr(identity).encode(), digest_size=12).hexdigest()
        if draft.skipped:
            continue
        if identity in first:
            draft.refuse(field, sentence, row=first[identity])
        else:
            first[identity] = draft.number


def _keyed(drafts: Sequence[Draft]) -> bool:
    return any("key" in draft.mapping for draft in drafts[:1])
