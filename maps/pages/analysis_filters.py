"""What the analysis page is asked for in its address: where, when, what, and what to compare it with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from grids.problems import Problem
from maps.pages.choices import categories
from patrols.workflow import OPEN_STATES, State

EARLIEST = date(2000, 1, 1)
USUAL = "30"
OPEN = "open"
ROLLING = {"7": 7, "30": 30, "92": 92}
PERIODS = {
    "7": gettext_lazy("Last 7 days"),
    "30": gettext_lazy("Last 30 days"),
    "92": gettext_lazy("Last 92 days"),
    "month": gettext_lazy("This month"),
    "year": gettext_lazy("Last 12 months"),
    "all": gettext_lazy("All time"),
    "own": gettext_lazy("From … until …"),
}
BEFORE, YEAR_BEFORE, OWN = "before", "year", "own"
COMPARISONS = {
    "": gettext_lazy("with nothing"),
    BEFORE: gettext_lazy("the same span before"),
    YEAR_BEFORE: gettext_lazy("a year before"),
    OWN: gettext_lazy("another period"),
}
# Names of the page's own parameters that the server passes on without looking at them: they tell the map what to show.
LOOKS = ("draw", "layers", "step", "at", "cell", "run", "place")
KNOWN = ("region", "period", "since", "until", "category", "state", "versus", "versus_since", "versus_until", *LOOKS)


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both included; without either it is all that is known."""

    since: date | None = None
    until: date | None = None

    @property
    def count(self) -> int | None:
        """How many days; nothing where there is no beginning or no end."""
        return (self.until - self.since).days + 1 if self.since and self.until else None

    @property
    def query(self) -> dict[str, str]:
        """What stands for it in the address of tiles and figures."""
        ends = {"since": self.since, "until": self.until}
        return {name: day.isoformat() for name, day in ends.items() if day}

    @property
    def words(self) -> str:
        """From … until … as it is printed."""
        if not self.since or not self.until:
            return str(PERIODS["all"])
        return pgettext("days", "%(since)s – %(until)s") % {"since": self.since, "until": self.until}


@dataclass(frozen=True, slots=True)
class Asked:
    """A period, what is compared with it, and what is counted."""

    period: str
    days: Days
    versus: str
    before: Days | None
    category: str
    state: str

    @property
    def filters(self) -> dict[str, str]:
        """The filters of tiles and figures beside the days."""
        return {name: value for name, value in (("category", self.category), ("state", self.state)) if value}

    @property
    def query(self) -> dict[str, str]:
        """What stands for it in the page's address."""
        own = {"period": self.period if self.period != USUAL else "", **self.filters, "versus": self.versus}
        if self.period == "own":
            own |= self.days.query
        if self.versus == OWN and self.before:
            own |= {f"versus_{name}": day for name, day in self.before.query.items()}
        return {name: value for name, value in own.items() if value}

    def address(self, **changes: str) -> str:
        """Return the query of the page with changes."""
        return urlencode({name: value for name, value in {**self.query, **changes}.items() if value})

    @property
    def span(self) -> str:
        """What the period is called in a sentence."""
        if self.period in ROLLING:
            days = ROLLING[self.period]
            return ngettext("in the last %(count)s day", "in the last %(count)s days", days) % {"count": days}
        words = {
            "month": pgettext("period", "this month"),
            "year": pgettext("period", "in the last 12 months"),
            "all": pgettext("period", "in all time"),
        }
        return words.get(self.period) or pgettext("period", "in this period")

    @property
    def span_before(self) -> str:
        """What the compared period is called in a sentence."""
        if self.versus == BEFORE and self.period in ROLLING:
            days = ROLLING[self.period]
            return ngettext("the %(count)s day before", "the %(count)s days before", days) % {"count": days}
        words = {
            BEFORE: pgettext("period", "the same span before"),
            YEAR_BEFORE: pgettext("period", "a year before"),
            OWN: pgettext("period", "the other period"),
        }
        return words[self.versus]


def read(query: Mapping[str, str], today: date) -> Asked:
    """Read the page's address; raises Problem (400) with a sentence for what cannot be.

    Without a period it is the last thirty days. `category` is a code, `state` a state or "open".
    """
    unknown = sorted(set(query) - set(KNOWN))
    if unknown:
        sentence = _("There is no filter “%(name)s”; there are %(allowed)s.")
        raise Problem(sentence % {"name": unknown[0], "allowed": ", ".join(KNOWN)})
    period = query.get("period") or USUAL
    if period not in PERIODS:
        raise Problem(_("There is no such period."))
    days = _days(query, period, today)
    versus = query.get("versus") or ""
    if versus not in COMPARISONS:
        raise Problem(_("There is nothing like that to compare with."))
    before = _before(query, period, versus, days)
    return Asked(period, days, versus, before, _category(query), _state(query))


