"""How many millionths of a line its stretches have together."""

from django.db import migrations

FORWARD = """
create function stretch_parts(int4multirange) returns bigint
language sql immutable parallel safe strict
as $$ select coalesce(sum(upper(stretch) - lower(stretch)), 0)::bigint from unnest($1) stretch $$
"""


class Migration(migrations.Migration):
    dependencies = [("patrols", "0007_patrolling")]
    operations = [migrations.RunSQL(FORWARD, "drop function stretch_parts(int4multirange)")]
