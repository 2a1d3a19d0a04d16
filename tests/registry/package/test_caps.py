"""Lists and values of agent.json are capped; findings name cap and line."""

import json
import time
from pathlib import Path

import pytest

from registry.package.checks.package import check_package
from registry.package.checks.references import find_references
from registry.package.manifest import caps
from registry.package.manifest.caps import MAX_ENTRIES, MAX_VALUES
from registry.package.manifest.categories import CATEGORIES
from registry.package.manifest.schema import Manifest, ManifestError, parse_manifest
from tests.support.packages import manifest, read, tarball

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]
ENTRIES = {
    "tags": lambda n: f"t{n % 9}",
    "files": lambda n: f"{n}.md",
    "dependencies.plugins": lambda n: {"spec": f"npm:p{n}", "required": False},
    "dependencies.skills": lambda n: {"slug": f"s{n}", "required": False},
    "dependencies.providers.any": lambda n: f"p{n}",
    "setup.secrets": lambda n: {"key": f"K{n}", "prompt": "x", "required": False, "target": "env"},
    "store.screenshots": lambda n: f"{n}.png",
}


def with_entries(path, count):
    if path.startswith("openclaw"):
        key = path.partition(".")[2]
        names = {f"n{n}.md": "workspace/AGENTS.md" for n in range(count)}
        return manifest(openclaw=manifest()["openclaw"] | {key: names})
    value = [ENTRIES[path](n) for n in range(count)]
    first, *keys = path.split(".")
    for key in reversed(keys):
        value = {key: value}
    return manifest(**{first: value})


def findings(document):
    package = read(tarball({"agent.json": json.dumps(document, indent=1)}))
    check = check_package(package, claimed_manifest=None, assets=(), categories=CATEGORIES)
    return [(f.code, f.line, f.message) for f in check if f.is_error]


@pytest.mark.parametrize("path", MAX_ENTRIES)
def test_longest_list_is_accepted(path):
    parse_manifest(with_entries(path, MAX_ENTRIES[path]))


@pytest.mark.parametrize("path", MAX_ENTRIES)
def test_longer_list_is_refused_with_cap_and_line(path):
    cap = MAX_ENTRIES[path]
    document = with_entries(path, cap + 1)
    text = json.dumps(document, indent=1)
    key = path.rpartition(".")[2]
    line = 1 + next(n for n, row in enumerate(text.splitlines()) if f'"{key}"' in row)

    ((code, found_line, message),) = findings(document)

    assert (code, found_line) == ("manifest_limit", line)
    assert message == f"{path} must have at most {cap} entries, and has {cap + 1}."


@pytest.mark.parametrize("path", MAX_ENTRIES)
def test_cap_of_a_list_is_in_the_json_schema(path):
    text = json.dumps(Manifest.model_json_schema())

    assert (
        f'"maxItems": {MAX_ENTRIES[path]}' in text
        or f'"maxProperties": {MAX_ENTRIES[path]}' in text
    )


def test_huge_document_is_refused_quickly():
    document = manifest(tags=[["x"] * 9] * 20_000, extra={str(n): [] for n in range(20_000)})
    process_ids = time.process_time()
    with pytest.raises(ManifestError) as refusal:
        parse_manifest(document)

    violations = {row.path: row for row in refusal.value.violations}
    assert violations[""].code == violations["tags"].code == "manifest_limit"
    assert f"{MAX_VALUES:,} values" in violations[""].message
    assert len(refusal.value.violations) <= 100
    assert time.process_time() - process_ids < 2


def test_many_links_of_a_file_with_many_names_are_checked_quickly():
    links = "".join(f"[a](x{n}.md)\n" for n in range(18_000))
    names = {f"d{n}/GUIDE.md": "docs/links.md" for n in range(MAX_ENTRIES["openclaw.templates"])}
    document = manifest(openclaw=manifest()["openclaw"] | {"templates": names})
    package = read(tarball({"docs/links.md": links}, document))
    process_ids = time.process_time()

    check = check_package(package, claimed_manifest=None, assets=(), categories=CATEGORIES)

    assert {finding.code for finding in check} == {"broken_reference", "too_many_findings"}
    assert time.process_time() - process_ids < 3


def test_link_that_is_repeated_does_not_stop_the_search_for_others():
    text = "[a](b.md)\n" * 400 + "[a](c.md)\n"

    assert [reference.line for reference in find_references("x.md", text, 100)] == [1, 401]


def test_document_names_every_cap():
    rows = (ROOT / "docs/MANIFEST_LIMITS.md").read_text()

    for path, cap in MAX_ENTRIES.items():
        assert f"| `{path}` | {cap} entries" in rows
    for name, value in vars(caps).items():
        assert not isinstance(value, int) or f"{value:,} " in rows or f"{value:,}\n" in rows, name
