"""The staging table of an import of places: filled by COPY, checked in sets, then merged into the real table."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import shapely
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.places_import.outcome import Count, Outcome
from grids.places_import.rows import Layer, Row

_COLUMNS = ("code", "name", "name_en", "kind", "tunnel", "households", "floors", "estate", "type_id", "region_code")
_CREATE = """
    DROP TABLE IF EXISTS pg_temp.import_stage;
    CREATE TEMP TABLE import_stage (
        row int NOT NULL, source_id text NOT NULL, code text, name text, name_en text, kind text, tunnel boolean,
        households int, floors int, estate text, type_id bigint, region_code text,
        geom geometry(Geometry, 4326) NOT NULL, region_id bigint
    ) ON COMMIT DROP
"""
# What a staged row puts into each column of the real table; a column not named here takes no part.
_VALUES = {
    "code": "s.code",
    "level": "CASE length(s.code) WHEN 6 THEN 'district' WHEN 9 THEN 'subdistrict' ELSE 'community' END",
    "name": "coalesce(s.name, '')",
    "name_en": "coalesce(s.name_en, '')",
    "kind": "s.kind",
    "tunnel": "coalesce(s.tunnel, false)",
    "households": "s.households",
    "floors": "s.floors",
    "estate": "coalesce(s.estate, '')",
    "type_id": "s.type_id",
    "region_id": "s.region_id",
    "period": "daterange(%(today)s, NULL)",
    "geom": "s.geom",
}
_TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "regions": ("grids_region", ("code", "level", "name", "name_en", "period", "geom")),
    "streets": ("grids_street", ("name", "name_en", "kind", "tunnel", "geom")),
    "buildings": (
        "grids_building",
        ("name", "name_en", "kind", "households", "floors", "estate", "region_id", "geom"),
    ),
    "checkpoints": ("grids_checkpoint", ("name", "name_en", "type_id", "region_id", "period", "geom")),
}
# Columns that a repeated import changes whenever they differ, whatever the file's columns are.
_ALWAYS = frozenset({"code", "level", "geom"})
_FIELD_OF = {"type_id": "type"}


def take_time() -> None:
    """Lift the site's limits on waiting for this transaction: COPY runs for as long as GDAL reads."""
    _execute("SET LOCAL statement_timeout = 0")
    _execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def fill(rows: Iterable[Row]) -> None:
    """Create the staging table and stream rows into it."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        columns = ", ".join(("row", "source_id", *_COLUMNS, "geom"))
        with cursor.copy(f"COPY import_stage ({columns}) FROM STDIN") as copy:
            for row in rows:
                values = [row.columns.get(column) for column in _COLUMNS]
                copy.write_row((row.number, row.source_id, *values, _ewkb(row.geometry)))
        cursor.execute("CREATE INDEX ON import_stage (source_id); ANALYZE import_stage")


def refuse_doubles(outcome: Outcome) -> None:
    """Take the first row of an identity and refuse the others."""
    _refuse(
        outcome,
        """DELETE FROM import_stage s USING import_stage first
           WHERE first.source_id = s.source_id AND first.row < s.row
           RETURNING s.row, s.source_id, first.row::text""",
        _("Its id is that of row %(detail)s."),
    )


def refuse_unsound(outcome: Outcome) -> None:
    """Refuse what the database's own GEOS does not find valid: its version may differ from ours."""
    _refuse(
        outcome,
        """DELETE FROM import_stage s WHERE NOT ST_IsValid(geom) OR ST_IsEmpty(geom)
           RETURNING row, source_id, ST_IsValidReason(geom)""",
        _("The database does not find it valid: %(detail)s."),
    )


