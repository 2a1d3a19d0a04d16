"""The types of the values in agent.json.

A ValueError of these functions tells the author what the value must look like, in words that
follow its path: "version must be …".
"""

import unicodedata
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, WithJsonSchema
from semver import Version

from foundation.text.expressions import compile_text
from foundation.text.names import has_visible, is_readable_name
from registry.package.checks.extensions import word_set
from registry.package.checks.paths import (
    fold_name,
    is_hidden,
    make_printable,
    normalise_path,
    path_problem,
)
from registry.package.host_files import is_operators_file
from registry.package.manifest.caps import (
    MAX_DESCRIPTION_BYTES,
    MAX_GLOB,
    MAX_LICENSE,
    MAX_LINE,
    MAX_PROMPT,
    MAX_TAG,
    MAX_TAGLINE,
    MAX_URL,
    MAX_VERSION,
)
from registry.package.manifest.licences import parse_licence
from registry.rules.identifiers import AGENT_ID

LARGEST_NUMBER = 2**53 - 1
"""The largest integer that programs with 64-bit floats, such as the client, tell apart."""

WORKSPACE_FILES = frozenset(
    f"{name}.md"
    for name in word_set("AGENTS SOUL TOOLS IDENTITY HEARTBEAT BOOT BOOTSTRAP USER MEMORY")
)
ONLY_AS_TEMPLATE = "USER.md"
"""Belongs to the operator; a template writes it once and never again."""

_TAG_PATTERN = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_VARIABLE_PATTERN = r"[A-Z][A-Z0-9_]{0,127}"
_TAG = compile_text(_TAG_PATTERN)
_SECRET_KEY = compile_text(_VARIABLE_PATTERN)
_HOST = compile_text(r"[^\s<>\"'`{}|^%@/?#\\]+")
_GLOB_SEPARATORS = str.maketrans("{},", "///")
_CANONICAL_NAMES = {fold_name(name): name for name in WORKSPACE_FILES}


def one_line(value: str, max_length: int = MAX_LINE) -> str:
    if len(value) > max_length:
        raise ValueError(f"must have at most {max_length} characters")
    if any(is_hidden(character) for character in value):
        raise ValueError("must not contain control characters or direction marks")
    if not has_visible(value):
        raise ValueError("must not be blank")
    if not is_readable_name(value):
        raise ValueError("must not contain invisible characters")
    return value


def _one_line(max_length: int) -> AfterValidator:
    return AfterValidator(lambda value: one_line(value, max_length))


def _text(max_length: int | None = None, **keywords: object) -> WithJsonSchema:
    """Returns what the JSON Schema of agent.json says about a text."""
    length = {} if max_length is None else {"maxLength": max_length}
    return WithJsonSchema({"type": "string", "minLength": 1, **length, **keywords})


def _pattern(expression: str) -> str:
    return f"^{expression}$"


def agent_id(value: str) -> str:
    if not AGENT_ID.fullmatch(value):
        raise ValueError(
            "must look like @scope/name: a-z, 0-9 and dashes; the name has 2 to 64 characters"
            " and no dash at either end"
        )
    return value


def semantic_version(value: str) -> str:
    if len(value) > MAX_VERSION or not value.isascii() or not Version.is_valid(value):
        raise ValueError("must be a semantic version such as 1.0.0 or 2.1.0-beta.1")
    version = Version.parse(value)
    numbers = [version.major, version.minor, version.patch]
    numbers += [int(part) for part in (version.prerelease or "").split(".") if part.isdigit()]
    if max(numbers) > LARGEST_NUMBER or str(version) != value:
        raise ValueError("has a number that is too large")
    return value


def markdown_text(value: str) -> str:
    if not has_visible(value):
        raise ValueError("must not be blank")
    if len(value.encode(errors="replace")) > MAX_DESCRIPTION_BYTES:
        raise ValueError(f"must have at most {MAX_DESCRIPTION_BYTES:,} bytes")
    controls = (c for c in value if unicodedata.category(c) == "Cc" and c not in "\n\t\r")
    if next(controls, None) is not None:
        raise ValueError("must not contain control characters")
    return value


def tag(value: str) -> str:
    if len(value) > MAX_TAG or not _TAG.fullmatch(value):
        raise ValueError(
            f"must be words of a-z and 0-9 joined by dashes, at most {MAX_TAG} characters"
        )
    return value


