"""Who holds a case open (谁在处理): two dispatchers at one report see each other before both act on it.

Told and asked with the board's poll, which comes every few seconds anyway: one small read, and a write every twenty
seconds. No lock: what both do at once is settled by the state table.
"""

from datetime import datetime, timedelta
from uuid import UUID

from grids.models.people import Role
from grids.scope import Scope
from patrols.models import Looking, Report

FRESH = timedelta(minutes=1)
AGAIN = timedelta(seconds=20)
MOST = 200
KEPT = ("report", "district", "region_code", "seen_at")


def look(identity: UUID | None, scope: Scope, now: datetime) -> dict[str, list[str]]:
    """Note what a dispatcher looks at and return who else looks at which report of their regions, names by id.

    Who looks at none asks for nobody, and is forgotten with the minute. A report out of their regions is as none.
    """
    if identity is None:
        return {}
    codes = scope.regions.get(Role.DISPATCHER, ())
    rows = (
        Looking.objects.filter(district__in={code[:6] for code in codes}, seen_at__gt=now - FRESH)
        .select_related("person")
        .only("report", "region_code", "seen_at", "person__name", "person__name_en", "person__username")
        .order_by("seen_at")[:MOST]
    )
    found: dict[str, list[str]] = {}
    own: Looking | None = None
    for row in rows:
        if row.person_id == scope.person_id:
            own = row
        elif scope.reaches(Role.DISPATCHER, row.region_code):
            found.setdefault(str(row.report_id), []).append(str(row.person))
    _note(identity, own, scope, now)
    return found


def _note(identity: UUID, own: Looking | None, scope: Scope, now: datetime) -> None:
    if own and own.report_id == identity and now - own.seen_at < AGAIN:
        return
    place = Report.objects.filter(pk=identity).values_list("district", "region_code").first()
    if place is None or not scope.reaches(Role.DISPATCHER, place[1]):
        return
    district, region_code = place
    row = Looking(person=scope.person, report_id=identity, district=district, region_code=region_code, seen_at=now)
    Looking.objects.bulk_create([row], update_conflicts=True, unique_fields=["person"], update_fields=[*KEPT])
