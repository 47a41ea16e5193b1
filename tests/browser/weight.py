"""What the first view of a page weighs: its scripts and styles as a site serves them, minified and gzipped."""

import gzip
from pathlib import Path

from playwright.sync_api import Page, Response

from maps.site.static import minify

FIRST_VIEW = 150 * 1024


def first_view(page: Page, path: str, folder: Path) -> int:
    """Go to a page and return the bytes of script and style it brought; what the browser kept does not count.

    Tests serve the files as they are written; they are minified in a folder of the page's own.
    """
    bodies: dict[str, bytes] = {}

    def keep(response: Response) -> None:
        if response.request.resource_type in {"script", "stylesheet"} and response.ok:
            bodies[response.url] = response.body()

    page.on("response", keep)
    page.goto(path, wait_until="networkidle")
    page.remove_listener("response", keep)
    assert bodies, "nothing was looked at"
    names = []
    for number, (url, body) in enumerate(bodies.items()):
        names.append(f"{number}.css" if ".css" in url else f"{number}.js")
        (folder / names[-1]).write_bytes(body)
    minify(folder, names)
    return sum(len(gzip.compress((folder / name).read_bytes(), mtime=0)) for name in names)
