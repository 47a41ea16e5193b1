"""Parked reports come back by themselves on their day."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from grids import clock
from grids.problems import Conflict
from grids.scope import NOBODY
from patrols.models import Report
from patrols.transitions import Move, perform
from patrols.workflow import PARKED_STATES, TRANSITIONS

log = logging.getLogger(__name__)
BATCH = 500


@clock.task("parking", timedelta(minutes=5))
def bring_back() -> int:
    """Resume what was parked until today or earlier, and return how many; nobody is the actor."""
    due = Report.objects.filter(state__in=PARKED_STATES, hold_until__lte=timezone.localdate())
    count = 0
    for report in due.for_list().order_by("hold_until")[:BATCH]:
        try:
            with transaction.atomic():
                perform(TRANSITIONS["resume"], report, NOBODY, Move())
            count += 1
        except Conflict:
            log.info("the report %s moved by itself", report.number)
    return count
