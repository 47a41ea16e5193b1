"""Erasing a person: what is theirs goes, what happened stays under an anonymous id.

What is a person's own and what is history is said by the models: rows that refer to a person with CASCADE are theirs
and are deleted; rows that refer with PROTECT are history and keep the id, behind which there is nobody any more.
Of their patrols, which are history, go the ways and whatever else was recorded (`patrols.forgetting`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from grids.models import (
    AccountReset,
    Assignment,
    Erasure,
    InvitationUse,
    Job,
    Membership,
    Notification,
    Person,
)
from maps.privacy import mentions, own_export
from maps.privacy.ledger import Entry
from patrols.forgetting import forget_recorded
from patrols.models import Handover
from patrols.posts.turns import release_all
from patrols.succession import subject_of

NAME, NAME_EN = "已注销人员", "Former member"


@dataclass(frozen=True)
class Reference:
    """A column that refers to a person."""

    model: type[models.Model]
    column: "models.ForeignKey[Any, Any]"

    @property
    def own(self) -> bool:
        """Whether its rows belong to the person and go with them."""
        return self.column.remote_field.on_delete is models.CASCADE


def references() -> list[Reference]:
    """Every column of ours and of the libraries that refers to a person; histories, kept by triggers, aside."""
    found = [
        Reference(model, column)
        for model in apps.get_models(include_auto_created=True)
        for column in model._meta.concrete_fields
        if isinstance(column, models.ForeignKey) and column.related_model is Person
        if not hasattr(model, "pgh_tracked_model") and not model._meta.proxy
    ]
    return sorted(found, key=lambda reference: (reference.model._meta.label, reference.column.name))


@transaction.atomic
def erase(person: Person, by: Person | None = None, erased_at: datetime | None = None) -> Entry:
    """Make a person anonymous and return the ledger's entry; a second time does no harm.

    The caller appends the entry to the ledger once the transaction is committed.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    forget_recorded(person, timezone.now())
    own_export.forget(Job.objects.filter(person=person).values_list("pk", flat=True))
    for reference in references():
        if reference.own:
            reference.model._base_manager.filter(**{reference.column.name: person}).delete()
    _end_sessions(person)
    _end_duties(person)
    release_all([person.pk])
    _forget_name(person)
    mentioned = mentions.forget(person, NAME)
    moment = erased_at or timezone.now()
    changed = {
        "username": f"gone-{person.pk}",
        "name": NAME,
        "name_en": NAME_EN,
        "email": "",
        "phone": "",
        "language": "",
        "quiet_from": None,
        "quiet_until": None,
        "party_member": False,
        "password": make_password(None),
        "last_login": None,
        "is_active": False,
        "is_staff": False,
        "is_superuser": False,
        "tombstoned_at": person.tombstoned_at or moment,
    }
    Person.objects.filter(pk=person.pk).update(**changed)
    _forget_mentions(person)
    mentions.look_again(mentioned)
    row, _new = Erasure.objects.get_or_create(person=person, defaults={"erased_at": moment, "by": by})
    return Entry(person.pk, person.created_at, row.erased_at)


def replay(entries: Iterable[Entry]) -> tuple[int, int]:
    """Erase again whoever a restored database still knows; return how many that were, and how many it does not know.

    An entry means the account with its id that was made at its moment, so that the ledger of another installation, or
    an id that was given anew, erases nobody.
    """
    done = unknown = 0
    for entry in sorted(set(entries), key=lambda one: one.erased):
        person = Person.objects.filter(pk=entry.person, created_at=entry.created).first()
        if person is None:
            unknown += 1
        elif not Erasure.objects.filter(person=person).exists():
            erase(person, erased_at=entry.erased)
            done += 1
    return done, unknown


def _end_sessions(person: Person) -> None:
    for session in Session.objects.iterator(chunk_size=500):
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()


def _end_duties(person: Person) -> None:
    """End roles and responsibilities today; what was to begin later does not."""
    today = timezone.localdate()
    models_: tuple[type[Membership | Assignment], ...] = (Membership, Assignment)
    for model in models_:
        lasting = models.Q(period__upper_inf=True) | models.Q(period__endswith__gt=today)
        for row in model.objects.filter(lasting, person=person):
            if row.period.lower and row.period.lower >= today:
                # It may be named elsewhere, so it stays, as one that never held.
                row.period = DateRange(empty=True)
            else:
                row.period = DateRange(row.period.lower, today)
            row.save(update_fields=["period"])


def _forget_mentions(person: Person) -> None:
    """Take the name out of what others were told of the person."""
    AccountReset.objects.filter(person=person).update(reason="")
    subjects: dict[str, models.QuerySet[Notification]] = {}
    for use in InvitationUse.objects.filter(person=person).select_related("invitation__region"):
        key = f"joined-{use.invitation_id}-{person.pk}"
        subjects[f"{NAME} · {use.invitation.region.name}"] = Notification.objects.filter(key=key)
    for handover in Handover.objects.filter(models.Q(person=person) | models.Q(successor=person)):
        subjects[subject_of(handover)] = Notification.objects.filter(data__handover=str(handover.pk))
    for reset in AccountReset.objects.filter(issued_by=person):
        key = f"account-reset-{reset.pk}"
        subjects[f"{NAME}: {reset.reason}"[:200]] = Notification.objects.filter(key=key)
    for subject, messages in subjects.items():
        messages.update(subject=subject)


def _forget_name(person: Person) -> None:
    """Take the name out of what was recorded of the person: the one exception to a history that nobody rewrites."""
    kind = ContentType.objects.get_for_model(Person)
    LogEntry.objects.filter(content_type=kind, object_id=str(person.pk)).delete()
    with connection.cursor() as cursor:
        cursor.execute("alter table grids_personevent disable trigger append_only")
        cursor.execute(
            "update grids_personevent set name = %s, name_en = %s, username = %s, party_member = false"
            " where pgh_obj_id = %s",
            [NAME, NAME_EN, f"gone-{person.pk}", person.pk],
        )
        cursor.execute("alter table grids_personevent enable always trigger append_only")
