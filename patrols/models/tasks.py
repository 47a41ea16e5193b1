"""Tasks of a list: what is to be done, by whom, by when, and how often."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grids.models import Organisation, Region


class Task(models.Model):
    """An entry of a task list (任务清单): exactly one lead (牵头单位), at least one responsible body (责任单位), a day.

    Each day that it falls on is a report of kind task, which refers to it; `rule` says which days follow `first_day`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("community"), related_name="+")
    list_name = models.CharField(_("task list"), max_length=120)
    position = models.PositiveSmallIntegerField(_("number in the list"))
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    lead = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("lead"), related_name="+")
    responsible = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("first responsible body"), related_name="+"
    )
    others = models.ManyToManyField(
        Organisation, verbose_name=_("further responsible bodies"), blank=True, related_name="+"
    )
    first_day = models.DateField(_("first day"))
    days_to_do = models.PositiveSmallIntegerField(_("days to do it in"), default=0)
    rule = models.CharField(_("comes back"), max_length=80, blank=True)
    last_day = models.DateField(_("last day"), null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("task of a list")
        verbose_name_plural = _("tasks of lists")
        constraints = [
            models.CheckConstraint(name="task_lead_is_another", condition=~Q(lead=F("responsible"))),
            models.CheckConstraint(name="task_titled", condition=~Q(title="") & ~Q(list_name="")),
        ]
        indexes = [models.Index(fields=["region", "list_name", "position"], name="task_list")]

    def __str__(self) -> str:
        return self.title


class TaskChange(models.Model):
    """How a task came back before it was changed or ended; its days up to `until` stay days of the task."""

    district = models.CharField(max_length=6)
    task = models.ForeignKey(Task, models.CASCADE, related_name="changes")
    rule = models.CharField(_("came back"), max_length=80, blank=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"), null=True, blank=True)
    until = models.DateField(_("held until"))
    days_to_do = models.PositiveSmallIntegerField(_("days to do it in"), default=0)
    reason = models.CharField(_("reason"), max_length=500)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("change of a task")
        verbose_name_plural = _("changes of tasks")
        constraints = [models.CheckConstraint(name="task_change_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.task_id} · {self.until:%Y-%m-%d}"
