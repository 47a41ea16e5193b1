"""The archive: a tar of numbered pieces, and behind them a manifest that says what all of it must be.

What is streamed has no length beforehand, so each part lies in pieces of up to 8 MiB: `database/000000`, … The manifest
comes last and is followed by its own checksum, so that an archive cut short has none.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from maps.backup.problems import BackupError

FORMAT = 1
PIECE = 8 * 1024 * 1024
STAGING = "restore-"  # how the folders are called into which archives are unpacked
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
DAMAGED = "The backup is damaged or cut short"


@dataclass(frozen=True)
class Part:
    """The size in bytes and the SHA-256 of a part."""

    size: int
    sha256: str


class Writer:
    """Writes parts one after the other and the manifest at the end; what is left without one is no archive."""

    def __init__(self, out: IO[bytes]) -> None:
        self.tar = tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed at the end
        self.parts: dict[str, Part] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.tar.close()

    def add(self, name: str, chunks: Iterable[bytes]) -> Part:
        """Write a part as it comes and return what it was."""
        digest, size, number, piece = hashlib.sha256(), 0, 0, bytearray()
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            piece += chunk
            while len(piece) >= PIECE:
                self._piece(f"{name}/{number:06d}", bytes(piece[:PIECE]))
                del piece[:PIECE]
                number += 1
        self._piece(f"{name}/{number:06d}", bytes(piece))
        self.parts[name] = Part(size, digest.hexdigest())
        return self.parts[name]

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest, to which the format and the parts are added, and its checksum."""
        parts = {name: [part.size, part.sha256] for name, part in self.parts.items()}
        text = json.dumps({"format": FORMAT, **manifest, "parts": parts}, ensure_ascii=False, indent=1).encode()
        self._piece(MANIFEST, text)
        self._piece(SEAL, hashlib.sha256(text).hexdigest().encode())

    def _piece(self, name: str, data: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), 0o600
        self.tar.addfile(entry, io.BytesIO(data))


@dataclass
class Unpacked:
    """The parts of an archive as files in a folder, found to be what the manifest says."""

    folder: Path
    manifest: dict[str, Any]
    _names: dict[str, Path] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """The file of a part."""
        return self._names[name]

    def parts(self, prefix: str) -> list[str]:
        """The names of parts that begin like this."""
        return [name for name in self._names if name.startswith(prefix)]


def unpack(stream: IO[bytes], folder: Path) -> Unpacked:
    """Unpack an archive into an empty folder and check all of it.

    Raises BackupError if it is no archive of ours, is damaged, or was made by a newer version.
    """
    found: dict[str, Part] = {}
    paths: dict[str, Path] = {}
    texts: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for name, pieces in _parts(tar):
                if name in (MANIFEST, SEAL):
                    texts[name] = b"".join(pieces)
                    continue
                paths[name] = folder / f"{len(paths):07d}"
                found[name] = _keep(paths[name], pieces)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{DAMAGED}, or is no backup: {error}.") from error
    manifest = _manifest(texts)
    for name, (size, sha256) in manifest["parts"].items():
        if found.pop(name, None) != Part(size, sha256):
            raise BackupError(f"{DAMAGED}: the part {name} is not what its manifest says.")
    if found:
        raise BackupError(f"{DAMAGED}: it holds {len(found)} parts that its manifest does not know.")
    return Unpacked(folder, manifest, paths)


def _parts(tar: tarfile.TarFile) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Group the pieces of each part; a part has to be read before the next one."""
    entry = tar.next()
    while entry is not None:
        name = entry.name.rpartition("/")[0] or entry.name
        following: list[tarfile.TarInfo | None] = [entry]

        def pieces(name: str = name, following: list[tarfile.TarInfo | None] = following) -> Iterator[bytes]:
            number = 0
            while (piece := following[0]) is not None and name == (piece.name.rpartition("/")[0] or piece.name):
                data = tar.extractfile(piece) if piece.isfile() and piece.size <= 2**30 else None
                if data is None or (piece.name != name and piece.name != f"{name}/{number:06d}"):
                    raise BackupError(f"{DAMAGED}: the piece {piece.name} does not belong there.")
                yield data.read()
                following[0] = tar.next()
                number += 1

        yield name, pieces()
        entry = following[0]


def _keep(path: Path, pieces: Iterator[bytes]) -> Part:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("wb") as out:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                out.write(piece)
    except OSError as error:
        raise BackupError(f"The backup cannot be unpacked to {path.parent}: {error.strerror or error}.") from error
    return Part(size, digest.hexdigest())


def _manifest(texts: dict[str, bytes]) -> dict[str, Any]:
    text = texts.get(MANIFEST)
    if text is None or texts.get(SEAL, b"").decode("ascii", "replace") != hashlib.sha256(text).hexdigest():
        raise BackupError(f"{DAMAGED}: it ends without a sound manifest.")
    manifest: dict[str, Any] = json.loads(text)
    if manifest["format"] > FORMAT:
        raise BackupError("The backup was made by a newer version of Gridwarden: update first, then restore.")
    return manifest
