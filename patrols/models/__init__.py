"""Models of the middle floor, one module by topic."""

from patrols.models.coverage import Coverage, GridGround, GridStreet, Sight, Track, TrackFile
from patrols.models.events import Event
from patrols.models.followers import Follower
from patrols.models.handover import Handover, HandoverItem
from patrols.models.looking import Looking
from patrols.models.measures import Measure, MeasureLink, NoMeasure
from patrols.models.offers import Call, Offer
from patrols.models.open311 import Open311Client, Open311Filing
from patrols.models.parties import Contact, Party
from patrols.models.patrol import Consent, Fix, LastPosition, Patrol, PrivatePlace
from patrols.models.patrol_plan import PatrolPlan
from patrols.models.photos import Photo
from patrols.models.plans import DispatchPlan, PlanRow
from patrols.models.posts import Pattern, Post, Shift, Turn
from patrols.models.public import PublicCell, PublicEffort
from patrols.models.reports import Report
from patrols.models.requests import RequestLink
from patrols.models.routing import Proposal, RoutingEdition, RoutingRule
from patrols.models.saved import SavedFilter
from patrols.models.sheets import Sheet, SheetItem
from patrols.models.shift_notes import ShiftNote
from patrols.models.tasks import Task, TaskChange

__all__ = [
    "Call",
    "Consent",
    "Contact",
    "Coverage",
    "DispatchPlan",
    "Event",
    "Fix",
    "Follower",
    "GridGround",
    "GridStreet",
    "Handover",
    "HandoverItem",
    "LastPosition",
    "Looking",
    "Measure",
    "MeasureLink",
    "NoMeasure",
    "Offer",
    "Open311Client",
    "Open311Filing",
    "Party",
    "Patrol",
    "PatrolPlan",
    "Pattern",
    "Photo",
    "PlanRow",
    "Post",
    "PrivatePlace",
    "Proposal",
    "PublicCell",
    "PublicEffort",
    "Report",
    "RequestLink",
    "RoutingEdition",
    "RoutingRule",
    "SavedFilter",
    "Sheet",
    "SheetItem",
    "Shift",
    "ShiftNote",
    "Sight",
    "Task",
    "TaskChange",
    "Track",
    "TrackFile",
    "Turn",
]
