"""Counts of the facts that a manifest declares."""

from dataclasses import asdict
from typing import Any

import pytest

from registry.analysis.summary import FactSummary, read_summary, summarise_manifest

pytestmark = pytest.mark.once

MANIFEST: dict[str, Any] = {
    "license": "MIT",
    "agent": {"defaults": {"model": "openai/gpt-5-mini", "thinking": "low"}},
    "dependencies": {
        "plugins": [
            {"spec": "memory", "required": False},
            {"spec": "browser", "required": True, "minVersion": "2.1.0"},
        ],
        "skills": [{"slug": "search", "required": True}],
        "providers": {"any": ["openai", "anthropic"]},
    },
    "setup": {"secrets": [{"key": "API_KEY", "prompt": "To ask.", "required": True}]},
    "openclaw": {
        "entrypoints": {"AGENTS.md": "w/A.md", "BOOTSTRAP.md": "w/B.md", "data/x.csv": "w/x.csv"},
        "templates": {"USER.md": "w/U.md"},
    },
}
COUNTS = FactSummary(
    files=4, yours=1, secrets=1, plugins=2, skills=1, model="openai/gpt-5-mini", is_recognised=True
)


def test_summary_counts_every_part_of_the_manifest() -> None:
    assert summarise_manifest(MANIFEST) == COUNTS


def test_summary_of_a_sparse_manifest_is_empty() -> None:
    assert (
        summarise_manifest({"agent": None, "setup": {"secrets": "no"}, "openclaw": []})
        == FactSummary()
    )


@pytest.mark.parametrize("license", ["MIT-ish", "", "All rights reserved"])
def test_licence_outside_the_spdx_list_is_not_recognised(license: str) -> None:
    assert not summarise_manifest(MANIFEST | {"license": license}).is_recognised


def test_stored_summary_is_read_with_missing_and_unknown_keys() -> None:
    assert read_summary(asdict(COUNTS)) == COUNTS
    assert read_summary({"secrets": 2, "something": "newer"}) == FactSummary(secrets=2)
    assert read_summary({}) == FactSummary()