def web_address(value: str) -> str:
    try:
        address = urlsplit(value)
        _ = address.port  # The port is parsed, and refused, only when it is read.
    except ValueError:
        raise ValueError("must be an http or https URL") from None
    if address.scheme not in ("http", "https") or not _HOST.fullmatch(address.hostname or ""):
        raise ValueError("must be an http or https URL")
    if "@" in address.netloc:
        raise ValueError("must not contain a user name or a password")
    if len(value) > MAX_URL:
        raise ValueError(f"must have at most {MAX_URL:,} characters")
    if "\\" in value or any(is_hidden(c) or c.isspace() for c in value):
        raise ValueError("must not contain spaces, backslashes or control characters")
    return value


def license_expression(value: str) -> str:
    return parse_licence(value).expression


def package_path(value: str) -> str:
    """Returns a path in the package without a leading `./`."""
    path = normalise_path(value)
    if problem := path_problem(path):
        raise ValueError(f"is not a path in the package: it {problem}")
    return path


def glob(value: str) -> str:
    pattern = normalise_path(value.removeprefix("!"))
    if not pattern.strip() or len(value) > MAX_GLOB:
        raise ValueError(f"must have 1 to {MAX_GLOB:,} characters")
    if "\\" in value or any(is_hidden(character) for character in value):
        raise ValueError("must not contain backslashes or control characters")
    if pattern.startswith("/") or ".." in pattern.translate(_GLOB_SEPARATORS).split("/"):
        raise ValueError("must stay inside the package")
    return value


def workspace_target(value: str) -> str:
    """Returns a file name in the workspace: a canonical one or a safe path."""
    # Compared without case: on most disks "agents.md" would replace AGENTS.md.
    canonical = _CANONICAL_NAMES.get(fold_name(normalise_path(value)))
    if is_operators_file(normalise_path(value)) and canonical != ONLY_AS_TEMPLATE:
        raise ValueError("must not be MEMORY.md or in memory/: they belong to the operator")
    if canonical and canonical != value:
        raise ValueError(f"must be spelled {canonical}")
    if problem := path_problem(value):
        raise ValueError(f"{make_printable(value)!r} is not a workspace path: it {problem}")
    return value


def entrypoint_target(value: str) -> str:
    """Returns a workspace target that updates may overwrite."""
    if workspace_target(value) == ONLY_AS_TEMPLATE:
        raise ValueError(
            f"must not be {ONLY_AS_TEMPLATE}: it belongs to the operator; use openclaw.templates,"
            " which never overwrites it"
        )
    return value


def secret_key(value: str) -> str:
    if not _SECRET_KEY.fullmatch(value):
        raise ValueError("must be in UPPER_SNAKE_CASE")
    return value


Line = Annotated[str, _one_line(MAX_LINE), _text(MAX_LINE)]
Tagline = Annotated[str, _one_line(MAX_TAGLINE), _text(MAX_TAGLINE)]
Prompt = Annotated[str, _one_line(MAX_PROMPT), _text(MAX_PROMPT)]
SchemaAddress = Annotated[str, _one_line(MAX_URL), _text(MAX_URL)]
AgentId = Annotated[str, AfterValidator(agent_id), _text(pattern=_pattern(AGENT_ID.pattern))]
SemanticVersion = Annotated[str, AfterValidator(semantic_version), _text(MAX_VERSION)]
MarkdownText = Annotated[str, AfterValidator(markdown_text), _text(MAX_DESCRIPTION_BYTES)]
Tag = Annotated[str, AfterValidator(tag), _text(MAX_TAG, pattern=_pattern(_TAG_PATTERN))]
WebAddress = Annotated[
    str, AfterValidator(web_address), _text(MAX_URL, pattern="^[Hh][Tt][Tt][Pp][Ss]?://")
]
License = Annotated[str, AfterValidator(license_expression), _text(MAX_LICENSE)]
PackagePath = Annotated[str, AfterValidator(package_path), _text()]
Glob = Annotated[str, AfterValidator(glob), _text(MAX_GLOB)]
WorkspaceTarget = Annotated[str, AfterValidator(workspace_target)]
EntrypointTarget = Annotated[str, AfterValidator(entrypoint_target)]
SecretKey = Annotated[str, AfterValidator(secret_key), _text(pattern=_pattern(_VARIABLE_PATTERN))]
