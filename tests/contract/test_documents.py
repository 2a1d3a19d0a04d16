"""Files, commands and settings that the documents name exist."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.contract.test_conventions import ROOT, tracked

pytestmark = pytest.mark.once

DOCUMENTS = [
    path
    for path in tracked("*.md")
    if path.is_relative_to(ROOT / "docs") or path.parent == ROOT
    # The changelog names what was there at its time.
    if path.name != "CHANGELOG.md"
]
ENDINGS = "py|md|html|css|js|toml|yaml|tsv|in|lock"
# Names of files inside packages and of samples, which are not in the repository.
ELSEWHERE = {"AGENTS.md", "HEARTBEAT.md", "main.py", "name.css"}


def names_in(document: Path) -> list[str]:
    """The words in backticks."""
    spans = re.findall(r"`([^`\n]+)`", document.read_text())
    return [word.strip(".,:;()") for span in spans for word in span.split()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_in_a_document_exist(document: Path) -> None:
    paths = {name for name in names_in(document) if re.fullmatch(rf"[\w./-]+\.({ENDINGS})", name)}

    assert {name for name in paths - ELSEWHERE if name not in ends_of_paths()} == set()


@cache
def ends_of_paths() -> set[str]:
    """Every path of the project, with and without the folders that it begins with."""
    paths = [path.relative_to(ROOT).parts for path in tracked()]
    return {"/".join(parts[start:]) for parts in paths for start in range(len(parts))}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_a_document_exist(document: Path) -> None:
    commands = set(re.findall(r"manage\.py ([a-z_]+)", document.read_text()))

    assert commands - get_commands().keys() == set()
