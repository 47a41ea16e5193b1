"""Corrections that hold again: what somebody corrected in a list is done for the next one of its kind and region.

Each cell that was corrected keeps what the file says, so that every correction is seen and can be taken back. An empty
cell, or a cell that was corrected alone, is remembered with its row; everything else by what the column says.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from grids import clock
from grids.lists.identity import hashed
from grids.lists.kinds import HOUSED
from grids.lists.tables import cell, shown
from grids.models import ListCorrection, ListImport, ListRow
from grids.models.lists import Fate

# What a row is called in its file, whatever became of it.
CALLED = ("username", "code", "name", "estate", "building", "label", "community")
LONGEST = 500
PLACE = "place"  # instead of a field: the building that was chosen for a row
FORGOTTEN_AFTER = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is kept of a corrected cell: what the file says, whether of this row only, whether as the last time."""

    was: str
    alone: bool
    last: bool = False

    @classmethod
    def of(cls, row: ListRow, column: int) -> "Corrected | None":
        """Return what is kept of a cell, if it was corrected."""
        kept = row.corrected.get(str(column))
        return cls(kept["was"], kept["alone"], kept["last"]) if kept else None

    def put(self, row: ListRow, column: int, value: str) -> None:
        """Write a value into a cell, and that it was corrected if the file says something else."""
        row.cells += [None] * (column + 1 - len(row.cells))
        row.cells[column] = value or None
        row.corrected.pop(str(column), None)
        if value != self.was:
            row.corrected[str(column)] = {"was": self.was, "alone": self.alone, "last": self.last}


def field_of(listed: ListImport, column: int) -> str:
    """Return the field of a column; empty for one that means nothing."""
    return next((name for name, index in listed.mapping.items() if index == column), "")


def called(listed: ListImport, row: ListRow) -> str:
    """Return what a row is called in the file: its number there, else its names."""

    def said(name: str) -> str:
        if name not in listed.mapping:
            return ""
        column = listed.mapping[name]
        kept = Corrected.of(row, column)
        return kept.was if kept else shown(cell(row.cells, column))

    number = said("key")
    return hashed("key", number) if number else hashed(*map(said, CALLED))


def correct(listed: ListImport, rows: Sequence[ListRow], column: int, value: str, *, everywhere: bool) -> None:
    """Write another value into a cell of these rows, and remember it for the next list; the rows are not saved."""
    field = field_of(listed, column)
    known: dict[tuple[str, str], str] = {}
    for row in rows:
        before = Corrected.of(row, column)
        was = before.was if before else shown(cell(row.cells, column))
        kept = Corrected(was, alone=not everywhere or not was)
        known[called(listed, row) if kept.alone else "", was] = value
        kept.put(row, column, value)
    if not field:
        return
    _remember(listed, field, known)
    if everywhere:
        values = {was for (row_name, was) in known if not row_name}
        _of(listed, field=field, said__in=values).exclude(row="").delete()


def _of(listed: ListImport, **more: Any) -> Any:
    return ListCorrection.objects.filter(region=listed.region, kind=listed.kind, **more)


def _remember(listed: ListImport, field: str, known: dict[tuple[str, str], str]) -> None:
    kept = {key: value for key, value in known.items() if len(key[1]) <= LONGEST}
    ListCorrection.objects.bulk_create(
        [
            ListCorrection(region=listed.region, kind=listed.kind, field=field, row=row, said=said, value=value)
            for (row, said), value in kept.items()
            if value != said
        ],
        update_conflicts=True,
        unique_fields=["region", "kind", "field", "row", "said"],
        update_fields=["value", "used_at"],
    )
    for row, said in [key for key, value in kept.items() if value == key[1]]:
        _of(listed, field=field, row=row, said=said).delete()


def remember_place(listed: ListImport, row: ListRow, placed: dict[str, Any] | None) -> None:
    """Remember the building chosen for a row, or forget it; other places are known by the thing that was brought in."""
    if listed.kind not in HOUSED:
        return
    name = called(listed, row)
    if placed and "building" in placed:
        ListCorrection.objects.update_or_create(
            region=listed.region,
            kind=listed.kind,
            field=PLACE,
            row=name,
            said="",
            defaults={"place": placed, "used_at": timezone.now()},
        )
    elif placed is None:
        _of(listed, field=PLACE, row=name).delete()


def remember_places(listed: ListImport) -> None:
    """Remember where the rows of a list that is taken back were placed by hand: the things that knew it go."""
    rows = listed.rows.filter(fate=Fate.NEW, pin__by="hand").only("list_import", "cells", "corrected", "pin")
    places = {called(listed, row): row.pin for row in rows}
    ListCorrection.objects.bulk_create(
        [
            ListCorrection(region=listed.region, kind=listed.kind, field=PLACE, row=name, said="", place=placed)
            for name, placed in places.items()
        ],
        update_conflicts=True,
        unique_fields=["region", "kind", "field", "row", "said"],
        update_fields=["place", "used_at"],
    )


