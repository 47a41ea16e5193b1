"""Task lists (任务清单): making tasks, and a report for each day that one falls on, ahead of time and once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids import clock
from grids.calendar import fix_risk
from grids.channels import notify
from grids.models import Category, Notification, Organisation, Region
from grids.models.catalogue import Kind
from grids.models.people import Role
from grids.models.places import RegionLevel
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.reach import lies_within
from grids.scope import NOBODY, Scope
from patrols.filing import random_code
from patrols.history import event_of, promise_notice
from patrols.models import Event, Party, Report, Task
from patrols.models.parties import PartyRole
from patrols.models.reports import Source
from patrols.parts import ASK
from patrols.requirements import end_of
from patrols.task_rules import days_by, read_rule
from patrols.workflow import State

MAKERS = (Role.DISPATCHER, Role.PLANNER, Role.INSPECTOR)
AHEAD = timedelta(days=14)
FARTHEST = timedelta(days=731)
MOST_DAYS_TO_DO = 366
MOST_BODIES = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry of a list says; `responsible` are the ids of one body or more."""

    title: str
    lead: int
    responsible: Sequence[int]
    first_day: date
    description: str = ""
    days_to_do: int = 0
    rule: str = ""
    last_day: date | None = None


def codes_of(scope: Scope) -> tuple[str, ...]:
    """Return the regions in which somebody makes task lists."""
    return tuple(sorted({code for role in MAKERS for code in scope.regions.get(role, ())}))


def communities_of(scope: Scope) -> list[Region]:
    """Return the communities in which somebody makes task lists."""
    rows = Region.objects.current().filter(lies_within(codes_of(scope), "code"), level=RegionLevel.COMMUNITY)
    return list(rows.defer("geom").order_by("code"))


def bodies_at(region: Region) -> list[Organisation]:
    """Return the bodies whose jurisdiction holds a community's middle: neighbours share no more than its edge."""
    rows = Organisation.objects.current().filter(jurisdiction__covers=middle_of(region))
    return list(rows.defer("jurisdiction").order_by("code"))


def middle_of(region: Region) -> Point:
    """Return the point of a community at which its tasks lie."""
    point = region.geom.point_on_surface
    assert isinstance(point, Point)
    return point


def tasks_of(scope: Scope) -> QuerySet[Task]:
    """Return the tasks that somebody sees: of their regions, and of the bodies whose staff they are."""
    bodies = scope.organisations
    theirs = Q(lead__in=bodies) | Q(responsible__in=bodies) | Q(others__in=bodies)
    seen = Task.objects.filter(scope.within("region__code") | theirs).values("pk")
    rows = Task.objects.filter(pk__in=seen).select_related("lead", "responsible", "region")
    return rows.defer("lead__jurisdiction", "responsible__jurisdiction", "region__geom")


def make_list(scope: Scope, code: str, name: str, entries: Sequence[tuple[UUID, Entry]]) -> list[Task]:
    """Write the entries of a list for the community with this code, each with its first reports, all or none.

    Raises NotAllowed, NotFound for a community elsewhere, BadInput that names the entry, Conflict for a taken id.
    """
    if not codes_of(scope):
        raise NotAllowed(_("Task lists are made by dispatchers, inspectors and planners."))
    region = (
        Region.objects.current()
        .filter(lies_within(codes_of(scope), "code"), level=RegionLevel.COMMUNITY, code=code)
        .first()
    )
    if region is None:
        raise NotFound(_("There is no community with this code in your region."))
    name = name.strip()
    if not name or len(name) > 120 or not entries:
        raise BadInput(_("Give the list a name, and at least one task."))
    bodies = {body.pk: body for body in bodies_at(region)}
    last = Task.objects.filter(region=region, list_name=name).aggregate(last=Max("position"))["last"] or 0
    made = []
    with transaction.atomic():
        for place, (identity, entry) in enumerate(entries, last + 1):
            try:
                made.append(_make(scope, region, name, place, identity, entry, bodies))
            except BadInput as problem:
                text = _("Task %(number)d: %(problem)s") % {"number": place - last, "problem": problem.sentence}
                raise BadInput(text, entry=place - last - 1) from problem
    return made


