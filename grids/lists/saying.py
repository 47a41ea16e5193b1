"""Sentences that are kept: stored as what was meant, said in the reader's language when they are shown."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as gettext_noop

Said = dict[str, Any]
PROBLEM, NOTE = "problem", "note"


class Unfit(Exception):  # noqa: N818 - the cell is unfit, not the program
    """A cell cannot be used; the sentence is a message id of gettext, its values stand beside it."""

    def __init__(self, sentence: str, /, **shown: object) -> None:
        super().__init__(sentence)
        self.sentence, self.shown = sentence, shown


def said(sentence: str, /, **shown: object) -> Said:
    """Return a sentence to be stored as JSON."""
    return {"say": sentence, "with": shown}


def at_cell(column: int | None, sentence: str, /, *, level: str = PROBLEM, **shown: object) -> Said:
    """Return what is to be said of a cell; a problem keeps the row out, a note does not."""
    return {"column": column, "level": level, **said(sentence, **shown)}


def speak(kept: Mapping[str, Any]) -> str:
    """Return a stored sentence in the reader's language."""
    words = gettext(kept["say"])
    return words % kept["with"] if kept.get("with") else words
