"""Static files made small, under names that carry their content's hash, ES module imports included."""

import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from whitenoise.storage import CompressedManifestStaticFilesStorage

from maps.site.apps import StaticFiles

# What comes unminified: our own files, and the modules of libraries that publish only their source.
READABLE = ("maps/", "vendor/")


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import … from "./x.js";` to the hashed names too, so that every module may be cached for ever.

    Scripts and styles are minified first, each by itself: names in them are for readers of the source.
    """

    support_js_module_import_aggregation = True
    manifest_strict = True
    # A name changes with the names it imports: one pass for each module on the longest way down.
    max_post_process_passes = 20

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Minify what was collected, then hash, rewrite and compress it."""
        if not dry_run:
            readable = [name for name in paths if name.startswith(READABLE)]
            minify(Path(self.location), readable)
            paths = paths | {name: (self, name) for name in readable}  # hash the copy here, no longer its source
        yield from super().post_process(paths, dry_run, **options)


def minify(root: Path, names: Iterable[str]) -> None:
    """Replace the named scripts and styles under `root` by minified ones; licence comments stay.

    Raises:
        FileNotFoundError: esbuild is not installed.
        subprocess.CalledProcessError: a file cannot be read as script or style; esbuild has said why.

    """
    chosen = [f"./{name}" for name in names if name.endswith((".js", ".css"))]
    if not chosen:
        return
    # Its binary needs no Node.js, which the image does not have.
    program = next(Path(settings.BASE_DIR).glob("node_modules/@esbuild/*/bin/esbuild"), None)
    if program is None:
        message = "esbuild is missing: run `npm ci --omit=dev --ignore-scripts`, or let `make setup` do it."
        raise FileNotFoundError(message)
    flags = [
        "--minify",
        "--legal-comments=inline",
        "--log-level=error",
        "--allow-overwrite",
        "--outbase=.",
        "--outdir=.",
    ]
    subprocess.run([program, *chosen, *flags], cwd=root, check=True)  # noqa: S603 - names of files, no shell


def source_state() -> str:
    """Return a hash over the names, sizes and times of all static sources: it changes when any of them does."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(StaticFiles.ignore_patterns):
            found = Path(storage.path(name)).stat()
            seen.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return seen.hexdigest()
