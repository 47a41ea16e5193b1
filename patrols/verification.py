"""Whether somebody verifies a fix: always for hazards, and a seeded sample of what may go without.

Who handles a report cannot know beforehand whether it is drawn: that follows from the report's id and a secret seed.
What is not drawn closes by itself after a while, in which late photos come in and anybody who may verify it still can.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings

from grids.models.catalogue import Kind, Verify
from patrols.models import Report

SETTLES_AFTER = timedelta(minutes=30)


def drawn(report: UUID, rate: int | None = None, seed: str | None = None) -> bool:
    """Whether a report is in the sample; `rate` is in per cent. The same for the same id, rate and seed, always."""
    rate = settings.VERIFY_SAMPLE if rate is None else rate
    key = (settings.VERIFY_SEED if seed is None else seed).encode()
    number = int.from_bytes(hmac.digest(key, report.bytes, sha256)[:8])
    return number * 100 < rate * 2**64


def may_go_without(report: Report) -> bool:
    """Whether a fix may go without verification if it is not drawn: sampled, no hazard, and never returned."""
    category = report.category
    sampled = category.verify == Verify.SAMPLE and not category.hazard and report.kind == Kind.PROBLEM
    return sampled and not report.rework


def settles_at(report: Report, handled_at: datetime) -> datetime | None:
    """Return when a fix closes by itself unless somebody verifies it before; None where somebody has to."""
    return handled_at + SETTLES_AFTER if may_go_without(report) and not drawn(report.pk) else None
