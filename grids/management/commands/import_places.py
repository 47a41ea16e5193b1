"""`manage.py import_places`: regions, streets, buildings, checkpoints and people from what GDAL reads."""

import argparse
import contextlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from grids.history import attributed
from grids.places_import import LAYER_NAMES, Options, Outcome, run
from grids.places_import.outcome import KEPT_REFUSALS
from grids.places_import.progress import Progress
from grids.problems import BadInput
from grids.shifts import CRS
from grids.splits.findings import TOLERANCE_M


def pair(text: str) -> tuple[str, str]:
    """Parse field=value."""
    field, separator, value = text.partition("=")
    if not separator or not field or not value:
        raise argparse.ArgumentTypeError(f"write {text!r} as field=value")
    return field.strip(), value.strip()


class Command(BaseCommand):
    """All or nothing, repeatable: a row is known by its source and its id there, and changes only if it differs."""

    help = "Import regions, streets, buildings, checkpoints, people or ready-made grids from a file that GDAL can read."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options; docs/import.md explains them with examples."""
        parser.add_argument("file", type=Path, help="GeoJSON, GeoPackage, Shapefile, CSV, XLSX, OSM PBF or XML, …")
        parser.add_argument("--layer", required=True, choices=LAYER_NAMES)
        parser.add_argument("--source", default="", help="where the rows come from; the default is the file's name")
        parser.add_argument("--source-layer", default="", help="which layer of the file, if it has several")
        parser.add_argument("--where", default="", help="only features for which this holds, such as admin_level='8'")
        parser.add_argument("--crs", choices=CRS, help="gcj02 (Amap, Tencent) and bd09 (Baidu) are turned into WGS-84")
        parser.add_argument("--srs", default="", help="reference system when the file does not say it: EPSG:4547")
        parser.add_argument("--encoding", default="", help="of a table or a shapefile, such as gb18030")
        parser.add_argument("--columns", nargs="+", action="extend", type=pair, default=[], metavar="FIELD=COLUMN")
        parser.add_argument("--set", nargs="+", action="extend", type=pair, default=[], metavar="FIELD=VALUE")
        parser.add_argument("--region", default="", help="code of the region of all rows")
        parser.add_argument("--region-code", default="", help="code for the file's only region")
        parser.add_argument("--parent", default="", help="number regions without a code below this one")
        parser.add_argument(
            "--tolerance",
            type=float,
            default=TOLERANCE_M,
            help="grids: metres up to which gaps and overlaps are closed",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
        parser.add_argument(
            "--allow-refused", action="store_true", help="write the good rows although others are refused"
        )
        parser.add_argument("--refused", type=Path, help="write every refused row with its reason to this CSV file")

    def handle(self, *args: Any, **given: Any) -> None:
        """Run the import; exit with 1 when a row was refused or the file cannot be used."""
        options = Options(
            path=given["file"],
            columns=dict(given["columns"]),
            constants=dict(given["set"]),
            **{name: given[name] for name in ("layer", "source", "source_layer", "where", "crs", "srs", "encoding")},
            **{
                name: given[name]
                for name in ("region", "region_code", "parent", "dry_run", "allow_refused", "tolerance")
            },
        )
        progress = Progress(None if given["verbosity"] == 0 else sys.stderr)
        try:
            with contextlib.ExitStack() as stack, attributed(command="import_places"):
                path = given["refused"]
                log = stack.enter_context(path.open("w", encoding="utf-8-sig", newline="")) if path else None
                outcome = run(options, progress, log)
        except BadInput as refusal:
            raise CommandError(str(refusal.sentence)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        self.stdout.write("\n".join(report(outcome, dry_run=options.dry_run)))
        if outcome.refused:
            raise CommandError(
                _("%(count)s rows were refused.") % {"count": outcome.refused}
                if outcome.written
                else _("%(count)s rows were refused, so nothing was written.") % {"count": outcome.refused}
            )


def report(outcome: Outcome, *, dry_run: bool) -> Iterable[str]:
    """Return the lines of the report: refused rows, warnings, and the table of counts."""
    for refusal in outcome.refusals:
        name = f" ({refusal.id})" if refusal.id else ""
        yield _("row %(row)s%(name)s refused: %(reason)s") % {
            "row": refusal.row,
            "name": name,
            "reason": refusal.reason,
        }
    if outcome.refused > KEPT_REFUSALS:
        more = {"count": outcome.refused - KEPT_REFUSALS}
        yield _("… and %(count)s more refused rows; --refused FILE lists all of them.") % more
    yield from outcome.warnings
    shown: dict[str, object] = {
        "read": outcome.read,
        "left": outcome.left_out,
        "refused": outcome.refused,
        "seconds": outcome.seconds,
    }
    shown["source"] = outcome.source
    yield _("%(read)s rows read, %(left)s left out, %(refused)s refused; source “%(source)s”; %(seconds).1f s") % shown
    for count in outcome.counts:
        shown = {"table": count.table, "new": count.new, "changed": count.changed, "unchanged": count.unchanged}
        yield _("%(table)s: %(new)s new, %(changed)s changed, %(unchanged)s unchanged") % shown
    if outcome.not_in_file > 0:
        yield _("%(count)s earlier rows of this source are not in this file and stay as they are") % {
            "count": outcome.not_in_file
        }
    if dry_run:
        yield _("Dry run: nothing was written.")
