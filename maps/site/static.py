"""Static files under names that carry their content's hash, ES module imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import … from "./x.js";` to the hashed names too, so that every module may be cached for ever."""

    support_js_module_import_aggregation = True
    manifest_strict = True
    # A name changes with the names it imports: one pass for each module on the longest way down.
    max_post_process_passes = 20
