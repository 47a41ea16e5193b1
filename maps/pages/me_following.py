"""What somebody reported that was there already: how it stands, in as many words as are theirs to know."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.scope import scope_of
from maps.pages.me import person_of
from maps.pages.wording import moment
from patrols.models import Follower, Report

MOST = 100


@require_safe
@login_required
@never_cache
def following(request: HttpRequest) -> HttpResponse:
    """Show the last hundred, newest first; a link leads to those that the person may see."""
    person, now = person_of(request), timezone.now()
    rows = Follower.objects.filter(person=person, via__isnull=True).select_related("report__category")
    page = list(rows.defer("report__geom").order_by("-since", "-pk")[:MOST])
    reports = [row.report_id for row in page]
    seen = set(Report.objects.visible_to(scope_of(person)).filter(pk__in=reports).values_list("pk", flat=True))
    return render(request, "maps/me/following.html", {"rows": [_row(row, seen, now) for row in page]})


def _row(row: Follower, seen: set[Any], now: datetime) -> dict[str, Any]:
    report = row.report
    return {
        "id": row.pk,
        "category": report.category,
        "place": row.place,
        "words": row.words,
        "state": report.get_state_display(),
        "count": report.further + 1,
        "when": moment(row.since, now),
        "report": report.pk if report.pk in seen else None,
    }
