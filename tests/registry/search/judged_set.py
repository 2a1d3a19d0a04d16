"""The judged set: agents written for it, and what a search should find.

After a change of a text or of the model, `RECORD_VECTORS=1 pytest` with `test_judged.py` computes
the vectors of all texts again.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import transaction
from numpy.typing import NDArray

from devtools.demo import DEMO, list_numbers
from foundation.accounts.models import User
from foundation.text.embedding import Embedder, unit
from registry.agents.listing import filter_columns
from registry.models import Agent, FileView, VersionFile
from registry.rules.semver import is_prerelease
from registry.search_index.actions import index_agents
from registry.vectors.actions import embed_next
from tests.registry.search.golden import Judgement
from tests.support.factories import make_agent, make_user, make_version

FOLDER = Path(__file__).parent / "judged"
VECTORS = FOLDER / "vectors.npz"
SCALE = 500
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


# --- Vectors ---------------------------------------------------------------------------------


def use_stored_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the vectors of the set from a file: the model needs a minute for all.

    They are what the model answered; `test_stored_vectors_are_those_of_the_model` compares some.
    """
    stored_vectors = read_stored_vectors()

    def embed_text(_embedder: Embedder, text: str) -> NDArray[Any]:
        return stored_vectors[key_of("text", text)]

    def embed_query(_embedder: Embedder, text: str) -> NDArray[Any]:
        return stored_vectors[key_of("query", text)]

    monkeypatch.setattr(Embedder, "embed_text", embed_text)
    monkeypatch.setattr(Embedder, "embed_query", embed_query)


def read_stored_vectors() -> dict[str, NDArray[Any]]:
    with np.load(VECTORS) as file:
        keys, rows = file["keys"].tolist(), file["rows"].astype(np.float32)
    return dict(zip(keys, map(unit, rows), strict=True))


def key_of(kind: str, text: str) -> str:
    return sha256(f"{kind} {text}".encode()).hexdigest()[:16]


class VectorRecorder:
    """Computes the vectors that a run asks for, and writes them to the file."""

    def __init__(self) -> None:
        self.rows: dict[str, NDArray[Any]] = {}

    def record(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for kind in ("text", "query"):
            method = f"embed_{kind}"
            monkeypatch.setattr(Embedder, method, self._recording(kind, getattr(Embedder, method)))

    def _recording(self, kind: str, embed: Any) -> Any:
        def recorded(embedder: Embedder, text: str) -> NDArray[Any]:
            vector: NDArray[Any] = embed(embedder, text)
            self.rows[key_of(kind, text)] = np.rint(vector * SCALE).astype(np.int8)
            return vector

        return recorded

    def write(self) -> None:
        rows = sorted(self.rows.items())
        np.savez_compressed(
            VECTORS,
            keys=np.array([key for key, _ in rows]),
            rows=np.array([row for _, row in rows]),
        )
