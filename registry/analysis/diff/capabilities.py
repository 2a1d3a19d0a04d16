"""Capability diff: what a version does, asks for or needs differently.

The order of the result is the reading order: changes that expand access come first.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypeVar, get_args

from registry.analysis.model import (
    Analysis,
    Fact,
    HiddenCharacter,
    Host,
    Plugin,
    Provider,
    Schedule,
    Secret,
    Skill,
    SourcedFact,
    UnseenLine,
    WorkspaceFile,
)
from registry.package.host_files import BOOT, HEARTBEAT, SKILL_FILE

ChangeSign = Literal["+", "-", "~"]
CapabilityKind = Literal[
    "secret",
    "plugin",
    "skill",
    "bundled_skill",
    "provider",
    "heartbeat",
    "boot",
    "workspace",
    "host",
    "hidden",
    "unseen",
    "prompt",
    "licence",
    "model",
    "thinking",
]
# Most important for an operator first.
KINDS: tuple[CapabilityKind, ...] = get_args(CapabilityKind)
# Files that make the agent run without a user. They have a kind of their own, so the workspace
# changes leave them out.
AUTONOMOUS_FILES: dict[str, CapabilityKind] = {HEARTBEAT: "heartbeat", BOOT: "boot"}

T = TypeVar("T", bound=SourcedFact)
Requirement = TypeVar("Requirement", Secret, Plugin, Skill)


class CapabilityChange(Fact):
    """One line of the capability diff.

    ``grows``: the agent may do more, or asks the operator for more. ``before`` and ``after`` are
    the two values of a *~*. ``path`` and ``line`` are in the package of the older version if
    ``is_old``, else in that of the newer one.
    """

    sign: ChangeSign
    kind: CapabilityKind
    name: str = ""
    before: str | int = ""
    after: str | int = ""
    required: bool = False
    count: int = 0
    grows: bool = False
    is_old: bool = False
    path: str = ""
    line: int = 0


def diff_capabilities(old: Analysis, new: Analysis) -> tuple[CapabilityChange, ...]:
    """Changes from ``old`` to ``new``, those that expand access first.

    If the bytes of one version were never read, only the manifests are compared.
    """
    changes = [*_manifest_changes(old, new)]
    if old.file_count and new.file_count:
        changes += _content_changes(old, new)
    return tuple(sorted(changes, key=lambda c: (not c.grows, KINDS.index(c.kind), c.sign, c.name)))


def _manifest_changes(old: Analysis, new: Analysis) -> Iterator[CapabilityChange]:
    yield from _diff_requirements("secret", old.secrets, new.secrets, lambda s: s.key)
    yield from _diff_requirements("plugin", old.plugins, new.plugins, lambda p: p.spec)
    yield from _diff_requirements(
        "skill", old.declared_skills, new.declared_skills, lambda s: s.name
    )
    yield from _diff_plugin_versions(old.plugins, new.plugins)
    yield from _diff_providers(old.providers, new.providers)
    yield from _diff_workspace(old.workspace, new.workspace)
    yield from _diff_autonomous_files(old.workspace, new.workspace)
    yield from _diff_value("model", old.model.name, new.model.name, new.model)
    yield from _diff_value("thinking", old.model.thinking, new.model.thinking, new.model)
    yield from _diff_value("licence", old.license.expression, new.license.expression)


def _content_changes(old: Analysis, new: Analysis) -> Iterator[CapabilityChange]:
    # These facts are read from the texts, so both versions must have some.
    yield from _diff_bundled_skills(old.bundled_skills, new.bundled_skills)
    yield from _diff_hosts(old.hosts, new.hosts)
    yield from _diff_schedules("heartbeat", old.heartbeat, new.heartbeat)
    yield from _diff_schedules("boot", old.boot, new.boot)
    yield from _diff_hidden(old.hidden, new.hidden)
    yield from _diff_unseen(old.unseen, new.unseen)
    before, after = old.prompt.always_tokens, new.prompt.always_tokens
    if before != after:
        grows = after > before
        yield CapabilityChange(sign="~", kind="prompt", before=before, after=after, grows=grows)


def _diff_requirements(
    kind: CapabilityKind,
    old: Sequence[Requirement],
    new: Sequence[Requirement],
    name_of: Callable[[Requirement], str],
) -> Iterator[CapabilityChange]:
    before, after = _first_by_name(old, name_of), _first_by_name(new, name_of)
    for name, item in after.items():
        previous = before.get(name)
        place = _place(item)
        if previous is None:
            yield CapabilityChange(
                sign="+", kind=kind, name=name, required=item.required, grows=True, **place
            )
        elif previous.required != item.required:
            yield CapabilityChange(
                sign="~", kind=kind, name=name, required=item.required, grows=item.required, **place
            )
    for name, item in before.items():
        if name not in after:
            yield CapabilityChange(sign="-", kind=kind, name=name, is_old=True, **_place(item))


def _diff_bundled_skills(old: Sequence[Skill], new: Sequence[Skill]) -> Iterator[CapabilityChange]:
    """Skills that the package brings along, told apart by their paths.

    A skill of another name at the same path is a new one: the host lists it by its name.
    """
    before = {(skill.path, skill.name) for skill in old}
    after = {(skill.path, skill.name) for skill in new}
    for skill in new:
        if (skill.path, skill.name) not in before:
            yield CapabilityChange(
                sign="+", kind="bundled_skill", name=skill.name, grows=True, **_place(skill)
            )
    for skill in old:
        if (skill.path, skill.name) not in after:
            yield CapabilityChange(
                sign="-", kind="bundled_skill", name=skill.name, is_old=True, **_place(skill)
            )


def _diff_plugin_versions(
    old: Sequence[Plugin], new: Sequence[Plugin]
) -> Iterator[CapabilityChange]:
    before = _first_by_name(old, lambda plugin: plugin.spec)
    for name, plugin in _first_by_name(new, lambda plugin: plugin.spec).items():
        previous = before.get(name)
        if previous and previous.min_version != plugin.min_version:
            yield CapabilityChange(
                sign="~",
                kind="plugin",
                name=name,
                before=previous.min_version,
                after=plugin.min_version,
                required=plugin.required,
                **_place(plugin),
            )


def _diff_providers(old: Sequence[Provider], new: Sequence[Provider]) -> Iterator[CapabilityChange]:
    """Added and removed providers, of which any one is enough.

    A removed provider narrows the operator's choice, so it grows; an added one widens it, so it
    does not, unless no provider was needed before.
    """
    before, after = _first_by_name(old, lambda p: p.name), _first_by_name(new, lambda p: p.name)
    for name, provider in after.items():
        if name not in before:
            yield CapabilityChange(
                sign="+", kind="provider", name=name, grows=not before, **_place(provider)
            )
    for name, provider in before.items():
        if name not in after:
            yield CapabilityChange(
                sign="-",
                kind="provider",
                name=name,
                grows=bool(after),
                is_old=True,
                **_place(provider),
            )


def _diff_workspace(
    old: Sequence[WorkspaceFile], new: Sequence[WorkspaceFile]
) -> Iterator[CapabilityChange]:
    before, after = _first_by_name(old, lambda f: f.target), _first_by_name(new, lambda f: f.target)
    for name, file in after.items():
        previous = before.get(name)
        values: dict[str, Any] = {"kind": "workspace", "name": name, "after": file.ownership}
        if previous is None:
            if not _has_own_kind(file):
                yield CapabilityChange(sign="+", grows=True, **values, **_place(file))
        elif previous.ownership != file.ownership:
            yield CapabilityChange(
                sign="~",
                before=previous.ownership,
                # Updates overwrite a managed file, so the operator loses control of it.
                grows=file.ownership == "managed",
                **values,
                **_place(file),
            )
    for name, file in before.items():
        if name not in after and not _has_own_kind(file):
            yield CapabilityChange(
                sign="-",
                kind="workspace",
                name=name,
                before=file.ownership,
                is_old=True,
                **_place(file),
            )


def _has_own_kind(file: WorkspaceFile) -> bool:
    return file.host_name in AUTONOMOUS_FILES or file.host_name == SKILL_FILE


def _diff_autonomous_files(
    old: Sequence[WorkspaceFile], new: Sequence[WorkspaceFile]
) -> Iterator[CapabilityChange]:
    before, after = (_first_by_name(files, lambda f: f.host_name) for files in (old, new))
    for name, kind in AUTONOMOUS_FILES.items():
        if name in after and name not in before:
            place = _place(after[name])
            yield CapabilityChange(sign="+", kind=kind, name=name, grows=True, **place)
        if name in before and name not in after:
            place = _place(before[name])
            yield CapabilityChange(sign="-", kind=kind, name=name, is_old=True, **place)


def _diff_schedules(
    kind: CapabilityKind, old: Sequence[Schedule], new: Sequence[Schedule]
) -> Iterator[CapabilityChange]:
    """New instructions, or removed ones (``count`` is then negative).

    A file that appears or disappears is already a change of the autonomous files.
    """
    if not old or not new:
        return
    before, after = {s.text for s in old}, {s.text for s in new}
    added_schedules = [schedule for schedule in new if schedule.text not in before]
    removed_schedules = [schedule for schedule in old if schedule.text not in after]
    if added_schedules:
        place = _place(added_schedules[0])
        yield CapabilityChange(sign="~", kind=kind, count=len(added_schedules), grows=True, **place)
    elif removed_schedules:
        place = _place(removed_schedules[0])
        yield CapabilityChange(
            sign="~", kind=kind, count=-len(removed_schedules), is_old=True, **place
        )


def _diff_hosts(old: Sequence[Host], new: Sequence[Host]) -> Iterator[CapabilityChange]:
    # By name alone: how often a host is mentioned does not change what the agent may contact.
    before = {host.host for host in old}
    after = {host.host for host in new}
    for host in new:
        if host.host not in before:
            place = host.places[0].model_dump()
            yield CapabilityChange(sign="+", kind="host", name=host.host, grows=True, **place)
    for host in old:
        if host.host not in after:
            place = host.places[0].model_dump()
            yield CapabilityChange(sign="-", kind="host", name=host.host, is_old=True, **place)


def _diff_hidden(
    old: Sequence[HiddenCharacter], new: Sequence[HiddenCharacter]
) -> Iterator[CapabilityChange]:
    # Without the line: a character that moved with its text is no change.
    def key(character: HiddenCharacter) -> tuple[str, str]:
        return character.path, character.code

    before, after = Counter(map(key, old)), Counter(map(key, new))
    # Counter subtraction leaves out what is not positive.
    added_counts, removed_counts = after - before, before - after
    if added_counts:
        place = _place(next(character for character in new if key(character) in added_counts))
        yield CapabilityChange(
            sign="+", kind="hidden", count=added_counts.total(), grows=True, **place
        )
    if removed_counts:
        place = _place(next(character for character in old if key(character) in removed_counts))
        yield CapabilityChange(
            sign="-", kind="hidden", count=removed_counts.total(), is_old=True, **place
        )


def _diff_unseen(
    old: Sequence[UnseenLine], new: Sequence[UnseenLine]
) -> Iterator[CapabilityChange]:
    """New or removed lines that the rendered views leave out.

    A line with other words is a new one, a line that only moved is not.
    """

    def key(line: UnseenLine) -> tuple[str, str]:
        return line.path, line.digest

    before, after = Counter(map(key, old)), Counter(map(key, new))
    added_counts, removed_counts = after - before, before - after
    if added_counts:
        place = _line_place(next(line for line in new if key(line) in added_counts))
        yield CapabilityChange(
            sign="+", kind="unseen", count=added_counts.total(), grows=True, **place
        )
    elif removed_counts:
        place = _line_place(next(line for line in old if key(line) in removed_counts))
        yield CapabilityChange(
            sign="-", kind="unseen", count=removed_counts.total(), is_old=True, **place
        )


def _line_place(line: UnseenLine) -> dict[str, Any]:
    return {"path": line.path, "line": line.line}


def _diff_value(
    kind: CapabilityKind, before: str, after: str, source: SourcedFact | None = None
) -> Iterator[CapabilityChange]:
    if before != after:
        place = _place(source) if source else {}
        yield CapabilityChange(sign="~", kind=kind, before=before, after=after, **place)


def _first_by_name(items: Iterable[T], name_of: Callable[[T], str]) -> dict[str, T]:
    by_name: dict[str, T] = {}
    for item in items:
        by_name.setdefault(name_of(item), item)
    return by_name


def _place(fact: SourcedFact) -> dict[str, Any]:
    return {"path": fact.path, "line": fact.line}
