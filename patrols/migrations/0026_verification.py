from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0026_after_photo"),
        ("patrols", "0025_looking"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="photo",
            name="photo_kind_known",
        ),
        migrations.AddField(
            model_name="report",
            name="settles_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="closes by itself"),
        ),
        migrations.AlterField(
            model_name="photo",
            name="kind",
            field=models.CharField(
                choices=[("before", "before"), ("after", "after"), ("verify", "verification"), ("other", "other")],
                default="before",
                max_length=6,
                verbose_name="what it shows",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("settles_at__isnull", False)), fields=["settles_at"], name="report_settles"
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["before", "after", "verify", "other"])), name="photo_kind_known"
            ),
        ),
    ]
