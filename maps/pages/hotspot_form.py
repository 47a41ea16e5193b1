"""What the form that asks for hotspots begins with."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import pgettext

from patrols.models.reports import Source

# Thirteen whole weeks: how places came and went is told from ten on.
USUAL = timedelta(days=13 * 7 - 1)


def hotspot_form(today: date) -> dict[str, Any]:
    """Return the days and the sources that the form offers."""
    return {
        "since": (today - USUAL).isoformat(),
        "until": today.isoformat(),
        "sources": [("", pgettext("sources", "all")), *Source.choices],
    }
