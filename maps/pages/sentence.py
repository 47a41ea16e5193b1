"""The sentence on top of a patch: what waits, whose turn it is, what nobody looked at. It says only what is known."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from maps.pages.streets import Left


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
    risk: int = 0
    yours: int = 0
    checkpoints: int = 0
    owned: bool = True
    more: bool = False
    left: Left = field(default_factory=Left)
    plans: int = 0


def sentence(standing: Standing) -> list[Clause]:
    """Return the clauses in order."""
    comma, semicolon = pgettext("sentence", ", "), pgettext("sentence", "; ")
    clauses = [] if standing.owned else [Clause(_("This grid has no owner"), "bad")]
    clauses.append(Clause(_waiting(standing), before=semicolon if clauses else ""))
    if standing.late:
        text = ngettext("%(count)s late", "%(count)s late", standing.late) % {"count": standing.late}
        clauses.append(Clause(text, "bad", comma))
    if standing.risk:
        text = ngettext("%(count)s at risk", "%(count)s at risk", standing.risk) % {"count": standing.risk}
        clauses.append(Clause(text, "warn", comma))
    if standing.yours:
        text = ngettext("%(count)s waits for you", "%(count)s wait for you", standing.yours)
        clauses.append(Clause(text % {"count": standing.yours}, "warn", semicolon))
    if standing.plans:
        text = ngettext("%(count)s patrol planned today", "%(count)s patrols planned today", standing.plans)
        clauses.append(Clause(text % {"count": standing.plans}, "warn", semicolon))
    if standing.checkpoints:
        clauses.append(Clause(_unknown(standing.checkpoints), before=semicolon))
    if standing.left.name:
        clauses.append(Clause(_left(standing.left), "warn", semicolon))
    elif not standing.left.recorded:
        clauses.append(Clause(_("no patrol has been recorded in it yet"), before=semicolon))
    return clauses


def _left(left: Left) -> str:
    """Say of the street that was left most how long, and how many more were."""
    if left.days is None:
        said = _("%(street)s was never walked")
    else:
        said = ngettext("%(street)s %(count)s day not walked", "%(street)s %(count)s days not walked", left.days)
    words = said % {"street": left.name, "count": left.days}
    if not left.others:
        return words
    more = ngettext("and %(count)s more street", "and %(count)s more streets", left.others) % {"count": left.others}
    return pgettext("street and more", "%(worst)s, %(more)s") % {"worst": words, "more": more}


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
