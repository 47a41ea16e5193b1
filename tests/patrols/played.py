"""Reports whose history was played over the working calendar, without anybody doing it."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from grids.calendar import dispatch_due, dispatch_risk, works_from
from grids.models import Category
from patrols.models import Event, Report
from patrols.transitions import Move, changes
from patrols.workflow import TRANSITIONS
from tests.town import DISTRICT, NEAR, Town, at

ZONE = ZoneInfo("Asia/Shanghai")


def moment(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def report_of(
    town: Town, *steps: tuple[str, datetime, dict[str, Any]], minutes: int = 420, unit: str = "working"
) -> Report:
    """Return a report whose history was played over the calendar as it stands; 420 minutes are a worked day."""
    Category.objects.filter(pk=town.litter.pk).update(limit_unit=unit, limit_minutes=minutes, wait_minutes=minutes)
    town.litter.refresh_from_db()
    filed = steps[0][1]
    works = works_from(filed.date() - timedelta(days=1), 800)
    report = Report(
        district=DISTRICT,
        region_code=f"{NEAR}001",
        number=f"{Report.objects.count()}",
        public_number=f"p{Report.objects.count()}",
        category=town.litter,
        geom=at(1, 1),
        anchor=at(1, 1),
        occurred_at=filed,
        recorded_at=filed,
        changed_at=filed,
        waiting_since=filed,
    )
    report.dispatch_due_at = dispatch_due(town.litter, filed, works)
    report.risk_at = dispatch_risk(town.litter, report.dispatch_due_at, works)
    report.save()
    for verb, when, data in steps:
        before = report.state
        if verb != "file":
            until = data.get("until")
            move = Move(until=date.fromisoformat(until) if until else None)
            step = changes(TRANSITIONS[verb], report, None, move, when, works)
            for name, value in {**step, "changed_at": when}.items():
                setattr(report, name, value)
        Event.objects.create(
            district=DISTRICT,
            report=report,
            verb=verb,
            before="" if verb == "file" else before,
            after=report.state,
            data=data,
            occurred_at=when,
            recorded_at=when,
        )
    report.save()
    return report
