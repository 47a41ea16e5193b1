"""Looking again over rows that somebody placed, corrected, left out or took in again, at their cost only.

Of the others only those can change that speak of the same thing, before or after. What all rows together gave, such as
the order of coordinates or the names by which namesakes are told apart, does not depend on how a row is placed, nor on
the fields of `BY_ITSELF`.
"""

from collections import Counter
from typing import Any

from django.db.models import QuerySet

from grids.lists.assessing import Assessment, Unread, keep, understand_rows
from grids.lists.context import Context
from grids.lists.drafts import Draft
from grids.lists.placing import OUTSIDE
from grids.lists.saying import Said
from grids.models import ListImport, ListRow
from grids.models.lists import RowState

# What a row is known again by, and where it lies, does not depend on these.
BY_ITSELF = frozenset({"type", "kind", "owner", "role", "since", "households", "party_member", "phone", "name_en"})
_COLUMNS = ("number", "cells", "pin", "file_geom", "source_id", "identity", "state", "fate", "problems")


def assess_rows(listed: ListImport, numbers: set[int]) -> None:
    """Understand rows anew, and those that are or become the same as one; keep them, with their counts in the list.

    The caller holds the list, whose rows were all understood before.
    """
    listed.refresh_from_db(fields=["options", "result"])
    rows = list(listed.rows.filter(number__in=numbers).order_by("number").only("list_import", *_COLUMNS))
    assessment = _understand(listed, rows)
    identities = {row.identity for row in rows} | {draft.identity for draft in assessment.drafts}
    same = _others(listed, numbers, identities - {""})
    if same:
        rows = sorted([*rows, *same], key=lambda row: row.number)
        assessment = _understand(listed, rows)
    keep(listed, assessment.drafts)
    listed.result = _counts(listed, rows, assessment.drafts)
    if "outside" in assessment.context.found:
        found = dict(listed.options["found"])
        found["outside"] += assessment.context.found["outside"] - sum(_outside(row.problems) for row in rows)
        listed.options = {**listed.options, "found": found}
    listed.save(update_fields=["options", "result"])


def _others(listed: ListImport, numbers: set[int], identities: set[str]) -> list[ListRow]:
    if not identities:
        return []
    same: QuerySet[ListRow] = listed.rows.filter(identity__in=identities).exclude(number__in=numbers)
    return list(same.only("list_import", *_COLUMNS))


def _understand(listed: ListImport, rows: list[ListRow]) -> Assessment:
    unread = [Unread(row.number, row.cells, row.pin, row.file_geom, row.source_id) for row in rows]
    return understand_rows(unread, Context(listed, whole=False))


def _counts(listed: ListImport, before: list[ListRow], after: list[Draft]) -> dict[str, Any]:
    counts = Counter(listed.result or {})
    counts.subtract(name for row in before for name in _counted(row))
    counts.update(name for draft in after for name in _counted(draft))
    return {name: count for name, count in counts.items() if count or name in {"rows", "gone"}}


def _counted(row: ListRow | Draft) -> list[str]:
    return [row.state, row.fate] if row.state == RowState.READY else [row.state]


def _outside(problems: list[Said]) -> int:
    return sum(problem["say"] == OUTSIDE for problem in problems)
