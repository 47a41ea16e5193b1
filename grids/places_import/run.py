"""One import from file to tables, in one transaction: all of it or nothing."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils.translation import gettext as _

from grids.geometry import Limits
from grids.models import CheckpointType
from grids.places_import import people, ready_grids, regions, stage
from grids.places_import.opening import Opened, choose, described
from grids.places_import.outcome import Outcome
from grids.places_import.progress import Progress
from grids.places_import.reading import Feature, HopelessFile, Reader, placed
from grids.places_import.rows import CODE, LAYERS, Context, Layer, Row, rows_of
from grids.problems import BadInput
from grids.search import index
from grids.shifts import Crs
from grids.splits.findings import TOLERANCE_M

PEOPLE, GRIDS = "people", "grids"
LAYER_NAMES = (*LAYERS, PEOPLE, GRIDS)
# What is called anew in the search after an import: a building's name stands in its stairwells' names as well.
SEARCHED = {
    "regions": ("region",),
    "streets": ("street",),
    "buildings": ("building", "stairwell"),
    "checkpoints": ("checkpoint",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to import and how. `crs` None means that nothing was said; `constants` hold for every row."""

    path: Path
    layer: str
    source: str = ""
    source_layer: str = ""
    where: str = ""
    crs: Crs | None = None
    srs: str = ""
    encoding: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    region_code: str = ""
    parent: str = ""
    dry_run: bool = False
    allow_refused: bool = False
    tolerance: float = TOLERANCE_M


class _Undo(Exception):  # noqa: N818 - leaves the transaction without writing
    pass


def run(options: Options, progress: Progress | None = None, log: IO[str] | None = None) -> Outcome:
    """Import a file; raise `BadInput` when it cannot be used at all, else report every row that was not.

    Nothing is written in a dry run, and nothing when a row was refused unless that is allowed.
    """
    _check(options)
    started = time.monotonic()
    progress = progress or Progress(None)
    with described(options.path, options.encoding, options.srs, options.columns) as source:
        kinds = _kinds(options.layer)
        opened = choose(
            source,
            options.layer,
            kinds,
            name=options.source_layer,
            where=options.where,
            srs=options.srs,
            degrees=options.crs is not None,
        )
        name = options.source or ("osm" if opened.is_osm else options.path.stem)
        outcome = Outcome(options.layer, name[:60], log)
        try:
            with transaction.atomic():
                stage.take_time()
                _work(options, opened, outcome, progress)
                if options.dry_run or (outcome.refused and not options.allow_refused):
                    raise _Undo
            outcome.written = True
        except _Undo:
            pass
        except HopelessFile as stop:
            outcome.warnings.append(str(stop))
        except (DatabaseError, psycopg.Error) as error:
            reason = str(error).strip().split("\n")[0]
            raise BadInput(_("The database refused the rows: %(reason)s.") % {"reason": reason}) from error
        finally:
            progress.done()
    outcome.finish()
    outcome.seconds = time.monotonic() - started
    return outcome


def _work(options: Options, opened: Opened, outcome: Outcome, progress: Progress) -> None:
    fields = {PEOPLE: people.FIELDS, GRIDS: ready_grids.FIELDS}.get(options.layer) or LAYERS[options.layer].fields
    reader = Reader(
        opened,
        options.layer,
        fields,
        chosen=options.columns,
        constants=options.constants,
        outcome=outcome,
        progress=progress,
    )
    context = Context(region=options.region, unknown_words=outcome.unknown_words)
    try:
        if options.layer == PEOPLE:
            _people(reader, context, outcome, progress)
        elif options.layer == GRIDS:
            _grids(options, reader, outcome, progress)
        else:
            _places(LAYERS[options.layer], options, reader, context, outcome, progress)
    finally:
        _advise(reader, outcome)
    if not outcome.read:
        shown = {"file": options.path.name, "layer": options.layer}
        raise BadInput(_("%(file)s holds nothing for %(layer)s.") % shown)


def _advise(reader: Reader, outcome: Outcome) -> None:
    if reader.out_of_range:
        outcome.warnings.append(
            _("Coordinates out of range are mostly metres of another reference system: name it with --srs EPSG:….")
        )


