"""Collecting the static files: minified, hashed, and whole."""

import posixpath
import re
import subprocess
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders

from maps.site.apps import StaticFiles
from maps.site.static import ModuleManifestStorage, minify

IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> ModuleManifestStorage:
    storage = ModuleManifestStorage(location=tmp_path_factory.mktemp("static"), base_url="/static/")
    paths = {}
    for finder in get_finders():
        for name, source in finder.list(StaticFiles.ignore_patterns):
            named = posixpath.join(getattr(source, "prefix", "") or "", name)
            with source.open(name) as file:
                storage.save(named, file)
            paths[named] = (source, name)
    for name, _hashed, outcome in storage.post_process(paths):
        assert not isinstance(outcome, Exception), (name, outcome)
    return storage


def test_every_module_imports_hashed_names_that_exist(collected: ModuleManifestStorage) -> None:
    ours = {name: hashed for name, hashed in collected.hashed_files.items() if name.startswith("maps/js/")}
    assert len(ours) > 60
    imports = 0
    for name, hashed in ours.items():
        for target in IMPORT.findall(Path(collected.path(hashed)).read_text()):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(hashed), target))
            assert path in set(collected.hashed_files.values()), (name, target)
            imports += 1
    assert imports > 100


def test_nothing_written_for_readers_of_the_source_is_served(collected: ModuleManifestStorage) -> None:
    for name, hashed in collected.hashed_files.items():
        if name.startswith("maps/") and name.endswith((".js", ".css")):
            # A comment of ours, not the "image/*" of a file input.
            assert not re.search(r"/\*[\s*]", Path(collected.path(hashed)).read_text()), name


def test_licences_stay_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    script = tmp_path / "a.js"
    script.write_text("/*! (c) somebody, BSD */\n// what it does\nexport const long_name = (first) => first + 1;\n")
    minify(tmp_path, ["a.js", "a.png"])
    small = script.read_text()
    assert "(c) somebody, BSD" in small
    assert "what it does" not in small
    minify(tmp_path, ["a.js"])
    assert script.read_text() == small


def test_a_broken_script_is_an_error_and_not_served(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.js").write_text("export const = 1;\n")
    with pytest.raises(subprocess.CalledProcessError):
        minify(tmp_path, ["a.js"])
    assert "a.js:1:13" in capfd.readouterr().err


def test_a_missing_esbuild_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.js").write_text("export const one = 1;\n")
    monkeypatch.setattr("maps.site.static.settings.BASE_DIR", tmp_path)
    with pytest.raises(FileNotFoundError, match="make setup"):
        minify(tmp_path, ["a.js"])
