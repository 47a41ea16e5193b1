"""A rule read back in plain words, and the rules that an earlier one leaves nothing to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from grids.models import Category
from grids.models.catalogue import Kind
from patrols.models import RoutingRule
from patrols.models.routing import RulePlace, RuleTarget, RuleTime
from patrols.routing.words import capitalised

MOST_NAMED = 6
WEEK_MINUTES = 7 * 24 * 60
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Names:
    """What categories and groups are called in the reader's language, and which categories a group has."""

    categories: dict[str, str]
    groups: dict[str, str]
    members: dict[str, frozenset[str]]

    @classmethod
    def read(cls) -> "Names":
        """Read the catalogue in use, in one query."""
        return cls.of(catalogue())

    @classmethod
    def of(cls, rows: Sequence[Category]) -> "Names":
        """Return what the categories of a catalogue that was read are called."""
        members: dict[str, set[str]] = {}
        for row in rows:
            members.setdefault(row.group, set()).add(row.code)
        return cls(
            {row.code: row.local_name for row in rows},
            {row.group: row.local_group for row in rows},
            {group: frozenset(codes) for group, codes in members.items()},
        )

    def covered(self, rule: RoutingRule) -> frozenset[str]:
        """Return the codes of the categories in use that a rule is for."""
        if not (rule.categories or rule.groups):
            return frozenset(self.categories)
        of_groups = (self.members.get(group, frozenset()) for group in rule.groups)
        return frozenset(rule.categories).intersection(self.categories).union(*of_groups)


def catalogue() -> list[Category]:
    """Return the categories of problems in use, in their order."""
    return list(Category.objects.filter(active=True, kind=Kind.PROBLEM).order_by("sort", "code"))


def sentence(rule: RoutingRule, names: Names) -> str:
    """Return what a rule says, as somebody would say it."""
    parts = [_which(rule, names), _where(rule), _when(rule)]
    comma = pgettext("sentence", ", ")
    said = _("%(what)s: to %(whom)s") % {"what": comma.join(part for part in parts if part), "whom": _whom(rule)}
    if rule.approval:
        said = _("%(said)s, after approval by another") % {"said": said}
    if rule.automatic:
        said = _("%(said)s, by itself once accepted") % {"said": said}
    return capitalised(_("%(said)s.") % {"said": said})


def _which(rule: RoutingRule, names: Names) -> str:
    if not (rule.categories or rule.groups):
        return _("every problem")
    listed = [_("all of “%(group)s”") % {"group": names.groups.get(group, group)} for group in rule.groups]
    listed += [names.categories.get(code, code) for code in rule.categories]
    words = pgettext("list", ", ").join(listed[:MOST_NAMED])
    if len(listed) > MOST_NAMED:
        words = _("%(names)s and %(count)s more") % {"names": words, "count": len(listed) - MOST_NAMED}
    return words


def _where(rule: RoutingRule) -> str:
    if rule.place == RulePlace.ZONE:
        return _("in “%(zone)s”") % {"zone": rule.zone}
    if rule.place == RulePlace.JURISDICTION:
        return _("where its jurisdiction holds")
    return ""


def _when(rule: RoutingRule) -> str:
    if rule.time == RuleTime.WEEKLY:
        assert rule.starts is not None
        assert rule.ends is not None
        clock = f"{rule.starts:%H:%M}–{rule.ends:%H:%M}"
        if rule.starts > rule.ends:
            clock = _("%(clock)s of the next day") % {"clock": clock}
        return f"{_days(rule.weekdays)} {clock}"
    if rule.time == RuleTime.DATES:
        first, last = (date_format(day, "Y-m-d") if day else "" for day in (rule.first_day, rule.last_day))
        if not last:
            return _("from %(day)s on") % {"day": first}
        if not first:
            return _("until %(day)s") % {"day": last}
        return _("from %(first)s to %(last)s") % {"first": first, "last": last}
    return "" if rule.time == RuleTime.ANY else str(RuleTime(rule.time).label)


def _days(numbers: Sequence[int]) -> str:
    if list(numbers) == [1, 2, 3, 4, 5]:
        return _("Mon to Fri")
    if len(numbers) == 7:
        return _("every day")
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return pgettext("list", ", ").join(names[number - 1] for number in numbers)


