"""`make test` runs every check as a step and says what failed."""

from pathlib import Path

import pytest
from runner import checks, places
from runner.checks import Check, work_through
from runner.manager import Manager
from runner.places import Places


@pytest.fixture
def where(tmp_path: Path) -> Places:
    (tmp_path / "log").mkdir()
    return Places(tmp_path, places.TEST, tmp_path, tmp_path / "run", "nobody")


@pytest.fixture(autouse=True)
def no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEEP_GOING", raising=False)


def shell(label: str, script: str) -> Check:
    return Check(label, lambda checkout: ["sh", "-c", script])


GOOD = shell("good", "echo 3 passed")
BAD = shell("bad", "echo it broke; exit 1")
LAST = shell("last", "true")


def work(where: Places, *sequence: Check) -> list[str]:
    return work_through(sequence, where, Manager(where, {}), {"PATH": "/usr/bin:/bin"})


def test_all_good(where: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert work(where, GOOD, LAST) == []
    said = capsys.readouterr().out
    assert "3 passed" in said
    assert "2 of 2 checks passed" in said


def test_the_first_failure_ends_it_and_shows_what_was_said(where: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert work(where, GOOD, BAD, LAST) == ["bad"]
    said = capsys.readouterr().out
    assert "    it broke\n" in said
    assert "1 of 3 checks passed" in said
    assert "Not run after the failure: last" in said


def test_all_are_run_when_that_is_wished(
    where: Places, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEEP_GOING", "1")
    assert work(where, BAD, GOOD, BAD) == ["bad", "bad"]
    assert "1 of 3 checks passed" in capsys.readouterr().out


def test_one_runs_beside_those_before_it_and_ends_with_them(where: Places) -> None:
    met, ended = where.log / "met", where.log / "ended"
    waits = Check("waits", shell("", f"touch {met}; sleep 0.1; exit 1").command, beside=True)
    assert work(where, shell("meets", f"until [ -e {met} ]; do sleep 0.01; done"), waits, LAST) == ["waits"]
    stays = Check(
        "stays", shell("", f"trap 'touch {ended}; exit' TERM; touch {met}; sleep 60 & wait").command, beside=True
    )
    met.unlink()
    assert work(where, shell("fails", f"until [ -e {met} ]; do sleep 0.01; done; exit 1"), stays) == ["fails"]
    assert ended.exists()


def test_services_start_only_when_a_check_needs_them(where: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(Manager, "start", lambda self: started.append("started"))
    work(where, GOOD)
    assert started == []
    work(where, GOOD, Check("pytest", GOOD.command, needs_services=True))
    assert started == ["started"]


def test_every_shell_script_of_ours_is_checked() -> None:
    repository = Path(__file__).resolve().parents[2]
    scripts = {Path(str(part)).name for part in checks.shell_scripts(repository)[1:]}
    assert scripts >= {"run", "packages", "install-packages", "create-role.sh"}
