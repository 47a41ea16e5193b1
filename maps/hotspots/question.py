"""What one may ask of a run, and what is refused before anything is computed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import h3.api.basic_int as h3
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import Area
from django.db.models import Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Category, Grid, Region
from grids.models.catalogue import Kind
from grids.models.grid import GridKind
from grids.problems import BadInput
from maps.models.hotspots import Unit
from patrols.models import Report
from patrols.models.reports import Source
from patrols.workflow import State

RESOLUTIONS = (8, 9, 10)
LONGEST_DAYS = 731
# What a run takes: so many places times weeks, problems, and values drawn by chance, are a few hundred megabytes.
MOST_PLACE_WEEKS = 2_500_000
MOST_PROBLEMS = 3_000_000
MOST_DRAWS = 60_000_000
MOST_PERMUTATIONS, FEWEST_PERMUTATIONS = 9_999, 99
# What turned out to be none, or another's again, was not found.
NOT_FOUND = (State.REJECTED, State.DUPLICATE, State.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Where, when and what; both days included, no categories and no source mean all of them.

    `corrected` is whether what patrols found is compared with how much they walked. Without permutations the p-values
    are those of the normal distribution.
    """

    region: Region
    since: date
    until: date
    unit: str = Unit.CELLS
    resolution: int = 9
    categories: tuple[str, ...] = ()
    source: str = ""
    corrected: bool = True
    permutations: int = 0
    seed: int = 0

    @property
    def days(self) -> int:
        """How many days it is about."""
        return (self.until - self.since).days + 1

    @property
    def weeks(self) -> int:
        """How many whole weeks end with its last day."""
        return self.days // 7

    @property
    def walks_matter(self) -> bool:
        """Whether it is about what patrols find, and that is to be corrected."""
        return self.corrected and self.source in ("", Source.PATROL)

    def problems(self) -> QuerySet[Report]:
        """Return the problems that it is about, by the day on which they were recorded."""
        rows = Report.objects.filter(
            district=self.region.code[:6],
            region_code__startswith=self.region.code,
            kind=Kind.PROBLEM,
            recorded_at__gte=_midnight(self.since),
            recorded_at__lt=_midnight(self.until + timedelta(days=1)),
        ).exclude(state__in=NOT_FOUND)
        if self.source:
            rows = rows.filter(source=self.source)
        if self.categories:
            rows = rows.filter(category__in=list(editions(self.categories)))
        return rows

    def check(self) -> None:
        """Raise BadInput for what cannot be answered: a period, a category, too much, or nothing at all."""
        self._check_period()
        unknown = set(self.categories) - set(
            Category.objects.filter(code__in=self.categories).values_list("code", flat=True)
        )
        if unknown:
            raise BadInput(_("There is no category %(code)s in any edition of the catalogue.") % {"code": min(unknown)})
        self.check_size(self._places())
        if not self.problems().exists():
            raise BadInput(_("No such problem was recorded in these days: there is nothing to compare."))

    def _check_period(self) -> None:
        if self.since > self.until:
            raise BadInput(_("The period ends before it begins."))
        if self.days > LONGEST_DAYS:
            raise BadInput(_("A period has %(days)s days at most.") % {"days": LONGEST_DAYS})
        if self.until > timezone.localdate():
            raise BadInput(_("These days are not over yet."))

    def check_size(self, places: int) -> None:
        """Raise BadInput for more places, with their weeks and permutations, than fit into memory."""
        if places * (self.weeks + 1) > MOST_PLACE_WEEKS:
            raise BadInput(
                _(
                    "%(places)s places in %(weeks)s weeks are more than a run takes, which is %(most)s places times"
                    " weeks: choose larger hexagons, a smaller region or fewer weeks."
                )
                % {"places": places, "weeks": self.weeks, "most": MOST_PLACE_WEEKS}
            )
        if places * self.permutations > MOST_DRAWS:
            raise BadInput(
                _("%(places)s places allow %(most)s permutations at most.")
                % {"places": places, "most": MOST_DRAWS // places}
            )

    def _places(self) -> int:
        """Return about how many places the region has."""
        if self.unit == Unit.GRIDS:
            return self.grids().count()
        area = (
            Region.objects.filter(pk=self.region.pk)
            .annotate(area=Area(Cast("geom", GeometryField(geography=True))))
            .values_list("area", flat=True)
            .get()
        )
        return int(area.sq_m / h3.average_hexagon_area(self.resolution, "m^2")) + 1

    def grids(self) -> QuerySet[Grid]:
        """Return the service grids of the region on the last day."""
        return Grid.objects.on(self.until).filter(kind=GridKind.SERVICE, region__code__startswith=self.region.code)


def editions(codes: Iterable[str]) -> QuerySet[Category, int]:
    """Return the ids of all editions of categories."""
    return Category.objects.filter(code__in=codes).order_by("pk").values_list("pk", flat=True)


def regions_of(codes: Iterable[str]) -> Q:
    """Return the condition that a run's region lies in one of these."""
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(region_code__startswith=code, district=code[:6])
    return condition


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
