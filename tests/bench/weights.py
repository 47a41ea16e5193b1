"""How much script and style the first view of a page loads, gzipped, every imported module included."""

import json
import os
import re
from urllib.parse import urljoin

from tests.bench.client import Reader, text

SCRIPT = re.compile(r"<script[^>]*\bsrc=\"([^\"]+)\"")
STYLE = re.compile(
    r"<link[^>]*\brel=\"stylesheet\"[^>]*\bhref=\"([^\"]+)\"|<link[^>]*\bhref=\"([^\"]+)\"[^>]*\brel=\"stylesheet\""
)
IMPORT_MAP = re.compile(r"<script type=\"importmap\"[^>]*>(.*?)</script>", re.DOTALL)
# What `import(…)` brings is loaded when somebody needs it, after the first view.
IMPORT = re.compile(r"\b(?:from|import)\s*[\"']([^\"']+)[\"']")


def weigh(reader: Reader, path: str) -> tuple[int, int]:
    """Return the bytes of a page's script and style as sent with gzip, and how many files they are."""
    html = text(reader.send(path))
    found = IMPORT_MAP.search(html)
    names = json.loads(found[1])["imports"] if found else {}
    waiting = [*SCRIPT.findall(html), *("".join(match) for match in STYLE.findall(html))]
    seen: dict[str, int] = {}
    while waiting:
        url = waiting.pop().replace("&amp;", "&")
        if url in seen:
            continue
        answer = reader.send(url)
        seen[url] = len(answer.body)
        if ".js" in url:
            imported = (name for name in IMPORT.findall(text(answer)) if name in names or name.startswith((".", "/")))
            waiting += [_resolve(url, name, names) for name in imported]
    if os.environ.get("BENCH_FILES"):
        for url, size in sorted(seen.items(), key=lambda item: -item[1])[:12]:
            print(f"    {size:>7} {url}")
    return sum(seen.values()), len(seen)


def _resolve(url: str, name: str, names: dict[str, str]) -> str:
    return names[name] if name in names else urljoin(url, name)
