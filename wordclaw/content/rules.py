"""Rules for content types, and the compiled schema of each."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from foundation.text.expressions import compile_text
from wordclaw.content.errors import (
    InvalidContentSchema,
    SchemaSourceConflict,
    SchemaSourceRequired,
)
from wordclaw.content.models.types import DESCRIPTION_LENGTH, NAME_LENGTH, SLUG_LENGTH, ContentType
from wordclaw.schema.compiled import CompiledSchema, compile_schema
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.manifest import compile_manifest

# What can be in an address and in the name of a file without escapes.
SLUG = compile_text(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_TYPES = 200
"""Content types of one domain."""
COMPILED_SCHEMAS = 64
"""Validators that each process keeps: usual ones of some kilobytes, at most 3 MiB each."""
# Longer schemas, and those with more patterns, would take more than the 3 MiB named above.
CACHED_CHARACTERS = 32_000
CACHED_PATTERNS = 20


def is_slug(text: str) -> bool:
    """Whether a text is lower-case letters, digits and single hyphens."""
    return len(text) <= SLUG_LENGTH and SLUG.fullmatch(text) is not None


def content_type_errors(fields: dict[str, Any]) -> list[dict[str, str]]:
    """Return the errors in the plain fields of a content type."""
    problems = {}
    if "name" in fields and not 1 <= len(fields["name"].strip()) <= NAME_LENGTH:
        problems["name"] = f"Use 1 to {NAME_LENGTH} characters."
    if "slug" in fields and not is_slug(fields["slug"]):
        problems["slug"] = f"Use up to {SLUG_LENGTH} lower-case letters, digits and hyphens."
    if len(fields.get("description") or "") > DESCRIPTION_LENGTH:
        problems["description"] = f"Use up to {DESCRIPTION_LENGTH} characters."
    if "kind" in fields and fields["kind"] not in ContentType.Kind.values:
        problems["kind"] = "Use collection or singleton."
    if "visibility" in fields and fields["visibility"] not in ContentType.Visibility.values:
        problems["visibility"] = "Use private or public."
    return [
        {"path": name, "pointer": f"/{name}", "message": message}
        for name, message in problems.items()
    ]


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """A schema as it is stored, and ready to validate.

    ``manifest_text`` is None for a schema that was sent as such.
    """

    schema_text: str
    manifest_text: str | None
    compiled_schema: CompiledSchema


def read_schema_source(schema: Any, manifest: Any) -> SchemaSource:
    """Return the schema of a request.

    Raises SchemaSourceRequired, SchemaSourceConflict or InvalidContentSchema.
    """
    source = read_changed_schema(schema, manifest)
    if source is None:
        raise SchemaSourceRequired
    return source


def read_changed_schema(schema: Any, manifest: Any) -> SchemaSource | None:
    """Like `read_schema_source`, but None if neither is sent."""
    if schema is not None and manifest is not None:
        raise SchemaSourceConflict
    if schema is None and manifest is None:
        return None
    try:
        text = compile_manifest(manifest) if schema is None else schema
        # Also what the manifest compiler made: manifests of strangers are held to the same limits.
        compiled_schema = compile_schema(text)
    except SchemaError as error:
        raise InvalidContentSchema(error.message, pointer=error.pointer) from error
    return SchemaSource(
        to_text(text), None if manifest is None else to_text(manifest), compiled_schema
    )


def to_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def compiled_schema(content_type: ContentType) -> CompiledSchema:
    """Return the compiled schema of a content type."""
    text = content_type.schema_text
    is_small = len(text) <= CACHED_CHARACTERS and text.count("attern") <= CACHED_PATTERNS
    # Large ones are compiled each time, in about 0.1 s: a few would fill the memory.
    function = _compiled if is_small else _compiled.__wrapped__
    return function(content_type.pk, content_type.schema_version, text)


@lru_cache(maxsize=COMPILED_SCHEMAS)
def _compiled(content_type_id: UUID, version: int, schema_text: str) -> CompiledSchema:
    # The text is part of the key: a rolled-back change uses its number again.
    return compile_schema(json.loads(schema_text))