def find_regions(outcome: Outcome, *, required: bool) -> None:
    """Set each row's region: that of its code, else the smallest that covers a point on it, the lowest code first."""
    today = {"today": timezone.localdate()}
    _execute(
        """UPDATE import_stage s SET region_id = r.id FROM grids_region r
           WHERE r.code = s.region_code AND r.period @> %(today)s""",
        today,
    )
    _refuse(
        outcome,
        """DELETE FROM import_stage s WHERE region_code IS NOT NULL AND region_id IS NULL
           RETURNING row, source_id, region_code""",
        _("There is no region with the code %(detail)s."),
    )
    _execute(
        """UPDATE import_stage s SET region_id = (
               SELECT r.id FROM grids_region r
               WHERE r.period @> %(today)s AND ST_Covers(r.geom, ST_PointOnSurface(s.geom))
               ORDER BY length(r.code) DESC, r.code LIMIT 1)
           WHERE region_id IS NULL""",
        today,
    )
    if required:
        _refuse(
            outcome,
            "DELETE FROM import_stage s WHERE region_id IS NULL RETURNING row, source_id, ''",
            _("It lies in no known region: import the regions first, or give --region."),
        )


def warn_outside(outcome: Outcome) -> None:
    """Warn of rows outside every known region, and say so when they would lie inside with the axes swapped."""
    today = {"today": timezone.localdate()}
    outside = """SELECT count(*), count(*) FILTER (WHERE EXISTS (
                   SELECT FROM grids_region r WHERE r.period @> %(today)s
                   AND ST_Intersects(r.geom, ST_FlipCoordinates(s.geom))))
                 FROM import_stage s WHERE NOT EXISTS (
                   SELECT FROM grids_region r WHERE r.period @> %(today)s AND ST_Intersects(r.geom, s.geom))"""
    ((known,),) = _select("SELECT EXISTS (SELECT FROM grids_region WHERE period @> %(today)s)", today)
    ((staged,),) = _select("SELECT count(*) FROM import_stage")
    if not known or not staged:
        return
    ((count, swapped),) = _select(outside, today)
    shown = {"count": count, "all": staged, "swapped": swapped}
    if swapped:
        outcome.warnings.append(
            _("%(swapped)s of %(all)s rows would lie in a known region if longitude and latitude were swapped.") % shown
        )
    elif count:
        outcome.warnings.append(
            _("%(count)s of %(all)s rows lie outside every known region: check --crs and --srs.") % shown
        )


def merge(layer: Layer, given: frozenset[str], outcome: Outcome) -> None:
    """Insert new rows and update those that differ in a column the file gives; count both and what stays."""
    table, columns = _TABLES[layer.name]
    special = {"geom": "ST_Multi(s.geom)"} if layer.name == "regions" else {}
    if layer.name == "buildings" and "kind" not in given:
        special["kind"] = "'other'"
    values = ", ".join(special.get(column, _VALUES[column]) for column in columns)
    changes = {c: f"excluded.{c}" for c in columns if c in _ALWAYS or _FIELD_OF.get(c, c) in given}
    if "region_id" in columns:
        changes["region_id"] = "coalesce(excluded.region_id, t.region_id)"
    parameters = {"today": timezone.localdate(), "source": outcome.source}
    ((new, changed),) = _select(
        f"""WITH merged AS (
                INSERT INTO {table} AS t (source, source_id, {", ".join(columns)})
                SELECT %(source)s, s.source_id, {values} FROM import_stage s ORDER BY s.row, s.source_id
                ON CONFLICT (source, source_id) DO UPDATE
                SET {", ".join(f"{column} = {value}" for column, value in changes.items())}
                WHERE {" OR ".join(f"t.{column} IS DISTINCT FROM {value}" for column, value in changes.items())}
                RETURNING (xmax = 0) AS fresh)
            SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM merged""",  # noqa: S608
        parameters,
    )
    ((staged,),) = _select("SELECT count(*) FROM import_stage")
    ((stored,),) = _select(f"SELECT count(*) FROM {table} WHERE source = %(source)s", parameters)  # noqa: S608
    outcome.counts.append(Count(layer.name, new, changed, staged - new - changed))
    outcome.not_in_file = stored - staged


def _ewkb(geometry: Any) -> str:
    return str(shapely.to_wkb(shapely.set_srid(geometry, 4326), hex=True, include_srid=True))


def _execute(sql: str, parameters: dict[str, date] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _select(sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _refuse(outcome: Outcome, sql: str, sentence: str, parameters: dict[str, Any] | None = None) -> None:
    for row, identity, detail in sorted(_select(sql, parameters)):
        outcome.refuse(row, identity, sentence % {"detail": detail} if "%(" in sentence else sentence)
