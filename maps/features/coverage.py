"""The collection of coverage: the streets of every grid and how they stand today."""

from typing import Any

from django.db.models import F, Func, Q, TextField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grids.composed import Composed
from grids.models import Grid
from grids.models.grid import GridKind
from grids.scope import Scope
from maps.features.collection import Collection, Rows, Wanted
from maps.features.properties import Kind, Property
from maps.features.sql import Sql
from maps.tiles.layers import LAYERS
from patrols.models.coverage import GridStreet
from patrols.standing import FARTHEST_BACK, STATE, Walked, state_values

# The properties of one street: as maps.tiles.coverage draws it.
STANDING = """
(select row_to_json(o)::text from (
  select /*grid*/ as grid, /*street*/ as street, /*name*/ as name, /*name_en*/ as name_en,
         round(/*metres*/)::int as metres, /*state*/ as state, round(v.covered::numeric, 3)::float8 as covered,
         round(v.unknown::numeric, 3)::float8 as unknown, v.told, %(today)s::date - v.walked as days
  from (
    select coalesce(stretch_parts(range_agg(c.covered * /*stretch*/))::float8 / /*parts*/, 0) as covered,
           coalesce(stretch_parts(range_agg(c.unknown * /*stretch*/) - range_agg(c.covered * /*stretch*/))::float8
             / /*parts*/, 0) as unknown,
           coalesce(bool_or(c.told), false) as told,
           case when /*walked_on*/ >= %(since)s and /*walked_on*/ <= %(today)s then /*walked_on*/ end as walked
    from patrols_coverage c
    where c.district = /*district*/ and c.street_id = /*street*/ and c.day > %(recent)s and c.day <= %(today)s
  ) v
) o)
"""
COLUMNS = {
    "grid": "grid__code",
    "street": "street_id",
    "name": "street__name",
    "name_en": "street__name_en",
    **{name: name for name in ("metres", "stretch", "parts", "walked_on", "district")},
}


class Standing(Func):
    """How a street stands today, as the text of a JSON object."""

    output_field = TextField()

    def __init__(self) -> None:
        super().__init__(*(F(column) for column in COLUMNS.values()))

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> Sql:  # type: ignore[override]
        """Return it with today's values; the columns are plain ones, without any."""
        today = timezone.localdate()
        shares = {name: f"v.{name}" for name in ("told", "covered", "unknown", "walked")}
        text = STANDING.replace("/*state*/", STATE.format(**shares))
        for name, source in zip(COLUMNS, self.source_expressions, strict=True):
            text = text.replace(f"/*{name}*/", compiler.compile(source)[0])
        composed = Composed.named(text, {**state_values(today), "since": today - FARTHEST_BACK})
        return composed.sql, list(composed.values)


def _rows(scope: Scope, _wanted: Wanted) -> Rows:
    seen = Q(pk__in=scope.grids) | scope.within("region__code")
    grids = Grid.objects.current().filter(seen, kind=GridKind.SERVICE)
    return GridStreet.objects.filter(grid__in=grids.order_by().values("pk"))


WORDS = {
    Walked.WALKED.value: pgettext_lazy("street", "walked"),
    Walked.DUE.value: pgettext_lazy("street", "due"),
    Walked.OVERDUE.value: pgettext_lazy("street", "overdue"),
    Walked.UNKNOWN.value: pgettext_lazy("street", "unknown, signal lost"),
    Walked.NEVER.value: _("never walked"),
}

COVERAGE = Collection(
    name="coverage",
    title=LAYERS["coverage"].title,
    description=_("The streets of every grid, as far as they lie in it, and how long ago they were walked."),
    public=False,
    rows=_rows,
    told=Standing,
    shape="MultiLineString",
    properties=(
        Property("grid", _("Grid code"), lookup="grid__code"),
        Property("street", _("Street"), Kind.WHOLE, lookup="street_id"),
        Property("name", pgettext_lazy("of a thing", "Name"), lookup="street__name"),
        Property("name_en", _("English name")),
        Property("metres", _("Metres"), Kind.WHOLE),
        Property("state", _("State"), choices=WORDS),
        Property("covered", _("Share covered in the last seven days"), Kind.NUMBER),
        Property("unknown", _("Share unknown in the last seven days"), Kind.NUMBER),
        Property("told", _("Told by hand"), Kind.FLAG),
        Property("days", _("Days since it was walked"), Kind.WHOLE),
    ),
)
