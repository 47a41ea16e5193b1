"""Inputs known to abort or segfault a process through GEOS, in a process of their own so that a death is seen."""

import json
import os
import subprocess
import sys
from pathlib import Path

KILLERS = {
    "coordinates of 1e200": """{"type":"Point","coordinates":[1e200,1e200]}""",
    "coordinates of 1e308": """{"type":"LineString","coordinates":[[1e308,1e308],[-1e308,1e308]]}""",
    "numbers that overflow to infinity": """{"type":"Point","coordinates":[1e999,1]}""",
    "Infinity": """{"type":"Point","coordinates":[Infinity,1]}""",
    "NaN": """{"type":"Point","coordinates":[NaN,NaN]}""",
    "a whole number of 5,000 digits": """{"type":"Point","coordinates":[""" + "9" * 5000 + ",1]}",
    "collections nested 100,000 deep": '{"type":"GeometryCollection","geometries":[' * 100_000 + "]}" * 100_000,
    "lists nested 100,000 deep": '{"type":"Polygon","coordinates":' + "[" * 100_000 + "]" * 100_000 + "}",
    "lists nested 5,000 deep": '{"type":"Polygon","coordinates":' + "[" * 5_000 + "]" * 5_000 + "}",
    "a million vertices": '{"type":"LineString","coordinates":[' + "[1,1]," * 1_000_000 + "[2,2]]}",
    "a position off the globe": """{"type":"Point","coordinates":[181,91]}""",
    "an unclosed ring": """{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}""",
    "an empty polygon": """{"type":"Polygon","coordinates":[]}""",
}
SCRIPT = """
import json
import sys
from django.conf import settings
settings.configure(USE_I18N=False)
from grids import geometry_guard as guard
from grids.problems import BadInput
for name, given in json.load(sys.stdin).items():
    print(name, end=": ", flush=True)
    try:
        print(guard.check_geojson(given.encode()), flush=True)
    except BadInput as refusal:
        print("refused:", refusal.sentence, flush=True)
"""
WKB_SCRIPT = """
import struct
from django.conf import settings
settings.configure(USE_I18N=False)
from grids import geometry_guard as guard
from grids.problems import BadInput
for data in (
    struct.pack("<BII", 1, 7, 1) * 100_000 + struct.pack("<BII", 1, 7, 0),
    struct.pack("<BIdd", 1, 1, 1e250, 1e250),
    struct.pack("<BII", 1, 2, 0x7FFFFFFF),
    struct.pack("<BII", 1, 6, 1) + struct.pack("<BII", 1, 6, 1) * 50_000,
):
    try:
        print(guard.check_wkb(data))
    except BadInput as refusal:
        print("refused:", refusal.sentence)
"""
ROOT = Path(__file__).parents[2]


def run(script: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a script in a fresh interpreter of at most 2 GB and 60 s."""
    return subprocess.run(
        ["prlimit", "--as=2000000000", sys.executable, "-c", script],
        input=given,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )


def test_killers_are_refused_and_the_process_lives() -> None:
    done = run(SCRIPT, json.dumps(KILLERS).encode())
    said = done.stdout.decode().splitlines()
    # The last line names what killed it.
    assert done.returncode == 0, (said[-1:], done.stderr.decode()[-500:])
    assert [line.partition(": refused: ")[0] for line in said] == list(KILLERS)
    assert all(line.partition(": refused: ")[2] for line in said)


def test_binary_killers_are_refused_and_the_process_lives() -> None:
    done = run(WKB_SCRIPT)
    assert done.returncode == 0, done.stderr.decode()[-500:]
    assert done.stdout.decode().count("refused: ") == 4
