"""GDAL reads the collections from a real server: all of them, in pages, by box, by value and with a token."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from tests.faults.processes import environment, free_port, gunicorn, marked
from tests.maps.features.places import PUBLIC, SCOPED, file, furnish, token_of
from tests.town import Town, at, build_town

LISTED = re.compile(r"^\d+: (\w+) ", re.MULTILINE)
COUNT = re.compile(r"^Feature Count: (\d+)$", re.MULTILINE)


@dataclass
class Service:
    """A server process with the features of the town, and a dispatcher's token."""

    address: str
    secret: str
    town: Town

    def ask(self, *arguments: str, known: bool = True) -> str:
        """Run ogrinfo, which may complain of nothing, and return what it says."""
        options = ["-oo", f"USERPWD=gdal:{self.secret}"] if known else []
        done = subprocess.run(
            ["ogrinfo", "-ro", *options, self.address, *arguments],
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert not re.search(r"error|warning|failure", said, re.IGNORECASE), said
        return said

    def count(self, layer: str, *arguments: str, page: int = 100) -> int:
        """Return how many features GDAL finds."""
        found = COUNT.search(self.ask("-so", layer, "-oo", f"PAGE_SIZE={page}", *arguments))
        assert found
        return int(found[1])


@pytest.fixture
def service(transactional_db: None, tmp_path: Path) -> Iterator[Service]:
    town = build_town()
    furnish(town)
    for number in range(23):
        file(town, 1.05 + number / 30, place="=1+1")
    secret, port = token_of(town.dora), free_port()
    with marked(environment(connection.settings_dict, tmp_path / "none.sock", tmp_path)) as env:
        server = gunicorn(env, tmp_path / "web.log", port)
        yield Service(f"OAPIF:http://127.0.0.1:{port}/ogc", secret, town)
        server.stop()


def test_gdal_reads_everything_without_a_complaint(service: Service) -> None:
    assert tuple(LISTED.findall(service.ask(known=False))) == PUBLIC
    assert tuple(LISTED.findall(service.ask())) == (*PUBLIC, *SCOPED)
    # Whole layers, in pages of a few: what comes is what there is.
    counts = {"regions": 5, "grids": 10, "streets": 25, "buildings": 2, "places": 1, "reports": 23, "zones": 1}
    for layer, count in counts.items():
        assert service.count(layer, page=7) == count, layer
    low, high = at(0.1, 0.1), at(0.9, 0.9)
    assert service.count("grids", "-spat", *(str(side) for side in (low.x, low.y, high.x, high.y))) == 1
    assert service.count("streets", "-where", "kind = 'primary'") == 5
    assert service.count("reports", "-where", "state = 'reported' AND late = 0") == 23
    assert service.count("reports", "-where", "recorded_at < '2020/01/01'") == 0
    assert service.count("reports", "-where", "recorded_at >= '2020/01/01'") == 23
    # The types of the columns do not depend on what the first rows hold.
    said = service.ask("-so", "reports")
    for column in ("recorded_at: DateTime", "late: Integer(Boolean)", "times: Integer", "hold_until: String"):
        assert column in said, column
    assert "covered: Real" in service.ask("-so", "coverage")
    assert "last_day: Date" in service.ask("-so", "zones")
