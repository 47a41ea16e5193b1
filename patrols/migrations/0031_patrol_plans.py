import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0027_browsers"),
        ("patrols", "0030_task_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PatrolPlan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("district", models.CharField(max_length=6)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326, verbose_name="area"
                    ),
                ),
                ("why", models.CharField(max_length=500, verbose_name="why")),
                (
                    "cells",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=15),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="cells of the map",
                    ),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("rule", models.CharField(max_length=80, verbose_name="comes back")),
                ("starts", models.TimeField(blank=True, null=True, verbose_name="from")),
                ("ends", models.TimeField(blank=True, null=True, verbose_name="until")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("changed_at", models.DateTimeField(null=True, verbose_name="changed")),
                ("ended_on", models.DateField(null=True, verbose_name="ended with")),
                ("ended_why", models.CharField(blank=True, max_length=500, verbose_name="why it was ended")),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "patrol plan",
                "verbose_name_plural": "patrol plans",
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(fields=["geom"], name="patrol_plan_geom"),
                    models.Index(fields=["district", "-made_at", "-id"], name="patrol_plan_list"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("geom__isvalid", True), ("geom__isempty", False)),
                        name="patrol_plan_geom_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("why", ""), _negated=True),
                            models.Q(("rule", ""), _negated=True),
                        ),
                        name="patrol_plan_said",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_day__lte", models.F("last_day"))), name="patrol_plan_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ends__isnull", True), ("starts__isnull", True)),
                            models.Q(
                                ("ends__isnull", False), ("starts__isnull", False), ("starts__lt", models.F("ends"))
                            ),
                            _connector="OR",
                        ),
                        name="patrol_plan_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True), models.Q(("ended_why", ""), _negated=True), _connector="OR"
                        ),
                        name="patrol_plan_end_has_reason",
                    ),
                ],
            },
        ),
    ]
