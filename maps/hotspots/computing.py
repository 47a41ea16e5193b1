"""The answer to a question, computed and not stored: problems and walks are read, compared, ranked and named."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.utils.translation import gettext as _

from grids.models import Category
from grids.problems import BadInput
from grids.splitting.plan import metres
from maps.hotspots import ground, problems
from maps.hotspots.ground import Ground
from maps.hotspots.naming import Names, names_of_grids, names_of_points
from maps.hotspots.problems import SOURCES, Problems
from maps.hotspots.question import Question
from maps.hotspots.statistics.analysis import LEAST_WALKED, Findings, Observed, analyse
from maps.hotspots.statistics.emerging import FEWEST_WEEKS
from maps.hotspots.statistics.names import Emerging
from maps.hotspots.statistics.repeats import Repeat, repeats
from maps.hotspots.statistics.types import Floats, Ints
from maps.models.hotspots import Unit
from patrols.models.reports import Source

# Raise it whenever the same input would give another answer.
CODE_VERSION = "1"
# The normal distribution fits sums over few places badly.
FEW_PLACES = 30
MOST_RECURRENCES = 500
MOST_NAMED = 2_000
Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Place:
    """A hexagon or grid with what was found and what follows, in the terms of the model's columns."""

    index: int
    columns: dict[str, Any]


@dataclass(frozen=True)
class Recurrence:
    """A place of recurrence."""

    category: str
    lon: float
    lat: float
    days: tuple[date, ...]
    reports: tuple[UUID, ...]
    name: str
    name_en: str


@dataclass(frozen=True)
class Outcome:
    """What a run found: places by rank, recurrences, the summary's figures, and a digest of all that went in."""

    places: list[Place]
    recurrences: list[Recurrence]
    summary: dict[str, Any]
    digest: str


def compute(question: Question, tell: Tell = lambda _text, _share: None) -> Outcome:
    """Answer a question; raises BadInput where there is nothing to answer or too much, and whatever `tell` raises."""
    tell(_("Reading problems"), 0.0)
    found = problems.read(question)
    if not len(found):
        raise BadInput(_("No such problem was recorded in these days: there is nothing to compare."))
    tell(_("Reading places and walks"), 0.15)
    by_grid = question.unit == Unit.GRIDS
    where = ground.of_grids(question, found) if by_grid else ground.of_hexagons(question, found)
    if not len(where.keys):
        raise BadInput(_("This region has no grids on the last day."))
    tell(_("Comparing places"), 0.35)
    table = _Table(question, found, where)
    findings = analyse(
        table.observed(),
        question.permutations,
        question.seed,
        lambda step, share: tell(STEPS[step](), 0.35 + 0.4 * share),
    )
    tell(_("Looking for what comes back"), 0.8)
    back = _recurring(found)
    tell(_("Naming places"), 0.85)
    order = _ranked(findings, table.counts, where)
    places = table.places(findings, order, _names(where, findings, order))
    summary = table.summary(findings, len(back))
    return Outcome(places, _recurrences(question, found, back, table.codes), summary, table.digest())


STEPS: dict[str, Callable[[], str]] = {
    "rates": lambda: _("Comparing places"),
    "clusters": lambda: _("Comparing each place with its neighbours"),
    "chances": lambda: _("Shuffling to see what chance does"),
    "weeks": lambda: _("Comparing the weeks"),
}


