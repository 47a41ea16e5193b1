"""`manage.py demo`: only in a demonstration, never over what is there unless told so."""

from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from maps.demo import loading

pytestmark = pytest.mark.django_db


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(loading, "is_loaded", lambda: True)
    monkeypatch.setattr(loading, "unload", lambda: done.append("unload"))

    def load(_now: datetime, _password: str) -> int:
        done.append("load")
        return 1500

    monkeypatch.setattr(loading, "load", load)
    return done


@override_settings(DEMO=False)
def test_it_refuses_anywhere_else(steps: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("demo", "--again")
    assert steps == []


@override_settings(DEMO=True)
def test_it_does_not_throw_away_what_is_there_by_itself(steps: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("demo")
    assert steps == []


@override_settings(DEMO=True)
def test_again_throws_away_and_loads_anew(steps: list[str]) -> None:
    call_command("demo", "--again", verbosity=0)
    assert steps == ["unload", "load"]
