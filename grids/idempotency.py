"""The same request sent twice is done once: its answer is stored with the work and given again.

The key belongs to a person. The same key with another body is refused (422). Of two at the same moment one does the
work; the other waits at the unique key, finds the answer and gives it.
"""

import hashlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from grids.models import IdempotencyKey, Person
from grids.problems import BadInput, Problem

Answer = tuple[int, bytes]
LONGEST_KEY = 80


def answer_once(
    person: Person, key: str, request: bytes, work: Callable[[], Answer], prepare: Callable[[], None] = lambda: None
) -> Answer:
    """Return the stored answer to a key, or do the work and store its answer in the same transaction.

    `request` is what the key must stay tied to: method, path and body. Without a key the work is simply done. Errors
    are raised through and store nothing, so that a corrected request may use the key again. What takes long and writes
    no rows is done by `prepare`, before the transaction and not for an answer that is stored already.
    """
    if not key:
        prepare()
        with transaction.atomic():
            return work()
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise BadInput(_("The Idempotency-Key must be at most 80 printable ASCII characters."))
    fingerprint = hashlib.sha256(request).hexdigest()
    stored = _stored(person, key, fingerprint)
    if stored:
        return stored
    prepare()
    try:
        with transaction.atomic():
            status, body = work()
            IdempotencyKey.objects.create(person=person, key=key, fingerprint=fingerprint, status=status, body=body)
            return status, body
    except (IntegrityError, Problem):
        stored = _stored(person, key, fingerprint)
        if stored is None:
            raise
        return stored


def _stored(person: Person, key: str, fingerprint: str) -> Answer | None:
    row = IdempotencyKey.objects.filter(person=person, key=key).first()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise BadInput(_("This Idempotency-Key was used for another request."))
    return row.status, bytes(row.body)
