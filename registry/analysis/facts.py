"""Read the facts about a version from its manifest and its files."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from types import MappingProxyType
from typing import Any, Protocol

from foundation.sandbox.place import in_turn
from foundation.text.expressions import compile_text
from foundation.text.front_matter import read_front_matter
from foundation.text.unseen_lines import find_unseen_lines
from registry.analysis.file_text import FileText
from registry.analysis.hidden_text import HiddenMatch, find_hidden
from registry.analysis.hosts import find_hosts
from registry.analysis.manifest_facts import ManifestReader, read_license
from registry.analysis.manifest_texts import manifest_texts
from registry.analysis.model import (
    Analysis,
    HiddenCharacter,
    Host,
    Place,
    PromptCost,
    PromptFile,
    Schedule,
    Skill,
    UnseenLine,
    WorkspaceFile,
)
from registry.analysis.prompt_cost import ESTIMATE_METHOD, count_words, estimate_tokens
from registry.package.checks.paths import fold_name
from registry.package.host_files import (
    BOOT,
    HEARTBEAT,
    SKILL_FILE,
    HostFile,
    find_host_file,
    is_skill,
)
from registry.package.manifest.line_numbers import line_numbers
from registry.package.manifest.schema import MANIFEST

MAX_HOSTS = 200
MAX_PLACES_PER_HOST = 20
MAX_SCHEDULES = 50
MAX_SCHEDULE_LENGTH = 300
MAX_HIDDEN = 200
MAX_HIDDEN_PER_FILE = 100
MAX_UNSEEN = 500
DIGEST_LENGTH = 8
MAX_SKILL_NAME = 128

_LIST_MARKER = compile_text(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
# Headings, comments, front matter and code fences give no instruction.
_NO_INSTRUCTION = ("#", "<!--", "---", "```")


class FileInfo(Protocol):
    """A file of the package; ``kind`` as the package check gives it, size in bytes."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def kind(self) -> str: ...


def analyse(
    manifest: Mapping[str, Any],
    files: Iterable[FileInfo],
    texts: Mapping[str, FileText],
    *,
    known_unseen: Mapping[str, Sequence[int]] = MappingProxyType({}),
) -> Analysis:
    """Facts about a version with this manifest and these files.

    ``texts`` are the texts of its files by path, agent.json among them. ``known_unseen`` has the
    unseen lines of files that were parsed before.
    """
    files = tuple(files)
    source = texts.get(MANIFEST)
    lines = line_numbers(source.text) if source and not source.is_cut else {}
    reader = ManifestReader(manifest, lines)
    mapped_files = reader.workspace()
    workspace = (*mapped_files, *_unmapped_host_files(files, mapped_files))
    known_paths = {file.target for file in workspace} | {file.path for file in files}
    hidden_characters, hidden_count = _hidden_characters(texts)
    unseen_lines, unseen_count = _unseen_lines(files, texts, known_unseen)
    return Analysis(
        workspace=workspace,
        prompt=measure_prompt(files, texts, workspace),
        model=reader.model(),
        providers=reader.providers(),
        secrets=reader.secrets(),
        plugins=reader.plugins(),
        skills=(*reader.skills(), *_bundled_skills(workspace, texts)),
        heartbeat=_schedules(HEARTBEAT, workspace, texts),
        boot=_schedules(BOOT, workspace, texts),
        hosts=_hosts(texts),
        hidden=hidden_characters,
        hidden_count=hidden_count,
        unseen=unseen_lines,
        unseen_count=unseen_count,
        license=read_license(manifest),
        file_count=len(files),
        written_count=len(known_paths),
        size_bytes=sum(file.size for file in files),
        texts_cut=tuple(sorted(path for path, text in texts.items() if text.is_cut)),
    )


def _unmapped_host_files(
    files: Iterable[FileInfo], mapped_files: Iterable[WorkspaceFile]
) -> Iterator[WorkspaceFile]:
    mapped_pairs = {(fold_name(file.target), file.source) for file in mapped_files}
    for file in files:
        path = file.path
        if (fold_name(path), path) not in mapped_pairs and find_host_file(path):
            yield WorkspaceFile(target=path, source=path, ownership="managed", path=path, line=1)


def _bundled_skills(
    workspace: Iterable[WorkspaceFile], texts: Mapping[str, FileText]
) -> Iterator[Skill]:
    """The skills that the host finds in the workspace, by their own names."""
    targets = {(file.source, file.target) for file in workspace if is_skill(file.target)}
    for path, target in sorted(targets):
        text = texts[path].text if path in texts else ""
        front_matter = read_front_matter(text)
        field = front_matter.get("name") if front_matter else None
        # As the host does: a skill without a name has that of its folder in the workspace.
        name = field.value if field and field.value else target.split("/")[-2]
        line = field.line if field else 1
        yield Skill(name=name[:MAX_SKILL_NAME], source="bundled", path=path, line=line)


def measure_prompt(
    files: Iterable[FileInfo], texts: Mapping[str, FileText], workspace: Iterable[WorkspaceFile]
) -> PromptCost:
    targets: defaultdict[str, list[str]] = defaultdict(list)
    for file in workspace:
        targets[file.source].append(file.target)
    # A file with several targets costs its tokens once for each of them.
    rows = [
        _prompt_file(file, target, texts.get(file.path))
        for file in files
        if file.kind in ("markdown", "text")
        for target in targets.get(file.path, [""])
    ]
    always = [row for row in rows if row.load == "always"]
    on_demand = [row for row in rows if row.load == "onDemand"]
    return PromptCost(
        method=ESTIMATE_METHOD,
        always_words=sum(row.words or 0 for row in always),
        always_tokens=sum(row.always_tokens for row in rows),
        on_demand_words=sum(row.words or 0 for row in on_demand),
        on_demand_tokens=sum(row.tokens - row.always_tokens for row in on_demand),
        files=tuple(rows),
    )


