"""What can be done with a report's photos: add, remove, release to the public and take back; each leaves an event."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import IO
from uuid import UUID

import uuid_utils.compat as uuid7
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation

from grids.models.people import Role
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope
from patrols.authority import capacities
from patrols.history import event_of
from patrols.models import Follower, Photo, Report
from patrols.models.photos import PhotoState
from patrols.photos import picture, storage
from patrols.photos.limits import (
    CLOCK_TOLERANCE,
    ERASE_AFTER,
    LONGEST_AGO,
    MOST_BOXES,
    MOST_PHOTOS,
    OWN_REMOVAL,
)
from patrols.workflow import May

ADDED, REMOVED, RELEASED, TAKEN_BACK = "photo_added", "photo_removed", "photo_released", "photo_taken_back"
ADDS = frozenset({May.REPORTER, May.OWNER, May.MEMBER, May.DISPATCHER, May.PARTY})


@dataclass(frozen=True, slots=True)
class Stored:
    """Files in the storage that wait for their row."""

    id: UUID
    names: dict[str, str]
    sha256: str
    bytes: int
    width: int
    height: int
    taken_at: datetime | None


def find_report(identity: UUID, scope: Scope) -> Report:
    """Return a report within somebody's scope; raises NotFound."""
    report = Report.objects.visible_to(scope).for_list().filter(pk=identity).first()
    if report is None:
        raise NotFound(_("There is no such report here."))
    return report


def find_followed(identity: UUID, scope: Scope) -> Report | None:
    """Return the report that somebody follows under an id of their own, were it not theirs to see otherwise."""
    mine = Follower.objects.filter(pk=identity, person=scope.person).values("report")
    return Report.objects.for_list().filter(pk__in=mine).first()


def find_photo(identity: UUID, scope: Scope, report: UUID | None = None) -> Photo:
    """Return a photo that is shown, with its report, within somebody's scope; raises NotFound.

    `report` narrows it to the photos of one report.
    """
    visible = Report.objects.visible_to(scope).values("pk")
    if report:
        visible = visible.filter(pk=report)
    photo = Photo.objects.shown().filter(pk=identity, report__in=visible).select_related("report").first()
    if photo is None:
        raise NotFound(_("There is no such photo here."))
    return photo


def may_add(report: Report, scope: Scope) -> bool:
    """Whether somebody may add photos: who reported it, answers for its grid, dispatches or deals with it."""
    return bool(ADDS & capacities(report, scope)) or report.handler_id == (scope.person_id or None)


def may_remove(photo: Photo, report: Report, scope: Scope, now: datetime) -> bool:
    """Whether somebody may remove a photo: its uploader for half an hour, the region's dispatchers at any time."""
    if scope.reaches(Role.DISPATCHER, report.region_code):
        return True
    return photo.uploader_id == (scope.person_id or None) and now - photo.recorded_at < OWN_REMOVAL


def may_release(report: Report, scope: Scope) -> bool:
    """Whether somebody may release photos to the public: the region's dispatchers and planners."""
    return any(scope.reaches(role, report.region_code) for role in (Role.DISPATCHER, Role.PLANNER))


def check_add(report: Report, scope: Scope, *, follows: bool = False) -> None:
    """Raise NotAllowed for the wrong person, Conflict for a report that has enough photos.

    Who `follows` it may add some as who reported it does.
    """
    if not follows and not may_add(report, scope):
        raise NotAllowed(_("Photos of this report are added by those who reported it or deal with it."))
    if Photo.objects.shown().filter(report=report).count() >= MOST_PHOTOS:
        raise Conflict(_("A report takes at most %(most)d photos.") % {"most": MOST_PHOTOS})


def store(stream: IO[bytes]) -> Stored:
    """Free a picture from everything but its pixels and store it; whoever calls adds the row or discards the files.

    Raises BadInput for what is no picture or cannot be freed.
    """
    rendered = picture.render(stream)
    identity, full = uuid7.uuid7(), rendered.files["full"]
    return Stored(
        id=identity,
        names=storage.write(identity, rendered.files),
        sha256=sha256(full).hexdigest(),
        bytes=len(full),
        width=rendered.width,
        height=rendered.height,
        taken_at=moment_of(rendered.taken),
    )


def moment_of(taken: datetime | None) -> datetime | None:
    """Return when a picture was taken: in the site's time zone if it names none, None if it cannot be."""
    if taken is None:
        return None
    if taken.tzinfo is None:
        taken = taken.replace(tzinfo=timezone.get_default_timezone())
    now = timezone.now()
    return taken if now - LONGEST_AGO < taken < now + CLOCK_TOLERANCE else None


