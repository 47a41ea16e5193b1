"""The streets of a grid as its people read them: the stretches of one name as one row, the least looked after first."""

from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from grids.models import Grid
from grids.models.places import StreetKind
from maps.pages.wording import day_words
from patrols.coverage import StreetSeen, Walked, grid_seen

# From the one that needs somebody most.
RANKS = {state: rank for rank, state in enumerate(("never", "overdue", "unknown", "due", "walked"))}
TONES = {Walked.NEVER: "warn", Walked.OVERDUE: "warn"}


@dataclass
class StreetRow:
    """A street with the parts of it that lie in a grid; it stands as the worst of them."""

    name: str
    kind: str
    named: bool
    parts: list[StreetSeen] = field(default_factory=list)
    today: date = field(default_factory=timezone.localdate)

    @property
    def state(self) -> Walked:
        """How the worst part stands."""
        return min((part.state for part in self.parts), key=RANKS.__getitem__)

    @property
    def worst(self) -> list[StreetSeen]:
        """The parts that stand as the row does."""
        return [part for part in self.parts if part.state == self.state]

    @property
    def id(self) -> int:
        """What the row is called in an address: the worst part's id, the longest one's of several."""
        return max(self.worst, key=lambda part: (part.metres, -part.id)).id

    @property
    def ids(self) -> list[int]:
        """The ids of all parts."""
        return [part.id for part in self.parts]

    @property
    def metres(self) -> float:
        """The length within the grid."""
        return sum(part.metres for part in self.parts)

    @property
    def length(self) -> int:
        """The length in whole tens of metres."""
        return round(self.metres / 10) * 10

    @property
    def box(self) -> list[float]:
        """What all parts take up, west to north in degrees."""
        west, south, east, north = zip(*(part.box for part in self.parts), strict=True)
        return [min(west), min(south), max(east), max(north)]

    @property
    def days(self) -> int | None:
        """Days since the part that was left longest was walked; nothing if one never was."""
        walks = [part.walked_on for part in self.worst]
        return None if None in walks else max((self.today - day).days for day in walks if day)

    @property
    def covered(self) -> int:
        """Per cent of the metres that were measured as walked in the interval."""
        return round(100 * sum(part.metres * part.covered for part in self.parts) / self.metres)

    @property
    def unknown(self) -> int:
        """Per cent of the metres that lie in gaps of patrols and were not walked otherwise."""
        return round(100 * sum(part.metres * part.unknown for part in self.parts) / self.metres)

    @property
    def told_on(self) -> str:
        """The last day on which a part was ticked by hand, in words."""
        days = [part.told_on for part in self.parts if part.told_on]
        return day_words(max(days), self.today) if days else ""

    @property
    def walked_on(self) -> str:
        """The last day on which all of the worst parts had been walked, in words."""
        walks = [part.walked_on for part in self.worst if part.walked_on]
        return day_words(min(walks), self.today) if self.days is not None and walks else ""

    @property
    def words(self) -> str:
        """How it stands, for the pill."""
        if self.state == Walked.NEVER:
            return _("never walked")
        if self.state == Walked.UNKNOWN:
            return pgettext("street", "not known")
        return since_words(self.state, self.days)

    @property
    def of_parts(self) -> str:
        """How many of several parts stand so badly; nothing if all do."""
        count, bad = len(self.parts), len(self.worst)
        if bad == count or self.state in (Walked.DUE, Walked.WALKED):
            return ""
        return _("%(bad)s of %(count)s stretches") % {"bad": bad, "count": count}

    @property
    def tone(self) -> str:
        """The tone of the pill."""
        return TONES.get(self.state, "")

    @property
    def legend(self) -> str:
        """The name of the sample in the legend."""
        return f"street-{self.state}"


def since_words(state: Walked, days: int | None) -> str:
    """Return how long ago a street was walked, or for how long it was not."""
    if days is None:
        return _("walked in several goes")
    if days == 0:
        return _("walked today")
    if state == Walked.WALKED:
        return ngettext("walked %(count)s day ago", "walked %(count)s days ago", days) % {"count": days}
    return ngettext("%(count)s day not walked", "%(count)s days not walked", days) % {"count": days}


def streets_of(grid: Grid) -> list[StreetRow]:
    """Return the streets that people walk in a grid, in one query, the one that was left most first."""
    today = timezone.localdate()
    labels = dict(StreetKind.choices)
    english = (get_language() or "").startswith("en")
    rows: dict[str, StreetRow] = {}
    for part in grid_seen(grid, today).streets:
        kind = str(labels[StreetKind(part.kind)])
        own = (english and part.name_en) or part.name
        name = own or pgettext("street", "%(kind)s without a name") % {"kind": kind}
        rows.setdefault(name, StreetRow(name, kind if own else "", bool(own), today=today)).parts.append(part)
    return sorted(rows.values(), key=_order)


def _order(row: StreetRow) -> tuple[int, int, float, str]:
    return RANKS[row.state], -(row.days or 0), -sum(part.metres for part in row.worst), row.name


@dataclass(frozen=True)
class Left:
    """What the sentence on top says of streets: the worst one, how long it was left (nothing: for ever), how many more.

    `recorded` is whether any walk was recorded in the grid at all; without one nobody knows anything.
    """

    name: str = ""
    days: int | None = None
    others: int = 0
    recorded: bool = True


def left_of(rows: list[StreetRow]) -> Left:
    """Return what of a grid's streets nobody walked in their interval."""
    if not any(part.walked_on or part.covered or part.unknown for row in rows for part in row.parts):
        return Left(recorded=not rows)
    bad = [row for row in rows if row.state in (Walked.NEVER, Walked.OVERDUE)]
    if not bad:
        return Left()
    worst = next((row for row in bad if row.named), bad[0])
    return Left(worst.name, worst.days, len(bad) - 1)