def _make(
    scope: Scope,
    region: Region,
    name: str,
    place: int,
    identity: UUID,
    entry: Entry,
    bodies: dict[int, Organisation],
) -> Task:
    _check(entry, bodies)
    first, *others = dict.fromkeys(entry.responsible)
    task = Task(
        id=identity,
        district=region.code[:6],
        region=region,
        list_name=name,
        position=place,
        title=entry.title.strip(),
        description=entry.description.strip(),
        lead=bodies[entry.lead],
        responsible=bodies[first],
        first_day=entry.first_day,
        days_to_do=entry.days_to_do,
        rule=entry.rule,
        last_day=entry.last_day,
        made_by=scope.person,
        made_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            task.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This task was made already.")) from error
    task.others.set(others)
    today = timezone.localdate()
    for day in days_of(task, entry.first_day, max(today + AHEAD, entry.first_day)):
        write_day(task, day, scope)
        break  # the first one now, the others by the clock
    return task


def _check(entry: Entry, bodies: dict[int, Organisation]) -> None:
    today = timezone.localdate()
    if not 0 < len(entry.title.strip()) <= 120:
        raise BadInput(_("a title of at most 120 characters is needed."))
    if len(entry.description) > 2000:
        raise BadInput(_("the description has at most 2000 characters."))
    if entry.lead not in bodies or not set(entry.responsible) <= set(bodies):
        raise BadInput(_("every body has to reach the community."))
    if not entry.responsible or len(entry.responsible) > MOST_BODIES:
        raise BadInput(_("at least one responsible body is needed."))
    if entry.lead in entry.responsible:
        raise BadInput(_("the lead is another body than those responsible."))
    if not today - FARTHEST <= entry.first_day <= today + FARTHEST:
        raise BadInput(_("the day lies within two years of today."))
    if not 0 <= entry.days_to_do <= MOST_DAYS_TO_DO:
        raise BadInput(_("there are at most %(most)d days to do it in.") % {"most": MOST_DAYS_TO_DO})
    if entry.last_day and entry.last_day < entry.first_day:
        raise BadInput(_("the last day comes before the first."))
    if entry.rule:
        try:
            rule = read_rule(entry.rule)
        except ValueError as error:
            raise BadInput(_("it comes back by no such rule.")) from error
        if entry.first_day not in days_by(rule, entry.first_day, entry.first_day, entry.first_day):
            raise BadInput(_("the first day is none of the rule's days."))


def days_of(task: Task, since: date, until: date) -> list[date]:
    """Return the days that a task falls on, in order: by its rule, and by the rules it had before."""
    days = set(days_within(task.rule, task.first_day, task.last_day, since, until))
    for former in task.changes.all():
        days.update(days_within(former.rule, former.first_day, former.until, since, until))
    return sorted(days)


def days_within(rule: str, first: date, last: date | None, since: date, until: date) -> Iterable[date]:
    """Return the days of a rule, empty for once on the first, that is in force from a first day to a last one."""
    if last:
        until = min(until, last)
    if not rule:
        return [first] if since <= first <= until else []
    return days_by(read_rule(rule), first, since, until)


def missed(task: Task, today: date) -> list[date]:
    """Return the days of two years, the latest first, that have come and have no entry."""
    there = set(task.reports.exclude(state=State.WITHDRAWN).values_list("task_day", flat=True))
    return [day for day in reversed(days_of(task, today - FARTHEST, today)) if day not in there]


def enter(scope: Scope, identity: UUID, day: date) -> Report:
    """Write the report of a day that was forgotten, credited to that day, and return it.

    Raises NotFound, NotAllowed, BadInput for a day that the task does not fall on, Conflict for one that is there.
    """
    task = find(scope, identity)
    check_keeps(task, scope)
    if day not in days_of(task, day, day):
        raise BadInput(_("The task does not fall on this day."))
    if lacking(task, max(day, timezone.localdate())):
        raise BadInput(_("Its lead, or every responsible body, is no more: make the task anew with those of today."))
    if day > timezone.localdate():
        raise BadInput(_("This day has not come yet: it is written by itself two weeks ahead."))
    with transaction.atomic():
        report = write_day(task, day, scope)
    if report is None:
        raise Conflict(_("This day of the task is there already."))
    return report


def find(scope: Scope, identity: UUID) -> Task:
    """Return a task that somebody sees; raises NotFound."""
    task = tasks_of(scope).filter(pk=identity).first()
    if task is None:
        raise NotFound(_("There is no such task here."))
    return task


def may_keep(task: Task, scope: Scope) -> bool:
    """Whether somebody makes the task lists of a task's community."""
    return any(task.region.code.startswith(code) for code in codes_of(scope))


def check_keeps(task: Task, scope: Scope) -> None:
    """Raise NotAllowed for who does not make the task lists there."""
    if not may_keep(task, scope):
        raise NotAllowed(_("Task lists are made by dispatchers, inspectors and planners."))


@clock.task("tasks-ahead", timedelta(hours=1))
def make_ahead() -> int:
    """Write the reports of the days to come within two weeks, and return how many that were.

    Of the days that were missed, because no clock ran or because the first lies back, it writes the latest: nobody is
    told of a year's days at once, and any other can be entered. What has no body any more goes to nobody, and whoever
    made the list is told once. Twice at once writes each once: a task has one report a day. What is
    changed meanwhile waits for the next time.
    """
    today, made = timezone.localdate(), 0
    rows = Task.objects.exclude(rule="").annotate(newest=Max("reports__task_day"))
    coming = rows.filter(Q(last_day__isnull=True) | Q(newest__isnull=True) | Q(newest__lt=F("last_day")))
    others = Prefetch("others", Organisation.objects.defer("jurisdiction"))
    for task in coming.select_related("region", "lead", "responsible").prefetch_related(others, "changes"):
        since = task.newest + timedelta(days=1) if task.newest else task.first_day
        days = days_of(task, since, today + AHEAD)
        missed = [day for day in days if day < today]
        for day in [*missed[-1:], *days[len(missed) :]]:
            if lacking(task, max(day, today)):
                _tell_maker(task)
                break
            with transaction.atomic():
                same = Task.objects.filter(pk=task.pk, rule=task.rule, first_day=task.first_day, last_day=task.last_day)
                if not same.select_for_update(no_key=True).exists():
                    break
                made += write_day(task, day, NOBODY) is not None
    return made


def lacking(task: Task, day: date) -> bool:
    """Whether a task cannot be handed out on a day: its lead is no more, or none of those responsible is left."""
    return not _exists(task.lead, day) or not _responsible(task, day)


def _responsible(task: Task, day: date) -> list[Organisation]:
    others = sorted(task.others.all(), key=lambda body: body.code)
    return [body for body in (task.responsible, *others) if _exists(body, day)]


def _exists(body: Organisation, day: date) -> bool:
    return body.period.upper is None or day < body.period.upper


def _tell_maker(task: Task) -> None:
    """Say to whoever made a list that a task of it goes to nobody any more; the key keeps it single."""
    data = {"list": task.list_name}
    notify(
        [
            Notification(
                person_id=task.made_by_id,
                key=f"task-lacking-{task.pk}",
                verb="task_lacking",
                subject=task.title,
                data=data,
            )
        ]
    )


def write_day(task: Task, day: date, scope: Scope) -> Report | None:
    """Write a day's report, dispatched to the lead, with a part for each responsible body; None where it is there."""
    now, category = timezone.now(), Category.objects.filter(active=True, kind=Kind.TASK).order_by("sort").first()
    if category is None:
        raise BadInput(_("The catalogue has no category for tasks."))
    point, due = middle_of(task.region), end_of(day + timedelta(days=task.days_to_do))
    report = Report(
        district=task.district,
        region_code=task.region.code,
        number=f"{timezone.localtime(now):%y%m%d}-{random_code(4)}-{random_code(4)}",
        public_number=random_code(16),
        kind=Kind.TASK,
        source=Source.LIST,
        category=category,
        geom=point,
        anchor=point,
        place=task.title,
        description=task.description,
        task=task,
        task_day=day,
        state=State.DISPATCHED,
        reporter=None,
        occurred_at=now,
        recorded_at=now,
        changed_at=now,
        waiting_since=now,
        dispatched_at=now,
        due_at=due,
        risk_at=fix_risk(category, due),
    )
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError:
        if Report.objects.filter(task=task, task_day=day).exclude(state=State.WITHDRAWN).exists():
            return None
        raise
    _hand_out(report, task, scope, now)
    return report


def _hand_out(report: Report, task: Task, scope: Scope, now: datetime) -> None:
    bodies = _responsible(task, max(report.task_day or now.date(), timezone.localdate(now)))
    parties = [(PartyRole.LEAD, task.lead), *((PartyRole.RESPONSIBLE, body) for body in bodies)]
    Party.objects.bulk_create(
        Party(
            report=report,
            district=report.district,
            role=role,
            organisation=body,
            since=now,
            report_recorded_at=report.recorded_at,
        )
        for role, body in parties
    )
    events = []
    for verb, before, after in (
        ("file", "", State.REPORTED),
        ("accept", State.REPORTED, State.ACCEPTED),
        ("dispatch", State.ACCEPTED, State.DISPATCHED),
    ):
        event = event_of(report, verb, before, scope, now, holder=task.lead if verb == "dispatch" else None)
        event.after = after
        events.append(event)
    events += [event_of(report, ASK, report.state, scope, now, holder=body) for body in bodies]
    for place, event in enumerate(events):
        event.recorded_at = now + timedelta(microseconds=place)  # they are read in this order
    Event.objects.bulk_create(events)
    for event in events[2:]:
        promise_notice(event)
