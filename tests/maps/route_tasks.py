"""A task that the squad leads among the rows of the routes, and who is answered what about it."""

from django.utils import timezone

from grids.models import Organisation, Region
from patrols.models import Task
from tests.maps.route_cast import SEE_SQUAD, Cast
from tests.maps.route_table import API, TO_SIGN_IN, Row, only, signed_in
from tests.town import DISTRICT, FAR, NEAR

MAKERS = {"dora", "olaf", "paula", "petra", "ines"}


def add_task(cast: Cast) -> None:
    """Write a task of the east community."""
    squad = cast.town.squad
    other = Organisation.objects.create(
        code="other",
        name="mark-other-body",
        kind="sanitation",
        region=squad.region,
        jurisdiction=squad.jurisdiction,
        period=squad.period,
    )
    task = Task.objects.create(
        district=DISTRICT,
        region=Region.objects.get(code=NEAR + "001"),
        list_name="mark-task-list",
        position=1,
        title="mark-task-title",
        lead=squad,
        responsible=other,
        first_day=timezone.localdate(),
        made_by=cast.people["dora"],
        made_at=timezone.now(),
    )
    cast.addresses["task"] = str(task.pk)
    cast.sets["task"] = ["mark-task-title"]
    cast.readers["mark-task-title"] = SEE_SQUAD


def _rows() -> list[Row]:
    page = signed_in(200, visitor=TO_SIGN_IN)
    # A staff member sees the task and enters no days.
    enters = {**only(SEE_SQUAD, 422, visitor=401), "adam": 403, "squad_member": 403}
    by_page = {**only(SEE_SQUAD, 422, visitor=TO_SIGN_IN), "adam": 403, "squad_member": 403}
    makes = only(MAKERS, 422, visitor=TO_SIGN_IN)
    return [
        Row("tasks/", "/tasks/", page, shows=("task",)),
        Row("tasks/new/", "/tasks/new/", only(MAKERS, 200, visitor=TO_SIGN_IN)),
        Row("tasks/new/", f"/tasks/new/?community={FAR}001", only(MAKERS - {"dora", "ines"}, 200, visitor=TO_SIGN_IN)),
        Row("tasks/new/", "/tasks/new/", makes, method="POST"),
        Row("tasks/<uuid:identity>/", "/tasks/{task}/", only(SEE_SQUAD, 200, visitor=TO_SIGN_IN), shows=("task",)),
        *(
            Row(f"tasks/<uuid:identity>/{step}/", f"/tasks/{{task}}/{step}/", by_page, method="POST")
            for step in ("days", "change", "end")
        ),
        Row("api/v1/tasks/<uuid:identity>", "/api/v1/tasks/{task}", only(SEE_SQUAD, 200, visitor=401), API),
        *(
            Row(f"api/v1/tasks/<uuid:identity>/{step}", f"/api/v1/tasks/{{task}}/{step}", enters, API, "POST", body)
            for step, body in (
                ("changes", {"rule": "FREQ=DAILY", "first_day": "2020-01-01", "reason": "x"}),
                ("end", {"last_day": "2020-01-01", "reason": "x"}),
            )
        ),
        Row("api/v1/tasks", "/api/v1/tasks", signed_in(200, visitor=401), API, shows=("task",)),
        Row("api/v1/tasks", "/api/v1/tasks", signed_in(400, visitor=401), API, "POST", {}),
        Row(
            "api/v1/tasks/<uuid:identity>/days",
            "/api/v1/tasks/{task}/days",
            enters,
            API,
            "POST",
            {"day": "2020-01-01"},
        ),
    ]


TASKS = tuple(_rows())
