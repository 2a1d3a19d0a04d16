"""The judged set: agents written for it, and what a search should find."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from devtools.demo import DEMO, list_numbers
from foundation.accounts.models import User
from registry.agents.listing import filter_columns
from registry.models import Agent, FileView, VersionFile
from registry.rules.semver import is_prerelease
from registry.search_index.actions import index_agents
from registry.vectors.actions import embed_next
from tests.registry.search.golden import Judgement
from tests.support.factories import make_agent, make_user, make_version

FOLDER = Path(__file__).parent / "judged"
FIELDS = (
    *("name", "category", "license", "model", "secret"),
    *("tags", "display_name", "tagline", "description", "readme"),
)


def read_judged_queries(name: str) -> Iterator[Judgement]:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        kind, query, labels = line.split("|")
        pairs = (label.rsplit(":", 1) for label in labels.split())
        yield Judgement(kind, query, {name: int(grade) for name, grade in pairs})


def load_judged_agents() -> None:
    """List the agents of the set, and embed them and all others."""
    owner = make_user("jury")
    for line in (FOLDER / "agents.txt").read_text(encoding="utf-8").splitlines():
        fields = dict(zip(FIELDS, line.split("|"), strict=True))
        add_agent(owner, fields["name"], "1.0.0", _manifest(fields), fields["readme"])
    embed_next(1_000)


def _manifest(fields: dict[str, str]) -> dict[str, Any]:
    secrets = [{"key": fields["secret"], "prompt": "A key.", "required": True, "target": "env"}]
    return {
        "schemaVersion": 1,
        "id": f"@jury/{fields['name']}",
        "version": "1.0.0",
        "name": fields["display_name"],
        "tagline": fields["tagline"],
        "description": fields["description"],
        "category": fields["category"],
        "tags": fields["tags"].split(","),
        "author": {"name": "Jury"},
        "license": fields["license"],
        "agent": {"defaults": {"model": fields["model"]}},
        "files": ["README.md"],
        "openclaw": {"entrypoints": {}},
        "setup": {"secrets": secrets if fields["secret"] else []},
    }


def load_demo_agents() -> None:
    """The demo agents, listed by their newest stable version, without packages."""
    owners: dict[str, User] = {}
    for folder in sorted(DEMO.glob("demo-*/*")):
        stable = [n for n in list_numbers(folder) if not is_prerelease(n)]
        number = (stable or list_numbers(folder))[-1]
        manifest = json.loads((folder / number / "agent.json").read_text(encoding="utf-8"))
        scope = folder.parent.name
        owner = owners.setdefault(
            scope, User.objects.filter(username=scope).first() or make_user(scope)
        )
        readme = _newest_readme(folder)
        add_agent(owner, folder.name, number, manifest, readme)


def _newest_readme(folder: Path) -> str:
    """A version has only the files that changed since the one before it."""
    files = (folder / number / "README.md" for number in reversed(list_numbers(folder)))
    return next((file.read_text(encoding="utf-8") for file in files if file.exists()), "")


def add_agent(
    owner: User, name: str, number: str, manifest: dict[str, Any], readme: str = ""
) -> Agent:
    agent = make_agent(
        owner,
        name,
        display_name=manifest["name"],
        category_id=manifest["category"],
        tags=manifest["tags"],
        **{key: manifest[key] for key in ("tagline", "description", "license")},
        **filter_columns(manifest),
    )
    version = make_version(agent, number, manifest=manifest)
    if readme:
        digest = sha256(readme.encode()).hexdigest()
        VersionFile.objects.create(
            version=version,
            rule_set="1",
            path="README.md",
            kind="text",
            size_bytes=1,
            sha256=digest,
        )
        FileView.objects.get_or_create(
            sha256=digest, syntax="markdown", rule_set="1", defaults={"text": readme}
        )
        with transaction.atomic():
            index_agents([agent.pk])
    return agent
