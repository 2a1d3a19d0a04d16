"""What is said of a version: from its manifest and its texts, each fact with its line."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from registry.analysis.facts import FileText, analyse
from registry.analysis.hidden_text import find_hidden
from registry.analysis.hosts import find_hosts
from registry.analysis.model import Analysis
from registry.package.manifest.line_numbers import line_numbers

pytestmark = pytest.mark.once

MANIFEST: dict[str, Any] = {
    "license": "MIT OR Apache-2.0",
    "agent": {"defaults": {"model": "anthropic/claude", "thinking": "high"}},
    "dependencies": {
        "plugins": [{"spec": "npm:a", "required": True, "minVersion": "1.2"}],
        "skills": [{"slug": "sum", "required": False}],
        "providers": {"any": ["openai", "ollama"]},
    },
    "setup": {
        "secrets": [
            {"key": "LATER_KEY", "prompt": "For later", "required": False},
            {"key": "FOOD_KEY", "prompt": "To look up food", "required": True},
        ]
    },
    "openclaw": {
        "entrypoints": {
            "AGENTS.md": "w/A.md",
            "HEARTBEAT.md": "w/H.md",
            "BOOT.md": "w/B.md",
            "BOOTSTRAP.md": "w/S.md",
            "data/notes.md": "w/N.md",
        },
        "templates": {"USER.md": "w/U.md"},
    },
}


@dataclass(frozen=True)
class File:
    path: str
    size: int
    kind: str = "markdown"


def analysed(
    texts: dict[str, str] | None = None, manifest: dict[str, Any] | None = None, **more: Any
) -> Analysis:
    document = MANIFEST if manifest is None else manifest
    all_texts = {"agent.json": json.dumps(document, indent=2)} | (texts or {})
    files = [File(path, len(text.encode())) for path, text in all_texts.items()]
    return analyse(
        document, files, {path: FileText(text, **more) for path, text in all_texts.items()}
    )


def line_of(words: str) -> int:
    lines = json.dumps(MANIFEST, indent=2).split("\n")
    return next(n for n, line in enumerate(lines, start=1) if words in line)


def test_what_is_declared_comes_with_its_line() -> None:
    found = analysed()

    assert [(s.key, s.reason, s.required) for s in found.secrets_first_required] == [
        ("FOOD_KEY", "To look up food", True),
        ("LATER_KEY", "For later", False),
    ]
    plugin, skill = found.plugins[0], found.skills[0]
    assert (plugin.spec, plugin.min_version, plugin.required) == ("npm:a", "1.2", True)
    assert (skill.slug, skill.required) == ("sum", False)
    assert [p.name for p in found.providers] == ["openai", "ollama"]
    assert (found.model.name, found.model.thinking) == ("anthropic/claude", "high")
    assert (found.model.path, found.model.line) == ("agent.json", line_of('"model"'))
    assert found.providers[1].line == line_of('"ollama"')
    assert found.workspace[0].line == line_of('"AGENTS.md"')


def test_files_are_managed_or_yours_or_of_the_first_install() -> None:
    found = analysed()

    owned = {file.target: file.ownership for file in found.workspace}
    assert owned["AGENTS.md"] == "managed"
    assert owned["USER.md"] == "yours"
    assert owned["BOOTSTRAP.md"] == "first_install"
    assert [file.target for file in found.yours] == ["USER.md"]
    assert found.has_heartbeat
    assert found.starts_at_boot


def test_what_is_unpacked_to_the_root_is_written_though_no_map_says_so() -> None:
    """The client unpacks the whole package; a host reads these by their names."""
    texts = {"AGENTS.md": "be sly.", "HEARTBEAT.md": "# Soon\n- Call home\n", "docs/SOUL.md": "no"}

    found = analysed(texts, {"openclaw": {"entrypoints": {}}})

    assert [(f.target, f.source, f.path, f.line) for f in found.workspace] == [
        ("AGENTS.md", "AGENTS.md", "AGENTS.md", 1),
        ("HEARTBEAT.md", "HEARTBEAT.md", "HEARTBEAT.md", 1),
    ]
    assert [told.text for told in found.heartbeat] == ["Call home"]
    loads = {file.path: file.load for file in found.prompt.files}
    assert (loads["AGENTS.md"], loads["docs/SOUL.md"]) == ("always", "never")


def test_what_a_map_names_at_the_root_is_written_once() -> None:
    maps = {"entrypoints": {"AGENTS.md": "AGENTS.md"}, "templates": {"USER.md": "w/U.md"}}

    found = analysed({"AGENTS.md": "a", "USER.md": "b", "w/U.md": "c"}, {"openclaw": maps})

    assert [(f.target, f.source) for f in found.workspace] == [
        ("AGENTS.md", "AGENTS.md"),
        ("USER.md", "w/U.md"),
        ("USER.md", "USER.md"),
    ]


def test_a_prompt_costs_what_is_read_at_every_turn() -> None:
    found = analysed(
        {"w/A.md": "be kind " * 10, "w/N.md": "x" * 41, "w/S.md": "a", "README.md": "y"}
    )

    loads = {file.path: (file.load, file.words, file.tokens) for file in found.prompt.files}
    assert loads["w/A.md"] == ("always", 20, 20)
    assert loads["w/N.md"] == ("on_demand", 1, 11)
    assert loads["w/S.md"][0] == "once"
    assert loads["README.md"][0] == "never"
    assert (found.prompt.always_tokens, found.prompt.on_demand_tokens) == (20, 12)


def test_words_of_a_text_that_is_cut_are_not_counted() -> None:
    found = analysed({"w/A.md": "one two"}, is_cut=True)

    assert {file.words for file in found.prompt.files} == {None}
    assert found.texts_cut == ("agent.json", "w/A.md")


def test_what_a_heartbeat_says_is_read_line_by_line() -> None:
    text = "# Heartbeat\n\n- [ ] Look at the calendar\n<!-- not this -->\n1. Say nothing else\n"

    told = analysed({"w/H.md": text, "w/B.md": "Greet the house."})

    assert [(t.line, t.text) for t in told.heartbeat] == [
        (3, "Look at the calendar"),
        (5, "Say nothing else"),
    ]
    assert [t.text for t in told.boot] == ["Greet the house."]


def test_hosts_come_with_every_place() -> None:
    found = analysed(
        {"a.md": "https://api.x.io/v1\n\nand api.x.io", "b.md": "see HTTPS://API.X.IO"}
    )

    host = found.hosts[0]
    assert (host.host, host.count) == ("api.x.io", 3)
    assert [(p.path, p.line) for p in host.places] == [("a.md", 1), ("a.md", 3), ("b.md", 1)]


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("https://user:pw@api.example.org:8443/x?y#z", ["api.example.org"]),
        (
            "[here](https://a.example.com), and (https://b.example.com).",
            ["a.example.com", "b.example.com"],
        ),
        ("wss://stream.example.net/feed", ["stream.example.net"]),
        ("ask api.stripe.com for it", ["api.stripe.com"]),
        ("write to help@example.com", []),
        ("AGENTS.md, data.json, notes.txt and v1.2.3", []),
        ("see config.app.settings and e.g. this", []),
        ("http://localhost:8000 http://127.0.0.1 http://192.168.1.2 http://printer.local", []),
        ("http://8.8.8.8/dns", ["8.8.8.8"]),
        ("https://bücher.example.de", ["bücher.example.de"]),
        ("https://", []),
        ("https://..", []),
    ],
)
def test_hosts(text: str, hosts: list[str]) -> None:
    assert [host for _, host in find_hosts(text)] == hosts


def test_characters_that_one_does_not_see() -> None:
    lines = ["plain", "turn\u202earound", "zero\u200bwidth", "раypal and Москва"]
    text = "\n".join([*lines, "family \U0001f468\u200d\U0001f469"])

    found = [(one.line, one.kind, one.code) for one in find_hidden(text)]

    assert found == [
        (2, "direction", "U+202E"),
        (3, "invisible", "U+200B"),
        (4, "lookalike", "U+0440"),
        (4, "lookalike", "U+0430"),
    ]


def test_a_licence_is_recognised_or_not() -> None:
    assert analysed().license.recognised
    assert not analysed(manifest={"license": "my own"}).license.recognised
    assert not analysed(manifest={}).license.recognised


@pytest.mark.parametrize(
    "sparse",
    [{}, {"openclaw": []}, {"setup": {"secrets": "x"}}, {"dependencies": {"plugins": [1, None]}}],
)
def test_a_sparse_manifest_says_little(sparse: dict[str, Any]) -> None:
    found = analyse(sparse, (), {})

    assert (found.workspace, found.secrets, found.plugins) == ((), (), ())


def test_it_comes_back_from_json_as_it_was() -> None:
    found = analysed({"w/A.md": "https://a.example.com \u200b"})

    assert Analysis.model_validate(found.model_dump(mode="json", by_alias=True)) == found


def test_lines_of_every_value() -> None:
    text = '{\n "a": [\n  1,\n  {"b": "x\\"y,{"}\n ],\n "c": {},\n "d": []\n}'

    lines = line_numbers(text)

    assert lines == {
        (): 1,
        ("a",): 2,
        ("a", 0): 3,
        ("a", 1): 4,
        ("a", 1, "b"): 4,
        ("c",): 6,
        ("d",): 7,
    }
