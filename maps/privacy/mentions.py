"""An erased person in lists that others bring in: their name goes out of cells, corrections and files.

Only lists of the regions above and below those where the person ever had a role are looked at: elsewhere the name is
somebody else's. There it goes wherever it stands by itself, be it a namesake's: a list says nothing else of whom it
means, and whoever brings it in is asked again.
"""

import re
from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from grids.lists import assessing
from grids.models import ListCorrection, ListFile, ListImport, ListRow, Membership, Person
from grids.models.lists import ListKind, ListState

COLUMNS = ("cells", "values", "problems", "corrected", "pin")
Hide = Callable[[Any], Any]


def forget(person: Person, instead: str) -> list[ListImport]:
    """Take a person's names, while they still have them, out of lists; return the open ones to be looked over."""
    names = [name for name in (person.name, person.name_en, person.username) if name]
    hide = _hiding(names, instead)
    ListRow.objects.filter(list_import__kind=ListKind.PEOPLE, target=person.pk).delete()
    touched: set[Any] = set()
    lists = ListImport.objects.filter(_around(person))
    for row in _naming(names, ListRow.objects.filter(list_import__in=lists)).select_related("list_import"):
        kept = _hidden(row, hide)
        if kept == {column: getattr(row, column) for column in COLUMNS}:
            continue
        touched.add(row.list_import_id)
        if row.list_import.kind == ListKind.PEOPLE and row.target is None:
            row.delete()  # it would make an account of the name that stands for nobody
        else:
            ListRow.objects.filter(pk=row.pk).update(**kept)
    ListFile.objects.filter(list_import__in=touched).delete()
    for correction in ListCorrection.objects.filter(_around(person)):
        if hide([correction.said, correction.value]) != [correction.said, correction.value]:
            correction.delete()
    return list(ListImport.objects.filter(pk__in=touched, state=ListState.OPEN).select_related("region", "person"))


def look_again(lists: list[ListImport]) -> None:
    """Look over lists whose rows have changed: who is gone owns nothing there."""
    for listed in lists:
        assessing.assess(listed)


def _around(person: Person) -> Q:
    condition = Q(pk__in=[])
    for code in set(Membership.objects.filter(person=person).values_list("region__code", flat=True)):
        above = [code[:length] for length in (6, 9, 12) if length <= len(code)]
        condition |= Q(region__code__startswith=code) | Q(region__code__in=above)
    return condition


def _naming(names: list[str], rows: QuerySet[ListRow]) -> QuerySet[ListRow]:
    """Return the rows in whose cells one of the names may stand."""
    condition = Q(pk__in=[])
    for column in COLUMNS:
        rows = rows.annotate(**{f"{column}_text": Cast(column, TextField())})
        for name in names:
            condition |= Q(**{f"{column}_text__icontains": name})
    found: QuerySet[ListRow] = rows.filter(condition)
    return found


def _hidden(row: ListRow, hide: Hide) -> dict[str, Any]:
    """Return what a row keeps of its texts; what we write ourselves between them is no text."""
    pin = {name: hide(text) if name in {"label", "reason"} else text for name, text in (row.pin or {}).items()}
    return {
        "cells": hide(row.cells),
        "values": hide(row.values),
        "problems": [{**one, "with": hide(one["with"])} if "with" in one else one for one in row.problems],
        "corrected": {column: {**kept, "was": hide(kept["was"])} for column, kept in row.corrected.items()},
        "pin": pin if row.pin is not None else None,
    }


def _hiding(names: list[str], instead: str) -> Hide:
    """Return what replaces the names where they stand by themselves in texts, however deep these lie."""
    words = re.compile("|".join(map(_alone, sorted(names, key=len, reverse=True))), re.IGNORECASE)

    def hide(value: Any) -> Any:
        if isinstance(value, str):
            return words.sub(instead, value)
        if isinstance(value, list):
            return [hide(each) for each in value]
        if isinstance(value, dict):
            return {key: hide(each) for key, each in value.items()}
        return value

    return hide


def _alone(name: str) -> str:
    """Return the pattern of a name that is no part of a longer one; a telephone number may follow a Chinese one."""
    part = r"\w" if name.isascii() else r"[^\W\d_]"
    return rf"(?<!{part}){re.escape(name)}(?!{part})"
