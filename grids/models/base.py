"""What several models share: validity in time, identity at the source, sound geometry."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def from_today() -> DateRange:
    """Return the open period that begins today in the site's time zone."""
    return DateRange(timezone.localdate(), None)


class PeriodQuerySet(models.QuerySet[Any]):
    """Rows that hold for a time."""

    def on(self, day: date) -> Self:
        """Keep the rows that hold on a day."""
        return self.filter(period__contains=day)

    def current(self) -> Self:
        """Keep the rows that hold today."""
        return self.on(timezone.localdate())

    def not_over(self) -> Self:
        """Keep the rows that hold today or will."""
        return self.filter(period__overlap=from_today())


class Dated(models.Model):
    """A row that holds for a period of days, the last one excluded (有效期)."""

    period = DateRangeField(_("period"), default=from_today)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        abstract = True


class Sourced(models.Model):
    """A row imported from elsewhere that keeps its identity over repeated imports."""

    source = models.CharField(_("source"), max_length=60, default="local")
    source_id = models.CharField(_("id at the source"), max_length=120)

    class Meta:
        abstract = True


def unique_source(name: str) -> models.UniqueConstraint:
    """Return the constraint that a thing of a source is stored once."""
    return models.UniqueConstraint(fields=["source", "source_id"], name=f"{name}_source")


def sound(name: str, field: str = "geom") -> models.CheckConstraint:
    """Return the constraint that a geometry is valid and not empty."""
    condition = Q(**{f"{field}__isvalid": True}) & Q(**{f"{field}__isempty": False})
    return models.CheckConstraint(condition=condition, name=f"{name}_{field}_valid")


def no_overlap(name: str, keys: Sequence[str], condition: Q | None = None) -> ExclusionConstraint:
    """Return the constraint that two rows with the same keys never hold on the same day."""
    expressions: list[tuple[str | Func, str]] = [(key, RangeOperators.EQUAL) for key in keys]
    expressions.append(("period", RangeOperators.OVERLAPS))
    return ExclusionConstraint(name=f"{name}_once_at_a_time", expressions=expressions, condition=condition)