class _Table:
    """What was found in each place: by slice of time, by source, by category."""

    def __init__(self, question: Question, found: Problems, where: Ground) -> None:
        self.question, self.found, self.where = question, found, where
        lies = where.at >= 0
        self.at = where.at[lies]
        self.outside = int((~lies).sum())
        self.size, self.rows = len(where.keys), question.weeks + 1
        self.slice = problems.slices(found.day[lies], question.days)
        self.source = found.source[lies]
        self.category = found.category[lies]
        self.counts = np.bincount(self.at, minlength=self.size)
        self.by_source = _grid_of(self.source, self.at, len(SOURCES), self.size)
        self.codes = dict(Category.objects.filter(pk__in=np.unique(found.category).tolist()).values_list("pk", "code"))

    def observed(self) -> Observed:
        """Return what the statistics take."""
        walking = self.walks_matter
        by_patrol = (self.source == SOURCES.index(Source.PATROL)) & walking
        households = self.where.households
        return Observed(
            near=self.where.near,
            days=problems.lengths(self.question.days),
            patrol=_grid_of(self.slice[by_patrol], self.at[by_patrol], self.rows, self.size).astype(np.float64),
            others=_grid_of(self.slice[~by_patrol], self.at[~by_patrol], self.rows, self.size).astype(np.float64),
            walked=self.where.walked if walking else None,
            # Households tell how much residents find; how much patrols find, the walks do.
            households=households if not walking or (~by_patrol).any() else None,
        )

    @property
    def walks_matter(self) -> bool:
        """Whether patrols found any of it, and that is to be corrected."""
        patrol = SOURCES.index(Source.PATROL)
        return self.question.walks_matter and bool(self.question.source or (self.source == patrol).any())

    def digest(self) -> str:
        """Return a digest of all that the answer depends on, in whatever order it was stored."""
        made = blake2b(digest_size=32)
        tables: list[np.ndarray] = [
            self.where.keys,
            _grid_of(self.slice, self.at, self.rows, self.size),
            self.by_source,
        ]
        tables += [table for table in (self.where.walked, self.where.households) if table is not None]
        tables += [self.found.day, self.found.category, self.found.lon, self.found.lat, self.found.ids]
        for table in tables:
            made.update(np.ascontiguousarray(table).tobytes())
        return made.hexdigest()

    def places(self, findings: Findings, order: Ints, names: Names) -> list[Place]:
        """Return all places in the order of their ranks."""
        weekly = _grid_of(self.slice, self.at, self.rows, self.size)[1:]
        category, most = self._most_frequent()
        rates = self.rates()
        walked = self.where.walked.sum(axis=0) if self.where.walked is not None and self.walks_matter else None
        households = self.where.households
        found = []
        for index in order.tolist():
            name, name_en = names.get(index, ("", ""))
            hexagon = self.question.unit == Unit.CELLS
            by_source = {SOURCES[row]: int(n) for row, n in enumerate(self.by_source[:, index]) if n}
            columns = {
                "name": name,
                "name_en": name_en,
                "cell": int(self.where.keys[index]) if hexagon else None,
                "grid_id": None if hexagon else int(self.where.keys[index]),
                "grid_code": self.where.codes[index],
                "geom": shapely.to_wkb(self.where.outlines[index], hex=True, include_srid=False),
                "count": int(self.counts[index]),
                "by_source": by_source,
                "category": category[index],
                "category_count": int(most[index]),
                "expected": _known(findings.expected[index]),
                "ratio": _known(findings.ratio[index]),
                "rate": _known(rates[index]) if rates is not None else None,
                "households": None if households is None or np.isnan(households[index]) else int(households[index]),
                "walked_m": None if walked is None else round(float(walked[index]), 1),
                "effort_known": walked is None or bool(walked[index] >= LEAST_WALKED),
                "tested": bool(findings.known[index]),
                "z": _known(findings.z[index]),
                "p": _known(findings.p[index]),
                "q": _known(findings.q[index]),
                "bin": int(findings.bins[index]),
                "emerging": findings.emerging[index].value,
                "weekly": [int(n) for n in weekly[:, index]],
            }
            found.append(Place(index, columns))
        return found

    def _most_frequent(self) -> tuple[list[str], Ints]:
        """Return of each place the category of which most was found, the lowest code of equals, and how often."""
        codes = sorted(set(self.codes.values()))
        place_of = {code: number for number, code in enumerate(codes)}
        known, inverse = np.unique(self.category, return_inverse=True)
        kind = np.array([place_of[self.codes[pk]] for pk in known.tolist()], dtype=np.int64)[inverse]
        pairs, times = np.unique(self.at * len(codes) + kind, return_counts=True)
        best, most = [""] * self.size, np.zeros(self.size, dtype=np.int64)
        for pair, count in zip(pairs.tolist(), times.tolist(), strict=True):
            place, one = divmod(pair, len(codes))
            if count > most[place]:
                best[place], most[place] = codes[one], count
        return best, most

    @property
    def rate_unit(self) -> str:
        """What the raw rate is a rate of."""
        if self.walks_matter and self.question.source == Source.PATROL:
            return "walked_km"
        return "thousand_households" if self.where.households is not None and not self.walks_matter else ""

    def rates(self) -> Floats | None:
        """Return what was found for each kilometre walked or thousand households; NaN where that is not known."""
        if self.rate_unit == "walked_km":
            assert self.where.walked is not None
            metres = self.where.walked.sum(axis=0)
            return np.where(metres >= LEAST_WALKED, self.counts / np.maximum(metres, 1.0) * 1000, np.nan)
        if self.rate_unit:
            assert self.where.households is not None
            homes = np.nan_to_num(self.where.households)
            return np.where(homes > 0, self.counts / np.maximum(homes, 1.0) * 1000, np.nan)
        return None

    def summary(self, findings: Findings, back: int) -> dict[str, Any]:
        """Return the figures from which the sentences are made."""
        over_time = [one for one in findings.emerging if one not in (Emerging.NONE, Emerging.UNKNOWN)]
        walked = self.where.walked if self.walks_matter else None
        return {
            "problems": len(self.found),
            "outside": self.outside,
            "by_source": {name: int(n) for name, n in zip(SOURCES, self.by_source.sum(axis=1), strict=True) if n},
            "places": self.size,
            "tested": int(findings.known.sum()),
            "unknown": int((~findings.known).sum()),
            "few": bool(findings.known.sum() < FEW_PLACES),
            "walked_km": None if walked is None else round(float(walked.sum()) / 1000, 1),
            "rate_unit": self.rate_unit,
            "weeks": self.question.weeks,
            "weeks_enough": self.question.weeks >= FEWEST_WEEKS,
            "bins": {str(level): int((findings.bins == level).sum()) for level in range(-3, 4)},
            "hot": int((findings.bins > 0).sum()),
            "cold": int((findings.bins < 0).sum()),
            "emerging": {one.value: over_time.count(one) for one in Emerging if one in over_time},
            "recurrences": back,
        }


