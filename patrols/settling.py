"""Fixes that nobody has to verify close by themselves."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from grids import clock
from grids.problems import Conflict
from grids.scope import NOBODY
from patrols.models import Report
from patrols.transitions import Move, perform
from patrols.workflow import TRANSITIONS, State

log = logging.getLogger(__name__)
BATCH = 500


@clock.task("settling", timedelta(minutes=5))
def settle() -> int:
    """Close what was not drawn and has waited long enough, and return how many; nobody is the actor."""
    due = Report.objects.filter(state=State.HANDLED, settles_at__lte=timezone.now())
    count = 0
    for report in due.for_list().order_by("settles_at")[:BATCH]:
        try:
            with transaction.atomic():
                perform(TRANSITIONS["settle"], report, NOBODY, Move())
            count += 1
        except Conflict:
            log.info("the report %s moved by itself", report.number)
    return count
