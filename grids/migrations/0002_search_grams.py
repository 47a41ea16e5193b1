from django.db import migrations

CREATE = """
create function search_grams(words text) returns text[]
language sql immutable strict parallel safe
as $$
  select coalesce(array_agg(distinct substr(low.words, place, size)), '{}')
  from (select lower(words) as words) low,
       generate_series(1, length(words)) place,
       generate_series(1, 2) size
  where place + size - 1 <= length(low.words)
$$
"""


class Migration(migrations.Migration):
    dependencies = [("grids", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, "drop function search_grams(text)")]
