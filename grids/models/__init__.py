"""Models of the ground floor, one module by topic."""

from grids.models import history
from grids.models.access import AccountReset, Invitation, InvitationUse
from grids.models.areas import Designation, Zone
from grids.models.calendar import WorkingDay
from grids.models.catalogue import Category, Checklist, CheckpointType, Criterion
from grids.models.erasure import Erasure
from grids.models.grid import Grid, GridLineage
from grids.models.lists import ListCorrection, ListFile, ListImport, ListMapping, ListRow
from grids.models.outside import Address, Delivery, GroupRobot, Parcel, Wishes
from grids.models.people import (
    Assignment,
    Availability,
    Honour,
    Membership,
    Organisation,
    Pairing,
    Person,
    Skill,
    Team,
)
from grids.models.places import Building, Place, Region, Stairwell, Street
from grids.models.plant import Asset, Checkpoint, ServicePoint
from grids.models.platform import (
    ApiToken,
    Device,
    IdempotencyKey,
    Job,
    LookLog,
    Notification,
    Outbox,
    Slot,
)
from grids.models.search import SearchName
from grids.models.splits import SplitBlock, SplitEdit, SplitFile, SplitGrid, SplitRun

__all__ = [
    "AccountReset",
    "Address",
    "ApiToken",
    "Asset",
    "Assignment",
    "Availability",
    "Building",
    "Category",
    "Checklist",
    "Checkpoint",
    "CheckpointType",
    "Criterion",
    "Delivery",
    "Designation",
    "Device",
    "Erasure",
    "Grid",
    "GridLineage",
    "GroupRobot",
    "Honour",
    "IdempotencyKey",
    "Invitation",
    "InvitationUse",
    "Job",
    "ListCorrection",
    "ListFile",
    "ListImport",
    "ListMapping",
    "ListRow",
    "LookLog",
    "Membership",
    "Notification",
    "Organisation",
    "Outbox",
    "Pairing",
    "Parcel",
    "Person",
    "Place",
    "Region",
    "SearchName",
    "ServicePoint",
    "Skill",
    "Slot",
    "SplitBlock",
    "SplitEdit",
    "SplitFile",
    "SplitGrid",
    "SplitRun",
    "Stairwell",
    "Street",
    "Team",
    "Wishes",
    "WorkingDay",
    "Zone",
    "history",
]
