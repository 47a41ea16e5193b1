"""Who stood at which post: handed out, left in time, forgotten in time."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from grids.models import Person
from maps.privacy import erasing, retention
from maps.privacy.exporting import export
from patrols.models import Shift, Turn
from patrols.models.posts import TurnState
from patrols.posts.presence import arrive
from patrols.posts.turns import take
from tests.patrols.posting import post, shift
from tests.town import Town


def test_an_erased_person_leaves_the_coming_shifts_and_the_past_stays_without_a_name(town: Town) -> None:
    where = post(town)
    past, ahead = shift(where, hours=-0.5), shift(where, hours=30)
    take(town.scope("bob"), past.pk)
    arrive(town.scope("bob"), past.pk)
    take(town.scope("bob"), ahead.pk)
    erasing.erase(Person.objects.get(pk=town.bob.pk))
    ahead.refresh_from_db()
    assert ahead.taken == 0
    assert Turn.objects.get(shift=ahead).state == TurnState.REMOVED
    kept = Turn.objects.select_related("person").get(shift=past)
    assert kept.arrived_at
    assert str(kept.person) == erasing.NAME


def test_the_export_has_ones_own_shifts(town: Town, tmp_path: Path) -> None:
    row = shift(post(town))
    take(town.scope("bob"), row.pk)
    counts = export(Person.objects.get(pk=town.bob.pk), tmp_path / "bob.zip")
    assert counts["patrols.Turn.person_id" if "patrols.Turn.person_id" in counts else "patrols.Turn.person"] == 1
    with zipfile.ZipFile(tmp_path / "bob.zip") as archive:
        (name,) = (name for name in archive.namelist() if name.startswith("patrols.Turn.person"))
        (turn,) = json.loads(archive.read(name))
    assert turn["shift_id"] == str(row.pk)


def test_who_stood_there_is_forgotten_after_400_days(town: Town) -> None:
    row = shift(post(town), hours=-0.5)
    take(town.scope("bob"), row.pk)
    arrive(town.scope("bob"), row.pk)
    long_ago = timezone.now() - retention.TURNS_KEPT - timedelta(days=1)
    Shift.objects.update(starts_at=long_ago, ends_at=long_ago + timedelta(hours=1))
    assert retention.forget()["who stood at which post"] == 1
    row.refresh_from_db()
    assert (row.measured, row.told, row.taken) == (0, 1, 1)
    assert not Turn.objects.exists()
