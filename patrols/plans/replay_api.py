"""Starting a replay of dispatching under /api/v1/dispatch/replays; its job has the result."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from grids.endpoints.jobs import JobShape
from grids.rest import Input, once, read
from grids.scope import scope_of
from patrols.plans.replaying import Question, Way, check_planner, start

MOST_WAVES, MOST_AT_ONCE, LONGEST_MINUTES = 6, 50, 24 * 60


class WayInput(Input):
    """One way of asking."""

    waves = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_AT_ONCE), min_length=1, max_length=MOST_WAVES
    )
    delay_minutes = serializers.IntegerField(min_value=0, max_value=LONGEST_MINUTES)
    stands_minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES)
    volunteers_percent = serializers.IntegerField(min_value=10, max_value=300, default=100)


class ReplayInput(Input):
    """The days, two ways of asking, and what is assumed where it is not to be estimated."""

    since = serializers.DateField()
    until = serializers.DateField()
    one = WayInput()
    two = WayInput()
    limit_minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES, default=30)
    accepts_percent = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)
    answer_minutes = serializers.IntegerField(min_value=0, max_value=LONGEST_MINUTES, required=False, allow_null=True)


class ReplayList(APIView):
    """Replays of dispatching."""

    @extend_schema(request=ReplayInput, responses={201: JobShape})
    def post(self, request: Request) -> HttpResponse:
        """Replay days of the regions that one plans with two ways of asking volunteers.

        The job's result has the figures of both: /api/v1/jobs/{id}.
        """
        scope = scope_of(request.user)
        check_planner(scope)

        def work() -> tuple[int, dict[str, Any]]:
            return 201, dict(JobShape(start(scope, question_of(read(ReplayInput, request)))).data)

        return once(request, work)


def question_of(data: dict[str, Any]) -> Question:
    """Return what was asked, from checked input."""
    ways = {name: Way(**{**data[name], "waves": tuple(data[name]["waves"])}) for name in ("one", "two")}
    return Question(**{**data, **ways})


urlpatterns = [path("dispatch/replays", ReplayList.as_view(), name="api-replays")]
