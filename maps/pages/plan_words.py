"""How a patrol plan is said: its days, its hours, its state, and what came of it."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from maps.pages.planner_coverage import percent
from maps.pages.sentence import Clause
from maps.pages.wording import weekdays
from patrols.models import PatrolPlan
from patrols.patrol_plans import until
from patrols.plan_walks import DayState, PlannedDay, Walks
from patrols.task_rules import read_rule

EVERY_DAY, WORKDAYS = frozenset(range(1, 8)), frozenset(range(1, 6))


def rule_words(text: str) -> str:
    """Return on which days of the week or month a rule falls."""
    rule = read_rule(text)
    if rule.weekdays:
        if rule.weekdays == EVERY_DAY:
            return _("every day")
        if rule.weekdays == WORKDAYS:
            return _("Mon to Fri")
        names = weekdays()
        return pgettext("list", ", ").join(names[number - 1] for number in sorted(rule.weekdays))
    day = _("the last day") if rule.monthday == -1 else _("day %(day)d") % {"day": rule.monthday}
    if rule.interval == 1:
        return _("%(day)s of every month") % {"day": day}
    return _("%(day)s of every %(count)d months") % {"day": day, "count": rule.interval}


def hours_words(plan: PatrolPlan) -> str:
    """Return the hours of a plan, nothing where any will do."""
    return f"{plan.starts:%H:%M}–{plan.ends:%H:%M}" if plan.starts and plan.ends else ""


def day_text(day: date) -> str:
    """Return a day with its weekday and year."""
    return date_format(day, pgettext("date with weekday", "D j M Y"))


def period_words(plan: PatrolPlan) -> str:
    """Return from when until when a plan holds."""
    return f"{plan.first_day:%Y-%m-%d} – {max(until(plan), plan.first_day):%Y-%m-%d}"


def state_of(plan: PatrolPlan, today: date) -> tuple[str, str]:
    """Return how a plan stands, a word for the page's style and one for people."""
    if plan.ended_on is not None and plan.ended_on < plan.first_day:
        return "over", _("withdrawn")
    if until(plan) < today:
        return "over", pgettext("patrol plan", "over")
    if plan.first_day > today:
        return "coming", pgettext("patrol plan", "to come")
    return "now", pgettext("patrol plan", "in force")


def day_state_words(state: DayState) -> str:
    """Return how a planned day went."""
    return {
        DayState.WALKED: pgettext("planned day", "walked"),
        DayState.PARTLY: pgettext("planned day", "walked in part"),
        DayState.UNKNOWN: pgettext("planned day", "unknown: gaps in the signal"),
        DayState.NO_RECORD: pgettext("planned day", "unknown: no patrol recorded"),
        DayState.TODAY: pgettext("planned day", "today, still open"),
        DayState.COMING: pgettext("planned day", "to come"),
    }[state]


def day_row(day: PlannedDay) -> dict[str, Any]:
    """Return a planned day for a table."""
    known = day.covered is not None and day.unknown is not None
    return {
        "day": day_text(day.day),
        "state": day.state.value,
        "words": day_state_words(day.state),
        "covered": percent(day.covered or 0.0) if known else "—",
        "unknown": percent(day.unknown or 0.0) if known else "—",
        "share": round(100 * (day.covered or 0.0)) if known else None,
    }


def walks_sentence(walks: Walks) -> list[Clause]:
    """Return what came of a plan so far, unknown days said as such."""
    comma, semicolon = pgettext("sentence", ", "), pgettext("sentence", "; ")
    if not walks.streets:
        return [Clause(_("There is no street in this area"), "warn")]
    if not walks.past:
        done = walks.count(DayState.WALKED)
        return [Clause(_("Walked today already") if done else _("No planned day is over yet"))]
    walked, past = walks.count(DayState.WALKED), walks.past
    text = ngettext(
        "Walked on %(walked)s of %(count)s planned day", "Walked on %(walked)s of %(count)s planned days", past
    )
    clauses = [Clause(text % {"walked": walked, "count": past}, "" if walked else "warn")]
    if partly := walks.count(DayState.PARTLY):
        clauses.append(Clause(_("in part on %(count)s") % {"count": partly}, before=comma))
    if unknown := walks.count(DayState.UNKNOWN, DayState.NO_RECORD):
        clauses.append(Clause(_("unknown on %(count)s") % {"count": unknown}, before=semicolon))
    return clauses


def walked_of(walks: Walks) -> str:
    """Return walked of planned days as n / N; a dash while none is over."""
    return f"{walks.count(DayState.WALKED)} / {walks.past}" if walks.past else "—"
