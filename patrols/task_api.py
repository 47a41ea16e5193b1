"""The API of task lists: what is on them, making entries, changing and ending one, and a day that was forgotten."""

from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid7
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.paging import Order
from grids.rest import ANY_ID, Input, ListView, Query, once, read
from grids.scope import Scope, scope_of
from patrols import task_changes, tasks
from patrols.models import Report, Task
from patrols.presentation import report_detail_json
from patrols.shapes import ReportDetailShape
from patrols.task_changes import Outlook, Rhythm
from patrols.tasks import Entry


class EntryInput(Input):
    """An entry of a list."""

    id = serializers.UUIDField(required=False, help_text="The client's own; the same again is 409.")
    title = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    lead = serializers.IntegerField(min_value=1, max_value=ANY_ID, help_text="牵头单位: the id of one body.")
    responsible = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=ANY_ID),
        min_length=1,
        max_length=tasks.MOST_BODIES,
        help_text="责任单位: the ids of at least one body other than the lead.",
    )
    first_day = serializers.DateField()
    days_to_do = serializers.IntegerField(min_value=0, max_value=tasks.MOST_DAYS_TO_DO, default=0)
    rule = serializers.CharField(
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        help_text="FREQ=WEEKLY;BYDAY=MO,TH or FREQ=MONTHLY;BYMONTHDAY=19, with INTERVAL=3 every quarter; empty: once.",
    )
    last_day = serializers.DateField(required=False, allow_null=True, default=None)


class ListInput(Input):
    """A list, or more entries of one that is there."""

    community = serializers.CharField(max_length=12)
    list_name = serializers.CharField(max_length=120)
    tasks = serializers.ListField(child=EntryInput(), min_length=1, max_length=50)


class DayInput(Input):
    """A day that the task falls on."""

    day = serializers.DateField()


class TaskEndInput(Input):
    """The last day that a task falls on."""

    last_day = serializers.DateField()
    reason = serializers.CharField(max_length=task_changes.LONGEST_REASON)
    preview = serializers.BooleanField(default=False, help_text="Only say what it would do.")


class ChangeInput(TaskEndInput):
    """Another rule, from its first day on."""

    rule = serializers.CharField(max_length=80)
    first_day = serializers.DateField()
    days_to_do = serializers.IntegerField(min_value=0, max_value=tasks.MOST_DAYS_TO_DO, default=0)
    last_day = serializers.DateField(required=False, allow_null=True, default=None)


class TaskShape(serializers.ModelSerializer[Task]):
    """An entry of a task list."""

    community = serializers.CharField(source="region.code")
    responsible = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = (
            "id", "community", "list_name", "position", "title", "description", "lead", "responsible", "first_day",
            "days_to_do", "rule", "last_day", "made_at",
        )  # fmt: skip

    def get_responsible(self, task: Task) -> list[int]:
        """Return the ids of all responsible bodies, the first one first."""
        return [task.responsible_id, *(body.pk for body in task.others.all())]


class TaskDayShape(serializers.ModelSerializer[Report]):
    """A day of a task."""

    class Meta:
        model = Report
        fields = ("id", "number", "task_day", "state")


class OutlookShape(serializers.Serializer[Any]):
    """What a change does: the days called off, the open ones that stay, and the next ones by it."""

    called_off = TaskDayShape(many=True)
    stay = TaskDayShape(many=True)
    coming = serializers.ListField(child=serializers.DateField())
    task = TaskShape()


class TasksShape(serializers.Serializer[Any]):
    """The entries that were made."""

    results = TaskShape(many=True)


class TaskList(ListView):
    """Entries of task lists, newest first."""

    query = Query
    shape = TaskShape
    order = Order((("pk", UUID),), newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return what somebody sees: of their regions, and of the bodies whose staff they are."""
        return tasks.tasks_of(scope).prefetch_related("others")

    @extend_schema(request=ListInput, responses={201: TasksShape})
    def post(self, request: Request) -> HttpResponse:
        """Make entries of a list, all or none; each has exactly one lead, a responsible body, and a day."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(ListInput, request)
            entries = []
            for given in data["tasks"]:
                identity = given.pop("id", None) or uuid7.uuid7()
                entries.append((identity, Entry(**given)))
            made = tasks.make_list(scope, data["community"], data["list_name"], entries)
            return 201, {"results": [dict(TaskShape(task).data) for task in made]}

        return once(request, work)


class TaskDetail(APIView):
    """An entry of a task list."""

    @extend_schema(responses=TaskShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return it."""
        return Response(TaskShape(tasks.find(scope_of(request.user), identity)).data)


class TaskChanges(APIView):
    """How a task comes back."""

    @extend_schema(request=ChangeInput, responses={200: OutlookShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Give it another rule from its first day on; what nobody began of the days after that is called off."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(ChangeInput, request)
            rhythm = Rhythm(data["rule"], data["first_day"], data["last_day"], data["days_to_do"])
            if not data["preview"]:
                return 200, _outlook_json(task_changes.change(scope, identity, rhythm, data["reason"]), scope, identity)
            task = tasks.find(scope, identity)
            tasks.check_keeps(task, scope)
            task_changes.check(rhythm)
            return 200, _outlook_json(task_changes.outlook(task, rhythm), scope, identity)

        return once(request, work)


class TaskEnd(APIView):
    """The end of a task."""

    @extend_schema(request=TaskEndInput, responses={200: OutlookShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Let it not come back after a day; what nobody began of the days after that is called off."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(TaskEndInput, request)
            if not data["preview"]:
                done = task_changes.end(scope, identity, data["last_day"], data["reason"])
                return 200, _outlook_json(done, scope, identity)
            task = tasks.find(scope, identity)
            tasks.check_keeps(task, scope)
            plan = task_changes.outlook(task, task_changes.ended(task, data["last_day"]))
            return 200, _outlook_json(plan, scope, identity)

        return once(request, work)


def _outlook_json(plan: Outlook, scope: Scope, identity: UUID) -> dict[str, Any]:
    given = {
        "called_off": plan.called_off,
        "stay": plan.stay,
        "coming": plan.coming,
        "task": tasks.find(scope, identity),
    }
    return dict(OutlookShape(given).data)


class TaskDays(APIView):
    """The days of a task."""

    @extend_schema(request=DayInput, responses={201: ReportDetailShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Enter a day late: its report is credited to that day, whenever it is entered."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            report = tasks.enter(scope, identity, read(DayInput, request)["day"])
            return 201, report_detail_json(report, scope, timezone.now())

        return once(request, work)


urlpatterns = [
    path("tasks", TaskList.as_view(), name="api-tasks"),
    path("tasks/<uuid:identity>", TaskDetail.as_view(), name="api-task"),
    path("tasks/<uuid:identity>/changes", TaskChanges.as_view(), name="api-task-changes"),
    path("tasks/<uuid:identity>/end", TaskEnd.as_view(), name="api-task-end"),
    path("tasks/<uuid:identity>/days", TaskDays.as_view(), name="api-task-days"),
]
