"""Checkpoints and assets: things with a place of their own, known by the list and their number in it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from grids.lists.changes import assign, begun, compare, owners_of, since_of, stored, wkb
from grids.lists.context import Context
from grids.lists.drafts import Draft
from grids.lists.identity import identify
from grids.lists.owning import own
from grids.lists.placing import place
from grids.lists.saying import gettext_noop
from grids.models import Asset, Checkpoint
from grids.models.lists import Fate, ListKind

Thing = Checkpoint | Asset
CHUNK = 500


def understand_checkpoints(drafts: Sequence[Draft], context: Context) -> None:
    """Find type, place and owner of each row, and the checkpoint it was brought in as before."""
    for draft in drafts:
        word = draft.text("type")
        found = context.types.find(word) if word else None
        if found:
            draft.wanted["type_id"] = found
        elif word:
            _unknown_type(draft, word, context)
    _understand(drafts, context, Checkpoint)


def understand_assets(drafts: Sequence[Draft], context: Context) -> None:
    """Find the place of each row, and the asset it was brought in as before."""
    for draft in drafts:
        if draft.text("kind"):
            draft.wanted["kind"] = draft.text("kind")
    _understand(drafts, context, Asset)


def _unknown_type(draft: Draft, word: str, context: Context) -> None:
    nearest = context.types.nearest(word)
    if nearest:
        sentence = gettext_noop("“%(word)s” is no type of checkpoint; “%(nearest)s” perhaps?")
        draft.refuse("type", sentence, word=word, nearest=nearest)
    else:
        draft.refuse("type", gettext_noop("“%(word)s” is no type of checkpoint."), word=word)


def _understand(drafts: Sequence[Draft], context: Context, model: type[Thing]) -> None:
    identify(drafts, "name", "community")
    named = {draft.source_id for draft in drafts}
    same_source = model.objects.filter(source=context.listed.source, source_id__in=named)
    known: dict[str, Thing] = {row.source_id: row for row in same_source}
    for draft in drafts:
        thing = known.get(draft.source_id)
        draft.target = thing.pk if thing else None
    place(drafts, context, {thing.pk: stored(thing.geom) for thing in known.values()})
    owners: dict[int, int | None] = {}
    if model is Checkpoint:
        own(drafts, context)
        owners = owners_of("checkpoint", [thing.pk for thing in known.values()], context.today)
    for draft in drafts:
        _want(draft)
        thing = known.get(draft.source_id)
        compare(draft, _current(thing, owners, context) if thing else None)


def _want(draft: Draft) -> None:
    for name in ("name", "name_en", "since"):
        if draft.text(name):
            draft.wanted[name] = draft.text(name)
    draft.wanted["current"] = True
    if draft.geom is not None:
        draft.wanted |= {"geom": wkb(draft.geom), "region_id": draft.region}


def _current(thing: Thing, owners: dict[int, int | None], context: Context) -> dict[str, Any]:
    period = thing.period
    holds = not period.isempty and (period.upper is None or period.upper > context.today)
    return {
        "name": thing.name,
        "name_en": thing.name_en,
        "since": since_of(period),
        "geom": wkb(stored(thing.geom)),
        "region_id": thing.region_id,
        "owner": owners.get(thing.pk),
        "current": holds,
        **({"type_id": thing.type_id} if isinstance(thing, Checkpoint) else {"kind": thing.kind}),
    }


def write(drafts: Sequence[Draft], context: Context, step: Callable[[str, float], None]) -> None:
    """Create the new things, change the changed ones, and give them their owners."""
    model: type[Thing] = Checkpoint if context.listed.kind == ListKind.CHECKPOINTS else Asset
    new = [draft for draft in drafts if draft.fate == Fate.NEW]
    for start in range(0, len(new), CHUNK):
        step(_("%(done)s of %(all)s new ones") % {"done": start, "all": len(new)}, 0.1 + 0.5 * start / len(new))
        part = new[start : start + CHUNK]
        rows: list[Any] = [_made(model, draft, context) for draft in part]
        for draft, row in zip(part, model.objects.bulk_create(rows), strict=True):
            draft.target = row.pk
    changed = {draft.target: draft for draft in drafts if draft.fate == Fate.CHANGED}
    for count, thing in enumerate(model.objects.filter(pk__in=[pk for pk in changed if pk]).select_for_update()):
        if count % 50 == 0:
            shown = {"done": count, "all": len(changed)}
            step(_("%(done)s of %(all)s changed ones") % shown, 0.6 + 0.2 * count / len(changed))
        _change(thing, changed[thing.pk], context)
    if model is Checkpoint:
        step(_("Owners"), 0.85)
        owners = {
            draft.target: draft.wanted["owner"]
            for draft in drafts
            if draft.target and "owner" in draft.wanted and (draft.fate == Fate.NEW or "owner" in (draft.before or {}))
        }
        assign("checkpoint", owners, context.today)


def _made(model: type[Thing], draft: Draft, context: Context) -> Thing:
    wanted = draft.wanted
    own_column = {"type_id": wanted["type_id"]} if model is Checkpoint else {"kind": wanted["kind"]}
    return model(
        source=context.listed.source,
        source_id=draft.source_id,
        name=wanted["name"],
        name_en=wanted.get("name_en", ""),
        region_id=wanted["region_id"],
        geom=GEOSGeometry(wanted["geom"], srid=4326),
        period=begun(wanted.get("since"), context.today),
        **own_column,
    )


def _change(thing: Thing, draft: Draft, context: Context) -> None:
    wanted = {name: draft.wanted[name] for name in draft.before or {}}
    for name in ("name", "name_en", "region_id", "type_id", "kind"):
        if name in wanted:
            setattr(thing, name, wanted[name])
    if "geom" in wanted:
        thing.geom = GEOSGeometry(wanted["geom"], srid=4326)
    if "since" in wanted:
        thing.period = DateRange(begun(wanted["since"], context.today).lower, None)
    elif "current" in wanted:
        # It had ended and is in the list again.
        thing.period = DateRange(thing.period.lower or context.today, None)
    thing.save()
