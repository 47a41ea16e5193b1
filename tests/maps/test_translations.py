"""The Chinese of everything that people read is complete."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted(ROOT.glob("*/locale/zh_Hans/LC_MESSAGES/*.po"))


def names() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in CATALOGUES]


def test_every_app_has_its_catalogue() -> None:
    assert names() == [
        "grids/locale/zh_Hans/LC_MESSAGES/django.po",
        "maps/locale/zh_Hans/LC_MESSAGES/django.po",
        "maps/locale/zh_Hans/LC_MESSAGES/djangojs.po",
        "patrols/locale/zh_Hans/LC_MESSAGES/django.po",
    ]


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=names())
def test_nothing_is_untranslated_or_fuzzy(catalogue: Path) -> None:
    answer = subprocess.run(
        ["msgfmt", "--check-format", "--statistics", "-o", "/dev/null", str(catalogue)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert "untranslated" not in answer.stderr
    assert "fuzzy" not in answer.stderr


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=names())
def test_every_string_of_the_sources_is_in_the_catalogue(catalogue: Path, tmp_path: Path) -> None:
    app = catalogue.parents[3]
    copy = tmp_path / app.name
    shutil.copytree(app, copy, ignore=shutil.ignore_patterns("*.mo", "__pycache__", "migrations"))
    subprocess.run(
        [
            "django-admin",
            "makemessages",
            "-l",
            "zh_Hans",
            "--no-location",
            "--no-obsolete",
            "-v0",
            "-d",
            catalogue.stem,
        ],
        cwd=copy,
        check=True,
        capture_output=True,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
    )
    fresh = (copy / catalogue.relative_to(app)).read_text(encoding="utf-8")
    known = catalogue.read_text(encoding="utf-8")
    assert ids(fresh) == ids(known)


def ids(text: str) -> set[str]:
    joined = text.replace('"\n"', "")
    return set(re.findall(r'^(?:msgctxt .*\n)?msgid ".*"$', joined, re.MULTILINE))
