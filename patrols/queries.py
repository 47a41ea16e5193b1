"""Reports as sets: who may see them, what is open or late, pages by key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left, Now

from grids.models import Region
from grids.scope import Scope
from patrols.models.parties import PRESENT_STATES, Party
from patrols.workflow import FIXING_STATES, OPEN_STATES, WAITING_STATES

if TYPE_CHECKING:
    from patrols.models.reports import Report  # noqa: F401

Cursor = tuple[datetime, UUID]
Narrow = Callable[["ReportQuerySet"], "ReportQuerySet"]


def late_at(now: datetime | Now) -> Q:
    """Return the condition that a report is past its time at a moment."""
    ours = Q(state__in=WAITING_STATES, dispatch_due_at__lt=now) | Q(state__in=FIXING_STATES, due_at__lt=now)
    return ours | Q(state__in=WAITING_STATES | FIXING_STATES, outside_due_at__lt=now)


def at_risk_at(now: datetime | Now) -> Q:
    """Return the condition that a quarter of a report's time or less is left at a moment, and some still is."""
    ahead = Q(state__in=WAITING_STATES, dispatch_due_at__gte=now) | Q(state__in=FIXING_STATES, due_at__gte=now)
    # What is late by the deadline from outside is not at risk any more.
    return Q(risk_at__lte=now) & ahead & (Q(outside_due_at__isnull=True) | Q(outside_due_at__gte=now))


def holders_of(scope: Scope) -> list[dict[str, int]]:
    """Return the columns and values of the parties that are a person, one of their teams or one of their bodies."""
    if scope.person is None:
        return []
    teams = [{"team": team} for team in sorted(scope.teams)]
    bodies = [{"organisation": body} for body in sorted(scope.organisations)]
    return [{"person": scope.person_id}, *teams, *bodies]


def own_ways_of(scope: Scope) -> list[Q]:
    """Return the ways to see a report by its own columns, other than its region, one condition each."""
    ways = [Q(grid_id=grid) for grid in sorted(scope.grids | scope.former)]
    return [*ways, Q(reporter=scope.person), Q(handler=scope.person)] if scope.person else ways


class ReportQuerySet(QuerySet["Report"]):
    """Scoped before anything else: start every read with `visible_to`."""

    def visible_to(self, scope: Scope) -> Self:
        """Keep what a person may see: their regions as a whole, their grids now and before, their own, and what they
        deal with.
        """
        condition = scope.within("region_code")
        for way in own_ways_of(scope):
            condition |= way
        parties = Q()
        for holder in holders_of(scope):
            parties |= Q(**holder)
        if parties:
            condition |= Q(pk__in=Party.objects.present().filter(parties).values("report_id"))
        return self.filter(condition)

    def newest_visible(
        self, scope: Scope, narrow: Narrow, cursor: Cursor | None, size: int, rest: Narrow | None = None
    ) -> Self:
        """Return what `page_before` returns of all that a person may see, narrowed, at the cost of the page alone.

        What `rest` keeps is older than all that `narrow` keeps, and is looked at only where that fills no page.
        """
        keys = self._first_keys(scope, narrow, cursor, size)
        if keys is None:
            return self.none()
        older = self._first_keys(scope, rest, cursor, size) if rest else None
        chosen = keys if older is None else _filled_up(keys, older, size)
        return self.filter(pk__in=chosen).order_by("-recorded_at", "-id")[: size + 1]

    def _first_keys(self, scope: Scope, narrow: Narrow, cursor: Cursor | None, size: int) -> QuerySet[Any] | None:
        """Return the ids of a page and more; None for somebody who sees nothing.

        One condition of several ways to see a report is served by no index. Asked one by one each way has its own,
        newest first: every community of the person's regions, every grid, what they filed, handled or deal with. Of
        each the first rows are taken, and of those the first.
        """

        def first(of: Q) -> QuerySet[Any]:
            return narrow(self.model._default_manager.filter(of)).page_before(cursor, size).values("pk")

        ways = [first(way) for way in own_ways_of(scope)]
        ways += [self._first_dealt_with(holder, narrow, cursor, size) for holder in holders_of(scope)]
        if scope.wide:
            ways.append(_first_of_every_community(scope, first))
        return ways[0].union(*ways[1:]) if ways else None

    def _first_dealt_with(
        self, holder: dict[str, int], narrow: Narrow, cursor: Cursor | None, size: int
    ) -> QuerySet[Any]:
        conditions: dict[str, Any] = {f"parties__{name}": value for name, value in holder.items()}
        conditions["parties__state__in"] = PRESENT_STATES
        if cursor:
            conditions["parties__report_recorded_at__lte"] = cursor[0]
        rows = narrow(self.model._default_manager.filter(**conditions)).after(cursor)
        # In the order of the party's own index. Somebody may stand twice with a report, as lead and as responsible.
        return rows.order_by("-parties__report_recorded_at", "-parties__report").values("pk")[: 2 * (size + 1)]

    def open(self) -> Self:
        """Keep what still needs somebody."""
        return self.filter(state__in=OPEN_STATES)

    def late(self, now: datetime | None = None) -> Self:
        """Keep what is past its time: not dispatched in time, or not fixed in time; parked ones have no clock."""
        return self.filter(late_at(now or Now()))

    def at_risk(self, now: datetime | None = None) -> Self:
        """Keep what will soon be past its time: a quarter of it or less is left."""
        return self.filter(at_risk_at(now or Now()))

    def page_before(self, cursor: Cursor | None, size: int) -> Self:
        """Return the next page, newest first, by key: the hundredth costs what the first does."""
        return self.after(cursor).order_by("-recorded_at", "-id")[: size + 1]

    def after(self, cursor: Cursor | None) -> Self:
        """Keep what comes after a row, newest first."""
        if cursor is None:
            return self
        older = Q(recorded_at__lt=cursor[0]) | Q(recorded_at=cursor[0], id__lt=cursor[1])
        return self.filter(older, recorded_at__lte=cursor[0])

    def for_list(self) -> Self:
        """Fetch with each report what a row of a list shows, in two queries however many there are."""
        return self.select_related("category", "grid", "reporter").prefetch_related(
            Prefetch("parties", Party.objects.leading(), to_attr="leads")
        )


def _filled_up(newest: QuerySet[Any], older: QuerySet[Any], size: int) -> RawSQL:
    """Return the newest ids, and the older ones where those are no more than a page; else PostgreSQL does not run them.

    The count has no column of the older rows in it, so that it is a filter in front of their whole plan.
    """
    (one, one_values), (two, two_values) = newest.query.sql_with_params(), older.query.sql_with_params()
    sql = f"""
        WITH newest (id) AS MATERIALIZED ({one})
        SELECT id FROM newest
        UNION ALL SELECT id FROM ({two}) AS older (id) WHERE (SELECT count(*) FROM newest) <= %s"""  # noqa: S608
    return RawSQL(sql, [*one_values, *two_values, size])  # noqa: S611 - of querysets; every value is bound


def _first_of_every_community(scope: Scope, first: Callable[[Q], QuerySet[Any]]) -> QuerySet[Any]:
    rows = first(Q(district=Left(OuterRef("code"), 6), region_code=OuterRef("code")))
    regions = Region.objects.filter(scope.within("code")).order_by().values("code").distinct()
    pages: QuerySet[Any] = regions.annotate(page=Func(ArraySubquery(rows), function="unnest")).values("page")
    return pages
