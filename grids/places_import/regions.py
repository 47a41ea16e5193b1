"""What only regions need: codes for boundaries that come without, codes already taken, and parents by prefix."""

from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.places_import.outcome import Outcome
from grids.problems import BadInput

_TAKEN = """
    DELETE FROM import_stage s USING grids_region r
    WHERE r.code = s.code AND (r.source, r.source_id) <> (%(source)s, s.source_id) AND r.period @> %(today)s
    RETURNING s.row, s.source_id, s.code, r.source
"""
_TWICE = """
    DELETE FROM import_stage s USING import_stage first WHERE first.code = s.code AND first.row < s.row
    RETURNING s.row, s.source_id, s.code, first.row
"""
_PARENTS = """
    UPDATE grids_region c SET parent_id = p.id FROM grids_region p
    WHERE length(c.code) > 6 AND p.code = left(c.code, length(c.code) - 3) AND p.period @> %(today)s
      AND c.period @> %(today)s AND c.parent_id IS DISTINCT FROM p.id
"""
_ORPHANS = """
    SELECT count(*) FROM grids_region WHERE source = %(source)s AND length(code) > 6 AND parent_id IS NULL
"""


def give_code(code: str) -> None:
    """Give the file's only region its code; more than one is refused with how to choose."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE import_stage SET code = %s", [code])
        if cursor.rowcount > 1:
            raise BadInput(
                _("The file has %(count)s regions; --region-code fits one: choose with --where, or give --parent.")
                % {"count": cursor.rowcount}
            )


def number_below(parent: str, source: str) -> None:
    """Give regions without a code one below a parent: the one they already have, else the next free number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT source_id, code FROM grids_region WHERE source = %s", [source])
        known = dict(cursor.fetchall())
        cursor.execute(
            "SELECT code FROM (SELECT code FROM grids_region UNION SELECT code FROM import_stage) c WHERE code LIKE %s",
            [parent + "___"],
        )
        last = max((int(code[-3:]) for (code,) in cursor.fetchall()), default=0)
        cursor.execute("SELECT source_id FROM import_stage WHERE code IS NULL ORDER BY row")
        given = []
        for (identity,) in cursor.fetchall():
            code = known.get(identity)
            if code is None:
                last += 1
                code = f"{parent}{last:03d}"
            given.append((code, identity))
        if last > 999:
            raise BadInput(_("Below %(parent)s there is no room for more than 999 regions.") % {"parent": parent})
        cursor.executemany("UPDATE import_stage SET code = %s WHERE source_id = %s", given)


def refuse_taken(outcome: Outcome) -> None:
    """Refuse codes that another source or an earlier row of the file holds."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, {"source": outcome.source, "today": timezone.localdate()})
        for row, identity, code, source in sorted(cursor.fetchall()):
            shown = {"code": code, "source": source}
            outcome.refuse(
                row, identity, _("The code %(code)s is held by a region of the source “%(source)s”.") % shown
            )
        cursor.execute(_TWICE)
        for row, identity, code, first in sorted(cursor.fetchall()):
            outcome.refuse(row, identity, _("The code %(code)s is that of row %(row)s.") % {"code": code, "row": first})


def link_parents(outcome: Outcome) -> None:
    """Link every current region to the one whose code is its prefix; warn of those that have none."""
    parameters: dict[str, Any] = {"source": outcome.source, "today": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(_PARENTS, parameters)
        cursor.execute(_ORPHANS, parameters)
        (orphans,) = cursor.fetchone()
    if orphans:
        outcome.warnings.append(
            _("%(count)s regions have no region above them yet: import it too.") % {"count": orphans}
        )
