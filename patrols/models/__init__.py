"""Models of the middle floor, one module by topic."""

from patrols.models.events import Event
from patrols.models.handover import Handover, HandoverItem
from patrols.models.parties import Contact, Party
from patrols.models.patrol import Consent, Fix, Patrol
from patrols.models.photos import Photo
from patrols.models.reports import Report

__all__ = ["Consent", "Contact", "Event", "Fix", "Handover", "HandoverItem", "Party", "Patrol", "Photo", "Report"]
