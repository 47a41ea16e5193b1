"""A report created with a photo, against the same report and the same picture drawn anew without a site around it."""

import io
import json
import time
from collections.abc import Iterator
from functools import partial
from uuid import uuid4

from PIL import Image

from tests.bench.city import SMALL
from tests.bench.client import Reader
from tests.bench.measure import Row, compare, row_of
from tests.bench.rows import Bench

BOUNDARY = "x-bench-photo"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
WIDTH, HEIGHT = 4032, 3024  # what a phone takes


def photos(bench: Bench) -> Iterator[Row]:
    """A report and its photo of 12 megapixels, two requests as a phone makes them."""
    reader = bench.reader(SMALL, "leader")
    [(lon, lat)] = reader.city.ask(
        "select ST_X(anchor), ST_Y(anchor) from patrols_report"
        " join grids_grid on grids_grid.id = grid_id and ST_Contains(grids_grid.geom, anchor) limit 1"
    )
    body = json.dumps({"category": "06010", "lon": lon, "lat": lat, "place": "bench"}).encode()
    data = _picture()
    report = _filed(reader, body)
    queries = reader.queries(_address(report), _form(data), Content_Type=FORM, Idempotency_Key=str(uuid4()))
    yield Row("photo added", queries, 14, "queries of one request", "queries")
    work = partial(_with_photo, reader, body, data)
    floor = partial(_floor, reader, body, data)
    ratio = compare(work, floor, 5, 4)
    yield row_of("report created with photo", ratio, 2, "the report, and the picture drawn anew in this process")


def _picture() -> bytes:
    """Return a JPEG as large as a phone's, of a scene with edges and noise."""
    noise = Image.effect_noise((WIDTH // 4, HEIGHT // 4), 40).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    Image.merge("RGB", (noise, noise.rotate(180), noise)).save(out, "JPEG", quality=88)
    return out.getvalue()


def _filed(reader: Reader, body: bytes) -> str:
    answer = reader.send("/api/v1/reports", body, Idempotency_Key=str(uuid4()), Accept_Encoding="identity")
    return str(json.loads(answer.body)["id"])


def _address(report: str) -> str:
    return f"/api/v1/reports/{report}/photos"


def _form(data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n'
    return head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def _with_photo(reader: Reader, body: bytes, data: bytes) -> float:
    began = time.perf_counter()
    reader.seconds(_address(_filed(reader, body)), _form(data), Content_Type=FORM, Idempotency_Key=str(uuid4()))
    return time.perf_counter() - began


def _floor(reader: Reader, body: bytes, data: bytes) -> float:
    began = time.perf_counter()
    _filed(reader, body)
    picture = Image.open(io.BytesIO(data))
    picture.draft("RGB", (2560, 2560))
    for side, quality in ((2560, 85), (1024, 80), (320, 75)):
        copy = picture.copy()
        copy.thumbnail((side, side), Image.Resampling.LANCZOS)
        copy.save(io.BytesIO(), "JPEG", quality=quality, optimize=True, progressive=True)
    return time.perf_counter() - began
