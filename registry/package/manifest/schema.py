"""The schema of agent.json: parses a manifest or lists all its faults."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError
from pydantic_core import ErrorDetails
from semver import Version

from registry.package.checks.paths import make_printable
from registry.package.manifest.fields import (
    AgentId,
    EntrypointTarget,
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
from registry.package.manifest.strict_json import MAX_DEPTH

MANIFEST = "agent.json"
SCHEMA_VERSION = 1
RULE_SET = 2
"""Increases when the checks could judge the same bytes differently than before."""

MAX_TAGS = 20
MAX_VIOLATIONS = 100

JsonList = Strict(False)
"""Allows the one conversion that strict mode needs: from a JSON list to a tuple."""


@dataclass(frozen=True)
class Violation:
    """A fault of a manifest.

    `path` names the value, as in `agent.defaults.model` or `tags[3]`; empty for the whole document.
    `message` follows the path in a sentence.
    """

    path: str
    message: str


class ManifestError(Exception):
    """The document is not a manifest. `violations` has the reasons, at most 100."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(f"{each.path}: {each.message}" for each in violations))
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
    any: Annotated[tuple[Line, ...], JsonList]


class ManifestDependencies(ManifestPart):
    plugins: Annotated[tuple[ManifestPlugin, ...], JsonList] = ()
    skills: Annotated[tuple[ManifestSkill, ...], JsonList] = ()
    providers: ManifestProviders | None = None


class ManifestSecret(ManifestPart):
    key: SecretKey
    prompt: Prompt
    required: bool
    target: Literal["env"]


class ManifestSetup(ManifestPart):
    secrets: Annotated[tuple[ManifestSecret, ...], JsonList] = ()


class ManifestStore(ManifestPart):
    icon: PackagePath | None = None
    screenshots: Annotated[tuple[PackagePath, ...], JsonList] = ()


class ManifestOpenClaw(ManifestPart):
    """Maps names of files in the workspace to paths in the package."""

    entrypoints: dict[EntrypointTarget, PackagePath]
    templates: dict[WorkspaceTarget, PackagePath] = Field(default_factory=dict)


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
    schema_version: Annotated[int, AfterValidator(_schema_version)] = Field(alias="schemaVersion")
    id: AgentId
    version: SemanticVersion
    name: Line
    tagline: Tagline
    description: MarkdownText
    category: Line
    tags: Annotated[tuple[Tag, ...], JsonList, AfterValidator(_unique_tags)]
    author: ManifestAuthor
    license: License
    homepage: WebAddress | None = None
    repository: WebAddress | None = None
    agent: ManifestAgent
    files: Annotated[tuple[Glob, ...], JsonList, AfterValidator(_at_least_one)]
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
    messages: dict[str, str] = {}
    cleaned = _clean(document, "", messages, MAX_DEPTH)
    try:
        manifest = Manifest.model_validate(cleaned)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            messages.setdefault(format_path(details["loc"]), _message(details))
    if messages:
        violations = tuple(Violation(path, message) for path, message in messages.items())
        raise ManifestError(violations[:MAX_VIOLATIONS])
    return manifest


def _clean(value: object, path: str, messages: dict[str, str], levels: int) -> object:
    """Returns a copy without forbidden content, and adds a message for each place.

    The copy lets the schema check the rest, so that the author sees all faults at once.
    """
    if levels == 0:
        messages[path] = f"has more than {MAX_DEPTH} levels"
        return ""
    if value is None:
        messages[path] = "must not be null; leave the key out instead"
    if isinstance(value, str):
        return _clean_text(value, path, messages)
    if isinstance(value, dict):
        return {
            _clean_text(str(key), path, messages): _clean(
                child, _join_path(path, str(key)), messages, levels - 1
            )
            for key, child in value.items()
        }
    if isinstance(value, list):
        return [
            _clean(child, f"{path}[{index}]", messages, levels - 1)
            for index, child in enumerate(value)
        ]
    return value


def _clean_text(text: str, path: str, messages: dict[str, str]) -> str:
    # PostgreSQL stores neither of them, and UTF-8 has no form for a lone surrogate.
    storable = text.encode(errors="replace").decode().replace("\0", "?")
    if storable != text:
        messages[path] = "must not contain a zero character or a lone surrogate"
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
