"""Everything that is said of a version, from its manifest and its files."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from registry.analysis.hidden_text import hidden_in
from registry.analysis.hosts import hosts_in
from registry.analysis.model import (
    Analysis,
    HiddenCharacter,
    Host,
    License,
    Load,
    Model,
    Ownership,
    Place,
    Plugin,
    PromptCost,
    PromptFile,
    Provider,
    Schedule,
    Secret,
    Skill,
    WorkspaceFile,
)
from registry.analysis.prompt_cost import RULE_OF_THUMB, tokens_of, words_of
from registry.package.manifest.json_lines import Steps, lines_of_json
from registry.package.manifest.licences import is_recognised

MANIFEST = "agent.json"
# What an agent's host puts before the model at every turn, if the workspace has it.
ALWAYS_READ = ("AGENTS.md", "SOUL.md", "TOOLS.md", "IDENTITY.md", "USER.md", "HEARTBEAT.md")
FIRST_INSTALL = "BOOTSTRAP.md"
HEARTBEAT = "HEARTBEAT.md"
BOOT = "BOOT.md"
# What a host looks for at the root of a workspace. The client unpacks the whole package there, so
# such a file at the package's own root is written whether agent.json maps it or not.
FOUND_AT_THE_ROOT = frozenset((*ALWAYS_READ, FIRST_INSTALL, BOOT, "MEMORY.md"))
MOST_HOSTS = 200
MOST_PLACES = 20
MOST_SCHEDULES = 50
MOST_HIDDEN = 200
LONGEST_SCHEDULE = 300

_BULLET = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")


class File(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text from its beginning; ``is_cut`` where the file goes on."""

    text: str
    is_cut: bool = False


def analyse(
    manifest: Mapping[str, Any], files: Iterable[File], texts: Mapping[str, Text]
) -> Analysis:
    """What a version with these files will do. ``texts`` has what could be kept of its text files,
    agent.json among them; a manifest that came in by import may be sparse, and may be all."""
    files = tuple(files)
    expression = str(manifest.get("license", ""))
    declared = Declared(manifest, texts.get(MANIFEST))
    mapped = declared.workspace()
    workspace = (*mapped, *_unmapped(files, mapped))
    return Analysis(
        workspace=workspace,
        prompt=prompt_cost(files, texts, workspace),
        model=declared.model(),
        providers=declared.providers(),
        secrets=declared.secrets(),
        plugins=declared.plugins(),
        skills=declared.skills(),
        heartbeat=_told(HEARTBEAT, workspace, texts),
        boot=_told(BOOT, workspace, texts),
        hosts=_hosts(texts),
        hidden=_hidden(texts),
        license=License(expression=expression, recognised=is_recognised(expression)),
        file_count=len(files),
        size_bytes=sum(file.size for file in files),
        texts_cut=tuple(sorted(path for path, text in texts.items() if text.is_cut)),
    )


class Declared:
    """What the manifest says, and on which of its lines."""

    def __init__(self, manifest: Mapping[str, Any], source: Text | None) -> None:
        self._manifest = manifest
        self._lines = lines_of_json(source.text) if source and not source.is_cut else {}

    def workspace(self) -> tuple[WorkspaceFile, ...]:
        maps: tuple[tuple[str, Ownership], ...] = (
            ("entrypoints", "managed"),
            ("templates", "yours"),
        )
        return tuple(
            WorkspaceFile(
                target=target,
                source=str(source),
                ownership="first_install" if target == FIRST_INSTALL else ownership,
                **self._at("openclaw", part, target),
            )
            for part, ownership in maps
            for target, source in self._part("openclaw", part).items()
        )

    def model(self) -> Model:
        defaults = self._part("agent", "defaults")
        return Model(
            name=str(defaults.get("model", "")),
            thinking=str(defaults.get("thinking", "")),
            **self._at("agent", "defaults", "model"),
        )

    def providers(self) -> tuple[Provider, ...]:
        steps = ("dependencies", "providers", "any")
        names = self._part("dependencies", "providers").get("any")
        found = names if isinstance(names, list) else []
        return tuple(
            Provider(name=str(name), **self._at(*steps, place)) for place, name in enumerate(found)
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
            Skill(slug=str(item.get("slug", "")), required=bool(item.get("required")), **place)
            for item, place in self._items("dependencies", "skills")
        )

    def _part(self, *keys: str) -> Mapping[str, Any]:
        part: Any = self._manifest
        for key in keys:
            part = part.get(key) if isinstance(part, Mapping) else None
        return part if isinstance(part, Mapping) else {}

    def _items(self, parent: str, key: str) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
        items = self._part(parent).get(key)
        for place, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, Mapping):
                yield item, self._at(parent, key, place)

    def _at(self, *steps: str | int) -> dict[str, Any]:
        wanted: Steps = steps
        line = self._lines.get(wanted, 0)
        return {"path": MANIFEST, "line": line} if line else {}