def forget_places(listed: ListImport) -> None:
    """Forget the places of rows that were brought in: from now on the things themselves know where they are."""
    if listed.kind in HOUSED:
        return
    rows = listed.rows.filter(pin__by="hand").only("list_import", "cells", "corrected")
    _of(listed, field=PLACE, row__in=[called(listed, row) for row in rows]).delete()


def recall(listed: ListImport) -> int:
    """Correct the cells of a list as the last time, keep how many in its options, and return it."""
    known = list(_of(listed, field__in=[*listed.mapping, PLACE]))
    count = _recall(listed, known) if known else 0
    if count or "recalled" in listed.options:
        listed.options = {**listed.options, "recalled": count}
        listed.save(update_fields=["options"])
    return count


def _recall(listed: ListImport, known: list[ListCorrection]) -> int:
    by_key = {(one.field, one.said, one.row): one for one in known}
    rows = list(listed.rows.only("list_import", "cells", "corrected", "pin"))
    names = [called(listed, row) for row in rows]
    often = Counter(names)
    used: Counter[int] = Counter()
    changed = []
    for row, name in zip(rows, names, strict=True):
        own = name if often[name] == 1 else None  # two rows of one name cannot be told apart
        found = [*_recall_cells(listed, row, own, by_key), *_recall_place(row, own, by_key)]
        if found:
            changed.append(row)
            used.update(found)
    ListRow.objects.bulk_update(changed, ["cells", "corrected", "pin"], batch_size=500)
    ListCorrection.objects.filter(pk__in=used).update(used_at=timezone.now())
    return used.total()


_Known = dict[tuple[str, str, str], ListCorrection]


def _recall_cells(listed: ListImport, row: ListRow, own: str | None, known: _Known) -> Iterable[int]:
    for field, column in listed.mapping.items():
        if Corrected.of(row, column):
            continue
        said = shown(cell(row.cells, column))
        alone = known.get((field, said, own)) if own is not None else None
        found = alone or known.get((field, said, ""))
        if found is not None:
            Corrected(said, alone=alone is not None, last=True).put(row, column, found.value)
            yield found.pk


def _recall_place(row: ListRow, own: str | None, known: _Known) -> Iterable[int]:
    found = known.get((PLACE, "", own)) if own is not None else None
    if found is not None and found.place is not None and row.pin is None:
        row.pin = {**found.place, "last": True}
        yield found.pk


def forget_recalled(listed: ListImport) -> None:
    """Give the cells that were corrected as the last time what the file says: other columns mean something else."""
    changed = []
    for row in listed.rows.exclude(corrected={}).only("list_import", "cells", "corrected"):
        columns = [int(column) for column, kept in row.corrected.items() if kept["last"]]
        for column in columns:
            _restore(row, column)
        if columns:
            changed.append(row)
    ListRow.objects.bulk_update(changed, ["cells", "corrected"], batch_size=500)


def _restore(row: ListRow, column: int) -> None:
    kept = Corrected.of(row, column)
    assert kept is not None
    kept.put(row, column, kept.was)


def take_back(listed: ListImport, row: ListRow, column: int) -> list[ListRow]:
    """Give a corrected cell, and those corrected with it, what the file says, and forget it; return the rows, saved."""
    kept = Corrected.of(row, column)
    if kept is None:
        return []
    rows = [row]
    if not kept.alone:
        same = {str(column): {"was": kept.was, "alone": False}}
        found = listed.rows.filter(corrected__contains=same).only("list_import", "number", "cells", "corrected")
        rows = [each for each in found if shown(cell(each.cells, column)) == shown(cell(row.cells, column))]
    recalled = sum(each.corrected[str(column)]["last"] for each in rows)
    for each in rows:
        _restore(each, column)
    ListRow.objects.bulk_update(rows, ["cells", "corrected"], batch_size=500)
    name = called(listed, row) if kept.alone else ""
    _of(listed, field=field_of(listed, column), said=kept.was, row=name).delete()
    count_off(listed, recalled)
    return rows


def count_off(listed: ListImport, recalled: int) -> None:
    """Say that so many cells and places are no longer as the last time."""
    if recalled:
        listed.options = {**listed.options, "recalled": max(0, listed.options.get("recalled", 0) - recalled)}
        listed.save(update_fields=["options"])


@clock.task("list-corrections-old", timedelta(days=1))
def forget() -> int:
    """Delete corrections that no list has used for a long time, and return how many."""
    return ListCorrection.objects.filter(used_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()[0]
