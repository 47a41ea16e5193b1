"""Where state lies, and who may reach it."""

import os
from pathlib import Path

import pytest
from runner import places
from runner.progress import StepError

CHECKOUT = Path("/somewhere/gridwarden")


@pytest.fixture(autouse=True)
def no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDWARDEN_VAR", raising=False)


def test_an_ordinary_user_keeps_state_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert places.state_root(CHECKOUT) == CHECKOUT / "var"


def test_root_keeps_state_where_others_may_enter_one_place_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    root = places.state_root(CHECKOUT)
    assert root.parent == Path("/var/lib/gridwarden")
    assert root != places.state_root(Path("/root/gridwarden"))


def test_the_state_directory_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWARDEN_VAR", "/srv/state")
    assert places.state_root(CHECKOUT) == Path("/srv/state")


def test_a_relative_state_directory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWARDEN_VAR", "state")
    with pytest.raises(StepError, match="must be an absolute path, not 'state'"):
        places.state_root(CHECKOUT)


def test_sockets_lie_beside_the_state_when_their_path_fits() -> None:
    assert places.socket_directory(Path("/srv/state")) == Path("/srv/state/run")


def test_sockets_of_a_deep_state_directory_lie_in_a_short_private_one() -> None:
    deep = Path("/srv") / ("x" * 90)
    short = places.socket_directory(deep)
    try:
        assert len(os.fsencode(short / ".s.PGSQL.5432")) <= places.SOCKET_PATH_LIMIT
        assert short.stat().st_mode & 0o777 == 0o700
        assert places.socket_directory(deep) == short
        short.chmod(0o755)
        with pytest.raises(StepError, match="belongs to somebody else"):
            places.socket_directory(deep)
    finally:
        short.rmdir()


def test_a_link_somebody_planted_is_no_private_directory(tmp_path: Path) -> None:
    target = tmp_path / "theirs"
    target.mkdir(mode=0o700)
    link = tmp_path / "link"
    link.symlink_to(target)
    assert places.private(target)
    assert not places.private(link)
    assert not places.private(tmp_path / "missing")


@pytest.mark.parametrize(
    ("path", "value"),
    [("/srv/state/run", "/srv/state/run"), ("/srv/my state", "'/srv/my state'"), ("/srv/o'brien", r"'/srv/o\'brien'")],
)
def test_a_path_is_quoted_for_libpq(path: str, value: str) -> None:
    assert places.quoted(Path(path)) == value


def test_kinds_of_instances_never_share_a_state_directory() -> None:
    profiles = (places.DEMO, places.TEST, places.BENCH, places.SERVICES)
    assert len({profile.subdirectory for profile in profiles}) == len(profiles)
