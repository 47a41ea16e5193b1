"""What can be asked of the counts, as it stands in an address: days, categories and states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from grids.models import Category
from grids.problems import Problem
from maps.cells.codes import NUMBERS, OPEN, number_of

FILTERS = ("since", "until", "category", "state", "versus_since", "versus_until")
MOST_CODES = 50


@dataclass(frozen=True, slots=True)
class Window:
    """Days on which problems were recorded, both included; without a side it is open there."""

    since: date | None = None
    until: date | None = None

    @property
    def whole(self) -> bool:
        """Whether it is all time."""
        return self.since is None and self.until is None

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the counts: a window, another one to compare with, and numbers of categories and states.

    No category means all of them, and so does no state.
    """

    window: Window = Window()
    versus: Window | None = None
    categories: tuple[int, ...] = ()
    states: tuple[int, ...] = ()


def read_asked(query: Mapping[str, Any]) -> Asked:
    """Read a question from an address's parameters, in at most one query; raises Problem (400) naming what is wrong.

    `category` and `state` may be several by comma, `state` also "open"; a code counts in every edition of the
    catalogue that has it. Days are local ones such as 2026-11-03.
    """
    versus = _window(query, "versus_since", "versus_until")
    return Asked(
        window=_window(query, "since", "until"),
        versus=None if versus.whole else versus,
        categories=_categories(_text(query, "category")),
        states=_states(_text(query, "state")),
    )


def _text(query: Mapping[str, Any], name: str) -> str:
    text = str(query.get(name, "")).strip()
    if "\x00" in text:
        raise Problem(_("%(name)s holds a character that no text may hold.") % {"name": name})
    return text


def _window(query: Mapping[str, Any], first: str, last: str) -> Window:
    window = Window(_day(query, first), _day(query, last))
    if window.since and window.until and window.since > window.until:
        raise Problem(_("%(first)s lies after %(last)s.") % {"first": first, "last": last})
    return window


def _day(query: Mapping[str, Any], name: str) -> date | None:
    text = _text(query, name)
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year <= 2700:
        raise Problem(_("%(name)s must be a day such as 2026-11-03.") % {"name": name})
    return day


def _parts(name: str, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")] if text else []
    if len(parts) > MOST_CODES:
        raise Problem(_("%(name)s names more than %(most)s.") % {"name": name, "most": MOST_CODES})
    return parts


def _categories(text: str) -> tuple[int, ...]:
    codes = set(_parts("category", text))
    if not codes:
        return ()
    known = set(Category.objects.filter(code__in=codes).order_by().values_list("code", flat=True))
    unknown = sorted(codes - known)
    if unknown:
        raise Problem(_("No edition of the catalogue has a category “%(code)s”.") % {"code": unknown[0]})
    return tuple(sorted(number_of(code) for code in codes))


def _states(text: str) -> tuple[int, ...]:
    if text == "open":
        return OPEN
    parts = _parts("state", text)
    for part in parts:
        if part not in NUMBERS:
            raise Problem(
                _("“%(value)s” is no %(name)s; there are %(allowed)s.")
                % {"value": part, "name": "state", "allowed": ", ".join(["open", *NUMBERS])}
            )
    return tuple(sorted({NUMBERS[part] for part in parts}))