def before_it(asked: Asked) -> tuple[Days, str] | None:
    """Return the period that the sentence compares with, and what it is called; None for all time.

    It is the one that was asked for, and without one the same span before.
    """
    if asked.before:
        return asked.before, asked.span_before
    if not asked.days.count:
        return None
    same = Asked(asked.period, asked.days, BEFORE, None, asked.category, asked.state)
    found = _before({}, asked.period, BEFORE, asked.days)
    return (found, same.span_before) if found else None


def usual(today: date) -> Asked:
    """Return what is shown when nothing, or nothing that can be, is asked for."""
    return read({}, today)


def _days(query: Mapping[str, str], period: str, today: date) -> Days:
    if period in ROLLING:
        return Days(today - timedelta(days=ROLLING[period] - 1), today)
    if period == "month":
        return Days(today.replace(day=1), today)
    if period == "year":
        # Whole months are kept as such, so that a year costs twelve of them instead of 365 days.
        return Days(_months_before(today.replace(day=1), 11), today)
    if period == "all":
        return Days()
    days = _between(query, "since", "until")
    if days.since is not None and days.since > today:
        raise Problem(_("The period has not begun yet."))
    if days.until is not None and days.until > today:
        return Days(days.since, today)
    return days


def _before(query: Mapping[str, str], period: str, versus: str, days: Days) -> Days | None:
    if not versus:
        return None
    if versus == OWN:
        found = _between(query, "versus_since", "versus_until")
    elif not days.since or not days.until:
        raise Problem(_("To compare with what was before, choose a period with a first and a last day."))
    elif versus == YEAR_BEFORE or period == "year":
        found = Days(_months_before(days.since, 12), _months_before(days.until, 12))
    elif period == "month":
        found = Days(_months_before(days.since, 1), _months_before(days.until, 1))
    else:
        length = timedelta(days=days.count or 1)
        found = Days(days.since - length, days.until - length)
    if _overlap(days, found):
        raise Problem(_("The two periods overlap; compare periods of which one ends before the other begins."))
    return found


def _overlap(one: Days, other: Days) -> bool:
    if not one.since or not one.until or not other.since or not other.until:
        return True
    return one.since <= other.until and other.since <= one.until


def _between(query: Mapping[str, str], first: str, last: str) -> Days:
    since, until = _day(query.get(first, "")), _day(query.get(last, ""))
    if since > until:
        raise Problem(_("The period ends before it begins."))
    return Days(since, until)


def _day(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= date(2999, 12, 31):
        raise Problem(_("Give the first and the last day of the period."))
    return day


def _months_before(day: date, months: int) -> date:
    """Return the day some months earlier, the last one of a shorter month."""
    number = day.year * 12 + day.month - 1 - months
    first = date(number // 12, number % 12 + 1, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return first.replace(day=min(day.day, (following - timedelta(days=1)).day))


def _category(query: Mapping[str, str]) -> str:
    code = query.get("category", "")
    if code and code not in category_names():
        raise Problem(_("There is no category “%(code)s”; choose one of the list.") % {"code": code[:40]})
    return code


def _state(query: Mapping[str, str]) -> str:
    state = query.get("state", "")
    if state and state != OPEN and state not in State.values:
        raise Problem(_("There is no state “%(code)s”; choose one of the list.") % {"code": state[:40]})
    return state


def category_names() -> dict[str, str]:
    """Return the names of the categories in use by code, in the reader's language."""
    return {code: name for members in categories().values() for code, name in members}


def state_names() -> dict[str, str]:
    """Return what the states are called, all open ones first."""
    return {OPEN: _("all open ones"), **{value: str(label) for value, label in State.choices}}


def counted(asked: Asked) -> str:
    """Say in words which reports are counted."""
    names: list[Any] = []
    if asked.category:
        names.append(category_names()[asked.category])
    if asked.state:
        names.append(state_names()[asked.state])
    return " · ".join(names) or _("all reports")


def states_of(state: str) -> str:
    """Return the states behind a filter as the layer of reports wants them: without one it shows open ones only."""
    if state == OPEN:
        return ",".join(OPEN_STATES)
    return state or ",".join(State.values)
