"""Static files under names that carry their content's hash, ES module imports included."""

import hashlib
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from whitenoise.storage import CompressedManifestStaticFilesStorage

from maps.site.apps import StaticFiles


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import … from "./x.js";` to the hashed names too, so that every module may be cached for ever."""

    support_js_module_import_aggregation = True
    manifest_strict = True
    # A name changes with the names it imports: one pass for each module on the longest way down.
    max_post_process_passes = 20


def source_state() -> str:
    """Return a hash over the names, sizes and times of all static sources: it changes when any of them does."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(StaticFiles.ignore_patterns):
            found = Path(storage.path(name)).stat()
            seen.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return seen.hexdigest()
