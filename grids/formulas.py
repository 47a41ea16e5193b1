"""Cells of tables that we write: nothing in them is ever run as a formula (ASVS 5.0, 1.2.10)."""

# Full-width ones too: spreadsheets of East Asia take them for the same.
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Return a cell for a CSV file that a spreadsheet shows and does not run."""
    return f"'{text}" if text.startswith(_BEGINNINGS) else text
