"""Dependencies are renewed when their source changed, and only then."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from runner import dependencies, places
from runner.places import Places

REPOSITORY = Path(__file__).resolve().parents[2]
Commands = list[list[str]]


@pytest.fixture
def where(tmp_path: Path) -> Places:
    for name in ("requirements.lock", "requirements-test.lock", "package-lock.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / "var/log").mkdir(parents=True)
    return Places(tmp_path, places.DEMO, tmp_path / "var", tmp_path / "var/run", "nobody")


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, where: Places) -> Commands:
    """What would have been run; the virtual environment counts as made."""
    ran: Commands = []

    def record(command: Sequence[str | Path], *args: Any, **kwargs: Any) -> None:
        ran.append([str(part) for part in command])

    monkeypatch.setattr(dependencies, "run_logged", record)
    monkeypatch.setattr(dependencies, "venv_version", lambda venv: "3.11.2")
    (where.checkout / ".venv").mkdir()
    return ran


def test_python_packages_are_installed_once_a_lock_file(where: Places, commands: Commands) -> None:
    dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    assert len(commands) == 1
    assert {"--require-hashes", "--no-deps"} <= set(commands[0])
    (where.checkout / "requirements.lock").write_text("changed")
    dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    assert len(commands) == 2


def test_the_lock_is_whole() -> None:
    """Nothing but the lock is installed, so whatever a package needs must stand in it."""
    checked = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_what_tests_need_is_enough_to_run(where: Places, commands: Commands) -> None:
    dependencies.install_python(where, dependencies.TEST_LOCK)
    dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    assert len(commands) == 1


def test_what_runs_is_not_enough_for_tests(where: Places, commands: Commands) -> None:
    dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    dependencies.install_python(where, dependencies.TEST_LOCK)
    assert commands[1][-1] == "requirements-test.lock"


def test_an_interrupted_installation_is_not_taken_for_a_finished_one(
    where: Places, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    (where.checkout / "requirements.lock").write_text("changed")

    def interrupted(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dependencies, "run_logged", interrupted)
        with pytest.raises(KeyboardInterrupt):
            dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    (where.checkout / "requirements.lock").write_text("requirements.lock")
    dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    assert len(commands) == 2


def test_a_new_python_means_new_packages(where: Places, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    monkeypatch.setattr(dependencies, "venv_version", lambda venv: "3.11.9")
    dependencies.install_python(where, dependencies.RUNTIME_LOCK)
    assert len(commands) == 2


def test_running_never_takes_the_tests_node_modules_away(where: Places, commands: Commands) -> None:
    dependencies.install_node(where, with_tests=True)
    (where.checkout / "package-lock.json").write_text("changed")
    dependencies.install_node(where, with_tests=False)
    assert len(commands) == 2
    assert "--omit=dev" not in commands[1]


def test_running_alone_needs_no_development_modules(where: Places, commands: Commands) -> None:
    dependencies.install_node(where, with_tests=False)
    dependencies.install_node(where, with_tests=False)
    dependencies.install_node(where, with_tests=True)
    assert ["--omit=dev" in command for command in commands] == [True, False]


def test_a_damaged_stamp_counts_as_none(tmp_path: Path) -> None:
    stamp = tmp_path / "stamp.json"
    for content in ("", "[1]", "{", "\0"):
        stamp.write_text(content)
        assert dependencies.read_stamp(stamp) == {}
    stamp.write_text(json.dumps({"lock": "a"}))
    assert dependencies.read_stamp(stamp) == {"lock": "a"}


def test_only_newer_translations_are_compiled(where: Places, commands: Commands) -> None:
    folder = where.checkout / "maps/locale/zh_Hans/LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.touch()
    assert dependencies.stale(source)
    compiled = source.with_suffix(".mo")
    compiled.touch()
    os.utime(source, (1, 1))
    assert not dependencies.stale(source)
    os.utime(compiled, (0, 0))
    assert dependencies.stale(source)


def pins(name: str) -> set[str]:
    return set(re.findall(r"(?m)^\S+==\S+(?: ; .*?)?(?= \\)", (REPOSITORY / name).read_text()))


def test_the_test_lock_holds_all_of_the_runtime_lock() -> None:
    runtime = pins("requirements.lock")
    assert len(runtime) > 10
    assert runtime <= pins("requirements-test.lock")
