"""The subcommands: check, pack and init."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from registry.package.imports.records import ImportSummary, ManifestSuggestions
from registry.package.manifest.categories import CATEGORIES
from registry.package.manifest.schema import MANIFEST, ManifestError, parse_manifest
from registry.package.offline import check_in_sandbox, pack_in_sandbox, plan_in_sandbox
from registry.package.report import format_json, format_text

STARTER_FILES = {
    "AGENTS.md": "# What the agent does\n\nWrite here how the agent works, step by step.\n",
    "SOUL.md": "# Who the agent is\n\nWrite here its tone and its limits.\n",
    "README.md": "# My agent\n\nWrite here what the agent does, for whom, and what not.\n",
}
DEFAULT_MODEL = "anthropic/claude-sonnet-4-5"
REASONS = {
    "private": "private: about you, or with credentials",
    "program": "a program or script, which packages must not contain",
    "junk": "of the operating system or a tool",
    "hidden": "hidden",
    "link": "a link or a special file",
    "outside": "outside of the workspace",
    "settings": "schedules, which the operator sets up",
    "unselected": "not selected by files in agent.json",
}


def check(options: Namespace) -> int:
    """Checks a package: a folder or a .tgz as it is, a zip as it is packed."""
    is_zip = options.path.is_file() and _starts_as_zip(options.path)
    report = pack_in_sandbox(options.path).report if is_zip else check_in_sandbox(options.path)
    print(format_json(report) if options.json else format_text(report))
    return 0 if report.is_accepted else 1


def _starts_as_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def pack(options: Namespace) -> int:
    """Writes the package of a folder, a zip or an export, and lists what is left out."""
    if options.output.exists() and not options.force:
        print(f"{options.output} is there already. Use --force to replace it.", file=sys.stderr)
        return 2
    result = pack_in_sandbox(options.path)
    if result.summary is not None:
        print(format_summary(result.summary))
    print(format_text(result.report))
    if not result.package:
        if result.summary is not None and not result.summary.has_manifest:
            print(f"Write {MANIFEST} first: python -m registry.package init FOLDER")
        return 1
    options.output.write_bytes(result.package)
    print(f"Wrote {options.output}, {len(result.package):,} bytes.")
    return 0


def format_summary(summary: ImportSummary) -> str:
    """Returns lines that say what was left out."""
    lines = []
    if summary.root:
        lines.append(f"The package is the folder {summary.root}.")
    for entry in summary.left_out:
        count = f" ({entry.count:,} files)" if entry.count > 1 else ""
        lines.append(f"left out  {entry.path}{count}: {REASONS[entry.reason]}")
    if summary.other_roots:
        lines.append(f"Other workspaces, not packed: {', '.join(summary.other_roots)}")
    if summary.executable_count:
        lines.append(f"Files that are no longer executable: {summary.executable_count:,}")
    if summary.review_paths:
        lines.append(f"Read before you publish: {', '.join(summary.review_paths)}")
    return "\n".join(lines) or "Nothing was left out."


def init(options: Namespace) -> int:
    """Writes agent.json into a folder, and a starter if it has no files of an agent."""
    target = options.path / MANIFEST
    if target.exists():
        print(f"{target} is there already.", file=sys.stderr)
        return 2
    options.path.mkdir(parents=True, exist_ok=True)
    is_empty = not any(options.path.iterdir())
    if is_empty:
        for name, text in STARTER_FILES.items():
            (options.path / name).write_text(text, encoding="utf-8")
    summary = plan_in_sandbox(options.path).summary
    if summary.root:
        print(f"The workspace is in {summary.root}: run init there.", file=sys.stderr)
        return 2
    document = _make_document(options, summary.suggestions)
    try:
        parse_manifest(document)
    except ManifestError as error:
        for violation in error.violations:
            print(f"{violation.path} {violation.message}.", file=sys.stderr)
        return 1
    if document["category"] not in CATEGORIES:
        print(f"category must be one of: {', '.join(CATEGORIES)}.", file=sys.stderr)
        return 1
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    target.write_text(text, encoding="utf-8")
    print(format_summary(summary))
    print(f"Wrote {target}. Next: python -m registry.package pack {options.path} -o agent.tgz")
    return 0


def _make_document(options: Namespace, suggestions: ManifestSuggestions) -> dict[str, Any]:
    def ask(option: str, label: str, default: str) -> str:
        value = getattr(options, option)
        if value is None and not options.no_input and sys.stdin.isatty():
            hint = f" [{default}]" if default else ""
            value = input(f"{label}{hint}: ").strip() or None
        return str(value if value is not None else default).strip()

    slug = suggestions.slug or "my-agent"
    name = ask("name", "Name", suggestions.name)
    tagline = ask("tagline", "One sentence for lists", suggestions.tagline)
    document: dict[str, Any] = {"$schema": options.schema} if options.schema else {}
    return document | {
        "schemaVersion": 1,
        "id": ask("id", f"Id, such as @your-scope/{slug}", ""),
        "version": suggestions.version or "0.1.0",
        "name": name,
        "tagline": tagline,
        "description": suggestions.description or tagline,
        "category": ask("category", f"Category ({', '.join(CATEGORIES)})", "other"),
        "tags": options.tags.replace(",", " ").split(),
        "author": {"name": ask("author", "Author", "")},
        "license": ask("license", "Licence, such as MIT", ""),
        "agent": {"defaults": {"model": ask("model", "Model", suggestions.model or DEFAULT_MODEL)}},
        "files": list(suggestions.files),
        "openclaw": {"entrypoints": {path: path for path in suggestions.entrypoints}},
    }
