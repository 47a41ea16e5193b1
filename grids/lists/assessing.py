"""Looking over all rows of a list: what each would become, what is wrong with it, what it lacks."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.db import connection
from django.utils import timezone

from grids.lists.changes import stored
from grids.lists.context import Context
from grids.lists.drafts import Draft
from grids.lists.kinds import fields_of
from grids.lists.meaning import MEANINGS
from grids.lists.parsing import parse
from grids.lists.tables import Cell
from grids.models import Asset, Checkpoint, ListImport, ListRow
from grids.models.lists import ListKind, RowState

_DATED: dict[str, type[Checkpoint] | type[Asset]] = {ListKind.CHECKPOINTS: Checkpoint, ListKind.ASSETS: Asset}


@dataclass(frozen=True, slots=True)
class Unread:
    """A row before it is understood; `known_id` is what it was called when all rows were understood together."""

    number: int
    cells: list[Cell]
    pin: dict[str, Any] | None
    file_geom: Any
    known_id: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Rows as they were understood."""

    drafts: list[Draft]
    context: Context

    @property
    def ready(self) -> list[Draft]:
        """The rows that can be brought in."""
        return [draft for draft in self.drafts if draft.state == RowState.READY]

    def counts(self) -> dict[str, int]:
        """Return how many rows are in each state, and of the ready ones how many have each fate."""
        states = Counter(draft.state for draft in self.drafts)
        fates = Counter(draft.fate for draft in self.ready)
        return {"rows": len(self.drafts), **states, **fates, "gone": len(gone(self))}


def understand(listed: ListImport) -> Assessment:
    """Read and understand every row with the list's mapping and options, writing nothing."""
    rows = listed.rows.order_by("number").values_list("number", "cells", "pin", "file_geom")
    return understand_rows([Unread(*row) for row in rows], Context(listed))


def understand_rows(rows: Sequence[Unread], context: Context) -> Assessment:
    """Understand these rows, in their order, writing nothing."""
    kind = context.listed.kind
    columns = {name: index for name, index in context.listed.mapping.items() if name in fields_of(kind)}
    drafts = [
        Draft(
            row.number,
            row.cells,
            columns,
            row.pin,
            stored(row.file_geom) if row.file_geom is not None else None,
            known_id=row.known_id,
        )
        for row in rows
    ]
    for draft in drafts:
        parse(draft, kind, context.constants)
    if drafts:
        MEANINGS[kind].understand(drafts, context)
    return Assessment(drafts, context)


def assess(listed: ListImport) -> Assessment:
    """Understand every row and keep what was found with the rows and the list."""
    assessment = understand(listed)
    keep(listed, assessment.drafts)
    listed.options = {**listed.options, "found": assessment.context.found}
    listed.reading = {**listed.reading, "seen": assessment.context.notes}
    listed.result = assessment.counts()
    listed.save(update_fields=["options", "reading", "result"])
    return assessment


def gone(assessment: Assessment) -> list[int]:
    """Return the things that an earlier version of this list brought in, hold today, and are in it no longer."""
    listed = assessment.context.listed
    model = _DATED.get(listed.kind)
    if model is None:
        return []
    here = {draft.source_id for draft in assessment.drafts}
    held = model.objects.on(timezone.localdate()).filter(source=listed.source)
    return [pk for pk, source_id in held.values_list("pk", "source_id") if source_id not in here]


def keep(listed: ListImport, drafts: Sequence[Draft]) -> None:
    """Write with the rows what was understood of them."""
    columns: dict[str, list[Any]] = {
        "numbers": [draft.number for draft in drafts],
        "said": [json.dumps(draft.said, ensure_ascii=False) for draft in drafts],
        "problems": [json.dumps(draft.problems, ensure_ascii=False) for draft in drafts],
        "shapes": [shapely.to_wkb(draft.geom, hex=True) if draft.geom is not None else None for draft in drafts],
        "states": [draft.state for draft in drafts],
        "fates": [draft.fate for draft in drafts],
        "ids": [draft.source_id for draft in drafts],
        "identities": [draft.identity for draft in drafts],
        "targets": [draft.target for draft in drafts],
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {ListRow._meta.db_table} r SET "values" = n.said::jsonb, problems = n.problems::jsonb,
                    geom = ST_SetSRID(n.shape::geometry, 4326), state = n.state, fate = n.fate,
                    source_id = n.source_id, identity = n.identity, target = n.target
                FROM unnest(%(numbers)s::int[], %(said)s::text[], %(problems)s::text[], %(shapes)s::text[],
                            %(states)s::text[], %(fates)s::text[], %(ids)s::text[], %(identities)s::text[],
                            %(targets)s::bigint[])
                     AS n(number, said, problems, shape, state, fate, source_id, identity, target)
                WHERE r.list_import_id = %(list)s AND r.number = n.number""",  # noqa: S608 - the name of our own table
            {**columns, "list": listed.pk},
        )
