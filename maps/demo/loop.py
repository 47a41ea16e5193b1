"""What the demo city shows of the loop: a case that is supervised and urged, one that asks for time, a measure."""

from datetime import datetime, timedelta

from django.utils import timezone

from grids.models import Organisation, Person
from grids.scope import scope_of
from patrols.measures import Draft, make, say_none
from patrols.models import Party, Report
from patrols.models.parties import PartyState
from patrols.transitions import Move, transition
from patrols.workflow import FIXING_STATES

LITTER = "06010"
IN_THREE_DAYS = timedelta(days=3)


def load_loop(people: dict[str, Person], now: datetime) -> None:
    """Let the demo accounts take these steps, as they would by hand; what nothing fits is left out."""
    dispatcher, planner, volunteer = (
        scope_of(Person.objects.get(pk=people[name].pk)) for name in ("dispatcher", "planner", "volunteer")
    )
    under_way = Report.objects.visible_to(dispatcher).filter(state__in=FIXING_STATES)
    late = under_way.filter(due_at__lt=now).order_by("due_at", "pk").first()
    if late:
        transition(late.pk, "supervise", planner, Move(reason="超期较久，居民再次来电，请本周内办结"))
        for _turn in range(2):
            transition(late.pk, "urge", dispatcher)
    own = Party.objects.leading().exclude(state=PartyState.DONE).filter(person=volunteer.person)
    asking = under_way.filter(pk__in=own.values("report")).order_by("-due_at", "pk").first()
    if asking:
        until = max(timezone.localdate(now), timezone.localdate(asking.due_at)) + IN_THREE_DAYS
        transition(asking.pk, "ask_extension", volunteer, Move(reason="需要借用清运车，周末才有", until=until))
    litter = Report.objects.visible_to(planner).filter(category__code=LITTER, state__in=FIXING_STATES)
    rows = list(litter.order_by("-recorded_at", "pk").values_list("pk", flat=True)[:5])
    body = Organisation.objects.current().filter(kind="sanitation").order_by("pk").first()
    if len(rows) > 1:
        draft = Draft(
            "增设分类垃圾桶并加密清运",
            "沿街每两百米增设一组，早晚各清运一次。",
            body.pk if body else None,
            timezone.localdate(now) + timedelta(days=30),
        )
        make(draft, rows[:-1], planner)
        say_none(rows[-1:], "个别现象，清理即可", planner)
