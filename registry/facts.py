"""What a manifest declares, as the label shows it. Plain values in, plain values out.

Manifests that came in by import may be sparse: whatever is missing is simply not on the label.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What an agent's host puts before the model at every turn, if the workspace has it.
ALWAYS_READ = ("AGENTS.md", "SOUL.md", "TOOLS.md", "IDENTITY.md", "USER.md", "HEARTBEAT.md")
FIRST_INSTALL_ONLY = "BOOTSTRAP.md"


@dataclass(frozen=True, slots=True)
class WorkspaceFile:
    """``target`` in the workspace comes from ``source`` in the package."""

    target: str
    source: str

    @property
    def only_once(self) -> bool:
        return self.target == FIRST_INSTALL_ONLY


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must or may be there: a secret, a plugin, a skill."""

    name: str
    required: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """``managed`` files are replaced by every update, ``yours`` are written once and then kept."""

    model: str
    thinking: str
    providers: tuple[str, ...]
    managed: tuple[WorkspaceFile, ...]
    yours: tuple[WorkspaceFile, ...]
    secrets: tuple[Need, ...]
    plugins: tuple[Need, ...]
    skills: tuple[Need, ...]
    license: str
    author: str

    @property
    def files_written(self) -> int:
        return len(self.managed) + len(self.yours)

    @property
    def has_heartbeat(self) -> bool:
        return any(f.target == "HEARTBEAT.md" for f in (*self.managed, *self.yours))

    @property
    def sources_always_read(self) -> list[str]:
        """Paths in the package whose text goes before the model at every turn."""
        return [f.source for f in (*self.managed, *self.yours) if f.target in ALWAYS_READ]


def facts_of(manifest: Mapping[str, Any]) -> Facts:
    """The label's lines, from a manifest that passed the rules or came in by import."""
    openclaw = _part(manifest, "openclaw")
    needs = _part(manifest, "dependencies")
    defaults = _part(_part(manifest, "agent"), "defaults")
    return Facts(
        model=str(defaults.get("model", "")),
        thinking=str(defaults.get("thinking", "")),
        providers=tuple(str(name) for name in _list(_part(needs, "providers"), "any")),
        managed=_files(_part(openclaw, "entrypoints")),
        yours=_files(_part(openclaw, "templates")),
        secrets=_needs(_list(_part(manifest, "setup"), "secrets"), "key", "prompt"),
        plugins=_needs(_list(needs, "plugins"), "spec", "minVersion"),
        skills=_needs(_list(needs, "skills"), "slug"),
        license=str(manifest.get("license", "")),
        author=str(_part(manifest, "author").get("name", "")),
    )


def _part(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = parent.get(key)
    return part if isinstance(part, Mapping) else {}


def _list(parent: Mapping[str, Any], key: str) -> list[Any]:
    items = parent.get(key)
    return items if isinstance(items, list) else []


def _files(targets: Mapping[str, Any]) -> tuple[WorkspaceFile, ...]:
    return tuple(WorkspaceFile(target, str(source)) for target, source in targets.items())


def _needs(items: Iterable[Any], name: str, note: str = "") -> tuple[Need, ...]:
    """Required ones first, each group in the author's order."""
    found = [
        Need(str(item.get(name, "")), bool(item.get("required")), str(item.get(note, "")))
        for item in items
        if isinstance(item, Mapping)
    ]
    return tuple(sorted(found, key=lambda need: not need.required))
