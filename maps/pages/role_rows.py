"""The roles of somebody with their days, as the pages show them."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from grids.models import Membership, Person


def roles_of(person: Person) -> list[dict[str, Any]]:
    """Return what somebody is, was and will be, the latest first; what was called off never held."""
    rows = Membership.objects.filter(person=person, period__isempty=False)
    today = timezone.localdate()
    return [_role(row, today) for row in rows.select_related("region", "team", "organisation").order_by("-period")]


def _role(row: Membership, today: date) -> dict[str, Any]:
    first, after = row.period.lower, row.period.upper
    return {
        "id": row.pk,
        "code": row.role,
        "label": row.get_role_display(),
        "region": row.region,
        "with": row.team or row.organisation,
        "first": first,
        "last": after - timedelta(days=1) if after else None,
        "over": bool(after and after <= today),
        "coming": first > today,
    }
