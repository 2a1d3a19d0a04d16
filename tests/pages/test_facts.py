"""The label's lines, from what a manifest declares."""

from registry.facts import Need, WorkspaceFile, facts_of

MANIFEST = {
    "license": "MIT",
    "author": {"name": "Ada"},
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


def test_reads_every_line_of_a_manifest() -> None:
    facts = facts_of(MANIFEST)

    assert (facts.model, facts.thinking, facts.license) == ("openai/gpt-5-mini", "low", "MIT")
    assert facts.providers == ("openai", "anthropic")
    assert facts.secrets == (Need("API_KEY", True, "To ask."),)
    assert facts.plugins == (Need("browser", True, "2.1.0"), Need("memory", False))
    assert facts.skills == (Need("search", True),)
    assert facts.yours == (WorkspaceFile("USER.md", "w/U.md"),)
    assert facts.files_written == 4
    assert [file.target for file in facts.managed if file.only_once] == ["BOOTSTRAP.md"]
    assert facts.sources_always_read == ["w/A.md", "w/U.md"]
    assert not facts.has_heartbeat


def test_a_sparse_manifest_leaves_the_label_empty() -> None:
    facts = facts_of({"agent": None, "setup": {"secrets": "no"}, "openclaw": []})

    assert (facts.model, facts.files_written, facts.secrets) == ("", 0, ())
