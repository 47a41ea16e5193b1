"""Python packages, Node modules, compiled translations: each renewed only when its source has changed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from runner.places import Places
from runner.progress import run_logged, say, step

RUNTIME_LOCK = "requirements.lock"
TEST_LOCK = "requirements-test.lock"
NETWORK_ADVICE = "Check the network (and a proxy, if there is one), then run the same command again."


def install(places: Places, *, with_tests: bool) -> None:
    """Bring the checkout's dependencies up to date. Two set-ups in one checkout take turns."""
    with taking_turns(places.checkout):
        install_python(places, TEST_LOCK if with_tests else RUNTIME_LOCK)
        install_node(places, with_tests=with_tests)
        compile_messages(places)


@contextlib.contextmanager
def taking_turns(checkout: Path) -> Iterator[None]:
    """Hold an exclusive lock on the checkout's directory, which needs no file of its own."""
    descriptor = os.open(checkout, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  (waiting for another set-up in this checkout to finish)")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp(path: Path) -> dict[str, str]:
    """What was installed last, or nothing when that is not known."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def install_python(places: Places, lock: str) -> None:
    """Make `.venv` and fill it from the lock file, hashes checked."""
    venv = places.checkout / ".venv"
    version = venv_version(venv)
    stamp = venv / "gridwarden-stamp.json"
    installed = read_stamp(stamp) if version else {}
    runtime = digest(places.checkout / RUNTIME_LOCK)
    wanted = {"python": version, lock: digest(places.checkout / lock), RUNTIME_LOCK: runtime}
    if version and all(installed.get(key) == value for key, value in wanted.items()):
        return
    log = places.log / "setup-python.log"
    with step(f"Python packages ({lock})", log):
        if not version:
            make_venv(venv, places, log)
            wanted["python"] = venv_version(venv)
        stamp.unlink(missing_ok=True)
        command: list[str | Path] = [
            venv / "bin/python",
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
        ]
        # Python compiles what is used when it is used; most of what is installed never is.
        command += ["--no-compile"]
        # The lock is whole. Left to resolve, pip wants the newest of what is asked for with an extra, and has no hash.
        command += ["--no-input", "--progress-bar=off", "--no-deps", "--require-hashes", "--requirement", lock]
        failure = "The Python packages could not be installed."
        run_logged(command, log, cwd=places.checkout, failure=failure, advice=NETWORK_ADVICE)
    # The test lock holds all of the runtime lock (a test says so): `make run` after `make test` has no work.
    stamp.write_text(json.dumps(wanted))


def venv_version(venv: Path) -> str:
    """The version of the environment's Python; nothing when none works (the system's may have moved on)."""
    question = "import pip, sys; print(sys.version)"
    try:
        command: list[str | Path] = [venv / "bin/python", "-c", question]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def make_venv(venv: Path, places: Places, log: Path) -> None:
    if venv.exists():
        shutil.rmtree(venv)
    failure = "The virtual environment .venv could not be made."
    advice = "Is python3-venv installed, and is there room on the disk?"
    run_logged([sys.executable, "-m", "venv", venv], log, cwd=places.checkout, failure=failure, advice=advice)


def install_node(places: Places, *, with_tests: bool) -> None:
    """What the lock file names, without development packages unless tests need them; those are never taken away."""
    modules = places.checkout / "node_modules"
    stamp = modules / ".gridwarden-stamp.json"
    installed = read_stamp(stamp)
    wanted = digest(places.checkout / "package-lock.json")
    with_tests = with_tests or installed.get("dev") == "yes"
    if installed.get("lock") == wanted and (not with_tests or installed.get("dev") == "yes"):
        return
    log = places.log / "setup-node.log"
    with step("JavaScript packages", log):
        flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=warn"]
        command: list[str | Path] = ["npm", "ci", *flags]
        command += [] if with_tests else ["--omit=dev"]
        failure = "The JavaScript packages could not be installed."
        run_logged(command, log, cwd=places.checkout, failure=failure, advice=NETWORK_ADVICE)
    modules.mkdir(exist_ok=True)
    stamp.write_text(json.dumps({"lock": wanted, "dev": "yes" if with_tests else "no"}))


def compile_messages(places: Places) -> None:
    """Compile every .po that is newer than its .mo."""
    catalogues = [path for path in places.checkout.glob("*/locale/*/LC_MESSAGES/*.po") if stale(path)]
    if not catalogues:
        return
    log = places.log / "setup-messages.log"
    with step(f"Translations ({len(catalogues)})", log):
        for source in catalogues:
            target = source.with_suffix(".mo")
            unfinished = target.with_suffix(".mo.part")
            command: list[str | Path] = ["msgfmt", "--check-format", "--output-file", unfinished, source]
            failure = f"The translation {source.relative_to(places.checkout)} could not be compiled."
            run_logged(command, log, cwd=places.checkout, failure=failure, advice="The log names the line.")
            unfinished.replace(target)


def stale(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime_ns <= source.stat().st_mtime_ns
