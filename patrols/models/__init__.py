"""Models of the middle floor, one module by topic."""

from patrols.models.coverage import Coverage, Sight, Track, TrackFile
from patrols.models.events import Event
from patrols.models.handover import Handover, HandoverItem
from patrols.models.parties import Contact, Party
from patrols.models.patrol import Consent, Fix, LastPosition, Patrol, PrivatePlace
from patrols.models.photos import Photo
from patrols.models.reports import Report

__all__ = [
    "Consent",
    "Contact",
    "Coverage",
    "Event",
    "Fix",
    "Handover",
    "HandoverItem",
    "LastPosition",
    "Party",
    "Patrol",
    "Photo",
    "PrivatePlace",
    "Report",
    "Sight",
    "Track",
    "TrackFile",
]
