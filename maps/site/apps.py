"""How the site sets up a library's app."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """Static files without what no page of ours asks for."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "rest_framework", "gis", "*.md", "*.d.ts"]