def _unmapped(files: Iterable[File], mapped: Iterable[WorkspaceFile]) -> Iterator[WorkspaceFile]:
    """What lands in the workspace under a name that the host looks for, and no map says so."""
    said = {(file.target, file.source) for file in mapped}
    for file in files:
        path = file.path
        if path in FOUND_AT_THE_ROOT and (path, path) not in said:
            yield WorkspaceFile(target=path, source=path, ownership="managed", path=path, line=1)


def prompt_cost(
    files: Iterable[File], texts: Mapping[str, Text], workspace: Iterable[WorkspaceFile]
) -> PromptCost:
    """Which texts a model reads, when, and at what cost."""
    targets: dict[str, list[str]] = {}
    for mapped in workspace:
        targets.setdefault(mapped.source, []).append(mapped.target)
    rows = [
        _prompt_file(file, target, texts.get(file.path))
        for file in files
        if file.kind in ("markdown", "text")
        for target in targets.get(file.path, [""])
    ]
    always = [row for row in rows if row.load == "always"]
    on_demand = [row for row in rows if row.load in ("on_demand", "once", "boot")]
    return PromptCost(
        method=RULE_OF_THUMB,
        always_words=sum(row.words or 0 for row in always),
        always_tokens=sum(row.tokens for row in always),
        on_demand_words=sum(row.words or 0 for row in on_demand),
        on_demand_tokens=sum(row.tokens for row in on_demand),
        files=tuple(rows),
    )


def _prompt_file(file: File, target: str, text: Text | None) -> PromptFile:
    counted = words_of(text.text) if text and not text.is_cut else None
    return PromptFile(
        path=file.path,
        target=target,
        load=_load_of(target),
        words=counted,
        tokens=tokens_of(file.size),
    )


def _load_of(target: str) -> Load:
    if not target:
        return "never"
    if target in ALWAYS_READ:
        return "always"
    return {FIRST_INSTALL: "once", BOOT: "boot"}.get(target, "on_demand")  # type: ignore[return-value]


def _told(
    target: str, workspace: Iterable[WorkspaceFile], texts: Mapping[str, Text]
) -> tuple[Schedule, ...]:
    """What a file of the workspace tells the agent to do, line by line: its headings, comments and
    front matter aside."""
    sources = (file.source for file in workspace if file.target == target)
    told = (
        Schedule(path=source, line=number, text=words[:LONGEST_SCHEDULE])
        for source in sources
        if source in texts
        for lines in (texts[source].text.split("\n"),)
        for number, line in enumerate(lines, start=1)
        if (words := _BULLET.sub("", line, count=1).strip())
        and not words.startswith(("#", "<!--", "---", "```"))
    )
    return tuple(islice(told, MOST_SCHEDULES))


def _hosts(texts: Mapping[str, Text]) -> tuple[Host, ...]:
    places: dict[str, list[Place]] = {}
    counts: dict[str, int] = {}
    for path in sorted(texts):
        for line, host in hosts_in(texts[path].text):
            counts[host] = counts.get(host, 0) + 1
            named = places.setdefault(host, [])
            if len(named) < MOST_PLACES:
                named.append(Place(path=path, line=line))
    most = sorted(counts, key=lambda host: (-counts[host], host))[:MOST_HOSTS]
    return tuple(
        Host(host=host, count=counts[host], places=tuple(places[host])) for host in sorted(most)
    )


def _hidden(texts: Mapping[str, Text]) -> tuple[HiddenCharacter, ...]:
    found = (
        HiddenCharacter(path=path, line=one.line, kind=one.kind, code=one.code, name=one.name)
        for path in sorted(texts)
        for one in hidden_in(texts[path].text)
    )
    return tuple(islice(found, MOST_HIDDEN))
