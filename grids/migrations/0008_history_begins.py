from django.db import migrations

from grids.operations import BeginHistory, Together


class Migration(migrations.Migration):
    """What is there today becomes the beginning of its history, which nobody changes from then on."""

    dependencies = [("grids", "0007_history")]

    operations = [
        Together(
            [
                BeginHistory("AssetEvent", "Asset"),
                BeginHistory("AssignmentEvent", "Assignment"),
                BeginHistory("AvailabilityEvent", "Availability"),
                BeginHistory("BuildingEvent", "Building"),
                BeginHistory("CategoryEvent", "Category"),
                BeginHistory("ChecklistEvent", "Checklist"),
                BeginHistory("CheckpointEvent", "Checkpoint"),
                BeginHistory("CheckpointTypeEvent", "CheckpointType"),
                BeginHistory("CriterionEvent", "Criterion"),
                BeginHistory("DesignationEvent", "Designation"),
                BeginHistory("GridEvent", "Grid"),
                BeginHistory("HonourEvent", "Honour"),
                BeginHistory("MembershipEvent", "Membership"),
                BeginHistory("OrganisationEvent", "Organisation"),
                BeginHistory("PairingEvent", "Pairing"),
                BeginHistory("PersonEvent", "Person"),
                BeginHistory("PlaceEvent", "Place"),
                BeginHistory("RegionEvent", "Region"),
                BeginHistory("ServicePointEvent", "ServicePoint"),
                BeginHistory("SkillEvent", "Skill"),
                BeginHistory("StairwellEvent", "Stairwell"),
                BeginHistory("StreetEvent", "Street"),
                BeginHistory("TeamEvent", "Team"),
                BeginHistory("WorkingDayEvent", "WorkingDay"),
                BeginHistory("ZoneEvent", "Zone"),
            ]
        ),
    ]
