"""Everything that is kept about a person, in one ZIP: a JSON file for each table that refers to them, and photos."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from grids.models import Address, Person
from grids.sealed import Unreadable, unseal
from maps.backup import sealing
from maps.privacy.erasing import references
from patrols.models import Photo, PrivatePlace, Sight, Track, TrackFile

# Credentials: no information about the person, and whoever holds the file could use or attack them.
SECRET = frozenset({"password", "secret_hash", "token_hash", "session_key", "fingerprint", "body", "endpoint_hash"})
WITHOUT = frozenset({"mfa.Authenticator": "data"}.items())
# What is theirs by way of a patrol of theirs.
OF_PATROLS: tuple[type[models.Model], ...] = (Track, TrackFile, Sight)
BATCH = 2000


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        """Write geometries as GeoJSON, periods as from and to, bytes as hexadecimal."""
        if isinstance(o, GEOSGeometry):
            return json.loads(o.json)
        if hasattr(o, "lower") and hasattr(o, "upper"):
            return {"from": o.lower, "to": o.upper}
        if isinstance(o, bytes | memoryview):
            return bytes(o).hex()
        return super().default(o)


Step = Callable[[str, float], None]


def export(person: Person, path: Path, step: Step = lambda _text, _share: None) -> dict[str, int]:
    """Write everything about a person to a ZIP file, mode 0600, and return how many rows of which table.

    `step` is told the name of each table that comes next, and the share of the work that is done.
    """
    counts: dict[str, int] = {}
    tables = [(ref.model, ref.column.name) for ref in references()]
    tables += [(model, "patrol__person") for model in OF_PATROLS]
    with sealing.written(path, []) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", _text(_fields(person)))
        for number, (model, column) in enumerate(tables):
            name = f"{model._meta.label}.{column}"
            step(str(model._meta.verbose_name), number / len(tables))
            rows = model._base_manager.filter(**{column: person}).order_by("pk")
            count = _write(archive, f"{name}.json", rows)
            if count:
                counts[name] = count
        history = person.history.order_by("pgh_id")  # type: ignore[attr-defined]
        counts["history"] = _write(archive, "history.json", history)
        for photo in Photo.objects.filter(uploader=person).iterator():
            if default_storage.exists(photo.full):
                with default_storage.open(photo.full) as stream:
                    archive.writestr(photo.full, stream.read())
        archive.writestr("contents.json", _text({"person": person.pk, "made_at": timezone.now(), "rows": counts}))
    return counts


def _write(archive: zipfile.ZipFile, name: str, rows: "models.QuerySet[Any]") -> int:
    """Write rows as a JSON array, a batch at a time; no file without any."""
    if not rows.exists():
        return 0
    count = 0
    with archive.open(name, "w", force_zip64=True) as out:
        for text in _lines(rows):
            out.write(("[\n" if not count else ",\n").encode() + text)
            count += 1
        out.write(b"\n]\n")
    return count


def _lines(rows: "models.QuerySet[Any]") -> Iterator[bytes]:
    for row in rows.iterator(chunk_size=BATCH):
        yield _text(_fields(row))


def _fields(row: models.Model) -> dict[str, Any]:
    label = row._meta.label
    if isinstance(row, PrivatePlace):
        return {"id": row.pk, "created_at": row.created_at, **_opened(row)}
    if isinstance(row, Address):
        known = {"id": row.pk, "channel": row.channel, "hint": row.hint, "confirmed_at": row.confirmed_at}
        return {**known, **_reached_at(row)}
    return {
        field.column: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.column and field.column not in SECRET and (label, field.column) not in WITHOUT
    }


def _opened(place: PrivatePlace) -> dict[str, Any]:
    """Return where a private place is: to its owner, whom this file is for, it is no secret."""
    try:
        lon, lat, radius, *name = unseal(place.sealed)
    except Unreadable:
        return {"sealed": True}
    return {"lon": lon, "lat": lat, "radius": radius, "name": "".join(name)}


def _reached_at(row: Address) -> dict[str, Any]:
    """Return where the person is reached; the secrets of webhooks and browsers stay where they are."""
    try:
        return {"address": {key: value for key, value in unseal(row.sealed).items() if key not in {"secret", "auth"}}}
    except Unreadable:
        return {"sealed": True}


def _text(value: Any) -> bytes:
    return json.dumps(value, cls=_Encoder, ensure_ascii=False).encode()
