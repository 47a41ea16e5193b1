"""Docs that break the build: what exists is written down."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from maps.tiles.layers import LAYERS
from patrols.management.commands.draw_workflow import draw
from patrols.workflow import TRANSITIONS, State

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
OURS = ("grids", "patrols", "maps")


def settings_read() -> set[str]:
    tree = ast.parse((ROOT / "maps" / "site" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    names = {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    return {str(name) for name in names}


def test_every_setting_is_documented() -> None:
    text = (DOCS / "operations.md").read_text()
    names = settings_read()
    assert len(names) > 10
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_no_documented_setting_is_gone() -> None:
    text = (DOCS / "operations.md").read_text()
    # Some are read before Django is there: by what starts the processes, and by the compose files.
    files = [path for path in (ROOT / "docker").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    known = settings_read() | set(re.findall(r"GRIDWARDEN_[A-Z_]+", "".join(path.read_text() for path in files)))
    mentioned = set(re.findall(r"`(GRIDWARDEN_[A-Z_]+)`", text))
    assert mentioned - known == set()


def test_every_command_is_documented() -> None:
    text = "".join(page.read_text() for page in DOCS.glob("*.md"))
    ours = [name for name, app in get_commands().items() if app in OURS]
    assert ours
    assert [name for name in ours if f"manage.py {name}" not in text] == []


def test_every_layer_is_documented() -> None:
    text = (DOCS / "maps.md").read_text()
    assert [name for name in LAYERS if f"| `{name}` |" not in text] == []


def test_the_workflow_page_is_the_state_table() -> None:
    assert (DOCS / "workflow.md").read_text() == draw()


def test_the_workflow_page_names_every_state_and_verb() -> None:
    text = (DOCS / "workflow.md").read_text()
    assert [state for state in State if f"| `{state.value}` |" not in text] == []
    assert [verb for verb in TRANSITIONS if f"| `{verb}` |" not in text] == []


@pytest.mark.parametrize("page", [*sorted(DOCS.rglob("*.md")), ROOT / "README.md"], ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
