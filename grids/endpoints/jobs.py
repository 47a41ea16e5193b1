"""Jobs under /api/v1/: one's own, with their progress, their result, and how to stop them."""

from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.cache import get_conditional_response, patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from grids import jobs
from grids.models import Job
from grids.models.platform import JobState
from grids.paging import Order
from grids.rest import ListView, once, one_of
from grids.scope import Scope, scope_of


class JobShape(serializers.Serializer[Job]):
    """Long work that somebody started."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.SerializerMethodField(help_text="What the kind is called in the reader's language.")
    state = serializers.ChoiceField(JobState.values)
    share = serializers.FloatField(help_text="How much of it is done, of 1.")
    step = serializers.CharField(allow_blank=True, help_text="What it is at, in the starter's language.")
    summary = serializers.SerializerMethodField(help_text="What came of it, in a sentence.")
    url = serializers.SerializerMethodField(help_text="A page of this site that shows what came of it.")
    result = serializers.JSONField(help_text="What the kind of job says of itself; null before it is done.")
    error = serializers.CharField(allow_blank=True, help_text="Why it failed, in a sentence.")
    cancel_asked = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_title(self, job: Job) -> str:
        """Return it."""
        return jobs.title_of(job.kind)

    def get_summary(self, job: Job) -> str:
        """Return it, empty while there is none."""
        return jobs.summary_of(job)

    def get_url(self, job: Job) -> str:
        """Return it, empty while there is none."""
        return jobs.url_of(job)


def own(scope: Scope) -> QuerySet[Job]:
    """Return the jobs that somebody started: nobody sees another's."""
    return Job.objects.filter(person=scope.person_id)


class JobList(ListView):
    """One's own jobs of the last 30 days, newest first."""

    shape = JobShape
    order = Order((("pk", UUID),), newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Job]:
        """Return them."""
        return own(scope)


class JobDetail(APIView):
    """One job."""

    @extend_schema(responses=JobShape)
    def get(self, request: Request, identity: UUID) -> HttpResponseBase:
        """Return it; with an ETag, so that asking again and again costs little."""
        job = one_of(own(scope_of(request.user)), pk=identity)
        return answer(request._request, job)


class JobCancel(APIView):
    """Stopping a job."""

    @extend_schema(request=None, responses=JobShape)
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """End a waiting job; let a running one end at its next step. One that is over is a conflict (409)."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            job = one_of(own(scope), pk=identity)
            jobs.cancel(job)
            return 200, dict(JobShape(job).data)

        return once(request, work)


def answer(request: HttpRequest, job: Job) -> HttpResponseBase:
    """Answer with a job, or with 304 when the caller knows it as it stands."""
    body = JSONRenderer().render(JobShape(job).data)
    response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
    patch_cache_control(response, private=True, no_cache=True)
    known = get_conditional_response(request, etag=etag, response=response)
    assert known is not None
    return known


urlpatterns = [
    path("jobs", JobList.as_view(), name="api-jobs"),
    path("jobs/<uuid:identity>", JobDetail.as_view(), name="api-job"),
    path("jobs/<uuid:identity>/cancel", JobCancel.as_view(), name="api-job-cancel"),
]
