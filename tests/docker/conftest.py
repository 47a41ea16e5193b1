"""Checkouts for real starts of the local runner."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docker.checkout import REPOSITORY, Checkout


def copy_checkout() -> Checkout:
    """A checkout in a place that the unprivileged user of PostgreSQL may enter."""
    path = Path(tempfile.mkdtemp(prefix="gridwarden-test-"))
    path.chmod(0o755)
    shutil.copytree(REPOSITORY / "docker", path / "docker", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(Path(__file__).parent / "stub", path, dirs_exist_ok=True)
    for name in ("Makefile", "requirements.lock", "requirements-test.lock", "package-lock.json"):
        shutil.copy(REPOSITORY / name, path / name)
    for name in (".venv", "node_modules"):
        (path / name).symlink_to(REPOSITORY / name)
    return Checkout(path)


@pytest.fixture(scope="module")
def make_checkout() -> Iterator[Callable[[], Checkout]]:
    """Makes checkouts, and removes them afterwards."""
    made: list[Checkout] = []

    def make() -> Checkout:
        made.append(copy_checkout())
        return made[-1]

    yield make
    for checkout in made:
        checkout.end()
        shutil.rmtree(checkout.path)


@pytest.fixture(scope="module")
def shared_checkout(make_checkout: Callable[[], Checkout]) -> Checkout:
    return make_checkout()


@pytest.fixture
def checkout(shared_checkout: Checkout) -> Iterator[Checkout]:
    """One checkout for all tests of a module, with nothing of it running before or after a test."""
    yield shared_checkout
    shared_checkout.end()
