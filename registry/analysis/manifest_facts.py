"""Read the facts that a manifest declares, without the files of its package.

No text is parsed here, so this also runs in a web process (ADR 22): its work is proportional to
the manifest, which has at most 1 MiB.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.analysis.model import (
    Analysis,
    License,
    Model,
    Ownership,
    Plugin,
    PromptCost,
    Provider,
    Secret,
    Skill,
    WorkspaceFile,
)
from registry.analysis.prompt_cost import ESTIMATE_METHOD
from registry.package.manifest.licences import is_recognised, normalise_licence
from registry.package.manifest.line_numbers import JsonPath
from registry.package.manifest.schema import MANIFEST

FIRST_INSTALL = "BOOTSTRAP.md"
# Manifest key below "openclaw" → who owns the files of this map after the install.
FILE_MAPS: tuple[tuple[str, Ownership], ...] = (("entrypoints", "managed"), ("templates", "yours"))


def read_declared_facts(manifest: Mapping[str, Any]) -> Analysis:
    """Facts about a version whose package was never read, as after some imports."""
    reader = ManifestReader(manifest, {})
    workspace = reader.workspace()
    return Analysis(
        workspace=workspace,
        prompt=PromptCost(method=ESTIMATE_METHOD),
        model=reader.model(),
        providers=reader.providers(),
        secrets=reader.secrets(),
        plugins=reader.plugins(),
        skills=tuple(reader.skills()),
        license=read_license(manifest),
        written_count=len({file.target for file in workspace}),
    )


def read_license(manifest: Mapping[str, Any]) -> License:
    expression = str(manifest.get("license", ""))
    return License(expression=normalise_licence(expression), recognised=is_recognised(expression))


class ManifestReader:
    """Facts that the manifest declares, with their lines in agent.json.

    Tolerates missing parts and parts of a wrong type: an imported manifest was never checked.
    """

    def __init__(self, manifest: Mapping[str, Any], lines: Mapping[JsonPath, int]) -> None:
        self._manifest = manifest
        self._lines = lines

    def workspace(self) -> tuple[WorkspaceFile, ...]:
        return tuple(
            WorkspaceFile(
                target=target,
                source=str(source),
                ownership="first_install" if target == FIRST_INSTALL else ownership,
                **self._place("openclaw", key, target),
            )
            for key, ownership in FILE_MAPS
            for target, source in self._mapping("openclaw", key).items()
        )

    def model(self) -> Model:
        defaults = self._mapping("agent", "defaults")
        return Model(
            name=str(defaults.get("model", "")),
            thinking=str(defaults.get("thinking", "")),
            **self._place("agent", "defaults", "model"),
        )

    def providers(self) -> tuple[Provider, ...]:
        path = ("dependencies", "providers", "any")
        names = self._mapping("dependencies", "providers").get("any")
        return tuple(
            Provider(name=str(name), **self._place(*path, index))
            for index, name in enumerate(names if isinstance(names, list) else [])
        )

    def secrets(self) -> tuple[Secret, ...]:
        return tuple(
            Secret(
                key=str(item.get("key", "")),
                reason=str(item.get("prompt", "")),
                required=bool(item.get("required")),
                **place,
            )
            for item, place in self._items("setup", "secrets")
        )

    def plugins(self) -> tuple[Plugin, ...]:
        return tuple(
            Plugin(
                spec=str(item.get("spec", "")),
                min_version=str(item.get("minVersion", "")),
                required=bool(item.get("required")),
                **place,
            )
            for item, place in self._items("dependencies", "plugins")
        )

    def skills(self) -> tuple[Skill, ...]:
        return tuple(
            Skill(slug=slug, name=slug, required=bool(item.get("required")), **place)
            for item, place in self._items("dependencies", "skills")
            for slug in [str(item.get("slug", ""))]
        )

    def _mapping(self, *keys: str) -> Mapping[str, Any]:
        value: Any = self._manifest
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) else {}

    def _items(self, parent: str, key: str) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
        items = self._mapping(parent).get(key)
        for index, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, Mapping):
                yield item, self._place(parent, key, index)

    def _place(self, *path: str | int) -> dict[str, Any]:
        """``path`` and ``line`` of a fact; empty without the text of agent.json."""
        line = self._lines.get(path, 0)
        return {"path": MANIFEST, "line": line} if line else {}
