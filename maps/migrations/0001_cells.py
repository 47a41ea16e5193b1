"""Counts of problems by hexagon, with what reads and adds the days of a month."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

import patrols.models.fields

# In H3 a parent has its resolution in bits 52 to 55 and only ones after its own digits.
PARENT = """
create function cell_parent(cell bigint, resolution int) returns bigint language sql immutable parallel safe
as $$
select (cell & ~(15::bigint << 52)) | (resolution::bigint << 52) | ((1::bigint << (3 * (15 - resolution))) - 1)
$$
"""
# How many lie in a month's days up to one of them; 0 for the day 0.
DAYS_UNTIL = """
create function cell_days_until(days int[], day int) returns int language sql immutable parallel safe
as $$ select coalesce((days[width_bucket(day * 67108864 + 67108863, days)] & 67108863) - 33554432, 0) $$
"""
# The days of two months added up; those on which nothing is left are left out.
DAYS_SUM = """
create function cell_days_sum(int[], int[]) returns int[] language sql immutable parallel safe
as $$
select array_agg(day * 67108864 + 33554432 + running::int order by day)
from (
  select day, n, sum(n) over (order by day) as running
  from (
    select day, sum(n) as n
    from (
      select v >> 26 as day, (v & 67108863) - lag(v & 67108863, 1, 33554432) over (order by v) as n from unnest($1) v
      union all
      select v >> 26, (v & 67108863) - lag(v & 67108863, 1, 33554432) over (order by v) from unnest($2) v
    ) of_both
    group by day
  ) of_day
) summed
where n <> 0
$$
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("grids", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CellCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "district",
                        "cell",
                        "category",
                        "month",
                        "state",
                        "region_code",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("cell", models.BigIntegerField(verbose_name="H3 cell")),
                ("category", models.IntegerField(verbose_name="category")),
                ("count", models.IntegerField(verbose_name="count")),
                ("month", models.SmallIntegerField(verbose_name="month")),
                ("state", models.SmallIntegerField(verbose_name="state")),
                ("district", models.CharField(max_length=6)),
                ("region_code", models.CharField(max_length=12, verbose_name="community")),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None),
                ),
            ],
            options={
                "verbose_name": "count of a cell",
            },
        ),
        migrations.CreateModel(
            name="CellDelta",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cell", models.BigIntegerField(verbose_name="H3 cell")),
                ("category", models.IntegerField(verbose_name="category")),
                ("count", models.IntegerField(verbose_name="count")),
                ("day", models.DateField(verbose_name="day")),
                ("state", models.SmallIntegerField(verbose_name="state")),
                ("district", models.CharField(max_length=6)),
                ("region_code", models.CharField(max_length=12, verbose_name="community")),
            ],
            options={
                "verbose_name": "change of a count",
            },
        ),
        migrations.CreateModel(
            name="Cell",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "district", "cell", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("cell", models.BigIntegerField(verbose_name="H3 cell")),
                ("resolution", models.SmallIntegerField(verbose_name="resolution")),
                ("district", models.CharField(max_length=6)),
                ("hectares", models.FloatField(verbose_name="hectares")),
                ("lon", models.FloatField(verbose_name="longitude of the centre")),
                ("lat", models.FloatField(verbose_name="latitude of the centre")),
                ("geom", django.contrib.gis.db.models.fields.PolygonField(spatial_index=False, srid=3857)),
            ],
            options={
                "verbose_name": "cell",
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(fields=["resolution", "geom"], name="cell_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="CellCursor",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("baseline", models.TextField()),
                ("transaction", patrols.models.fields.TransactionIdField(editable=False)),
                ("event", models.UUIDField()),
                ("read_until", models.DateTimeField()),
                ("counted_until", models.DateTimeField()),
                ("checked_at", models.DateTimeField(null=True)),
                ("differences", models.IntegerField(null=True)),
            ],
            options={
                "verbose_name": "state of the counts",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="cell_cursor_one")],
            },
        ),
        migrations.RunSQL(PARENT, "drop function cell_parent(bigint, int)"),
        migrations.RunSQL(DAYS_UNTIL, "drop function cell_days_until(int[], int)"),
        migrations.RunSQL(DAYS_SUM, "drop function cell_days_sum(int[], int[])"),
    ]