def _whom(rule: RoutingRule) -> str:
    if rule.target == RuleTarget.OWNER:
        return _("the owner of the grid, or its deputy")
    return str(rule.organisation or rule.team or _("the body of this kind whose jurisdiction holds there"))


def minutes_of(rule: RoutingRule) -> int | None:
    """Return the minutes of the week (Monday 0:00 is the lowest bit) at which a rule holds; None if it is no matter
    of days and hours.
    """
    if rule.time == RuleTime.ANY:
        return (1 << WEEK_MINUTES) - 1
    if rule.time != RuleTime.WEEKLY or rule.starts is None or rule.ends is None:
        return None
    start = rule.starts.hour * 60 + rule.starts.minute
    length = (rule.ends.hour * 60 + rule.ends.minute - start) % DAY_MINUTES
    bits = 0
    for day in rule.weekdays:
        for minute in range(length):
            bits |= 1 << ((day - 1) * DAY_MINUTES + start + minute) % WEEK_MINUTES
    return bits


@dataclass(frozen=True)
class Shadow:
    """Which earlier rules take all that a rule is for; `never`, that nothing can be left to it."""

    by: tuple[int, ...]
    never: bool


def shadows(rules: Iterable[RoutingRule], names: Names) -> dict[int, Shadow]:
    """Return by number the rules in use whose every case belongs to earlier ones of the same region.

    A rule that finds nobody is passed over, so a later one is left with what the earlier ones find nobody for, unless
    they give to the same: then there is never anything left.
    """
    found: dict[int, Shadow] = {}
    earlier: list[RoutingRule] = []
    for rule in sorted(rules, key=lambda rule: rule.position):
        if not rule.active:
            continue
        by: set[int] = set()
        covered = True
        for code in names.covered(rule):
            takers = _takers(rule, [one for one in earlier if code in names.covered(one)])
            covered = covered and takers is not None
            by |= {one.position for one in takers or ()}
        if covered and by:
            takers_of = [one for one in earlier if one.position in by]
            found[rule.position] = Shadow(tuple(sorted(by)), all(_same_target(one, rule) for one in takers_of))
        if not names.covered(rule):
            found[rule.position] = Shadow((), never=True)
        earlier.append(rule)
    return found


def _takers(rule: RoutingRule, earlier: list[RoutingRule]) -> list[RoutingRule] | None:
    """Return the earlier rules that together hold whenever and wherever one does, None if they leave something."""
    wider = [one for one in earlier if _place_within(rule, one)]
    for one in wider:
        if one.time == RuleTime.ANY or _same_time(one, rule):
            return [one]
    working = [one for one in wider if one.time in {RuleTime.WORKING, RuleTime.OUTSIDE}]
    if {one.time for one in working} == {RuleTime.WORKING, RuleTime.OUTSIDE}:
        return working
    left = minutes_of(rule)
    if left is None:
        left = (1 << WEEK_MINUTES) - 1
    takers = []
    for one in wider:
        bits = minutes_of(one) or 0
        if left & bits:
            left &= ~bits
            takers.append(one)
    return takers if takers and not left else None


def _place_within(rule: RoutingRule, other: RoutingRule) -> bool:
    if other.place == RulePlace.ANY:
        return True
    if other.place == RulePlace.ZONE:
        return rule.zone_id == other.zone_id
    return rule.place == other.place and _same_target(rule, other)


def _same_target(rule: RoutingRule, other: RoutingRule) -> bool:
    names = ("target", "organisation_id", "team_id")
    return all(getattr(rule, name) == getattr(other, name) for name in names)


def _same_time(rule: RoutingRule, other: RoutingRule) -> bool:
    if rule.time != other.time:
        return False
    if rule.time == RuleTime.DATES:
        begins = rule.first_day is None or (other.first_day is not None and rule.first_day <= other.first_day)
        ends = rule.last_day is None or (other.last_day is not None and rule.last_day >= other.last_day)
        return begins and ends
    return rule.time in {RuleTime.WORKING, RuleTime.OUTSIDE}
