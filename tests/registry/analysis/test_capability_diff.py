"""The capability diff: what grows first, each line with the place that says so."""

import json
from typing import Any

import pytest

from registry.analysis.diff.capabilities import CapabilityChange, diff_capabilities
from registry.analysis.facts import FileText, analyse
from registry.analysis.model import Analysis
from tests.registry.analysis.test_facts import File

pytestmark = pytest.mark.once

BASE: dict[str, Any] = {
    "license": "MIT",
    "agent": {"defaults": {"model": "anthropic/claude"}},
    "openclaw": {"entrypoints": {"AGENTS.md": "A.md"}},
}
SECRET = {"key": "STRIPE_KEY", "prompt": "To bill", "required": True}


def analysed(texts: dict[str, str] | None = None, **changes: Any) -> Analysis:
    document = BASE | changes
    found = {"agent.json": json.dumps(document, indent=2), "A.md": "Plan.\n"} | (texts or {})
    files = [File(path, len(text.encode())) for path, text in found.items()]
    return analyse(document, files, {path: FileText(text) for path, text in found.items()})


def said(old: Analysis, new: Analysis) -> list[tuple[str, str, str, bool]]:
    return [(c.sign, c.kind, c.name, c.grows) for c in diff_capabilities(old, new)]


def entrypoints(**files: str) -> dict[str, Any]:
    named = {f"{name}.md": source for name, source in files.items()}
    return {"entrypoints": {"AGENTS.md": "A.md"} | named}


def test_nothing_changed() -> None:
    assert diff_capabilities(analysed(), analysed()) == ()


def test_a_new_secret_a_heartbeat_and_a_host_stand_first_with_their_lines() -> None:
    new = analysed(
        {"H.md": "# Every hour\n\n- Ask https://api.stripe.com\n"},
        setup={"secrets": [SECRET]},
        openclaw=entrypoints(HEARTBEAT="H.md"),
        agent={"defaults": {"model": "openai/gpt"}},
    )

    found = diff_capabilities(analysed(), new)

    assert [(c.sign, c.kind, c.name, c.grows) for c in found] == [
        ("+", "secret", "STRIPE_KEY", True),
        ("+", "heartbeat", "HEARTBEAT.md", True),
        ("+", "host", "api.stripe.com", True),
        ("~", "prompt", "", True),
        ("~", "model", "", False),
    ]
    assert (found[2].path, found[2].line) == ("H.md", 3)
    assert (found[0].path, found[0].required) == ("agent.json", True)
    assert found[0].line > 1


def test_what_is_gone_points_into_the_older_package() -> None:
    old = analysed({"N.md": "\nhttps://old.example.com\n"}, setup={"secrets": [SECRET]})

    secret, host = diff_capabilities(old, analysed())

    assert (secret.sign, secret.kind, secret.is_old, secret.grows) == ("-", "secret", True, False)
    assert host == CapabilityChange(
        sign="-", kind="host", name="old.example.com", is_old=True, path="N.md", line=2
    )


def needs(kind: str, **changes: Any) -> dict[str, Any]:
    name = {"plugins": "spec", "skills": "slug"}[kind]
    return {"dependencies": {kind: [{name: "one", "required": False} | changes]}}


@pytest.mark.parametrize(("kind", "name"), [("plugins", "plugin"), ("skills", "skill")])
def test_what_becomes_required_grows_and_what_becomes_optional_does_not(
    kind: str, name: str
) -> None:
    may, must = analysed(**needs(kind)), analysed(**needs(kind, required=True))

    assert said(may, must) == [("~", name, "one", True)]
    assert said(must, may) == [("~", name, "one", False)]


def test_a_plugin_from_another_version_on() -> None:
    old = analysed(**needs("plugins", minVersion="1.0.0"))
    new = analysed(**needs("plugins", minVersion="2.0.0"))

    (change,) = diff_capabilities(old, new)

    assert (change.sign, change.before, change.after) == ("~", "1.0.0", "2.0.0")


def providers(*names: str) -> dict[str, Any]:
    return {"dependencies": {"providers": {"any": list(names)}}}


def test_another_provider_is_one_more_way_and_a_lost_one_asks_for_more() -> None:
    one, two = analysed(**providers("openai")), analysed(**providers("openai", "ollama"))

    assert said(one, two) == [("+", "provider", "ollama", False)]
    assert said(two, one) == [("-", "provider", "ollama", True)]
    assert said(analysed(), one) == [("+", "provider", "openai", True)]


def test_files_of_the_workspace_come_go_and_change_hands() -> None:
    mine = analysed(openclaw={**entrypoints(), "templates": {"USER.md": "A.md"}})
    theirs = analysed(openclaw=entrypoints(USER="A.md"))

    assert ("~", "workspace", "USER.md", True) in said(mine, theirs)
    assert ("~", "workspace", "USER.md", False) in said(theirs, mine)
    assert ("+", "workspace", "USER.md", True) in said(analysed(), mine)
    assert ("-", "workspace", "USER.md", False) in said(mine, analysed())


def test_other_words_at_a_heartbeat() -> None:
    way = {"openclaw": entrypoints(HEARTBEAT="H.md")}
    one = analysed({"H.md": "- look\n"}, **way)
    two = analysed({"H.md": "- look\n- send\n"}, **way)

    (more,) = [c for c in diff_capabilities(one, two) if c.kind == "heartbeat"]
    (less,) = [c for c in diff_capabilities(two, one) if c.kind == "heartbeat"]

    assert (more.sign, more.count, more.grows, more.line) == ("~", 1, True, 2)
    assert (less.count, less.grows, less.is_old) == (-1, False, True)


def test_hidden_characters_are_counted_by_file_and_not_by_line() -> None:
    one = analysed({"T.md": "a\u200bb\n"})
    moved = analysed({"T.md": "\na\u200bb\n"})
    more = analysed({"T.md": "a\u200bb\nc\u200b\u200b\n"})

    assert diff_capabilities(one, moved) == ()
    (grown,) = diff_capabilities(one, more)
    assert (grown.sign, grown.kind, grown.count, grown.path) == ("+", "hidden", 2, "T.md")


def test_another_licence() -> None:
    (change,) = diff_capabilities(analysed(), analysed(license="GPL-3.0-only"))

    assert (change.kind, change.before, change.after) == ("licence", "MIT", "GPL-3.0-only")


def test_without_the_bytes_only_what_manifests_declare_is_compared() -> None:
    bare = analyse(BASE, (), {})
    whole = analysed({"N.md": "https://api.example.com"}, setup={"secrets": [SECRET]})

    assert said(bare, whole) == [("+", "secret", "STRIPE_KEY", True)]
