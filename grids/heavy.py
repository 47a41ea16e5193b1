"""Packages that take long to load and that most commands never need: functions import them where they work.

A process whose children do the work loads them before it forks: the children then need not, and share the memory.
"""

from importlib import import_module

HEAVY = (
    "docx",
    "icalendar",
    "pypinyin",
    "qrcode",
    "scipy.sparse.csgraph",
    "scipy.spatial",
    "scipy.special",
    "xlsxwriter",
)


def load_heavy() -> None:
    """Import them all."""
    for name in HEAVY:
        import_module(name)
