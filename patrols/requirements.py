"""What a verb must be given and on whom it may fall: checked before anything changes."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.holders import Holder
from grids.models import Category, Membership, Organisation, Person
from grids.models.catalogue import Acts
from grids.models.people import OrganisationKind
from grids.problems import BadInput, NotFound
from grids.scope import Scope
from patrols.models import Event, Photo, Report
from patrols.models.photos import PhotoKind
from patrols.workflow import GRANTS, Needs, State, Transition

# Bodies with powers of their own; the others answer for their own ground.
WITH_POWERS = frozenset(
    {
        OrganisationKind.URBAN_MANAGEMENT,
        OrganisationKind.MARKET_SUPERVISION,
        OrganisationKind.TRAFFIC_POLICE,
        OrganisationKind.FIRE,
        OrganisationKind.MUNICIPAL,
        OrganisationKind.SANITATION,
        OrganisationKind.GREENING,
    }
)
NO_ORIGINALS = frozenset({State.DUPLICATE, State.REJECTED, State.WITHDRAWN})
FARTHEST = timedelta(days=366)
LATER = frozenset({"extend", "ask_extension", "approve_extension"})


def check_given(
    row: Transition, report: Report, scope: Scope, *, reason: str, until: date | None, holder: Holder | None
) -> None:
    """Raise BadInput for something missing or impossible, NotFound for a holder out of reach."""
    if Needs.REASON in row.needs and not reason.strip():
        raise BadInput(_("“%(verb)s” needs a reason.") % {"verb": row.label})
    if Needs.UNTIL in row.needs:
        _check_until(row, report, until)
    if Needs.HOLDER in row.needs:
        check_holder(report, holder)
    if row.verb == "handle" and lacks_after_photo(report):
        raise BadInput(_("“%(name)s” needs a photo of what it looks like now.") % {"name": report.category})
    if row.verb in GRANTS:
        _check_granted(row, report, until)


def lacks_after_photo(report: Report) -> bool:
    """Whether a photo of after has to be added before it counts as handled; after rework, a new one."""
    if not report.category.after_photo:
        return False
    photos = Photo.objects.shown().filter(report=report, kind=PhotoKind.AFTER)
    if report.rework:
        returned = Event.objects.filter(district=report.district, report=report, verb="return")
        photos = photos.filter(recorded_at__gt=returned.aggregate(last=Max("recorded_at"))["last"])
    return not photos.exists()


def end_of(day: date) -> datetime:
    """Return the end of a working day as an aware moment."""
    return timezone.make_aware(datetime.combine(day, time(18)))


def lock_original(report: Report, scope: Scope, original: UUID | None) -> None:
    """Lock a report and the one it repeats, in the order of their ids, and refuse an original that is none.

    The lock keeps two reports from being marked as each other's duplicates at once.
    """
    if original is None or original == report.pk:
        raise BadInput(_("Say which report it repeats."))
    if not Report.objects.visible_to(scope).filter(pk=original).exists():
        raise BadInput(_("Say which report it repeats."))
    locked = Report.objects.filter(pk__in=[report.pk, original]).order_by("pk").select_for_update()
    states = dict(locked.values_list("pk", "state"))
    if states[original] in NO_ORIGINALS:
        raise BadInput(_("The other report is itself rejected, withdrawn or marked as a duplicate."))


def check_holder(report: Report, holder: Holder | None) -> None:
    """Raise BadInput unless somebody may be sent, NotFound for somebody elsewhere."""
    if holder is None:
        raise BadInput(_("Say who is to deal with it: a person, a team or a body."))
    if not _serves(holder, report):
        raise NotFound(_("There is nobody with that id here."))
    if not may_act(report.category, holder):
        raise BadInput(_("“%(name)s” may only be dealt with by a body with powers.") % {"name": report.category})
    if isinstance(holder, Person) and (holder.tombstoned_at or not holder.is_active):
        raise BadInput(_("%(name)s no longer takes part.") % {"name": holder})


def may_act(category: Category, holder: Holder) -> bool:
    """Whether a category lets somebody act: a volunteer never gets what only a body with powers may do."""
    if category.acts == Acts.VOLUNTEER:
        return True
    return isinstance(holder, Organisation) and (holder.kind == category.body or holder.kind in WITH_POWERS)


def _serves(holder: Holder, report: Report) -> bool:
    """Whether a body's jurisdiction holds there today, or a person or team belongs to the subdistrict or above."""
    if isinstance(holder, Organisation):
        today = Organisation.objects.current().filter(pk=holder.pk, jurisdiction__covers=report.anchor)
        return today.exists()
    if isinstance(holder, Person):
        codes = list(Membership.objects.current().filter(person=holder).values_list("region__code", flat=True))
    else:
        codes = [holder.region.code]
    place = report.region_code
    return any(place.startswith(code) or code.startswith(place[:9]) for code in codes)


def _check_granted(row: Transition, report: Report, until: date | None) -> None:
    """Raise BadInput for what was asked for too long ago to be granted."""
    if until is None or until <= timezone.localdate():
        raise BadInput(_("The day that was asked for has passed: refuse it, so that it can be asked again."))
    if row.verb == "approve_extension":
        _check_until(row, report, until)


def _check_until(row: Transition, report: Report, until: date | None) -> None:
    today = timezone.localdate()
    if until is None or not today < until <= today + FARTHEST:
        raise BadInput(_("“%(verb)s” needs a day after today and within a year.") % {"verb": row.label})
    if row.verb in LATER and report.due_at and end_of(until) <= report.due_at:
        raise BadInput(_("The time limit already ends later than that."))
