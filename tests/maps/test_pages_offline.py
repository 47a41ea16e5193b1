"""The service worker: what it keeps, and whose it is."""

import json
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from maps.templatetags.modules import graph, literals, whole_graph


def test_the_worker_answers_for_the_whole_site_and_is_never_stale(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "private, no-cache"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert client.post("/sw.js").status_code == 405


def test_the_worker_names_every_file_of_the_kept_pages(client: Client) -> None:
    script = client.get("/sw.js").content.decode()
    found = re.fullmatch(r'import \{ run \} from "/static/([^"]+)";\n\nrun\((.*)\);\n', script, re.DOTALL)
    assert found
    assert finders.find(found[1])
    config = json.loads(found[2])
    assert "/my-grid/" in config["pages"]
    named = {address.removeprefix(config["static"]) for address in config["files"]}
    assert {"maps/js/pages/my-grid.js", "maps/js/lib/outbox.js", "maps/js/ui/shell.js"} <= named
    # What is fetched only when it is wanted is wanted offline, too.
    assert "maps/js/ui/sign-out.js" in named
    assert all(finders.find(path) for path in named)


def test_a_page_that_is_not_kept_says_so_in_every_language(client: Client) -> None:
    script = client.get("/sw.js").content.decode()
    apology = json.loads(script.partition("run(")[2].removesuffix(");\n"))["apology"]
    assert "没有网络" in apology
    assert "No network" in apology


def test_a_whole_graph_follows_what_is_imported_later() -> None:
    shell = "maps/js/ui/shell.js"
    later = set(whole_graph(shell)) - set(graph(shell))
    assert {shell, "maps/js/ui/sign-out.js", "maps/js/lib/wiping.js", "maps/js/lib/database.js"} <= later


def test_the_texts_of_scripts_are_in_the_language_that_the_address_names(client: Client) -> None:
    client.cookies["django_language"] = "en"
    chinese, english = (client.get(f"/jsi18n/?{name}").content.decode() for name in ("zh-Hans", "en"))
    words = json.dumps("未发送")[1:-1]
    assert words in chinese
    assert words not in english
    assert words not in client.get("/jsi18n/").content.decode()


def texts(client: Client, page: str = "") -> dict[str, Any]:
    script = client.get(f"/jsi18n/{page}?zh-Hans").content.decode()
    found: dict[str, Any] = json.loads(script.partition("const newcatalog = ")[2].partition(";\n")[0])
    return found


def test_a_page_gets_the_texts_of_its_own_scripts(client: Client) -> None:
    board, everything = texts(client, "dispatch/"), texts(client)
    assert board.items() <= everything.items()
    assert "Dispatched to %(name)s" in board
    assert "The map shows no unit grids" not in board
    assert client.get("/jsi18n/nothing/?zh-Hans").status_code == 404


def test_every_text_to_translate_stands_in_one_piece_in_a_script(client: Client) -> None:
    """A page's texts are found by what stands in quotes: none may be put together from pieces."""
    root = Path(settings.BASE_DIR) / "maps" / "static"
    scripts = [str(file.relative_to(root)) for file in root.glob("maps/js/**/*.js")]
    quoted = frozenset().union(*(literals(script) for script in scripts))
    known = texts(client)
    assert len(known) > 500
    assert {key for key in known if key.rpartition("\x04")[2] not in quoted} == set()
