"""`manage.py split` from files, with no database to reach."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command

from grids.splitting import Problem
from tests.grids.splitting.towns import drawn

ROOT = Path(__file__).resolve().parents[3]
PICTURE = """
    1.1.1|1.1.1
    .....|.....
    1.1.1|1.1.1
    .....|.....
    1.1.1|1.1.1
"""


def written(folder: Path, problem: Problem) -> dict[str, Path]:
    """Write a town as the three files of the command."""
    rows: dict[str, list[tuple[shapely.Geometry, dict[str, Any]]]] = {
        "boundary": [(problem.boundary, {})],
        "streets": [(way.line, {"kind": way.kind}) for way in problem.ways],
        "buildings": [(house.footprint, {"households": house.households}) for house in problem.houses],
    }
    paths = {}
    for name, content in rows.items():
        features = [
            {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))}
            for geometry, properties in content
        ]
        paths[name] = folder / f"{name}.geojson"
        paths[name].write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return paths


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return written(tmp_path, drawn(PICTURE))


def options(files: dict[str, Path], **more: object) -> dict[str, Any]:
    return {**files, "households": 9, "output": files["boundary"].parent / "grids.geojson", "verbosity": 0, **more}


def test_it_needs_no_database(files: dict[str, Path], tmp_path: Path) -> None:
    metrics = tmp_path / "metrics.json"
    given = [f"--{name}={path}" for name, path in {**files, "metrics": metrics, "output": tmp_path / "g.json"}.items()]
    given.append("--households=9")
    done = subprocess.run(
        [sys.executable, "manage.py", "split", *given],
        cwd=ROOT,
        env={**os.environ, "GRIDWARDEN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    quality = json.loads(metrics.read_text())
    assert (quality["grids"], quality["variation"], quality["crs"]) == (2, 0, "EPSG:4546")
    assert "100%" in done.stderr


def test_the_file_holds_an_exact_cover(files: dict[str, Path]) -> None:
    given = options(files)
    call_command("split", stdout=StringIO(), **given)
    features = json.loads(given["output"].read_text())["features"]
    assert [row["properties"] for row in features] == [
        {"kind": "service", "number": 1, "parent": None, "households": 9},
        {"kind": "service", "number": 2, "parent": None, "households": 9},
    ]
    shapes = np.array([shapely.from_geojson(json.dumps(row["geometry"])) for row in features], object)
    assert shapely.coverage_is_valid(shapes)
    assert all(shape.exterior.is_ccw for shape in shapes)
    boundary = shapely.from_geojson(files["boundary"].read_text()).geoms[0]
    # A line that is straight in the plane is not quite straight in degrees: 1e-12 square degrees are 0.01 m².
    assert shapely.coverage_union_all(shapes).symmetric_difference(boundary).area < 1e-12


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"boundary": Path("/nowhere.geojson")}, "There is no file /nowhere.geojson."),
        ({"households": None}, "Give either the households of a grid or the number of grids."),
        ({"households": 0}, "households is 0: it must be at least 1."),
        ({"setting": 2.0}, "The setting is 2.0: it must be from 0 (compact) to 1 (along barriers)."),
        (
            {"mode": "nested", "unit_area": 900.0},
            "A unit grid of 900.0 m² is too small: it must have at least 1000.",
        ),
        ({"output": Path("/nowhere/grids.geojson")}, "/nowhere/grids.geojson: No such file or directory"),
    ],
)
def test_bad_input_is_one_sentence(
    files: dict[str, Path], change: dict[str, Any], sentence: str, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "en"
    with pytest.raises(CommandError, match="^" + sentence.replace("(", r"\(").replace(")", r"\)")):
        call_command("split", stdout=StringIO(), **options(files, **change))


def test_both_levels_are_in_one_file_and_in_the_figures(files: dict[str, Path], tmp_path: Path) -> None:
    said = StringIO()
    given = options(files, mode="nested", unit_area=1_400.0, metrics=tmp_path / "metrics.json")
    call_command("split", stdout=said, **given)
    rows = [row["properties"] for row in json.loads(given["output"].read_text())["features"]]
    services, units = ([row for row in rows if row["kind"] == kind] for kind in ("service", "unit"))
    assert [row["number"] for row in services] == [1, 2]
    assert {row["parent"] for row in units} == {1, 2}
    assert len(units) == 4
    assert sum(row["households"] for row in units) == 18
    figures = json.loads((tmp_path / "metrics.json").read_text())
    assert (figures["grids"], figures["units"]["grids"], figures["units"]["target_area_m2"]) == (2, 4, 1400)
    assert "4 unit grids" in said.getvalue()


def test_lines_for_buildings_are_refused(files: dict[str, Path]) -> None:
    with pytest.raises(CommandError):
        call_command("split", stdout=StringIO(), **options({**files, "buildings": files["streets"]}))