def _prompt_file(file: FileInfo, target: str, text: FileText | None) -> PromptFile:
    rule = find_host_file(target) if target else None
    tokens = estimate_tokens(file.size)
    return PromptFile(
        path=file.path,
        target=target,
        load=rule.load if rule else "unknown",
        moment=rule.moment if rule else "",
        # The size of a cut text is known, the number of its words is not.
        words=count_words(text.text) if text and not text.is_cut else None,
        tokens=tokens,
        always_tokens=min(tokens, _always_tokens(rule, tokens, text)),
    )


def _always_tokens(rule: HostFile | None, tokens: int, text: FileText | None) -> int:
    if rule and rule.load == "always":
        return tokens
    if rule is None or rule.name != SKILL_FILE or text is None:
        return 0
    # The list of skills in the prompt has the name and the description of each.
    front_matter = read_front_matter(text.text)
    fields = [front_matter.get(key) for key in ("name", "description")] if front_matter else []
    return estimate_tokens(sum(len(field.value.encode()) for field in fields if field))


def _schedules(
    name: str, workspace: Iterable[WorkspaceFile], texts: Mapping[str, FileText]
) -> tuple[Schedule, ...]:
    schedules = (
        Schedule(path=source, line=number, text=instruction[:MAX_SCHEDULE_LENGTH])
        for source in (file.source for file in workspace if file.host_name == name)
        if source in texts
        for number, line in enumerate(texts[source].text.split("\n"), start=1)
        if (instruction := _LIST_MARKER.sub("", line, count=1).strip())
        and not instruction.startswith(_NO_INSTRUCTION)
    )
    return tuple(islice(schedules, MAX_SCHEDULES))


def _hosts(texts: Mapping[str, FileText]) -> tuple[Host, ...]:
    counts: Counter[str] = Counter()
    places: defaultdict[str, list[Place]] = defaultdict(list)
    for path in in_turn(sorted(texts)):
        for line, host in _hosts_of(path, texts[path]):
            counts[host] += 1
            if len(places[host]) < MAX_PLACES_PER_HOST:
                places[host].append(Place(path=path, line=line))
    # Limited by count, because a data file may name thousands of hosts once each.
    by_count = sorted(counts, key=lambda host: (-counts[host], host))
    return tuple(
        Host(host=host, count=counts[host], places=tuple(places[host]))
        for host in sorted(by_count[:MAX_HOSTS])
    )


def _hosts_of(path: str, text: FileText) -> Iterator[tuple[int, str]]:
    if path != MANIFEST or text.is_cut:
        yield from find_hosts(text.text)
        return
    by_line = {
        (line, host)
        for line, value in manifest_texts(text.text, with_links=False)
        for _, host in find_hosts(value)
    }
    yield from sorted(by_line)


def _unseen_lines(
    files: Iterable[FileInfo],
    texts: Mapping[str, FileText],
    known_numbers: Mapping[str, Sequence[int]],
) -> tuple[tuple[UnseenLine, ...], int]:
    """Lines that rendered views do not show in full, and their number."""
    paths = [file.path for file in files if file.kind == "markdown" and file.path in texts]
    numbers_of = {
        path: known_numbers[path] if path in known_numbers else find_unseen_lines(texts[path].text)
        for path in paths
    }
    by_file = [(path, numbers) for path, numbers in numbers_of.items() if numbers]
    share = _share(MAX_UNSEEN, len(by_file))
    places = (
        place for path, numbers in by_file for place in _places(path, numbers[:share], texts[path])
    )
    return tuple(islice(places, MAX_UNSEEN)), sum(len(numbers) for _, numbers in by_file)


def _places(path: str, numbers: Sequence[int], text: FileText) -> Iterator[UnseenLine]:
    lines = text.text.split("\n")
    for number in numbers:
        digest = sha256(lines[number - 1].strip().encode()).hexdigest()[:DIGEST_LENGTH]
        yield UnseenLine(path=path, line=number, digest=digest)


def _share(limit: int, file_count: int) -> int:
    """The number of places of each file: a long one must not hide others."""
    return max(limit // file_count, 1) if file_count else limit


def _hidden_in(path: str, text: FileText) -> Iterator[HiddenMatch]:
    yield from find_hidden(text.text)
    # Characters that are written as they are were found above.
    if path == MANIFEST and not text.is_cut:
        for line, value in sorted(manifest_texts(text.text)):
            yield from (
                replace(match, line=line)
                for match in find_hidden(value)
                if match.character not in text.text
            )


def _hidden_characters(
    texts: Mapping[str, FileText],
) -> tuple[tuple[HiddenCharacter, ...], int]:
    """The first hidden characters of each file, and the number of all."""
    by_file: dict[str, list[HiddenMatch]] = {}
    count = 0
    for path in in_turn(sorted(texts)):
        for match in _hidden_in(path, texts[path]):
            count += 1
            matches = by_file.setdefault(path, [])
            if len(matches) < MAX_HIDDEN_PER_FILE:
                matches.append(match)
    share = _share(MAX_HIDDEN, len(by_file))
    characters = (
        HiddenCharacter(
            path=path, line=match.line, kind=match.kind, code=match.code, name=match.name
        )
        for path, matches in by_file.items()
        for match in matches[:share]
    )
    return tuple(islice(characters, MAX_HIDDEN)), count
