"""Old plans go: who was proposed for what is nobody's business for ever; what was done stands in the reports."""

from datetime import datetime, timedelta

from django.conf import settings

from patrols.models import DispatchPlan


def forget_plans(now: datetime) -> int:
    """Delete the plans that were made longer ago than they are kept, with their rows, and return how many plans."""
    old = DispatchPlan.objects.filter(made_at__lt=now - timedelta(days=settings.PLANS_KEPT_DAYS))
    deleted: int = old.delete()[1].get(DispatchPlan._meta.label, 0)
    return deleted
