"""The sentence on top of a patch: what waits, whose turn it is, what nobody looked at. It says only what is known."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext


@dataclass(frozen=True)
class Clause:
    """A part of the sentence with its tone ("", "bad" or "warn") and what stands before it."""

    text: str
    tone: str = ""
    before: str = ""


@dataclass(frozen=True)
class Standing:
    """The counts that the sentence is made of; `more` when there are more open reports than were counted."""

    open: int
    late: int = 0
    yours: int = 0
    checkpoints: int = 0
    owned: bool = True
    more: bool = False


def sentence(standing: Standing) -> list[Clause]:
    """Return the clauses in order."""
    comma, semicolon = pgettext("sentence", ", "), pgettext("sentence", "; ")
    clauses = [] if standing.owned else [Clause(_("This grid has no owner"), "bad")]
    clauses.append(Clause(_waiting(standing), before=semicolon if clauses else ""))
    if standing.late:
        text = ngettext("%(count)s late", "%(count)s late", standing.late) % {"count": standing.late}
        clauses.append(Clause(text, "bad", comma))
    if standing.yours:
        text = ngettext("%(count)s waits for you", "%(count)s wait for you", standing.yours)
        clauses.append(Clause(text % {"count": standing.yours}, "warn", semicolon))
    if standing.checkpoints:
        clauses.append(Clause(_unknown(standing.checkpoints), before=semicolon))
    return clauses


def _waiting(standing: Standing) -> str:
    if not standing.open:
        return _("Nothing is open")
    if standing.more:
        return _("More than %(count)s open") % {"count": standing.open}
    return ngettext("%(count)s open", "%(count)s open", standing.open) % {"count": standing.open}


def _unknown(checkpoints: int) -> str:
    if checkpoints == 1:
        return _("the only checkpoint has not been inspected yet")
    return _("none of the %(count)s checkpoints has been inspected yet") % {"count": checkpoints}
