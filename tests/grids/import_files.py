"""Small files for the tests of the import: nine squares of about 100 m in Hohhot, and what stands in them."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WEST, SOUTH, STEP = 111.670, 40.820, 0.001


def square(column: float, row: float, size: float = 1.0) -> list[list[list[float]]]:
    """Return a square of `size` steps with its south-west corner at (column, row)."""
    west, south = WEST + column * STEP, SOUTH + row * STEP
    east, north = west + size * STEP, south + size * STEP
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return [[[round(lon, 6), round(lat, 6)] for lon, lat in ring]]


def feature(kind: str, coordinates: Any, /, **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def geojson(path: Path, *features: dict[str, Any], **members: Any) -> Path:
    """Write a feature collection."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}, ensure_ascii=False))
    return path


def convert(source: Path, target: Path, driver: str, *options: str) -> Path:
    """Write a file in another format with GDAL."""
    subprocess.run(["ogr2ogr", "-f", driver, target, source, *options], check=True, capture_output=True, timeout=60)
    return target


def table(path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8") -> Path:
    """Write a CSV table whose cells hold no commas unless quoted by the caller."""
    path.write_text("\n".join(",".join(str(cell) for cell in row) for row in rows) + "\n", encoding=encoding)
    return path


OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <bounds minlat="40.82" minlon="111.67" maxlat="40.83" maxlon="111.68"/>
  <node id="1" lat="40.820" lon="111.670"/><node id="2" lat="40.820" lon="111.671"/>
  <node id="3" lat="40.821" lon="111.671"/><node id="4" lat="40.821" lon="111.670"/>
  <node id="5" lat="40.8225" lon="111.6725"><tag k="highway" v="bus_stop"/><tag k="name" v="东风路站"/></node>
  <node id="6" lat="40.8226" lon="111.6726"><tag k="amenity" v="bench"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
    <tag k="building" v="apartments"/><tag k="building:levels" v="6"/><tag k="building:flats" v="many"/>
    <tag k="name" v="Block"/><tag k="name:zh" v="一号楼"/><tag k="name:en" v="Block 1"/></way>
  <way id="11"><nd ref="1"/><nd ref="3"/><tag k="highway" v="living_street"/><tag k="name" v="东风路"/></way>
  <way id="12"><nd ref="2"/><nd ref="4"/><tag k="railway" v="abandoned"/></way>
  <way id="13"><nd ref="3"/><nd ref="4"/><tag k="waterway" v="canal"/></way>
  <way id="14"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
    <tag k="boundary" v="administrative"/><tag k="admin_level" v="10"/><tag k="name" v="东风社区"/></way>
</osm>
"""
