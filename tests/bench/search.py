"""The search for places over a million names: how long an answer takes over HTTP, for what people type."""

import random
from collections.abc import Iterator
from statistics import median, quantiles
from urllib.parse import urlencode

from tests.bench.city import LARGE
from tests.bench.measure import Row
from tests.bench.names import LAT, LON, NAMES, fill
from tests.bench.rows import Bench

MOST_MS = 50
TURNS = 12
SPREAD = 0.08  # degrees: somewhere in the city, each time
# By what makes them hard; the last row of the table is the slowest of all.
TYPED = {
    "one frequent character": ("北", "金", "1"),
    "what most names hold": ("号楼", "小区", "单元"),
    "a building as a thousand others": ("3号楼", "12-3-402", "三号楼"),
    "names in characters": ("金福花园", "中国银行", "人民医院", "新城国际", "龙凤便民超市"),
    "estate and building": ("福安小区12号楼", "锦园3号楼", "大北 3"),
    "pinyin": ("jinfu", "jinfuhuayuan", "zhongguoyinhang", "nannanlu", "jin yuan"),
    "initials": ("jfhy", "zgyh", "j", "jf", "rmyy"),
    "with a slip": ("jinyaun", "jinyuanxioaqu", "绵园小区", "人明医院", "renmingyiyaun"),
    "what there is none of": ("xyz", "银凤苑霞", "龘靐", "qqqqqq"),
    "codes": ("15019900100", "150199001001005"),
}


def search(bench: Bench) -> Iterator[Row]:
    """Ask for everything near changing places; each kind of query is worth its 95th percentile."""
    fill(bench.cities[LARGE])
    reader = bench.reader(LARGE, "leader")
    queries = reader.queries(_path("jinyuan", random.Random(0)))
    yield Row("place search", queries, 5, "queries of one request, two of them for the session", "queries")
    rng = random.Random(5)
    every: list[float] = []
    slowest = ("", 0.0)
    for what, texts in TYPED.items():
        met: list[float] = []
        for text in texts:
            reader.seconds(_path(text, rng))
            times = [reader.seconds(_path(text, rng)) * 1e3 for _turn in range(TURNS)]
            slowest = max(slowest, (text, median(times)), key=lambda pair: pair[1])
            met += times
        every += met
        yield _row(f"place search, {what}", met)
    yield _row(f"place search, all of {NAMES:,} names", every)
    text, middle = slowest
    yield Row(f"place search, slowest: {text}", middle, MOST_MS, f"median of {TURNS}", "ms")


def _row(work: str, times: list[float]) -> Row:
    detail = f"95th percentile of {len(times)}; median {median(times):.1f} ms, fastest {min(times):.1f} ms"
    return Row(work, quantiles(times, n=20)[-1], MOST_MS, detail, "ms")


def _path(text: str, rng: random.Random) -> str:
    near = f"{LON + rng.uniform(-SPREAD, SPREAD):.6f},{LAT + rng.uniform(-SPREAD, SPREAD):.6f}"
    return f"/api/v1/places/search?{urlencode({'q': text, 'near': near, 'limit': 8})}"
