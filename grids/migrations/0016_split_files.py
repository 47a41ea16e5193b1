import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0015_splits"),
    ]

    operations = [
        migrations.CreateModel(
            name="SplitFile",
            fields=[
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="split_file",
                        serialize=False,
                        to="grids.job",
                    ),
                ),
                ("data", models.BinaryField()),
            ],
            options={
                "verbose_name": "file of ready-made grids",
                "verbose_name_plural": "files of ready-made grids",
            },
        ),
    ]
