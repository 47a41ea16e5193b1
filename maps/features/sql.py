"""A feature of GeoJSON (RFC 7946) as one SQL expression: PostgreSQL writes the text, Python only puts it together."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Func, TextField
from django.db.models.expressions import Combinable

DIGITS = 7  # of a degree: 1 cm
Sql = tuple[str, list[Any]]


class Properties(Func):
    """The properties of a feature as the text of a JSON object, from the expression of each by name."""

    output_field = TextField()

    def __init__(self, columns: Mapping[str, Combinable]) -> None:
        super().__init__(*columns.values())
        self.names = tuple(columns)

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> Sql:  # type: ignore[override]
        """Return it; only names from the registry of collections enter the statement, values are bound."""
        quote = connection.ops.quote_name
        compiled = [compiler.compile(source) for source in self.source_expressions]
        named = ", ".join(f"{sql} AS {quote(name)}" for name, (sql, _values) in zip(self.names, compiled, strict=True))
        text = f"(SELECT row_to_json(o)::text FROM (SELECT {named}) o)"  # noqa: S608 - of expressions, as said
        return text, [value for _sql, values in compiled for value in values]


class Feature(Func):
    """A row as a feature: its id, its geometry with outer rings counter-clockwise, and an expression of properties."""

    output_field = TextField()

    def __init__(self, geometry: str, properties: Func, *, multi: bool = False) -> None:
        super().__init__(F("pk"), F(geometry), properties)
        self.multi = multi

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> Sql:  # type: ignore[override]
        """Return the text of the feature."""
        (identity, first), (place, second), (told, third) = map(compiler.compile, self.source_expressions)
        shape = f"ST_ForcePolygonCCW({f'ST_Multi({place})' if self.multi else place})"
        text = (
            f"""('{{"type":"Feature","id":' || to_json({identity})::text"""
            f""" || ',"geometry":' || ST_AsGeoJSON({shape}, {DIGITS}, 0) || ',"properties":' || {told} || '}}')"""
        )
        return text, [*first, *second, *third]
