"""A community that was imported from a file is split as that file is split without a database."""

import json
from collections.abc import Iterator
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.management import call_command
from django.utils import translation

from grids.models import Region, Street
from grids.places_import import Options, run
from grids.splits.running import Wish, computed
from tests.grids.splitting.towns import degrees, random_town

CODE = "150102001001"
# What lies across the town besides its streets: tags of a line from (x, y) to (x, y) in metres.
ACROSS: tuple[tuple[dict[str, str], tuple[float, float, float, float]], ...] = (
    ({"waterway": "river"}, (-20, 130, 420, 150)),
    ({"waterway": "stream"}, (-20, 60, 420, 240)),
    ({"waterway": "ditch"}, (90, -20, 120, 420)),
    ({"railway": "rail"}, (250, -20, 270, 420)),
    ({"railway": "subway", "tunnel": "yes"}, (-20, 330, 420, 300)),
    ({"railway": "tram"}, (330, -20, 310, 420)),
    ({"railway": "rail", "tunnel": "yes"}, (-20, 210, 420, 250)),
    ({"highway": "primary", "tunnel": "yes"}, (180, -20, 160, 420)),
    ({"highway": "footway"}, (20, -20, 390, 420)),
)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A town of bent streets as OpenStreetMap writes it, with brooks, tunnels and a subway."""
    problem = random_town(7)
    ways = [({"highway": way.kind}, way.line) for way in problem.ways]
    ways += [(tags, degrees(shapely.LineString([ends[:2], ends[2:]]))) for tags, ends in ACROSS]
    houses = [
        ({"building": "yes", "building:flats": str(house.households)}, house.footprint) for house in problem.houses
    ]
    path = tmp_path / "town.osm"
    path.write_text(osm([*ways, *houses]))
    boundary = {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(problem.boundary))}
    (tmp_path / "boundary.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [boundary]}))
    return path


def osm(features: list[tuple[dict[str, str], shapely.Geometry]]) -> str:
    """Write lines and areas as OpenStreetMap XML."""
    names, nodes, ways = count(1), [], []
    for number, (tags, shape) in enumerate(features, 1):
        line = shape.exterior if shape.geom_type == "Polygon" else shape
        spots = [(round(lon, 7), round(lat, 7)) for lon, lat in line.coords]
        ids = [next(names) for _spot in (spots[:-1] if shape.geom_type == "Polygon" else spots)]
        nodes += [f'<node id="{one}" lon="{lon}" lat="{lat}"/>' for one, (lon, lat) in zip(ids, spots, strict=False)]
        refs = [*ids, ids[0]] if shape.geom_type == "Polygon" else ids
        said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        ways.append(f'<way id="{number}">{"".join(f"<nd ref={chr(34)}{one}{chr(34)}/>" for one in refs)}{said}</way>')
    return f'<?xml version="1.0"?><osm version="0.6">{"".join([*nodes, *ways])}</osm>'


def community(path: Path) -> Region:
    """Import the town."""
    options = Options(
        path=path.parent / "boundary.geojson", layer="regions", region_code=CODE, constants={"name": "一社区"}
    )
    assert run(options).written
    for layer in ("streets", "buildings"):
        assert run(Options(path=path, layer=layer)).written
    return Region.objects.get(code=CODE)


def flat(figures: Any, name: str = "") -> dict[str, Any]:
    """Return figures with the path to each as its name; a word is part of it."""
    if isinstance(figures, dict | list):
        rows = figures.items() if isinstance(figures, dict) else enumerate(figures)
        return {path: value for key, below in rows for path, value in flat(below, f"{name}/{key}").items()}
    return {f"{name}/{figures}": 1} if isinstance(figures, str | None) else {name: figures}


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["service", "nested"])
def test_command_and_studio_give_the_same_figures(town: Path, tmp_path: Path, mode: str) -> None:
    metrics = tmp_path / "metrics.json"
    files = {"streets": town, "railways": town, "waterways": town, "buildings": town}
    call_command(
        "split",
        boundary=tmp_path / "boundary.geojson",
        **files,
        households=60,
        mode=mode,
        output=tmp_path / "grids.geojson",
        metrics=metrics,
        verbosity=0,
        stdout=StringIO(),
    )
    alone = json.loads(metrics.read_text())
    for name in ("seconds", "crs", "remarks"):
        del alone[name]
    stored = computed(community(town), Wish(households=60, mode=mode).parameters(), None).quality
    for figures in (alone, stored, alone.get("units", {}), stored.get("units", {})):
        for row in figures.get("barriers_inside", ()):
            row["kind"] = {"river": "water"}.get(row["kind"], row["kind"])
    assert alone["grids"] > 3
    # Stored grids have vertices of their blocks on straight borders too: samples along them fall elsewhere.
    sampled = {"/border_along_streets": 0.01, "/units/border_along_streets": 0.01}
    known = {name: pytest.approx(value, rel=1e-4, abs=sampled.get(name)) for name, value in flat(alone).items()}
    assert flat(stored) == known


@pytest.mark.django_db
def test_what_divides_nobody_is_known_as_such(town: Path) -> None:
    community(town)
    kinds = Street.objects.filter(source_id__in=[f"way/{number}" for number in range(10, 19)]).order_by("pk")
    assert list(kinds.values_list("kind", "tunnel")) == [
        ("water", False),
        ("stream", False),
        ("stream", False),
        ("rail", False),
        ("subway", True),
        ("subway", False),
        ("rail", True),
        ("primary", True),
        ("path", False),
    ]
