"""Imports of workspaces, and of what OpenClaw itself exports."""

import io
import json
from typing import Any

import pytest

from foundation.sandbox.outputs import create_memory_file
from registry.package.imports.records import ImportAnswer, ImportRequest
from registry.package.imports.rules import reason_to_leave_out
from registry.package.imports.session import ImportSession
from registry.package.imports.suggestions import (
    first_words,
    make_slug,
    read_identity,
    shorten,
    suggest,
)
from registry.package.limits import PackageLimits
from tests.support.packages import compress, manifest, member, pack_files, tar
from tests.support.zips import Entry, make_zip

pytestmark = pytest.mark.once

AGENT = {"AGENTS.md": "Work.", "SOUL.md": "Be.", "IDENTITY.md": "- **Name:** Pat\n"}


def plan(data: bytes, kind: Any = "zip", **fields: Any) -> ImportAnswer:
    return ImportSession().plan(ImportRequest(kind, **fields), [io.BytesIO(data)])


def zipped(files: dict[str, str]) -> bytes:
    return make_zip(*(Entry(path, text) for path, text in sorted(files.items())))


def left_out(answer: ImportAnswer) -> dict[str, str]:
    return {entry.path: entry.reason for entry in answer.summary.left_out}


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


def test_export_of_an_agent():
    document = {
        "schemaVersion": 1,
        "title": "Research assistant",
        "summary": "Gathers evidence.",
        "identity": {"name": "Pat"},
        "skills": ["web-research"],
        "model": {"primary": "openai/gpt-5"},
        "files": ["AGENTS.md", "SOUL.md", "IDENTITY.md"],
    }
    files = {"manifest.json": json.dumps(document), "automations.json": "[]"}

    answer = plan(zipped(below("pat", files | below("workspace", AGENT))))

    summary = answer.summary
    assert (summary.layout, summary.root) == ("template", "pat/workspace")
    assert summary.suggestions.name == "Research assistant"
    assert summary.suggestions.tagline == "Gathers evidence"
    assert summary.suggestions.model == "openai/gpt-5"
    assert summary.suggestions.skills == ("web-research",)
    assert summary.suggestions.entrypoints == ("AGENTS.md", "IDENTITY.md", "SOUL.md")
    assert left_out(answer) == {"pat/": "outside"}


def test_export_of_a_claw():
    files = {
        "package.json": json.dumps({"name": "@acme/triage", "version": "1.2.0"}),
        "CLAW.md": "---\nschemaVersion: 1\n---\n\n# Incident triage\n\nRoutes incidents.\n",
    }

    summary = plan(zipped(files | below("workspace", AGENT))).summary

    assert (summary.layout, summary.root) == ("claw", "workspace")
    suggestions = summary.suggestions
    assert (suggestions.name, suggestions.slug, suggestions.version) == (
        *("Incident triage", "triage", "1.2.0"),
    )
    assert suggestions.tagline == "Routes incidents"


def test_backup_gives_the_workspace_of_the_main_agent():
    state = {
        "openclaw.json": '{"token": "x"}',
        "credentials/oauth.json": "{}",
        "agents/main/sessions/1.jsonl": "{}",
        **below("workspace", AGENT | {"USER.md": "me", "memory/a.md": "x"}),
        **below("workspace-coder", AGENT),
    }
    root = "2026-11-30T08-00-00.000+01-00-openclaw-backup"
    files = {"manifest.json": "{}"} | below("payload/posix/srv/ada/.openclaw", state)
    members = [member(path, text) for path, text in below(root, files).items()]

    answer = plan(compress(tar(members)), "tar")

    summary = answer.summary
    home = f"{root}/payload/posix/srv/ada/.openclaw"
    assert (summary.layout, summary.root) == ("backup", f"{home}/workspace")
    assert summary.other_roots == (f"{home}/workspace-coder",)
    assert summary.file_count == 3
    assert left_out(answer) == {"USER.md": "private", "memory/": "private", f"{root}/": "outside"}


def test_state_folder_gives_its_workspace():
    files = {"openclaw.json": "{}", **below("workspace", AGENT), **below("agents/x/agent", AGENT)}

    summary = plan(zipped(below(".openclaw", files))).summary

    assert (summary.layout, summary.root) == ("workspace", ".openclaw/workspace")


