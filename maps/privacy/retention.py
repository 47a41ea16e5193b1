"""Forgetting in time: what may be kept only so long goes every hour, wherever its term is set."""

import shutil
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from grids import clock, looks
from grids.channels import addresses, courier
from grids.models import LookLog
from maps.backup.archive import STAGING
from maps.privacy import ledger, own_export
from patrols import partitions
from patrols.models import Contact, Fix, LastPosition, Sight, Track, TrackFile
from patrols.models.patrol import PatrolState
from patrols.offering.ending import forget_answers
from patrols.plans.forgetting import forget_plans
from patrols.posts.attendance import forget_people

FIXES_KEPT = timedelta(days=7)
WAITING_KEPT = timedelta(hours=72)
TRACKS_KEPT = timedelta(days=30)
TURNS_KEPT = timedelta(days=400)
ANSWERS_KEPT = timedelta(days=30)
STAGING_KEPT_S = 24 * 3600


def run() -> dict[str, int]:
    """Forget what is past its term, and return how much of each; safe to repeat."""
    return {
        **forget(),
        "files of everything about somebody": own_export.forget_old(),
        "folders of unfinished restores": _staging(),
        "erasures added to the ledger": ledger.reconcile(),
    }


def forget() -> dict[str, int]:
    """Delete what is past its term in the database, and return how much of each."""
    now = timezone.now()
    waiting = Fix.objects.filter(patrol__isnull=True, quarantine="", received_at__lt=now - WAITING_KEPT)
    return {
        "days of raw positions": len(partitions.drop_before(partitions.FIXES, now - FIXES_KEPT)),
        "positions that no patrol came for": waiting.delete()[0],
        "sights of single patrols": Sight.objects.filter(day__lt=timezone.localdate(now - FIXES_KEPT)).delete()[0],
        "tracks": Track.objects.filter(patrol__ended_at__lt=now - TRACKS_KEPT).delete()[0],
        "files of tracks": TrackFile.objects.filter(patrol__ended_at__lt=now - TRACKS_KEPT).delete()[0],
        "who stood at which post": forget_people(now - TURNS_KEPT),
        "last positions": LastPosition.objects.exclude(patrol__state=PatrolState.ACTIVE).delete()[0],
        "offers that nobody took on": forget_answers(now - ANSWERS_KEPT),
        "dispatch plans": forget_plans(now),
        "looks at somebody": LookLog.objects.filter(at__lt=now - looks.KEPT).delete()[0],
        "contacts": Contact.objects.filter(purge_on__lte=timezone.localdate(now)).delete()[0],
        "messages that went out": courier.forget_old(now),
        "addresses that nobody confirmed": addresses.forget_unconfirmed(now),
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
    }


@clock.task("retention", timedelta(hours=1))
def tick() -> None:
    """Forget every hour."""
    run()


def _staging() -> int:
    """Remove what a restore that was killed has left unpacked."""
    left = [path for path in Path(settings.VAR).glob(f"{STAGING}*") if path.is_dir() and _old(path)]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > STAGING_KEPT_S
