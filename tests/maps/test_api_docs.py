"""The examples of docs/api.md, run as they stand there."""

import os
import re
import subprocess
from pathlib import Path

from pytest_django.live_server_helper import LiveServer

from grids.problems import TITLES
from grids.tokens import LIFETIMES, issue
from tests.town import build_town

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_answer_what_the_page_says(transactional_db: None, live_server: LiveServer) -> None:
    town = build_town()
    _token, secret = issue(town.alice, "docs", LIFETIMES[0], write=True)
    script = "set -eu\n" + "\n".join(BLOCKS)
    promised = re.findall(r"# (\d{3})$", script, re.MULTILINE)
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "BASE": live_server.url, "TOKEN": secret, "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(\d{3})$", done.stdout, re.MULTILINE) == promised, done.stdout
    first, second = re.findall(r'"id":"([0-9a-f-]{36})","number"', done.stdout)[:2]
    assert first == second
    assert len(promised) >= 9


def test_every_status_that_a_problem_may_have_is_explained() -> None:
    told = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", PAGE, re.MULTILINE) for code in row.split(", ")}
    # That a method or a format is not there needs no explaining.
    assert set(TITLES) - {405, 406} == told


def test_the_lifetimes_of_tokens_are_those_of_the_page() -> None:
    assert "({}, {}, {} or {} days)".format(*LIFETIMES) in PAGE