def add(report: Report, stored: Stored, kind: str, scope: Scope) -> Photo:
    """Write the row and the event of stored files.

    Raises Conflict for a picture that the report has already, or when it has enough photos by now.
    """
    photo = Photo(
        id=stored.id,
        district=report.district,
        report=report,
        uploader=scope.person,
        kind=kind,
        sha256=stored.sha256,
        bytes=stored.bytes,
        width=stored.width,
        height=stored.height,
        taken_at=stored.taken_at,
        **stored.names,
    )
    try:
        with transaction.atomic():
            now = _say(report, ADDED, photo, scope)
            # Counted once more, now that the report is locked: of many at once only so many fit.
            check_add(report, scope)
            photo.recorded_at = now
            photo.save(force_insert=True)
    except IntegrityError as error:
        cause = error.__cause__
        if not isinstance(cause, UniqueViolation) or cause.diag.constraint_name != "photo_once":
            raise
        raise Conflict(_("This picture belongs to the report already.")) from error
    return photo


def remove(photo: Photo, scope: Scope) -> None:
    """Show a photo no more; its files go after thirty days. Raises NotAllowed, or NotFound when it is gone already."""
    if not may_remove(photo, photo.report, scope, timezone.now()):
        raise NotAllowed(_("A photo is removed by who added it, within half an hour, or by a dispatcher."))
    with transaction.atomic():
        now = _say(photo.report, REMOVED, photo, scope)
        gone = Photo.objects.filter(pk=photo.pk, state=PhotoState.STORED)
        if gone.update(state=PhotoState.HIDDEN, hidden_at=now, public_at=None) != 1:
            raise NotFound(_("There is no such photo here."))


def copy(photo: Photo, boxes: list[list[int]], scope: Scope) -> dict[str, str]:
    """Write the copies that the public may see, with the boxes unrecognisable, and return their names.

    Raises NotAllowed for the wrong person, BadInput for boxes that lie outside.
    """
    if not may_release(photo.report, scope):
        raise NotAllowed(_("Photos are released by the dispatchers and planners of the region."))
    _check_boxes(photo, boxes)
    with storage.read(photo.full) as stored, picture.as_file(stored) as stream:
        return storage.write(photo.pk, picture.blur(stream, boxes))


def release(photo: Photo, boxes: list[list[int]], names: dict[str, str], scope: Scope) -> Photo:
    """Release the copies that `copy` wrote; raises NotFound when the photo was removed meanwhile."""
    former = [name for name in (photo.public, photo.public_small) if name]
    with transaction.atomic():
        now = _say(photo.report, RELEASED, photo, scope)
        values = {"boxes": boxes, "public_at": now, "released_by": scope.person, **names}
        if Photo.objects.filter(pk=photo.pk, state=PhotoState.STORED).update(**values) != 1:
            raise NotFound(_("There is no such photo here."))
        transaction.on_commit(partial(storage.remove, former))
    for name, value in values.items():
        setattr(photo, name, value)
    return photo


def take_back(photo: Photo, scope: Scope) -> Photo:
    """Take a photo back from the public; the copy stays for the next look at it. Raises NotAllowed, Conflict."""
    if not may_release(photo.report, scope):
        raise NotAllowed(_("Photos are released by the dispatchers and planners of the region."))
    with transaction.atomic():
        _say(photo.report, TAKEN_BACK, photo, scope)
        if Photo.objects.filter(pk=photo.pk, public_at__isnull=False).update(public_at=None) != 1:
            raise Conflict(_("This photo is not public."))
    photo.public_at = None
    return photo


def erase_removed(now: datetime | None = None) -> int:
    """Delete the files of photos that were removed thirty days ago, and return of how many."""
    due = Photo.objects.filter(state=PhotoState.HIDDEN, hidden_at__lt=(now or timezone.now()) - ERASE_AFTER)
    erased = 0
    for photo in due.order_by("hidden_at")[:500]:
        # The row first: a file without a row is swept, a row without its file would be a loss to be explained.
        blank = dict.fromkeys(("full", "large", "small", "public", "public_small"), "")
        if Photo.objects.filter(pk=photo.pk, state=PhotoState.HIDDEN).update(state=PhotoState.ERASED, **blank):
            names = photo.names
            transaction.on_commit(partial(storage.remove, names))
            erased += 1
    return erased


def _say(report: Report, verb: str, photo: Photo, scope: Scope) -> datetime:
    """Write the event of something done with a photo in the caller's transaction, and return its moment."""
    # Locked: the event names the state that the report is in, not the one that it was in when it was read.
    current = Report.objects.select_for_update().only("pk", "district", "state").get(pk=report.pk)
    now = timezone.now()
    data = {"photo": str(photo.pk), "kind": photo.kind}
    event_of(current, verb, current.state, scope, now, data=data).save(force_insert=True)
    return now


def _check_boxes(photo: Photo, boxes: list[list[int]]) -> None:
    if len(boxes) > MOST_BOXES:
        raise BadInput(_("There are more than %(most)d boxes.") % {"most": MOST_BOXES})
    for left, top, width, height in boxes:
        if width < 1 or height < 1 or left + width > photo.width or top + height > photo.height:
            raise BadInput(_("A box lies outside of the picture."))
