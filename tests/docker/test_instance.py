"""What an instance gives its processes, and what it says about itself."""

import os
from pathlib import Path

import pytest
from runner import instance, places
from runner.places import Places, Profile
from runner.progress import StepError

from grids.webpush import private_key
from tests.docker.checkout import free_port


def place(tmp_path: Path, profile: Profile) -> Places:
    return Places(tmp_path, profile, tmp_path, tmp_path / "run", "nobody")


def test_a_setting_exported_for_a_demo_does_not_reach_a_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWARDEN_TILE_URL", "https://tiles.example.cn/{z}/{x}/{y}.png")
    assert "GRIDWARDEN_TILE_URL" not in instance.environment(place(tmp_path, places.TEST), {})
    assert "GRIDWARDEN_TILE_URL" in instance.environment(place(tmp_path, places.DEMO), {})


def test_the_mode_is_the_profile_s_whatever_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWARDEN_MODE", "production")
    monkeypatch.setenv("GRIDWARDEN_DATABASE_URL", "postgresql://elsewhere/precious")
    for profile in (places.DEMO, places.TEST, places.BENCH):
        env = instance.environment(place(tmp_path, profile), {})
        assert env["GRIDWARDEN_MODE"] == profile.mode
        assert str(tmp_path) in env["GRIDWARDEN_DATABASE_URL"]


def test_what_would_mislead_our_processes_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--bind=0.0.0.0:80")
    env = instance.environment(place(tmp_path, places.DEMO), {})
    assert not {"PYTHONPATH", "GUNICORN_CMD_ARGS"} & env.keys()


def test_the_demo_s_secret_is_kept_and_kept_from_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDWARDEN_SECRET_KEY", raising=False)
    where = place(tmp_path, places.DEMO)
    first = instance.environment(where, {})["GRIDWARDEN_SECRET_KEY"]
    assert len(first) >= 50
    assert instance.environment(where, {})["GRIDWARDEN_SECRET_KEY"] == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_the_demo_s_key_for_web_push_is_kept_is_none_of_another_s_and_is_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRIDWARDEN_PUSH_KEY", raising=False)
    first = instance.environment(place(tmp_path, places.DEMO), {})["GRIDWARDEN_PUSH_KEY"]
    assert private_key(first)
    assert instance.environment(place(tmp_path, places.DEMO), {})["GRIDWARDEN_PUSH_KEY"] == first
    assert (tmp_path / "push-key").stat().st_mode & 0o777 == 0o600
    assert "GRIDWARDEN_PUSH_KEY" not in instance.environment(place(tmp_path, places.TEST), {})


def test_who_finds_the_lock_taken_is_told_by_whom(tmp_path: Path) -> None:
    where = place(tmp_path, places.TEST)
    with instance.exclusive(where), pytest.raises(StepError, match=f"process {os.getpid()}"), instance.exclusive(where):
        pass
    with instance.exclusive(where):
        pass


def test_an_instance_that_serves_no_more_counts_as_stopping(tmp_path: Path) -> None:
    where = place(tmp_path, places.DEMO)
    instance.write_record(where, pid=1)
    assert not instance.is_stopping(where)
    instance.write_record(where, pid=1, url=f"http://127.0.0.1:{free_port()}/")
    assert instance.is_stopping(where)
    instance.write_record(where, pid=1, stopping=1)
    assert instance.is_stopping(where)
    where.record.write_text("{half")
    assert not instance.is_stopping(where)
