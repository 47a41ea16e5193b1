"""`make test` and `make lint`: every check as a step of its own, on PostgreSQL and Redis of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from runner import dependencies, instance, places
from runner.interruption import Interruption
from runner.manager import Manager
from runner.places import Places
from runner.progress import StepError, end_group, run_logged, say, shielded, spawn, step, tail

# Chromium without the windows that nobody sees: it takes half the time.
CHROMIUM = Path("/usr/bin/chromium-headless-shell")
# A failing test wants more than a glance.
SHOWN_LINES = 150


@dataclass(frozen=True)
class Check:
    """A command that must exit with 0; `command` is asked late, since it may look for files."""

    label: str
    command: Callable[[Path], Sequence[str | Path]]
    needs_services: bool = False
    beside: bool = False
    """Whether it starts at once and runs beside those before it: a long one that keeps one processor busy."""

    def log(self, where: Places) -> Path:
        return where.log / f"check-{self.label.replace(' ', '-').replace('/', '-').replace(',', '')}.log"


def tool(name: str, *arguments: str | Path) -> Callable[[Path], Sequence[str | Path]]:
    """A program of the virtual environment."""
    return lambda checkout: [checkout / ".venv/bin" / name, *arguments]


def shell_scripts(checkout: Path) -> Sequence[str | Path]:
    candidates = [*checkout.glob("docker/**/*"), checkout / ".ci/run"]
    scripts = sorted(path for path in candidates if path.is_file() and path.read_bytes()[:2] == b"#!")
    return ["shellcheck", *(path for path in scripts if b"sh" in path.read_bytes().splitlines()[0])]


def node_tests(checkout: Path) -> Sequence[str | Path]:
    options = ["--import", "./tests/js/node18.js", "--test", "--test-reporter=spec"]
    return ["node", *options, *sorted(checkout.glob("tests/js/**/*.test.js"))]


def biome(checkout: Path) -> Sequence[str | Path]:
    return [checkout / "node_modules/.bin/biome", "ci", "--error-on-warnings", "--colors=off"]


LINTERS = (
    Check("ruff check", tool("ruff", "check", ".")),
    Check("ruff format", tool("ruff", "format", "--check", ".")),
    Check("djlint --check", tool("djlint", "--check", "grids", "patrols", "maps")),
    Check("djlint --lint", tool("djlint", "--lint", "grids", "patrols", "maps")),
    Check("biome ci", biome),
    Check("shellcheck", shell_scripts),
    Check("lint-imports", tool("lint-imports")),
)
MYPY = Check("mypy", tool("mypy", "."), beside=True)
# No database is dropped at the end: a connection that a browser's last request left open would make the dropping fail,
# and the next run drops it anyway. The tests in Chromium copy the database that the tests before them migrated.
PYTEST = ("--reuse-db", "-n", "3", "--dist", "loadfile")
# Counting lines slows every test: `COVERAGE=1 make test` when somebody wants to look.
COVERAGE = ("--cov", "--cov-report=term-missing") if os.environ.get("COVERAGE") else ()
TESTS = (
    Check("node --test", node_tests),
    Check(
        "pytest",
        tool("pytest", "--create-db", *PYTEST, "-m", "not browser", *COVERAGE),
        needs_services=True,
    ),
    MYPY,
    Check(
        "pytest, in Chromium",
        tool("pytest", *PYTEST, "-m", "browser"),
        needs_services=True,
    ),
)


def test(checkout: Path, interruption: Interruption) -> int:
    """Run all checks."""
    return run(checkout, interruption, LINTERS + TESTS)


def lint(checkout: Path, interruption: Interruption) -> int:
    """Run the checks that need neither PostgreSQL nor Redis."""
    return run(checkout, interruption, (*LINTERS, MYPY))


def run(checkout: Path, interruption: Interruption, checks: Sequence[Check]) -> int:
    """Run checks in order; stop at the first failure unless KEEP_GOING is set. Returns the exit status."""
    where = places.prepare(checkout, places.TEST)
    with instance.exclusive(where):
        dependencies.install(where, with_tests=True)
        env = environment(where)
        manager = Manager(where, env)
        try:
            failed = work_through(checks, where, manager, env)
        finally:
            interruption.start_cleaning_up()
            manager.stop(lambda: interruption.hurried)
    return 1 if failed else 0


def environment(where: Places) -> dict[str, str]:
    """What the checks are given: nothing that the caller set for a demo."""
    env = instance.environment(where, {"CHROMIUM": str(CHROMIUM), "NO_COLOR": "1"})
    for name in ("PORT", "DEMO_PASSWORD"):
        env.pop(name, None)
    return env


def work_through(checks: Sequence[Check], where: Places, manager: Manager, env: dict[str, str]) -> list[str]:
    """Run the checks and print a summary; returns the labels of those that failed."""
    started = time.monotonic()
    failed: list[str] = []
    done = 0
    beside: dict[str, subprocess.Popen[bytes]] = {}
    try:
        with shielded():
            for check in (check for check in checks if check.beside):
                command = check.command(where.checkout)
                beside[check.label] = spawn(command, check.log(where), cwd=where.checkout, env=env)
        for check in checks:
            if check.needs_services and manager.process is None:
                manager.start()
            done += 1
            if not passes(check, where, env, beside.get(check.label)):
                failed.append(check.label)
                if not os.environ.get("KEEP_GOING"):
                    break
    finally:
        for process in beside.values():
            if process.poll() is None:
                end_group(process)
    say()
    seconds = time.monotonic() - started
    skipped = [check.label for check in checks[done:]]
    say(f"{done - len(failed)} of {len(checks)} checks passed in {seconds:.0f} s.")
    if failed:
        say(f"Failed: {', '.join(failed)}.")
    if skipped:
        say(f"Not run after the failure: {', '.join(skipped)} (KEEP_GOING=1 runs them all the same).")
    return failed


def passes(check: Check, where: Places, env: dict[str, str], running: subprocess.Popen[bytes] | None = None) -> bool:
    """Run one check, or await one that is `running` already; on failure show the end of what it printed."""
    log = check.log(where)
    try:
        with step(check.label, log) as note:
            if running is None:
                run_logged(check.command(where.checkout), log, cwd=where.checkout, env=env, failure=check.label)
            elif running.wait() != 0:
                raise StepError(check.label, log=log)
            note.text = "".join(tail(log, 1))[:70].strip("= ")
    except StepError:
        say()
        for line in tail(log, SHOWN_LINES):
            say(f"    {line}")
        say(f"\n    The whole log: {log}\n")
        return False
    return True


def bench(checkout: Path, interruption: Interruption) -> int:
    """`make bench`: the benchmarks, on a cluster that writes as safely as a production one."""
    where = places.prepare(checkout, places.BENCH)
    with instance.exclusive(where):
        dependencies.install(where, with_tests=True)
        env = environment(where)
        manager = Manager(where, env)
        try:
            manager.start()
            command: list[str | Path] = [checkout / ".venv/bin/python", "-m", "tests.bench"]
            sys.stdout.flush()
            return subprocess.run(command, cwd=checkout, env=env, check=False).returncode
        finally:
            interruption.start_cleaning_up()
            manager.stop(lambda: interruption.hurried)