def _people(reader: Reader, context: Context, outcome: Outcome, progress: Progress) -> None:
    if "username" not in reader.given:
        raise BadInput(_("People need a column with their user name: name it with --columns username=…."))
    people.fill(reader.rows(lambda feature: [people.person_row(feature.number, feature.values, context)]))
    progress.step(_("checking and writing"))
    people.check(outcome)
    people.merge(reader.given, outcome)


def _grids(options: Options, reader: Reader, outcome: Outcome, progress: Progress) -> None:
    crs: Crs = options.crs or "wgs84"

    def build(feature: Feature) -> list[ready_grids.Placed]:
        geometry = placed(feature, _limits(ready_grids.KINDS), crs, outcome)
        return [ready_grids.row_of(feature.values, geometry, options.region)]

    rows = list(reader.rows(build))
    progress.step(_("checking and writing"))
    if not outcome.refused or options.allow_refused:
        ready_grids.propose_all(rows, outcome, options.tolerance)


def _kinds(layer: str) -> frozenset[str]:
    return {PEOPLE: frozenset[str](), GRIDS: ready_grids.KINDS}.get(layer) or (
        LAYERS[layer].kinds if layer in LAYERS else frozenset()
    )


def _limits(kinds: frozenset[str]) -> Limits:
    return Limits(vertices=500_000, rings=50_000, parts=50_000, kinds=kinds, drop_heights=True)


def _places(
    layer: Layer, options: Options, reader: Reader, context: Context, outcome: Outcome, progress: Progress
) -> None:
    if layer.needs and layer.needs not in reader.given:
        shown = {"layer": layer.name, "field": layer.needs}
        raise BadInput(
            _("%(layer)s need %(field)s: name its column with --columns %(field)s=…, or --set %(field)s=… for all.")
            % shown
        )
    context.has_codes = not (options.region_code or options.parent)
    if layer.needs == "type":
        context.types = _types()
    limits = _limits(layer.kinds)
    crs: Crs = options.crs or "wgs84"

    def build(feature: Feature) -> list[Row]:
        geometry = placed(feature, limits, crs, outcome)
        return rows_of(layer, feature.number, feature.values, geometry, context)

    stage.fill(reader.rows(build))
    progress.step(_("checking and writing"))
    stage.refuse_unsound(outcome)
    stage.refuse_doubles(outcome)
    if layer.name == "regions":
        _regions(options, outcome)
    else:
        if layer.name != "streets":
            stage.find_regions(outcome, required=layer.name == "checkpoints")
        stage.warn_outside(outcome)
    stage.merge(layer, reader.given, outcome)
    if layer.name == "regions":
        regions.link_parents(outcome)
    progress.step(_("names for the search"))
    for source in SEARCHED[layer.name]:
        index.refresh(source)


def _regions(options: Options, outcome: Outcome) -> None:
    if options.region_code:
        regions.give_code(options.region_code)
    elif options.parent:
        regions.number_below(options.parent, outcome.source)
    regions.refuse_taken(outcome)


def _types() -> dict[str, int]:
    types: dict[str, int] = {}
    for pk, *words in CheckpointType.objects.values_list("pk", "code", "name", "name_en"):
        types.update((word.casefold(), pk) for word in words if word)
    if not types:
        raise BadInput(_("There are no types of checkpoints yet: load the catalogue first."))
    return types


def _check(options: Options) -> None:
    codes = (("--region", options.region), ("--region-code", options.region_code), ("--parent", options.parent))
    for name, code in codes:
        if code and not CODE.fullmatch(code):
            raise BadInput(_("%(name)s is “%(code)s”: a code has 6, 9 or 12 digits.") % {"name": name, "code": code})
    if options.layer != "regions" and (options.region_code or options.parent):
        raise BadInput(
            _("--region-code and --parent give codes to regions only; use --region for the region of all rows.")
        )
    if options.parent and (options.region_code or len(options.parent) == 12):
        raise BadInput(_("--parent is a district or a subdistrict, and goes without --region-code."))