def _grid_of(row: Ints, column: Ints, rows: int, columns: int) -> Ints:
    return np.bincount(row * columns + column, minlength=rows * columns).reshape(rows, columns)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _ranked(findings: Findings, counts: Ints, where: Ground) -> Ints:
    """Return the places, the hottest first, then by what was found; those that were not tested come last."""
    return np.lexsort((where.keys, -counts, -np.nan_to_num(findings.z, nan=0.0), ~findings.known))


def _names(where: Ground, findings: Findings, order: Ints) -> Names:
    if where.codes[0]:
        return names_of_grids(where.keys)
    told = {Emerging.NONE, Emerging.UNKNOWN}
    striking = [i for i in order.tolist() if findings.bins[i] or findings.emerging[i] not in told]
    chosen = list(dict.fromkeys([*striking, *order[:200].tolist()]))[:MOST_NAMED]
    centres = shapely.centroid(where.outlines[chosen])
    return dict(zip(chosen, names_of_points(shapely.get_coordinates(centres).tolist()), strict=True))


def _recurring(found: Problems) -> list[Repeat]:
    east, north = metres(float(np.median(found.lat)))
    codes = dict(Category.objects.filter(pk__in=np.unique(found.category).tolist()).values_list("pk", "code"))
    kind = np.array([int(codes[pk]) for pk in found.category.tolist()], dtype=np.int64)
    return repeats(found.lon * east, found.lat * north, found.day, kind, MOST_RECURRENCES)


def _recurrences(question: Question, found: Problems, back: list[Repeat], codes: dict[int, str]) -> list[Recurrence]:
    points = [(float(found.lon[one.centre]), float(found.lat[one.centre])) for one in back]
    names = names_of_points(points)
    return [
        Recurrence(
            category=codes[int(found.category[one.centre])],
            lon=lon,
            lat=lat,
            days=tuple(problems.day_at(question.since, found.day[member]) for member in one.members),
            reports=tuple(
                UUID(int=(int(found.ids[member, 0]) << 64) | int(found.ids[member, 1])) for member in one.members
            ),
            name=name,
            name_en=name_en,
        )
        for one, (lon, lat), (name, name_en) in zip(back, points, names, strict=True)
    ]
