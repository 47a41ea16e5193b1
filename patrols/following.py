"""Following a report: whoever says that theirs is one that is there already, by hand or by a dispatcher's merging.

Nobody who reported something is forgotten: with a duplicate all who stand behind it go over to the original, are told
of what becomes of that, and count there; when the duplicate is opened again they come back with it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Notification
from grids.problems import Conflict, NotAllowed
from grids.scope import NOBODY, Scope
from patrols.duplicates import read_handle
from patrols.filing import Draft, file_report, random_code, sources_of
from patrols.history import event_of
from patrols.measures import take_along
from patrols.models import Event, Follower, Report
from patrols.outside import SOURCES as OUTSIDE
from patrols.workflow import OPEN_STATES, State

FOLLOWED = "follow"
MERGED = "mark_duplicate"


def follow(draft: Draft, handle: str, scope: Scope) -> Follower | Report:
    """Follow the report behind a handle instead of filing a draft; return the follower, or the report that was filed.

    It is filed when the other is over by now: then it is another case. The draft's id becomes the follower's; where it
    is that of the person's own report that nobody looked at yet, that one is withdrawn. Raises NotAllowed without a
    role, BadInput for a handle that says nothing, Conflict for one's own report.
    """
    now = timezone.now()
    if not scope.roles or draft.source not in sources_of(scope):
        raise NotAllowed(_("You have no role here at present."))
    wanted = read_handle(handle, scope, now)
    with transaction.atomic():
        report = _locked(wanted)
        if report is None or report.state not in OPEN_STATES:
            return _own(draft, scope) or file_report(draft, scope)
        outside = draft.source in OUTSIDE
        if report.reporter_id == scope.person_id and not outside and report.source not in OUTSIDE:
            raise Conflict(_("You reported this one yourself."), report=str(report.pk))
        mine = Follower.objects.filter(person=scope.person)
        if draft.id and (sent := mine.filter(pk=draft.id).first()):
            return sent
        _withdraw_own(draft, report, scope, now)
        if not outside and (known := mine.filter(report=report, source=draft.source).first()):
            return known
        follower = Follower.objects.create(
            **({"id": draft.id} if draft.id else {}),
            district=report.district,
            report=report,
            person=scope.person,
            source=draft.source,
            outside_number=draft.outside_number,
            place=draft.place,
            words=draft.description,
            since=now,
        )
        recount(report)
        said = " · ".join(part for part in (draft.outside_number, draft.description) if part)
        event = event_of(report, FOLLOWED, report.state, scope, now, reason=said)
        event.save(force_insert=True)
        return follower


def follow_unnamed(draft: Draft, handle: str) -> Follower | None:
    """Follow the report behind a handle for somebody without an account, who gets a number of their own to ask by.

    Within the caller's transaction, in which the report stays locked. Returns None when it is over by now. Raises
    BadInput for a handle that says nothing, Conflict for an id that is taken.
    """
    now = timezone.now()
    report = _locked(read_handle(handle, NOBODY, now))
    if report is None or report.state not in OPEN_STATES:
        return None
    if draft.id and Follower.objects.filter(pk=draft.id).exists():
        raise Conflict(_("This report was filed already."))
    follower = Follower.objects.create(
        **({"id": draft.id} if draft.id else {}),
        district=report.district,
        report=report,
        source=draft.source,
        public_number=random_code(16),
        place=draft.place,
        words=draft.description,
        since=now,
    )
    recount(report)
    event_of(report, FOLLOWED, report.state, NOBODY, now, reason=draft.description).save(force_insert=True)
    return follower


def original_of(identity: UUID) -> UUID:
    """Return the report that a duplicate repeats, else the same: what is said to repeat a duplicate repeats that."""
    known = Report.objects.filter(pk=identity, state=State.DUPLICATE).values_list("duplicate_of", flat=True).first()
    return known or identity


def after_move(verb: str, before: str, report: Report, scope: Scope, now: datetime) -> None:
    """Take along those who stand behind a report that was marked as a duplicate, opened again or taken back.

    Within the transaction of the move. Raises Conflict where somebody would take back what others reported too.
    """
    if verb == MERGED and report.duplicate_of_id:
        _merge(report, report.duplicate_of_id, scope, now)
    elif verb == "reopen" and before == State.DUPLICATE:
        _part(report)
    elif verb in {"withdraw", "withdraw_request"} and Follower.objects.filter(report=report).exists():
        raise Conflict(_("Others reported this too by now: it stays."))


def recount(report: Report) -> None:
    """Count those who stand behind a report beside whoever filed it: people once each, callers each time.

    Those whom nobody took down, since they said so themselves and have no account, are told apart: the same hand can
    say it many times.
    """
    rows = Follower.objects.filter(report=report).values_list("person", "source", "public_number")
    people = {person for person, source, _number in rows if person and source not in OUTSIDE}
    if report.source not in OUTSIDE and report.reporter_id:
        people.discard(report.reporter_id)
    report.further = len(people) + sum(1 for person, source, _number in rows if source in OUTSIDE or not person)
    report.unvouched = sum(1 for _person, _source, number in rows if number)
    report.save(update_fields=["further", "unvouched"])


def to_followers(report: Report, payload: dict[str, Any], key: str, told: set[int]) -> list[Notification]:
    """Return what those are told who follow a report, or followed one that goes over to another with it.

    The report is not theirs to see: it is spoken of in their own words.
    """
    rows = Follower.objects.filter(Q(report=report) | Q(via=report), person__isnull=False).exclude(person__in=told)
    by_person = {row.person_id: row for row in rows.order_by("-since") if row.person_id}
    return [
        Notification(
            person_id=person,
            key=key,
            verb=payload["verb"],
            subject=row.place or report.category.local_name,
            data={
                "following": str(row.pk),
                "category": report.category.code,
                "after": payload["after"],
                "hazard": report.category.hazard,
            },
        )
        for person, row in sorted(by_person.items())
    ]


def _locked(identity: UUID) -> Report | None:
    """Return a report, or its original, locked, so that nobody closes or merges it meanwhile."""
    rows = Report.objects.select_for_update(of=("self",), no_key=True).select_related("category")
    report = rows.filter(pk=identity).first()
    if report and report.state == State.DUPLICATE and report.duplicate_of_id:
        report = rows.filter(pk=report.duplicate_of_id).first()
    return report


def _own(draft: Draft, scope: Scope) -> Report | None:
    """Return the person's own report of the draft's id, if it was filed already."""
    if draft.id is None:
        return None
    return Report.objects.for_list().filter(reporter=scope.person, pk=draft.id).first()


def _withdraw_own(draft: Draft, original: Report, scope: Scope, now: datetime) -> None:
    """Take back the person's own report, filed before anybody could say that it is another."""
    own = _own(draft, scope)
    if own is None:
        return
    changed = Report.objects.filter(pk=own.pk, state=State.REPORTED, changed_at=own.changed_at)
    if own.further or changed.update(state=State.WITHDRAWN, changed_at=now) != 1:
        raise Conflict(_("Your report is being dealt with by now: a dispatcher can put the two together."))
    own.state = State.WITHDRAWN
    data = {"original": str(original.pk)}
    event_of(own, "withdraw", State.REPORTED, scope, now, data=data).save(force_insert=True)


