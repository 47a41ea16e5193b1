"""Pages by key: the hundredth costs what the first does, and rows that come in are neither skipped nor repeated."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.problems import Problem

PAGE = 50
LARGEST_PAGE = 200
LONGEST_CURSOR = 400
EARLIEST = 1970


def write_key(*values: object) -> str:
    """Return the cursor that stands for the last row of a page."""
    text = "|".join(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_key(text: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """Read a cursor's values, one of each kind, or None for the first page; raises Problem (400) if it is not ours."""
    if not text:
        return None
    try:
        if len(text) > LONGEST_CURSOR:
            raise ValueError
        parts = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|")
        return tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error, ValidationError) as error:
        raise Problem(_("The cursor cannot be read: start again from the first page.")) from error


def moment(text: str) -> datetime:
    """Read an ISO 8601 moment of a cursor as an aware one; raises ValueError, also for one long before us."""
    read = datetime.fromisoformat(text)
    if read.year < EARLIEST:
        raise ValueError
    return read if timezone.is_aware(read) else timezone.make_aware(read)


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: its columns with the kind of their values, the last one unique, all in one direction."""

    columns: tuple[tuple[str, Callable[[str], Any]], ...] = (("pk", int),)
    newest_first: bool = False

    def page(self, rows: QuerySet[Any], cursor: str, size: int) -> tuple[list[Any], str]:
        """Return a page of rows and the cursor of the next one, empty at the end."""
        key = read_key(cursor, *(kind for _name, kind in self.columns))
        names = [name for name, _kind in self.columns]
        found = rows.filter(self._after(key)) if key else rows
        sign = "-" if self.newest_first else ""
        page = list(found.order_by(*(f"{sign}{name}" for name in names))[: size + 1])
        return page[:size], self._key_of(page[size - 1]) if len(page) > size else ""

    def _key_of(self, row: Model) -> str:
        return write_key(*(getattr(row, name) for name, _kind in self.columns))

    def _after(self, key: tuple[Any, ...]) -> Q:
        """Return the condition that a row comes after a key; the first column alone bounds it for the index."""
        names = [name for name, _kind in self.columns]
        beyond = "lt" if self.newest_first else "gt"
        condition, same = Q(), Q()
        for name, value in zip(names, key, strict=True):
            condition |= same & Q(**{f"{name}__{beyond}": value})
            same &= Q(**{name: value})
        return condition & Q(**{f"{names[0]}__{beyond}e": key[0]})


def next_address(request: HttpRequest, cursor: str) -> str | None:
    """Return the address of the next page: the present one with another cursor."""
    if not cursor:
        return None
    return request.build_absolute_uri("?" + urlencode({**request.GET.dict(), "cursor": cursor}))
