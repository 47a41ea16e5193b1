"""Counts by year instead of by month: they are made again from the reports, by a worker or by what makes ready."""

import django.contrib.postgres.fields
from django.db import migrations, models

DROP = """
drop function cell_days_until(int[], int);
drop function cell_days_sum(int[], int[]);
"""
# How many lie in a year's days up to one of them; 0 for the day 0.
DAYS_UNTIL = """
create function cell_days_until(days int[], day int) returns int language sql immutable parallel safe
as $$ select coalesce((days[width_bucket(day * 4194304 + 4194303, days)] & 4194303) - 2097152, 0) $$
"""
# The days of two years added up; those on which nothing is left are left out.
DAYS_SUM = """
create function cell_days_sum(int[], int[]) returns int[] language sql immutable parallel safe
as $$
select array_agg(day * 4194304 + 2097152 + running::int order by day)
from (
  select day, n, sum(n) over (order by day) as running
  from (
    select day, sum(n) as n
    from (
      select v >> 22 as day, (v & 4194303) - lag(v & 4194303, 1, 2097152) over (order by v) as n from unnest($1) v
      union all
      select v >> 22, (v & 4194303) - lag(v & 4194303, 1, 2097152) over (order by v) from unnest($2) v
    ) of_both
    group by day
  ) of_day
) summed
where n <> 0
$$
"""
# What was followed so far is counted again with everything else.
FORGET = "delete from maps_celldelta; delete from maps_cellcursor"
# Room on every page for the newer version of a row, beside the older one.
ROOM = "alter table maps_cellcount set (fillfactor = 90)"


class Migration(migrations.Migration):
    dependencies = [("maps", "0002_hotspots")]

    operations = [
        migrations.DeleteModel(name="CellCount"),
        migrations.CreateModel(
            name="CellCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "district",
                        "cell",
                        "category",
                        "state",
                        "year",
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
                ("state", models.SmallIntegerField(verbose_name="state")),
                ("year", models.SmallIntegerField(verbose_name="calendar year")),
                ("district", models.CharField(max_length=6)),
                ("region_code", models.CharField(max_length=12, verbose_name="community")),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None),
                ),
            ],
            options={
                "verbose_name": "count of a cell",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days", None),
                            models.Q(("count__gt", -2097152), ("count__lt", 2097152)),
                            _connector="OR",
                        ),
                        name="cell_count_fits_its_days",
                    )
                ],
            },
        ),
        migrations.RunSQL(DROP + DAYS_UNTIL + ";" + DAYS_SUM, migrations.RunSQL.noop),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.RunSQL(ROOM, migrations.RunSQL.noop),
    ]
