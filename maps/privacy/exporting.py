"""Everything that is kept about a person, in one ZIP: a JSON file for each table that refers to them, and photos."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from grids.models import Person
from maps.backup import sealing
from maps.privacy.erasing import references
from patrols.models import Photo

# Credentials: no information about the person, and whoever holds the file could use or attack them.
SECRET = frozenset({"password", "secret_hash", "token_hash", "session_key", "fingerprint", "body"})
WITHOUT = frozenset({"mfa.Authenticator": "data"}.items())
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


def export(person: Person, path: Path) -> dict[str, int]:
    """Write everything about a person to a ZIP file, mode 0600, and return how many rows of which table."""
    counts: dict[str, int] = {}
    with sealing.written(path, []) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", _text(_fields(person)))
        for reference in references():
            label, column = reference.model._meta.label, reference.column.name
            name = f"{label}.{column}"
            rows = reference.model._base_manager.filter(**{column: person}).order_by("pk")
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
    return {
        field.column: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.column and field.column not in SECRET and (label, field.column) not in WITHOUT
    }


def _text(value: Any) -> bytes:
    return json.dumps(value, cls=_Encoder, ensure_ascii=False).encode()
