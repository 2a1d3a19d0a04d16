"""The schema of agent.json: parses a manifest or lists all its faults."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError
from pydantic_core import ErrorDetails
from semver import Version

from registry.package.checks.paths import make_printable
from registry.package.manifest.caps import MAX_DEPTH, MAX_ENTRIES, MAX_TAGS, MAX_VALUES
from registry.package.manifest.fields import (
    AgentId,
    EntrypointTarget,
    Glob,
    License,
    Line,
    MarkdownText,
    PackagePath,
    Prompt,
    SchemaAddress,
    SecretKey,
    SemanticVersion,
    Tag,
    Tagline,
    WebAddress,
    WorkspaceTarget,
)

MANIFEST = "agent.json"
SCHEMA_VERSION = 1

MAX_VIOLATIONS = 100

Key = TypeVar("Key", str, int)

JsonList = Strict(False)
"""Allows the one conversion that strict mode needs: from a JSON list to a tuple."""


@dataclass(frozen=True)
class Violation:
    """A fault of a manifest.

    `path` names the value, as in `agent.defaults.model` or `tags[3]`; empty for the whole document.
    `message` follows the path in a sentence. `code` is that of the finding: "schema_error", or
    "manifest_limit" for a value that is larger than `caps` allows.
    """

    path: str
    message: str
    code: str = "schema_error"


class ManifestError(Exception):
    """The document is not a manifest. `violations` has the reasons, at most 100."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__(
            "; ".join(f"{violation.path}: {violation.message}" for violation in violations)
        )
        self.violations = violations


