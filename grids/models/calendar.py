"""The working calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkingDay(models.Model):
    """Whether a day is worked (工作日历): public holidays and make-up days of the published years, editable.

    `reason` is empty as long as nobody changed the day by hand; a newer release of the calendar leaves such days alone.
    """

    day = models.DateField(_("day"), primary_key=True)
    working = models.BooleanField(_("worked"))
    name = models.CharField(_("holiday"), max_length=60, blank=True)
    provisional = models.BooleanField(_("provisional"), default=False)
    reason = models.CharField(_("why it was changed"), max_length=200, blank=True, db_default="", default="")

    class Meta:
        verbose_name = _("working day")
        verbose_name_plural = _("working days")

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
