"""Which port the demo takes."""

import socket

import pytest
from runner import ports
from runner.progress import StepError


@pytest.fixture
def listener() -> socket.socket:
    holder = socket.socket()
    holder.bind((ports.HOST, 0))
    holder.listen()
    return holder


def test_a_port_somebody_listens_on_is_taken(listener: socket.socket) -> None:
    with listener:
        number = listener.getsockname()[1]
        assert ports.taken(number)
    assert not ports.taken(number)


def test_the_port_asked_for_must_be_free(listener: socket.socket) -> None:
    with listener, pytest.raises(StepError, match="is taken by another program"):
        ports.choose(str(listener.getsockname()[1]))


def test_without_a_wish_the_next_free_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "DEFAULT_PORT", 48000)
    monkeypatch.setattr(ports, "taken", lambda number: number < 48002)
    chosen = ports.choose("")
    chosen.claim.close()
    assert (chosen.number, chosen.asked_for) == (48002, False)


def test_two_starts_at_once_choose_different_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither listens yet when the other one looks."""
    monkeypatch.setattr(ports, "DEFAULT_PORT", 48010)
    monkeypatch.setattr(ports, "taken", lambda number: False)
    first, second = ports.choose(None), ports.choose(None)
    first.claim.close()
    second.claim.close()
    assert (first.number, second.number) == (48010, 48011)


def test_no_free_port_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "taken", lambda number: True)
    with pytest.raises(StepError, match="All ports from 8000 to 8099 are taken"):
        ports.choose(None)


@pytest.mark.parametrize("text", ["eighty", "80", "0", "65536", "-1", "8000.5", "８０００"])
def test_nonsense_is_named(text: str) -> None:
    with pytest.raises(StepError, match="PORT must be a whole number from 1024 to 65535"):
        ports.choose(text)