class ManifestPart(BaseModel):
    """Base of all objects: refuses unknown keys and converts nothing."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ManifestAuthor(ManifestPart):
    name: Line
    url: WebAddress | None = None


class ManifestDefaults(ManifestPart):
    model: Line
    thinking: Line | None = None


class ManifestAgent(ManifestPart):
    defaults: ManifestDefaults


class ManifestPlugin(ManifestPart):
    spec: Line
    required: bool
    min_version: Line | None = Field(None, alias="minVersion")


class ManifestSkill(ManifestPart):
    slug: Line
    required: bool


class ManifestProviders(ManifestPart):
    any: Annotated[
        tuple[Line, ...], JsonList, Field(max_length=MAX_ENTRIES["dependencies.providers.any"])
    ]


class ManifestDependencies(ManifestPart):
    plugins: Annotated[
        tuple[ManifestPlugin, ...], JsonList, Field(max_length=MAX_ENTRIES["dependencies.plugins"])
    ] = ()
    skills: Annotated[
        tuple[ManifestSkill, ...], JsonList, Field(max_length=MAX_ENTRIES["dependencies.skills"])
    ] = ()
    providers: ManifestProviders | None = None


class ManifestSecret(ManifestPart):
    key: SecretKey
    prompt: Prompt
    required: bool
    target: Literal["env"]


class ManifestSetup(ManifestPart):
    secrets: Annotated[
        tuple[ManifestSecret, ...], JsonList, Field(max_length=MAX_ENTRIES["setup.secrets"])
    ] = ()


class ManifestStore(ManifestPart):
    icon: PackagePath | None = None
    screenshots: Annotated[
        tuple[PackagePath, ...], JsonList, Field(max_length=MAX_ENTRIES["store.screenshots"])
    ] = ()


class ManifestOpenClaw(ManifestPart):
    """Maps names of files in the workspace to paths in the package."""

    entrypoints: Annotated[
        dict[EntrypointTarget, PackagePath], Field(max_length=MAX_ENTRIES["openclaw.entrypoints"])
    ]
    templates: Annotated[
        dict[WorkspaceTarget, PackagePath], Field(max_length=MAX_ENTRIES["openclaw.templates"])
    ] = Field(default_factory=dict)


def _schema_version(value: int) -> int:
    if value != SCHEMA_VERSION:
        raise ValueError(f"must be {SCHEMA_VERSION}")
    return value


def _unique_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    unique_tags = tuple(dict.fromkeys(tags))
    if len(unique_tags) > MAX_TAGS:
        raise ValueError(f"must have at most {MAX_TAGS} different tags")
    return unique_tags


def _at_least_one(entries: tuple[str, ...]) -> tuple[str, ...]:
    if not entries:
        raise ValueError("must have at least one entry")
    return entries


class Manifest(ManifestPart):
    # Editors check a file by the schema that it names; the server does not read it.
    schema_address: SchemaAddress | None = Field(None, alias="$schema")
    schema_version: Annotated[int, AfterValidator(_schema_version)] = Field(
        alias="schemaVersion", json_schema_extra={"const": SCHEMA_VERSION}
    )
    id: AgentId
    version: SemanticVersion
    name: Line
    tagline: Tagline
    description: MarkdownText
    category: Line
    tags: Annotated[
        tuple[Tag, ...],
        JsonList,
        Field(max_length=MAX_ENTRIES["tags"]),
        AfterValidator(_unique_tags),
    ]
    author: ManifestAuthor
    license: License
    homepage: WebAddress | None = None
    repository: WebAddress | None = None
    agent: ManifestAgent
    files: Annotated[
        tuple[Glob, ...],
        JsonList,
        Field(max_length=MAX_ENTRIES["files"], json_schema_extra={"minItems": 1}),
        AfterValidator(_at_least_one),
    ]
    dependencies: ManifestDependencies = ManifestDependencies()
    setup: ManifestSetup = ManifestSetup()
    store: ManifestStore = ManifestStore()
    openclaw: ManifestOpenClaw

    @property
    def scope(self) -> str:
        return self.id.removeprefix("@").partition("/")[0]

    @property
    def agent_name(self) -> str:
        return self.id.partition("/")[2]

    @property
    def is_prerelease(self) -> bool:
        return Version.parse(self.version).prerelease is not None


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


def parse_manifest(document: object) -> Manifest:
    """Returns the manifest in a JSON value. Raises ManifestError."""
    cleaner = _Cleaner()
    clean_document = cleaner.clean(document, "", MAX_DEPTH)
    messages, too_large = cleaner.messages, cleaner.too_large
    try:
        manifest = Manifest.model_validate(clean_document)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            messages.setdefault(format_path(details["loc"]), _message(details))
    violations = [Violation(path, message, "manifest_limit") for path, message in too_large.items()]
    violations += [Violation(path, message) for path, message in messages.items()]
    if violations:
        raise ManifestError(tuple(violations[:MAX_VIOLATIONS]))
    return manifest


class _Cleaner:
    """Copies a document without forbidden content, and has a message for each place.

    The copy lets the schema check the rest, so that the author sees all faults at once. It has at
    most `MAX_VALUES` values, so that the schema never works on more.
    """

    def __init__(self) -> None:
        self.messages: dict[str, str] = {}
        self.too_large: dict[str, str] = {}
        self._value_count = 0

    def clean(self, value: object, path: str, levels: int) -> object:
        self._value_count += 1
        if levels == 0:
            self.too_large[path] = f"has more than {MAX_DEPTH} levels"
            return ""
        if value is None:
            self.messages[path] = "must not be null; leave the key out instead"
        if isinstance(value, str):
            return self._clean_text(value, path)
        if isinstance(value, dict):
            return {
                self._clean_text(key, path): self.clean(child, _join_path(path, key), levels - 1)
                for key, child in self._first(list(value.items()), path)
            }
        if isinstance(value, list):
            return [
                self.clean(child, f"{path}[{index}]", levels - 1)
                for index, child in self._first(list(enumerate(value)), path)
            ]
        return value

    def _first(self, children: list[tuple[Key, object]], path: str) -> list[tuple[Key, object]]:
        """Returns the children that the caps allow, and notes when there are more."""
        limit = MAX_ENTRIES.get(path, MAX_VALUES)
        if len(children) > limit:
            count = f"{len(children):,}"
            self.too_large[path] = f"must have at most {limit:,} entries, and has {count}"
        remaining_count = MAX_VALUES - self._value_count
        if min(len(children), limit) > remaining_count:
            self.too_large[""] = f"must have at most {MAX_VALUES:,} values in all its parts"
        return children[: max(0, min(limit, remaining_count))]

    def _clean_text(self, text: str, path: str) -> str:
        # PostgreSQL stores neither of them, and UTF-8 has no form for a lone surrogate.
        storable = text.encode(errors="replace").decode().replace("\0", "?")
        if storable != text:
            self.messages[path] = "must not contain a zero character or a lone surrogate"
        return storable


def format_path(location: tuple[int | str, ...]) -> str:
    """Returns the path of a value in the form of `Violation.path`."""
    path = ""
    for part in location:
        # pydantic adds this part when a key, not its value, is at fault.
        if part != "[key]":
            path = f"{path}[{part}]" if isinstance(part, int) else _join_path(path, part)
    return path


def _join_path(path: str, key: str) -> str:
    return f"{path}.{make_printable(key)}" if path else make_printable(key)


def _message(details: ErrorDetails) -> str:
    if details["type"] == "value_error":
        return str(details["ctx"]["error"])
    return _MESSAGES.get(details["type"], details["msg"])
