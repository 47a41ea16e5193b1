"""What the terminal shows: a line a step, and a useful sentence when one fails."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest
from runner import progress
from runner.progress import StepError, run_logged, step


def test_a_step_is_one_line_with_its_time_and_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    with step("Baking") as note:
        note.text = "two loaves"
    assert capsys.readouterr().out.split() == ["Baking", "0.0", "s", "two", "loaves"]


def test_a_failed_step_says_so_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="burnt"), step("Baking"):
        raise ValueError("burnt")
    assert capsys.readouterr().out.rstrip().endswith("failed")


def test_a_failure_shows_the_end_of_its_log_and_what_to_try(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "bake.log"
    command = [sys.executable, "-c", "print('\\n'.join(f'line {n}' for n in range(99))); raise SystemExit(3)"]
    with pytest.raises(StepError) as caught:
        run_logged(command, log, cwd=tmp_path, failure="The oven is cold.", advice="Light it.")
    progress.report(caught.value)
    said = capsys.readouterr().out
    assert "line 98" in said
    assert "line 10" not in said
    assert "gridwarden: The oven is cold.\n" in said
    assert f"The whole log: {log}\n" in said
    assert said.endswith("Light it.\n")


def test_an_interrupted_command_takes_its_children_along(tmp_path: Path) -> None:
    """The child writes its number, starts a sleeper and waits for it; then we are interrupted."""
    script = "sleep 60 & echo $! > sleeper; wait"

    def interrupt() -> None:
        while not (tmp_path / "sleeper").exists() or not (tmp_path / "sleeper").read_text().strip():
            time.sleep(0.01)
        os.kill(os.getpid(), 2)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run_logged(["sh", "-c", script], tmp_path / "log", cwd=tmp_path, failure="never said")
    sleeper = int((tmp_path / "sleeper").read_text())
    deadline = time.monotonic() + 15
    while running(sleeper):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def running(pid: int) -> bool:
    try:
        return "Z (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_the_end_of_a_long_log_is_read_without_reading_it_all(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    log.write_bytes(b"x" * 1_000_000 + "\n\n  末行\n".encode())
    assert progress.tail(log, 1) == ["  末行"]


def test_a_signal_while_a_command_starts_waits_until_we_know_the_command() -> None:
    known: list[bool] = []

    def start() -> None:
        with progress.shielded():
            os.kill(os.getpid(), 2)
            known.append(True)

    with pytest.raises(KeyboardInterrupt):
        start()
    assert known == [True]
