"""`agent.json`: what it says about an agent, and everything that is wrong with it."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError
from pydantic_core import ErrorDetails
from semver import Version

from registry.package.checks.paths import printable
from registry.package.manifest.fields import (
    AgentId,
    Glob,
    License,
    Line,
    MarkdownText,
    PackagePath,
    Prompt,
    SecretKey,
    SemanticVersion,
    Tag,
    Tagline,
    WebAddress,
    WorkspaceTarget,
)
from registry.package.manifest.strict_json import MAX_DEPTH, ManifestNotJson, parse_json

__all__ = [
    "RULE_SET",
    "SCHEMA_VERSION",
    "Manifest",
    "ManifestInvalid",
    "ManifestNotJson",
    "SchemaError",
    "parse_json",
    "path_of",
    "read_manifest",
]

SCHEMA_VERSION = 1
RULE_SET = 1
"""Grows when the same bytes could be judged differently than before."""

MAX_TAGS = 20
MAX_ERRORS = 100

JsonList = Strict(False)
"""JSON has lists, the manifest tuples; only this conversion is allowed."""


@dataclass(frozen=True)
class SchemaError:
    """One violation; `path` is like `agent.defaults.model` or `tags[3]`, empty for the whole."""

    path: str
    message: str


class ManifestInvalid(Exception):
    """The document breaks the rules for `agent.json`; `errors` has every violation, up to 100."""

    def __init__(self, errors: tuple[SchemaError, ...]) -> None:
        super().__init__("; ".join(f"{error.path}: {error.message}" for error in errors))
        self.errors = errors


class Part(BaseModel):
    """An object in the manifest: known keys only, and nothing is converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Author(Part):
    name: Line
    url: WebAddress | None = None


class Defaults(Part):
    model: Line
    thinking: Line | None = None


class Agent(Part):
    defaults: Defaults


class Plugin(Part):
    spec: Line
    required: bool
    min_version: Line | None = Field(None, alias="minVersion")


class Skill(Part):
    slug: Line
    required: bool


class Providers(Part):
    any: Annotated[tuple[Line, ...], JsonList]


class Dependencies(Part):
    plugins: Annotated[tuple[Plugin, ...], JsonList] = ()
    skills: Annotated[tuple[Skill, ...], JsonList] = ()
    providers: Providers | None = None


class Secret(Part):
    key: SecretKey
    prompt: Prompt
    required: bool
    target: Literal["env"]


class Setup(Part):
    secrets: Annotated[tuple[Secret, ...], JsonList] = ()


class Store(Part):
    icon: PackagePath | None = None
    screenshots: Annotated[tuple[PackagePath, ...], JsonList] = ()


class OpenClaw(Part):
    """Workspace file name → path in the package."""

    entrypoints: dict[WorkspaceTarget, PackagePath]
    templates: dict[WorkspaceTarget, PackagePath] = Field(default_factory=dict)


def _schema_version(value: int) -> int:
    if value != SCHEMA_VERSION:
        raise ValueError(f"must be {SCHEMA_VERSION}")
    return value


def _folded_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Every tag once, in the order of the first mention."""
    once = tuple(dict.fromkeys(tags))
    if len(once) > MAX_TAGS:
        raise ValueError(f"must have at most {MAX_TAGS} different tags")
    return once


def _at_least_one(entries: tuple[str, ...]) -> tuple[str, ...]:
    if not entries:
        raise ValueError("must have at least one entry")
    return entries


class Manifest(Part):
    schema_version: Annotated[int, AfterValidator(_schema_version)] = Field(alias="schemaVersion")
    id: AgentId
    version: SemanticVersion
    name: Line
    tagline: Tagline
    description: MarkdownText
    category: Line
    tags: Annotated[tuple[Tag, ...], JsonList, AfterValidator(_folded_tags)]
    author: Author
    license: License
    homepage: WebAddress | None = None
    repository: WebAddress | None = None
    agent: Agent
    files: Annotated[tuple[Glob, ...], JsonList, AfterValidator(_at_least_one)]
    dependencies: Dependencies = Dependencies()
    setup: Setup = Setup()
    store: Store = Store()
    openclaw: OpenClaw

    @property
    def scope(self) -> str:
        return self.id.removeprefix("@").partition("/")[0]

    @property
    def agent_name(self) -> str:
        return self.id.partition("/")[2]

    @property
    def is_prerelease(self) -> bool:
        return Version.parse(self.version).prerelease is not None


def read_manifest(document: object) -> Manifest:
    """The manifest in a JSON value; raises ManifestInvalid with all violations, in order."""
    found: dict[str, str] = {}
    cleaned = _cleaned(document, "", found, MAX_DEPTH)
    try:
        manifest = Manifest.model_validate(cleaned)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            found.setdefault(path_of(details["loc"]), _message(details))
    if found:
        errors = tuple(SchemaError(path, message) for path, message in found.items())
        raise ManifestInvalid(errors[:MAX_ERRORS])
    return manifest


def _cleaned(value: object, path: str, found: dict[str, str], levels: int) -> object:
    """A copy without what no value may hold: null, a zero character, half a character."""
    if levels == 0:
        found[path] = f"has more than {MAX_DEPTH} levels"
        return ""
    if value is None:
        found[path] = "must not be null; leave the key out instead"
    if isinstance(value, str):
        return _clean_text(value, path, found)
    if isinstance(value, dict):
        return {
            _clean_text(str(key), path, found): _cleaned(
                part, _joined(path, str(key)), found, levels - 1
            )
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_cleaned(p, f"{path}[{i}]", found, levels - 1) for i, p in enumerate(value)]
    return value


def _clean_text(text: str, path: str, found: dict[str, str]) -> str:
    if not _UNSTORABLE.search(text):
        return text
    found[path] = "must not contain a zero character or half a character"
    return _UNSTORABLE.sub("-", text)


def path_of(location: tuple[int | str, ...]) -> str:
    """As a `SchemaError` names a place: keys joined by points, places in brackets."""
    path = ""
    for part in location:
        if part != "[key]":
            path = f"{path}[{part}]" if isinstance(part, int) else _joined(path, part)
    return path


def _joined(path: str, key: str) -> str:
    return f"{path}.{printable(key)}" if path else printable(key)


def _message(details: ErrorDetails) -> str:
    """The violation in words for the author."""
    if details["type"] == "value_error":
        return str(details["ctx"]["error"])
    return _MESSAGES.get(details["type"], details["msg"])


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a known key",
    "string_type": "must be a string",
    "int_type": "must be an integer",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "literal_error": 'must be "env"',
}
