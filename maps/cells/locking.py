"""One at a time changes the counts: who follows the events, folds, counts anew or checks."""

from django.db import connection

LOCK = 7_345_301  # any constant


def take(*, wait: bool) -> bool:
    """Hold the lock of the counts until the transaction ends; False if somebody else has it and it is not waited for.

    Readers need no lock: what they read is what was committed last.
    """
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            return True
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])