def test_folder_of_a_skill_is_not_taken_for_the_workspace():
    files = AGENT | {"skills/a/AGENTS.md": "x"}

    assert plan(zipped(files)).summary.root == ""
    assert plan(zipped(files)).summary.other_roots == ()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("AGENTS.md", None),
        ("skills/memory/SKILL.md", None),
        (".agents/skills/a/SKILL.md", None),
        ("docs/sessions.md", None),
        ("user.MD", "private"),
        ("Memory.md", "private"),
        ("MEMORY/2026.md", "private"),
        ("skills/a/.env.local", "private"),
        ("credentials/a.json", "private"),
        ("skills/a/secrets.json", "private"),
        ("data/index.sqlite", "private"),
        ("server.pem", "private"),
        ("sessions/a.md", "private"),
        ("BOOTSTRAP.md", "private"),
        ("openclaw.json", "private"),
        (".openclaw/state.json", "private"),
        ("skills/a/run.PY", "program"),
        (".hidden/a.md", "hidden"),
        ("automations.json", "settings"),
        ("a/.git/config", "junk"),
        ("a/.git", "junk"),
        ("._AGENTS.md", "junk"),
        ("docs/Thumbs.db", "junk"),
        ("node_modules/a/README.md", "junk"),
    ],
)
def test_file_is_left_out_for_a_reason(path: str, reason: str | None):
    assert reason_to_leave_out(path) == reason


def test_package_is_selected_by_its_patterns_and_not_by_name():
    files = {
        "agent.json": json.dumps(manifest(files=["*.md"])),
        "a.md": "x",
        "USER.md": "x",
        "b/c.md": "x",
        "run.sh": "x",
    }

    answer = plan(zipped(files))

    assert answer.summary.layout == "package"
    assert answer.summary.file_count == 3
    assert left_out(answer) == {"b/": "unselected", "run.sh": "unselected"}


def test_names_that_collide_are_found_only_in_what_is_packed():
    clean = plan(zipped({"AGENTS.md": "x", "memory/A.md": "x", "memory/a.md": "x"}))
    assert clean.findings == ()

    answer = plan(zipped({"AGENTS.md": "x", "skills/A.md": "x", "skills/a.md": "x"}))
    assert [finding.code for finding in answer.findings] == ["duplicate_path"]


def test_limits_are_those_of_a_package():
    files = {f"docs/{number}.md": "x" * 100 for number in range(5)}
    for limits, code in (
        ({"files": 4}, "too_many_files"),
        ({"unpacked_bytes": 400}, "package_too_large"),
    ):
        answer = plan(zipped(files), limits=PackageLimits(**limits))
        assert [finding.code for finding in answer.findings] == [code]


def test_output_never_needs_more_room_than_is_reserved():
    files = {f"{'d' * 80}/{'n' * 90}{number}é.md": "x" for number in range(400)}
    session, request = ImportSession(), ImportRequest("zip")
    stream = io.BytesIO(zipped(files))

    answer = session.plan(request, [stream])
    with create_memory_file(answer.output_bytes) as output:
        conversion = session.convert(request, [output, stream])

    assert 0 < conversion.size < answer.output_bytes


def test_archive_in_an_archive_is_not_opened():
    answer = plan(zipped({"AGENTS.md": "x", "inner.zip": "PK"}))
    assert answer.summary.file_count == 2
    assert plan(pack_files({"a.tgz": pack_files({"agent.json": b"{}"})}), "tar").summary.layout == (
        "folder"
    )


def test_identity_is_read_in_its_usual_forms():
    text = "- **Name:** Pat\n- **Vibe**: dry\n* Emoji: 📮\n- **Creature:**\n  _(AI?)_\n"
    assert read_identity(text) == {"name": "Pat", "vibe": "dry", "emoji": "📮"}


@pytest.mark.parametrize(
    "readme",
    [
        *(
            "# Daily planner\n",
            "Daily planner\n===\n",
            "\ufeff# Daily planner #",
            "Intro.\n\n## Daily planner",
        ),
        "<h1 align=center>Daily <b>planner</b></h1>\n\nPlans.",
        "![badge](b.svg)\n\n# **Daily** [planner](https://p.example) ![x](y)\n",
        "```\n# comment\n```\n# Daily `planner`",
    ],
)
def test_heading_of_the_readme_names_the_agent(readme: str) -> None:
    paths = {"README.md": "README.md"}
    assert suggest({"README.md": readme.encode()}, "", paths, ()).name == "Daily planner"
    # In a repository it is beside the workspace.
    beside = {"repo/README.md": readme.encode(), "repo/workspace/AGENTS.md": b"# AGENTS.md - Yours"}
    suggestions = suggest(beside, "repo/workspace", {"repo/workspace/AGENTS.md": "AGENTS.md"}, ())
    assert (suggestions.name, suggestions.slug) == ("Daily planner", "daily-planner")


@pytest.mark.parametrize("heading", ["# SOUL.md - Who You Are", "# Readme", "# Identity", "text"])
def test_heading_of_a_template_names_nothing(heading: str) -> None:
    assert suggest({"README.md": heading.encode()}, "", {}, ()).name == ""


def test_suggestions_are_short_and_on_one_line():
    assert first_words("# Title\n\n![x](y)\nA [link](z) and\nmore.\n\nNext") == (
        "Title",
        "A link and more.",
    )
    assert shorten("One. Two.", 100) == "One"
    assert shorten("word " * 50, 20) == "word word word…"
    assert make_slug("Ünïcode & Co.") == "unicode-co"
    assert make_slug("日本") == ""
