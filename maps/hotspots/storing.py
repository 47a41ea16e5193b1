"""An outcome into its tables, by COPY, within the caller's transaction."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models.functions import Now
from psycopg.types.json import Jsonb

from maps.hotspots.computing import CODE_VERSION, Outcome
from maps.models import HotspotCell, HotspotRecurrence, HotspotRun
from maps.simulate.tables import copy_rows

CELL_COLUMNS = tuple(
    field.column for field in HotspotCell._meta.concrete_fields if field.column not in ("id", "run_id", "rank")
)


def store(run: HotspotRun, outcome: Outcome) -> None:
    """Write what a run found, and that it is finished."""
    copy_rows(HotspotCell, ("run_id", "rank", *CELL_COLUMNS), _cells(run, outcome))
    recurrences = ("run_id", "rank", "category", "anchor", "count", "days", "reports", "name", "name_en")
    copy_rows(HotspotRecurrence, recurrences, _recurrences(run, outcome))
    HotspotRun.objects.filter(pk=run.pk).update(
        summary=outcome.summary, input_digest=outcome.digest, code_version=CODE_VERSION, finished_at=Now()
    )


def _cells(run: HotspotRun, outcome: Outcome) -> Iterator[Sequence[Any]]:
    for rank, place in enumerate(outcome.places, start=1):
        values = {**place.columns, "by_source": Jsonb(place.columns["by_source"])}
        values["geom"] = f"SRID=4326;{values['geom']}"
        yield (run.pk, rank, *(values[column] for column in CELL_COLUMNS))


def _recurrences(run: HotspotRun, outcome: Outcome) -> Iterator[Sequence[Any]]:
    for rank, one in enumerate(outcome.recurrences, start=1):
        anchor = f"SRID=4326;POINT({one.lon!r} {one.lat!r})"
        yield (
            run.pk,
            rank,
            one.category,
            anchor,
            len(one.days),
            list(one.days),
            list(one.reports),
            one.name,
            one.name_en,
        )
