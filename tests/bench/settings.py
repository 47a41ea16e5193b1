"""The site's settings with the floors' routes beside the real ones, for the benchmarks' servers only."""

from maps.site.settings import *  # noqa: F403
from maps.site.settings import MIDDLEWARE

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.bench.floors.CountQueries", *MIDDLEWARE]
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
