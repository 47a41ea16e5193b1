"""Asking, urging, supervising, rework counted, and from when on a report is at risk."""

from datetime import timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from grids.worktime import weekday_works, working_time_before

WAITING = ("reported", "accepted", "awaiting_approval", "sent_back", "reopened")
CLOSED = ("rejected", "duplicate", "withdrawn", "closed")


def begin(apps, editor):
    """Say of all open reports from when on they are at risk, and since when parked ones stand."""
    report, day = apps.get_model("patrols", "Report"), apps.get_model("grids", "WorkingDay")
    known = dict(day.objects.values_list("day", "working"))
    zone = timezone.get_default_timezone()

    def works(one):
        return known.get(one, weekday_works(one))

    rows = report.objects.exclude(state__in=CLOSED).select_related("category").defer("geom", "anchor")
    for row in rows.iterator():
        waits = (row.came_from or row.state) in WAITING
        due = row.dispatch_due_at if waits else row.due_at
        category = row.category
        quarter = timedelta(minutes=category.wait_minutes if waits else category.limit_minutes) / 4
        risk = None
        if due:
            working = category.limit_unit == "working"
            risk = working_time_before(due, quarter, works, zone) if working else due - quarter
        stopped = row.changed_at if row.state in ("on_hold", "deferred") else None
        report.objects.filter(pk=row.pk).update(risk_at=risk, stopped_at=stopped)


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0021_split_tallies"),
        ("patrols", "0018_offers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="ask",
            field=models.CharField(
                blank=True,
                choices=[("extension", "extension"), ("deferral", "deferral")],
                max_length=9,
                verbose_name="asked for",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="ask_until",
            field=models.DateField(blank=True, null=True, verbose_name="asked for until"),
        ),
        migrations.AddField(
            model_name="report",
            name="asked_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="rework",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="rounds of rework"),
        ),
        migrations.AddField(
            model_name="report",
            name="risk_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="at risk from"),
        ),
        migrations.AddField(
            model_name="report",
            name="stopped_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="clock stopped"),
        ),
        migrations.AddField(
            model_name="report",
            name="supervised",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="times supervised"),
        ),
        migrations.AddField(
            model_name="report",
            name="urged",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="times urged"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ask", ""), ("ask_until__isnull", True), ("asked_by__isnull", True)),
                    models.Q(
                        ("ask__in", ["extension", "deferral"]),
                        ("ask_until__isnull", False),
                        ("asked_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="report_ask_whole",
            ),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
