"""Features of any number as one GeoJSON file (RFC 7946), written one by one."""

from collections.abc import Iterable
from pathlib import Path


def write_geojson(path: Path, features: Iterable[str]) -> int:
    """Write the texts of features as a collection, one a line, and return how many there were."""
    count = 0
    with path.open("w", encoding="utf-8", errors="replace") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for feature in features:
            file.write(",\n" if count else "\n")
            file.write(feature)
            count += 1
        file.write("\n]}\n")
    return count
