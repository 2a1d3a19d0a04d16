"""What one version does, asks for or needs that another did not: the capability diff."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar, get_args

from registry.analysis.model import (
    Analysis,
    Fact,
    HiddenCharacter,
    Host,
    Ownership,
    Plugin,
    Provider,
    Schedule,
    Secret,
    Skill,
    Sourced,
    WorkspaceFile,
)

Sign = Literal["+", "-", "~"]
Kind = Literal[
    "secret",
    "plugin",
    "skill",
    "provider",
    "heartbeat",
    "boot",
    "workspace",
    "host",
    "hidden",
    "prompt",
    "licence",
    "model",
    "thinking",
]
# What a reader wants to know first; within one kind what grows stands first.
ORDER: tuple[Kind, ...] = get_args(Kind)
BY_ITSELF: dict[str, Kind] = {"HEARTBEAT.md": "heartbeat", "BOOT.md": "boot"}
T = TypeVar("T", bound=Sourced)


class Change(Fact):
    """One line of the capability diff.

    ``grows``: the operator is asked for more, or the agent may do more. ``before`` and ``after``
    are what a *~* went from and to. ``path`` and ``line`` say where it stands: in the package of
    the older version where ``is_old``, else in the newer one's.
    """

    sign: Sign
    kind: Kind
    name: str = ""
    before: str | int = ""
    after: str | int = ""
    required: bool = False
    count: int = 0
    grows: bool = False
    is_old: bool = False
    path: str = ""
    line: int = 0


def capability_changes(old: Analysis, new: Analysis) -> tuple[Change, ...]:
    """In the order in which they are read: what grows first. Where the bytes of one side were
    never read, only what both manifests declare is compared."""
    found = [*_declared(old, new)]
    if old.file_count and new.file_count:
        found += _read_from_bytes(old, new)
    return tuple(sorted(found, key=_place))


def _place(change: Change) -> tuple[bool, int, str, str]:
    return not change.grows, ORDER.index(change.kind), change.sign, change.name


def _declared(old: Analysis, new: Analysis) -> Iterator[Change]:
    yield from _needs("secret", old.secrets, new.secrets, lambda one: one.key)
    yield from _needs("plugin", old.plugins, new.plugins, lambda one: one.spec)
    yield from _needs("skill", old.skills, new.skills, lambda one: one.slug)
    yield from _lowest_versions(old.plugins, new.plugins)
    yield from _providers(old.providers, new.providers)
    yield from _workspace(old.workspace, new.workspace)
    for target, kind in BY_ITSELF.items():
        yield from _acts_by_itself(kind, target, old.workspace, new.workspace)
    yield from _other("model", old.model.name, new.model.name, **_source(new.model))
    yield from _other("thinking", old.model.thinking, new.model.thinking, **_source(new.model))
    yield from _other("licence", old.license.expression, new.license.expression)


def _other(kind: Kind, before: str, after: str, **source: Any) -> Iterator[Change]:
    if before != after:
        yield Change(sign="~", kind=kind, before=before, after=after, **source)


def _read_from_bytes(old: Analysis, new: Analysis) -> Iterator[Change]:
    yield from _hosts(old.hosts, new.hosts)
    yield from _told("heartbeat", old.heartbeat, new.heartbeat)
    yield from _told("boot", old.boot, new.boot)
    yield from _hidden(old.hidden, new.hidden)
    before, after = old.prompt.always_tokens, new.prompt.always_tokens
    if before != after:
        yield Change(sign="~", kind="prompt", before=before, after=after, grows=after > before)


def _needs(
    kind: Kind,
    old: Sequence[T],
    new: Sequence[T],
    name_of: Callable[[T], str],
) -> Iterator[Change]:
    """What must or may be there: a new one, one that is gone, one that has become required."""
    before, after = _by(old, name_of), _by(new, name_of)
    for name, one in _missing(after, before):
        required = _required(one)
        yield Change(sign="+", kind=kind, name=name, required=required, grows=True, **_source(one))
    for name, one in _missing(before, after):
        yield Change(sign="-", kind=kind, name=name, is_old=True, **_source(one))
    for name, one in after.items():
        if name in before and _required(before[name]) != _required(one):
            required = _required(one)
            yield Change(
                sign="~", kind=kind, name=name, required=required, grows=required, **_source(one)
            )


def _required(one: Sourced) -> bool:
    return isinstance(one, Secret | Plugin | Skill) and one.required


def _lowest_versions(old: Sequence[Plugin], new: Sequence[Plugin]) -> Iterator[Change]:
    before = _by(old, lambda plugin: plugin.spec)
    for name, plugin in _by(new, lambda plugin: plugin.spec).items():
        was = before.get(name)
        if was and was.min_version != plugin.min_version:
            yield Change(
                sign="~",
                kind="plugin",
                name=name,
                before=was.min_version,
                after=plugin.min_version,
                required=plugin.required,
                **_source(plugin),
            )


def _providers(old: Sequence[Provider], new: Sequence[Provider]) -> Iterator[Change]:
    """Any one of them will do: so it is a lost one that asks for more, and the first one ever."""
    before, after = _by(old, lambda one: one.name), _by(new, lambda one: one.name)
    for name, one in _missing(after, before):
        yield Change(sign="+", kind="provider", name=name, grows=not before, **_source(one))
    for name, one in _missing(before, after):
        grows = bool(after)
        yield Change(sign="-", kind="provider", name=name, grows=grows, is_old=True, **_source(one))


def _workspace(old: Sequence[WorkspaceFile], new: Sequence[WorkspaceFile]) -> Iterator[Change]:
    before, after = _by(old, lambda file: file.target), _by(new, lambda file: file.target)
    for name, file in _missing(after, before):
        if name not in BY_ITSELF:
            told = {"after": file.ownership, "grows": True} | _source(file)
            yield Change(sign="+", kind="workspace", name=name, **told)
    for name, file in _missing(before, after):
        if name not in BY_ITSELF:
            told = {"before": file.ownership, "is_old": True} | _source(file)
            yield Change(sign="-", kind="workspace", name=name, **told)
    for name, file in after.items():
        was: Ownership | None = before[name].ownership if name in before else None
        if was and was != file.ownership:
            yield Change(
                sign="~",
                kind="workspace",
                name=name,
                before=was,
                after=file.ownership,
                grows=file.ownership == "managed",
                **_source(file),
            )


def _acts_by_itself(
    kind: Kind, target: str, old: Sequence[WorkspaceFile], new: Sequence[WorkspaceFile]
) -> Iterator[Change]:
    before, after = _by(old, lambda file: file.target), _by(new, lambda file: file.target)
    if target in after and target not in before:
        yield Change(sign="+", kind=kind, name=target, grows=True, **_source(after[target]))
    if target in before and target not in after:
        yield Change(sign="-", kind=kind, name=target, is_old=True, **_source(before[target]))


def _told(kind: Kind, old: Sequence[Schedule], new: Sequence[Schedule]) -> Iterator[Change]:
    """Other words in what it is told to do by itself, where it was told something before."""
    if not old or not new:
        return
    fresh = [one for one in new if one.text not in {was.text for was in old}]
    gone = [was for was in old if was.text not in {one.text for one in new}]
    if fresh:
        yield Change(sign="~", kind=kind, count=len(fresh), grows=True, **_source(fresh[0]))
    elif gone:
        yield Change(sign="~", kind=kind, count=-len(gone), is_old=True, **_source(gone[0]))


def _hosts(old: Sequence[Host], new: Sequence[Host]) -> Iterator[Change]:
    before = {host.host: host for host in old}
    after = {host.host: host for host in new}
    for name, host in _missing(after, before):
        place = host.places[0]
        yield Change(sign="+", kind="host", name=name, grows=True, path=place.path, line=place.line)
    for name, host in _missing(before, after):
        place = host.places[0]
        yield Change(
            sign="-", kind="host", name=name, is_old=True, path=place.path, line=place.line
        )


def _hidden(old: Sequence[HiddenCharacter], new: Sequence[HiddenCharacter]) -> Iterator[Change]:
    """By file and character, so that what only moved to another line is no change."""
    before, after = _counted(old), _counted(new)
    fresh = [one for one in new if after[_mark(one)] > before.get(_mark(one), 0)]
    gone = [was for was in old if before[_mark(was)] > after.get(_mark(was), 0)]
    more = sum(max(0, count - before.get(mark, 0)) for mark, count in after.items())
    fewer = sum(max(0, count - after.get(mark, 0)) for mark, count in before.items())
    if fresh:
        yield Change(sign="+", kind="hidden", count=more, grows=True, **_source(fresh[0]))
    if gone:
        yield Change(sign="-", kind="hidden", count=fewer, is_old=True, **_source(gone[0]))


def _mark(one: HiddenCharacter) -> tuple[str, str]:
    return one.path, one.code


def _counted(found: Iterable[HiddenCharacter]) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for one in found:
        counts[_mark(one)] = counts.get(_mark(one), 0) + 1
    return counts


def _by(found: Iterable[T], name_of: Callable[[T], str]) -> dict[str, T]:
    """By name; of several with one name the first."""
    named: dict[str, T] = {}
    for one in found:
        named.setdefault(name_of(one), one)
    return named


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def _missing(of: Mapping[K, V], among: Mapping[K, object]) -> Iterator[tuple[K, V]]:
    return ((key, one) for key, one in of.items() if key not in among)


def _source(one: Sourced) -> dict[str, Any]:
    return {"path": one.path, "line": one.line}
