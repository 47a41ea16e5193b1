"""The rules once more in plain Python, one report and one rule at a time: what the statement is compared with."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from grids.models import Assignment, Category, Grid, Membership, Organisation, WorkingDay
from patrols.models import RoutingRule
from patrols.requirements import may_act

Holder = Any


def first(
    category: Category, point: Point, region: str, grid: Grid | None, local: datetime
) -> tuple[Any, Any, list[Any]]:
    """Return the rule that wins, who gets it, and the rules that were passed over."""
    rules = [
        rule
        for rule in RoutingRule.objects.filter(edition__state="in_force", active=True)
        if region.startswith(rule.region_code)
    ]
    passed: list[Any] = []
    for rule in sorted(rules, key=lambda rule: (-len(rule.region_code), rule.position)):
        if not (_category(rule, category) and _time(rule, local) and _place(rule, category, point, region)):
            continue
        holder = _holder(rule, category, point, region, grid)
        if holder is not None:
            return rule, holder, passed
        passed.append(rule.pk)
    return None, None, passed


def _category(rule: RoutingRule, category: Category) -> bool:
    return not (rule.categories or rule.groups) or category.code in rule.categories or category.group in rule.groups


def _time(rule: RoutingRule, local: datetime) -> bool:
    if rule.time == "any":
        return True
    if rule.time == "dates":
        return (rule.first_day or date.min) <= local.date() <= (rule.last_day or date.max)
    if rule.time == "weekly":
        # Every minute of the week that the rule has, written down one by one.
        assert rule.starts
        assert rule.ends
        minutes = set()
        for weekday in rule.weekdays:
            minute = datetime.combine(date(2026, 6, weekday), rule.starts)  # 1 June 2026 is a Monday
            while minute.time() != rule.ends:
                minutes.add(((minute.isoweekday()), minute.time()))
                minute += timedelta(minutes=1)
        return (local.isoweekday(), local.time().replace(second=0, microsecond=0)) in minutes
    stored = WorkingDay.objects.filter(day=local.date()).first()
    worked = stored.working if stored else local.weekday() < 5
    in_hours = any(low <= local.time() < high for low, high in ((time(9), time(12)), (time(14), time(18))))
    return (worked and in_hours) == (rule.time == "working")


def _place(rule: RoutingRule, category: Category, point: Point, region: str) -> bool:
    today = timezone.localdate()
    if rule.place == "zone":
        assert rule.zone is not None
        return today in rule.zone.period and rule.zone.geom.covers(point)
    if rule.place == "any":
        return True
    if rule.target == "body":
        return bool(_bodies(category, point))
    if rule.organisation:
        return rule.organisation.jurisdiction.covers(point)
    assert rule.team is not None
    return _reaches(rule.team.region.code, region)


def _bodies(category: Category, point: Point) -> list[Organisation]:
    today = timezone.localdate()
    rows = [row for row in Organisation.objects.filter(kind=category.body) if today in row.period]
    return sorted(
        (row for row in rows if row.jurisdiction.covers(point)), key=lambda row: (row.jurisdiction.area, row.code)
    )


def _holder(rule: RoutingRule, category: Category, point: Point, region: str, grid: Grid | None) -> Holder | None:
    today = timezone.localdate()
    if rule.target == "body":
        return next(iter(_bodies(category, point)), None)
    if rule.target == "owner":
        rows = [row for row in Assignment.objects.filter(grid=grid) if today in row.period] if grid else []
        for role in ("owner", "deputy"):
            for row in sorted(rows, key=lambda row: row.pk):
                if row.role == role and _may(row.holder, category, point, region):
                    return row.holder
        return None
    holder = rule.organisation or rule.team
    return holder if _may(holder, category, point, region) else None


def _may(holder: Any, category: Category, point: Point, region: str) -> bool:
    today = timezone.localdate()
    if not may_act(category, holder):
        return False
    if isinstance(holder, Organisation):
        return today in holder.period and holder.jurisdiction.covers(point)
    if hasattr(holder, "is_active"):
        held = [row for row in Membership.objects.filter(person=holder) if today in row.period]
        return holder.is_active and not holder.tombstoned_at and any(_reaches(row.region.code, region) for row in held)
    return _reaches(holder.region.code, region)


def _reaches(code: str, region: str) -> bool:
    return region.startswith(code) or code.startswith(region[:9])
