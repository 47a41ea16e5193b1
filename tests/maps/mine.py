"""Somebody whose data the pages of one's own show."""

import re
from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from grids.looks import note
from grids.models import LookLog
from patrols.filing import Draft, file_report
from tests.patrols.test_ways import walked
from tests.patrols.walks import street
from tests.town import LITTER, Town, at


def looked_at(town: Town, as_person: Callable[[str], Client]) -> Client:
    """Return Bob's browser; Bob consented, walked, filed a report and was looked at."""
    street("along", (1.0, 1.5), (3.0, 1.5))
    patrol = walked(town)
    point = at(1.5, 1.5)
    file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    note(town.dora.pk, "dispatcher", LookLog.What.POSITION, [(town.bob.pk, patrol.pk)], timezone.now())
    return as_person("bob")


def text(client: Client, path: str, language: str = "en") -> str:
    """Return what a page below /me/ says."""
    answer = client.get(f"/me/{path}", headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    assert "no-store" in answer["Cache-Control"]
    return re.sub(r"\s+", " ", answer.content.decode())
