"""The demo city's requests, its task list with the clean-up of every 19th, and an assignment sheet."""

from datetime import date, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib.gis.geos import Point
from django.utils import timezone

from grids.models import Assignment, Grid, Membership, Organisation, Person
from grids.models.catalogue import Kind
from grids.models.people import AssignmentRole, OrganisationKind, Role
from grids.scope import Scope, scope_of
from patrols import parts, sheets, tasks
from patrols.contacts import Details
from patrols.filing import Draft, file_report
from patrols.models import Party, Report, Task
from patrols.models.parties import PartyRole
from patrols.task_rules import WEEKDAYS
from patrols.transitions import transition

# Nobody lives there and no such number exists.
WISHES = (
    ("90080", "厨房水龙头关不严，想请人看看", "take"),
    ("90081", "腿脚不便，想请人把旧沙发搬下楼", "serve"),
    ("90083", "老人独居，想请人每周上门看看", ""),
)
LIST = "文明创建任务清单"
ASKED = "请于期限内整改，并填写整改回执。"


def load_kinds(people: dict[str, Person]) -> None:
    """Write them with the verbs that people use; everybody's reach is read afresh."""
    leader, dispatcher, planner = (people[name] for name in ("leader", "dispatcher", "planner"))
    mine = Assignment.objects.current().filter(person=leader, role=AssignmentRole.OWNER, grid__isnull=False)
    grid = Grid.objects.select_related("region").get(pk=mine.order_by("grid__code").values_list("grid", flat=True)[0])
    for number, (category, words, how) in enumerate(WISHES):
        _wish(scope_of(leader), grid, number, category, words, how)
    _tasks(scope_of(planner), grid)
    _sheet(scope_of(dispatcher))


def _wish(scope: Scope, grid: Grid, number: int, category: str, words: str, how: str) -> None:
    point = grid.geom.point_on_surface
    assert isinstance(point, Point)
    draft = Draft(
        category=category,
        geom=point,
        anchor=point,
        place=f"{grid.name}居民楼",
        description=words,
        id=_id(f"wish-{number}"),
        kind=Kind.REQUEST,
        contact=Details(name="演示居民", phone=f"000-0000{number:04}", address="演示门牌"),
    )
    report = file_report(draft, scope)
    asked = Party.objects.present().filter(report=report, organisation__kind=OrganisationKind.PROPERTY).first()
    staff = _staff(asked.organisation) if asked and asked.organisation else None
    if not how or staff is None:
        return
    transition(report.pk, "take", staff)
    if how == "serve":
        able = [one for one in parts.askable(Report.objects.get(pk=report.pk), staff) if isinstance(one, Person)]
        if able:
            parts.ask(report.pk, able[0], staff)


def _tasks(scope: Scope, grid: Grid) -> None:
    """Write a list of three; the clean-up of the 19th began last month, was reported late and credited to its day."""
    bodies = tasks.bodies_at(grid.region)
    lead = next(body for body in bodies if body.kind == OrganisationKind.URBAN_MANAGEMENT)
    others = [body for body in bodies if body != lead][:3]
    today = timezone.localdate()
    before = (today.replace(day=1) - timedelta(days=1)).replace(day=19)
    rows: tuple[tuple[str, date, str, int], ...] = (
        ("每月19日集中清理", before, "FREQ=MONTHLY;BYMONTHDAY=19", 1),
        ("沿街小广告专项清理", today + timedelta(days=5), "", 5),
        ("垃圾分类桶站巡查", today, f"FREQ=WEEKLY;BYDAY={WEEKDAYS[today.weekday()]}", 0),
    )
    entries = [
        (
            _id(f"task-{number}"),
            tasks.Entry(title, lead.pk, [body.pk for body in others], day, days_to_do=days, rule=rule),
        )
        for number, (title, day, rule, days) in enumerate(rows)
    ]
    first = tasks.make_list(scope, grid.region.code, LIST, entries)[0]
    _done(first, before)
    tasks.make_ahead()


def _done(task: Task, day: date) -> None:
    report = Report.objects.get(task=task, task_day=day)
    for party in Party.objects.filter(report=report, role=PartyRole.RESPONSIBLE).select_related("organisation"):
        staff = _staff(party.organisation) if party.organisation else None
        if staff is None:
            return
        parts.say(report.pk, party.pk, "done", staff)
    lead = _staff(task.lead)
    if lead:
        transition(report.pk, "start", lead)
        transition(report.pk, "handle", lead)


def _sheet(scope: Scope) -> None:
    for body in sheets.bodies_of(scope):
        chosen = list(sheets.reports_for(body, scope).filter(kind=Kind.PROBLEM).values_list("pk", flat=True)[:8])
        if len(chosen) >= 2:
            by = timezone.localdate() + timedelta(days=7)
            sheets.make(scope, _id("sheet"), body, chosen, note=ASKED, answer_by=by)
            return


def _staff(body: Organisation) -> Scope | None:
    """Return the reach of somebody on a body's staff."""
    rows = Membership.objects.current().filter(organisation=body, role=Role.STAFF, person__is_active=True)
    member = rows.select_related("person").order_by("pk").first()
    return scope_of(member.person) if member else None


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"demo:{name}")
