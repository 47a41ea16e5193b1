"""Changing how a task comes back, and ending it: what was handed out ahead and nobody began is called off.

What has begun, and every day before the change, stays as it is and is still to be done.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.problems import BadInput, Conflict
from grids.scope import Scope
from patrols.models import Party, Report, Task, TaskChange
from patrols.models.parties import PartyState
from patrols.offering.ending import keep_in_step
from patrols.task_rules import days_by, read_rule
from patrols.tasks import AHEAD, FARTHEST, MOST_DAYS_TO_DO, check_keeps, days_within, find, lacking, write_day
from patrols.transitions import Move, perform
from patrols.workflow import OPEN_STATES, TRANSITIONS, UNBEGUN_STATES

LONGEST_REASON = 500
BEGUN = (PartyState.WORKING, PartyState.DONE)
SHOWN_DAYS = 4
YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a task comes back from now on: by a rule from a first day, to a last one where there is one."""

    rule: str
    first_day: date
    last_day: date | None = None
    days_to_do: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change does: the open days that are called off, those that stay, and the next ones by it."""

    called_off: list[Report]
    stay: list[Report]
    coming: list[date]


def rhythm_of(task: Task) -> Rhythm:
    """Return how a task comes back at present."""
    return Rhythm(task.rule, task.first_day, task.last_day, task.days_to_do)


def ended(task: Task, last_day: date) -> Rhythm:
    """Return a task's rhythm with a last day; raises BadInput for one too early or too late."""
    today = timezone.localdate()
    if not today - timedelta(days=1) <= last_day <= today + FARTHEST:
        raise BadInput(_("It ends yesterday, so that today's is called off too, or later and within two years."))
    return Rhythm(task.rule, task.first_day, last_day, task.days_to_do)


def check(rhythm: Rhythm) -> None:
    """Raise BadInput for a new rhythm that is none, begins in the past or ends before it begins."""
    today = timezone.localdate()
    try:
        rule = read_rule(rhythm.rule)
    except ValueError as error:
        raise BadInput(_("It comes back by no such rule.")) from error
    if not today <= rhythm.first_day <= today + FARTHEST:
        raise BadInput(_("The new rule begins today or later, and within two years."))
    if rhythm.first_day not in days_by(rule, rhythm.first_day, rhythm.first_day, rhythm.first_day):
        raise BadInput(_("The first day is none of the rule's days."))
    if not 0 <= rhythm.days_to_do <= MOST_DAYS_TO_DO:
        raise BadInput(_("There are at most %(most)d days to do it in.") % {"most": MOST_DAYS_TO_DO})
    if rhythm.last_day and rhythm.last_day < rhythm.first_day:
        raise BadInput(_("The last day comes before the first."))


def outlook(task: Task, rhythm: Rhythm) -> Outlook:
    """Return what giving a task another rhythm would do, and change nothing."""
    since = _since(task, rhythm)
    reports = list(Report.objects.for_list().filter(task=task, state__in=OPEN_STATES).order_by("task_day"))
    days = [report.task_day for report in reports if report.task_day]
    kept = set(_days(rhythm, since, max(days, default=since)))
    begun = set(Party.objects.filter(report__in=reports, state__in=BEGUN).values_list("report", flat=True))
    off = [
        report
        for report in reports
        if report.task_day
        and report.task_day >= since
        and report.task_day not in kept
        and report.state in UNBEGUN_STATES
        and report.pk not in begun
    ]
    gone = {report.pk for report in off}
    start = max(timezone.localdate(), rhythm.first_day)
    coming = _days(rhythm, start, start + YEAR)[:SHOWN_DAYS]
    return Outlook(off, [report for report in reports if report.pk not in gone], coming)


def change(scope: Scope, identity: UUID, rhythm: Rhythm, reason: str) -> Outlook:
    """Give a task another rule from its first day on, and return what that did.

    Raises NotFound, NotAllowed, BadInput, Conflict where a day of it was moved at the same moment.
    """
    check_keeps(find(scope, identity), scope)
    check(rhythm)
    return _apply(scope, identity, rhythm, reason)


def end(scope: Scope, identity: UUID, last_day: date, reason: str) -> Outlook:
    """Let a task not come back after a day, and return what that did; raises as `change` does."""
    task = find(scope, identity)
    check_keeps(task, scope)
    return _apply(scope, identity, ended(task, last_day), reason)


def _apply(scope: Scope, identity: UUID, rhythm: Rhythm, reason: str) -> Outlook:
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise BadInput(_("Say why, in at most %(most)s characters.") % {"most": LONGEST_REASON})
    with transaction.atomic():
        Task.objects.select_for_update(no_key=True).filter(pk=identity).values("pk").first()
        task = find(scope, identity)
        check_keeps(task, scope)
        assert scope.person
        if rhythm == rhythm_of(task):
            raise Conflict(_("The task comes back like this already."))
        # Held, so that nobody begins what is called off.
        held = Report.objects.filter(task=task, state__in=OPEN_STATES).order_by("pk").select_for_update()
        list(held.values_list("pk", flat=True))
        plan = outlook(task, rhythm)
        for report in plan.called_off:
            before = report.state
            perform(TRANSITIONS["call_off"], report, scope, Move(reason=reason))
            keep_in_step(report, "call_off", before, report.changed_at)
        since = _since(task, rhythm)
        TaskChange.objects.create(
            district=task.district,
            task=task,
            rule=task.rule,
            first_day=task.first_day,
            last_day=task.last_day,
            until=min(filter(None, [since - timedelta(days=1), task.last_day])),
            days_to_do=task.days_to_do,
            reason=reason,
            changed_by=scope.person,
            changed_at=timezone.now(),
        )
        task.rule, task.first_day, task.last_day = rhythm.rule, rhythm.first_day, rhythm.last_day
        task.days_to_do = rhythm.days_to_do
        task.save(update_fields=["rule", "first_day", "last_day", "days_to_do"])
        today = timezone.localdate()
        for day in _days(rhythm, max(today, rhythm.first_day), today + AHEAD):
            if lacking(task, day):
                break  # as the clock does, which tells whoever made the list
            write_day(task, day, scope)
    return plan


def _since(task: Task, rhythm: Rhythm) -> date:
    """Return the first day on which a rhythm holds that another one held before."""
    if rhythm.first_day == task.first_day and rhythm.rule == task.rule and rhythm.last_day:
        return rhythm.last_day + timedelta(days=1)
    return rhythm.first_day


def _days(rhythm: Rhythm, since: date, until: date) -> list[date]:
    return list(days_within(rhythm.rule, rhythm.first_day, rhythm.last_day, since, until))
