"""`make run` from the outside: starts, stops, and what is left after every kind of death."""

import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from runner import places

from tests.docker.checkout import READY, Checkout, free_port, until

MakeCheckout = Callable[[], Checkout]
Stop = Callable[[subprocess.Popen[bytes]], None]


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def interrupt_like_a_terminal(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGINT)


def interrupt_make_alone(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)


def terminate_make(process: subprocess.Popen[bytes]) -> None:
    process.terminate()


def kill_make(process: subprocess.Popen[bytes]) -> None:
    process.kill()


# The others with FAULTS=full: what they stop is the same, and each costs a whole start.
STOPS: list[Stop] = [interrupt_like_a_terminal, kill_make]
if os.environ.get("FAULTS") == "full":
    STOPS += [interrupt_make_alone, terminate_make]


@pytest.mark.parametrize("stop", STOPS)
def test_a_stop_leaves_no_process_behind(checkout: Checkout, stop: Stop) -> None:
    port = free_port()
    process = checkout.start_and_wait(port)
    assert answers(port)
    stop(process)
    process.wait(20)
    until(lambda: not checkout.processes(), f"an end of {checkout.processes()}")
    assert "Traceback" not in checkout.said()


def test_a_stop_on_request_is_no_failure(checkout: Checkout) -> None:
    process = checkout.start(free_port(), command=("docker/local/run", "run"))
    until(lambda: READY in checkout.said(), "readiness")
    process.terminate()
    assert process.wait(20) == 0
    assert "nothing is left running" in checkout.said()


def test_a_kill_of_everything_is_healed_by_the_next_start(checkout: Checkout) -> None:
    port = free_port()
    checkout.start_and_wait(port)
    checkout.kill_all()
    until(lambda: not checkout.processes(), "the end of all")
    checkout.start_and_wait(port)
    assert answers(port)


def test_what_an_orphaned_worker_left_is_ended_by_the_next_start(checkout: Checkout) -> None:
    """RQ's work horse leads a process group of its own, so nothing but the next start ends it."""
    port = free_port()
    checkout.start_and_wait(port)
    workers = {pid for pid, command in checkout.processes().items() if "rqworker" in command}
    horses = [pid for pid in workers if parent_of(pid) in workers]
    assert (len(workers), len(horses)) == (4, 2)
    orphan = horses[0]
    checkout.kill_all(but=orphan)
    until(lambda: set(checkout.processes()) == {orphan}, "the orphan to be alone")
    checkout.start_and_wait(port)
    assert orphan not in checkout.processes()
    assert "Leftovers of the last run" in checkout.said()


def parent_of(pid: int) -> int:
    """Return the number of a process's parent."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])


@pytest.mark.parametrize("victim", ["-m runner", "supervisord"])
def test_a_kill_of_a_manager_takes_all_down_and_the_next_start_heals(checkout: Checkout, victim: str) -> None:
    port = free_port()
    checkout.start_and_wait(port)
    os.kill(checkout.pid_of(victim), signal.SIGKILL)
    until(lambda: not answers(port), "the site to go down")
    checkout.start_and_wait(port)
    assert answers(port)


def test_a_killed_process_comes_back_by_itself(checkout: Checkout) -> None:
    port = free_port()
    checkout.start_and_wait(port)
    victims = {name: checkout.pid_of(name) for name in ("bin/postgres", "redis-server", "gunicorn", "clock")}
    for pid in victims.values():
        os.kill(pid, signal.SIGKILL)

    def back(name: str) -> bool:
        return any(name in command and pid > victims[name] for pid, command in checkout.processes().items())

    for name in victims:
        until(functools.partial(back, name), name)
    until(lambda: answers(port), "the site")


def test_management_commands_reach_the_running_instance(checkout: Checkout) -> None:
    def ask() -> subprocess.CompletedProcess[str]:
        command = ["docker/local/manage", "show-database", "--verbosity", "2"]
        env = {**os.environ, "GRIDWARDEN_VAR": str(checkout.var)}
        return subprocess.run(command, cwd=checkout.path, env=env, capture_output=True, text=True, check=False)

    asked = ask()
    assert asked.returncode == 1
    assert "Nothing is running in this checkout." in asked.stdout
    checkout.start_and_wait(free_port())
    asked = ask()
    assert asked.returncode == 0
    assert f"host={checkout.var}/run dbname=gridwarden" in asked.stdout
    assert "--verbosity 2" in asked.stdout


def test_a_second_start_says_where_the_first_one_runs(checkout: Checkout, make_checkout: MakeCheckout) -> None:
    port = free_port()
    first = checkout.start_and_wait(port)
    second = make_checkout()
    again = subprocess.run(
        ["make", "run"],
        cwd=checkout.path,
        env={**os.environ, "GRIDWARDEN_VAR": str(checkout.var)},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert again.returncode != 0
    assert f"already running at http://127.0.0.1:{port}/" in again.stdout
    # A second checkout is another matter.
    other = free_port()
    second.start_and_wait(other)
    assert answers(port)
    assert answers(other)
    assert first.poll() is None


def test_a_taken_port_is_refused_in_one_sentence(checkout: Checkout) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        process = checkout.start(taken)
        assert process.wait(20) != 0
    assert f"PORT={taken} is taken by another program." in checkout.said()
    assert not checkout.processes()


def test_nobody_but_this_machine_reaches_the_demo(checkout: Checkout) -> None:
    port = free_port()
    exposing = {"GRIDWARDEN_BIND": "0.0.0.0", "GUNICORN_CMD_ARGS": f"--bind=0.0.0.0:{port}"}  # noqa: S104 - to be ignored
    checkout.start_and_wait(port, exposing)
    with open("/proc/net/tcp") as table:
        listening = {line.split()[1] for line in table if line.split()[3] == "0A"}
    assert f"0100007F:{port:04X}" in listening
    assert f"00000000:{port:04X}" not in listening


def test_a_failing_step_shows_its_last_words_and_stops_everything(checkout: Checkout) -> None:
    checkout.var.mkdir(exist_ok=True)
    broken = checkout.var / "break-prepare"
    broken.touch()
    process = checkout.start(free_port())
    assert process.wait(30) != 0
    broken.unlink()
    assert READY not in checkout.said()
    assert "prepare: the catalogue is unreadable" in checkout.said()
    assert re.search(r"The whole log: /\S+/prepare\.log", checkout.said())
    assert not checkout.processes()


def test_a_state_directory_too_deep_for_a_socket_still_works(checkout: Checkout) -> None:
    deep = checkout.path / ("deep-" * 20) / "var"
    port = free_port()
    process = checkout.start(port, env={"GRIDWARDEN_VAR": str(deep)})
    until(lambda: READY in checkout.said() or process.poll() is not None, "readiness")
    assert READY in checkout.said(), checkout.said()
    assert answers(port)
    checkout.end()
    shutil.rmtree(places.socket_directory(deep))
