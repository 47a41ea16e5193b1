"""How posts were attended, as figures without people; and forgetting in time who stood there."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Now

from patrols.models import Post, Shift, Turn
from patrols.models.posts import HELD_STATES, ShiftState

MEASURED = Q(located=True) | Q(tracked_at__isnull=False)
TOLD = ~MEASURED & Q(arrived_at__isnull=False)


def with_presence(rows: QuerySet[Shift]) -> QuerySet[Shift]:
    """Give every shift how many were `there` by position and how many `by_word`; of old ones what was kept of it."""
    return rows.annotate(
        there=Coalesce("measured", _count(MEASURED), output_field=IntegerField()),
        by_word=Coalesce("told", _count(TOLD), output_field=IntegerField()),
    )


def daily(post: Post, since: date, until: date) -> list[dict[str, Any]]:
    """Return a post's figures of each day with shifts, from `since` to `until`, both included.

    `unknown` counts the shifts that are over and of which nobody is known to have been there: that is not absence.
    """
    rows = with_presence(Shift.objects.filter(post=post, day__range=(since, until), state=ShiftState.OPEN))
    over = Q(ends_at__lt=Now())
    return list(
        rows.values("day")
        .annotate(
            shifts=Count("pk"),
            wanted_people=Sum("wanted"),
            places_taken=Sum("taken"),
            there_measured=Sum("there"),
            there_told=Sum("by_word"),
            unknown=Count("pk", filter=over & Q(there=0, by_word=0)),
        )
        .order_by("day")
    )


def planned_and_there(code: str, since: date, until: date) -> dict[str, int]:
    """Return what was planned at the posts of a region (its `code` or one that begins with it) and what came of it.

    Of the shifts that are over, from `since` to `until`, both included: `shifts`, the `places` wanted in them, how many
    people were `measured_there` and `told_there`, and `unknown`, the shifts nobody is known to have stood. One query.
    """
    over = Shift.objects.filter(
        post__district=code[:6],
        post__region__code__startswith=code,
        day__range=(since, until),
        state=ShiftState.OPEN,
        ends_at__lt=Now(),
    )
    return with_presence(over).aggregate(
        shifts=Count("pk"),
        places=Coalesce(Sum("wanted"), 0),
        measured_there=Coalesce(Sum("there"), 0),
        told_there=Coalesce(Sum("by_word"), 0),
        unknown=Count("pk", filter=Q(there=0, by_word=0)),
    )


@transaction.atomic
def forget_people(before: datetime) -> int:
    """Delete who had a place in shifts that ended before a moment, leaving each shift its counts; return how many."""
    old = Shift.objects.filter(ends_at__lt=before, turns__isnull=False).values("pk")
    rows = with_presence(Shift.objects.filter(pk__in=old)).order_by("pk").select_for_update(of=("self",), no_key=True)
    for shift in rows.iterator(chunk_size=1000):
        counts = {"measured": shift.there, "told": shift.by_word}  # type: ignore[attr-defined]
        Shift.objects.filter(pk=shift.pk).update(**counts)
    return Turn.objects.filter(shift__ends_at__lt=before).delete()[0]


def _count(which: Q) -> Subquery:
    held = Turn.objects.filter(which, shift=OuterRef("pk"), state__in=HELD_STATES).order_by()
    counted = held.annotate(one=F("shift")).values("one").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())  # type: ignore[return-value]