def _merge(report: Report, original_id: UUID, scope: Scope, now: datetime) -> None:
    original = Report.objects.get(pk=original_id)
    Report.objects.filter(duplicate_of=report).update(duplicate_of=original)
    brought = Follower.objects.filter(report=report)
    brought.filter(via__isnull=True).update(via=report)
    brought.update(report=original)
    Follower.objects.create(
        district=report.district,
        report=original,
        via=report,
        filed=True,
        person=report.reporter,
        source=report.source,
        place=report.place,
        since=now,
    )
    recount(report)
    recount(original)
    take_along(report, original, scope, now)


def _part(report: Report) -> None:
    """Bring back those who came with a report, and what had been put together with it before."""
    filed = Follower.objects.filter(via=report, filed=True).first()
    if filed is None:
        return
    original = Report.objects.select_for_update(no_key=True).get(pk=filed.report_id)
    filed.delete()
    Follower.objects.filter(via=report).update(report=report, via=None)
    others = Report.objects.filter(duplicate_of=original).values_list("pk", flat=True)
    said = Event.objects.filter(
        district=report.district, report__in=list(others), verb=MERGED, data__original=str(report.pk)
    )
    back = list(said.values_list("report", flat=True))
    Report.objects.filter(pk__in=back).update(duplicate_of=report)
    Follower.objects.filter(via__in=back).update(report=report)
    recount(report)
    recount(original)
