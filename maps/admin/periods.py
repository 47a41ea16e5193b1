"""A period in a form: its first day and its last day, both included; the database keeps the day after the last."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

DAY = timedelta(days=1)


class PeriodWidget(forms.MultiWidget):
    """Two days beside each other."""

    template_name = "maps/admin/period_widget.html"

    def __init__(self) -> None:
        days: dict[str, forms.Widget | type[forms.Widget]] = {
            "first": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "last": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }
        super().__init__(days)

    def decompress(self, value: Any) -> list[date | None]:
        """Return first and last day of a stored period."""
        return list(days_of(value)) if isinstance(value, DateRange) else [None, None]


class PeriodField(forms.MultiValueField):
    """First and last day; without a last day the period is open."""

    def __init__(self, **options: Any) -> None:
        days = (forms.DateField(label=_("first day")), forms.DateField(label=_("last day"), required=False))
        options.pop("widget", None)
        super().__init__(days, require_all_fields=False, widget=PeriodWidget(), **options)

    def compress(self, data_list: list[date | None]) -> DateRange | None:
        """Return the period; raises ValidationError when it ends before it begins."""
        if not data_list:
            return None
        first, last = data_list
        if first is None:
            raise ValidationError(_("A period needs a first day."))
        if last is not None and last.year == date.max.year:
            raise ValidationError(_("The last day lies too far ahead: leave it empty instead."))
        if last is not None and last < first:
            raise ValidationError(_("The last day lies before the first."))
        return DateRange(first, None if last is None else last + DAY)


def period_field(column: DateRangeField) -> PeriodField:
    """Return the form field of a column."""
    return PeriodField(
        label=column.verbose_name,
        required=not column.blank,
        initial=column.get_default,
        help_text=_("Without a last day it goes on."),
    )


def days_of(period: DateRange) -> tuple[date | None, date | None]:
    """Return first and last day of a period, None where it is open."""
    return period.lower, None if period.upper is None else period.upper - DAY


def period_text(period: DateRange | None) -> str:
    """Return a period in words for lists."""
    if period is None or period.isempty:
        return "—"
    first, last = days_of(period)
    return f"{first or '…'} – {last or '…'}"
