"""A schema that is ready to validate documents."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import jsonschema_rs

from wordclaw.schema import pointers
from wordclaw.schema.cost import require_affordable, require_few_patterns, subschemas
from wordclaw.schema.errors import DocumentError, SchemaError
from wordclaw.schema.extensions import (
    FIELD_KIND,
    LOCALIZED,
    Localization,
    read_localization,
    require_valid_extensions,
)
from wordclaw.schema.locales import stored_schema
from wordclaw.schema.references import DocumentReference, find_references
from wordclaw.schema.shape import shape_error
from wordclaw.schema.work import MAX_VISITS, count_visits

MAX_SCHEMA_BYTES = 256 * 1024
# A schema is compiled anew in each process, so its limits are lower than those of a document.
MAX_SCHEMA_NODES = 8_000
MAX_DOCUMENT_BYTES = 1024 * 1024
# More would not be read, and each error costs memory and time in the answer.
MAX_ERRORS = 100
# With the number of patterns this limits the memory of one schema to some 50 MiB.
_PATTERNS = jsonschema_rs.RegexOptions(size_limit=1 << 17, dfa_size_limit=1 << 17)
MAX_LISTED_BYTES = 60_000_000
"""What the errors of a document may take: each keeps the value that it is about."""
BYTES_PER_ERROR = 3_000


@dataclass(frozen=True, slots=True)
class CompiledSchema:
    """A content type's schema with its validator."""

    schema: dict[str, Any]
    localization: Localization | None
    has_references: bool
    validator: Any
    stored_schema: dict[str, Any]
    """The schema of the validator."""

    @property
    def properties(self) -> dict[str, Any]:
        """The properties at the top, by name."""
        properties = self.schema.get("properties")
        return properties if isinstance(properties, dict) else {}

    def is_localized(self, name: str) -> bool:
        part = self.properties.get(name)
        return isinstance(part, dict) and part.get(LOCALIZED) is True

    def errors(self, document: Any) -> list[DocumentError]:
        """Return all violations of the schema, at most 100; empty for a valid document."""
        # First, because the validator recurses on the native stack and a deep document would end
        # the process.
        error = shape_error(document) or _size_error(document)
        if error:
            return [error]
        if not isinstance(document, dict):
            return [DocumentError("", "The data must be an object.", "type")]
        # Before the validator, which runs in native code and cannot be stopped by a time limit.
        visits = count_visits(self.stored_schema, document)
        if visits > MAX_VISITS:
            return [
                DocumentError("", "The data is too large for the conditions of its schema.", "size")
            ]
        # Quick for a valid document, and also for a costly invalid one.
        if self.validator.is_valid(document):
            return []
        # A list of errors holds a copy of the value for each, so a small document could fill the
        # memory.
        if visits * (_length(document) + BYTES_PER_ERROR) > MAX_LISTED_BYTES:
            return [
                DocumentError("", "The data does not fit, and is too large to say where.", "size")
            ]
        errors = chain.from_iterable(map(_precise, self.validator.iter_errors(document)))
        return [
            # The message quotes the value, which may be as long as the document.
            DocumentError(pointers.join(e.instance_path), e.message[:500], e.kind.name)
            for e in islice(errors, MAX_ERRORS)
        ]

    def references(self, document: Any) -> list[DocumentReference]:
        """Return the references of a valid document. Raises SchemaError."""
        return list(find_references(self.schema, document)) if self.has_references else []


def compile_schema(schema: Any) -> CompiledSchema:
    """Check a schema and make its validator. Raises SchemaError."""
    if not isinstance(schema, dict):
        raise SchemaError("The schema must be an object.")
    # Everything after this recurses into the schema and relies on its limited depth.
    error = shape_error(schema, max_nodes=MAX_SCHEMA_NODES)
    if error:
        raise SchemaError(error.message)
    if len(json.dumps(schema, ensure_ascii=False).encode()) > MAX_SCHEMA_BYTES:
        raise SchemaError(f"The schema is larger than {MAX_SCHEMA_BYTES // 1024} KiB.")
    require_affordable(schema)
    require_valid_extensions(schema)
    localization = read_localization(schema)
    document_schema = stored_schema(schema, localization)
    # Counted in the schema of maps, because the validator compiles a pattern once for each
    # language.
    require_few_patterns(part for _, part in subschemas(document_schema))
    # The schema that the author wrote first, so that a pointer leads into it.
    _make_validator(schema)
    parts = [part for _, part in subschemas(schema)]
    return CompiledSchema(
        schema=schema,
        localization=localization,
        has_references=any(FIELD_KIND in part for part in parts),
        validator=_make_validator(document_schema),
        stored_schema=document_schema,
    )


def _precise(error: Any) -> Iterator[Any]:
    """Yield the errors inside the branch that a value names by its constants.

    An error that is not about a union is yielded as it is.
    """
    if error.kind.name in ("oneOf", "anyOf"):
        branches = [
            branch
            for branch in error.kind.context
            # A branch whose constant differs is another kind of block; its errors would only
            # mislead the author.
            if branch and not any(inner.kind.name == "const" for inner in branch)
        ]
        if len(branches) == 1 and len(error.kind.context) > 1:
            for inner in branches[0]:
                yield from _precise(inner)
            return
    yield error


def _make_validator(schema: dict[str, Any]) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator(
            schema,
            validate_formats=True,
            # Otherwise a typing error in a format would check nothing, in silence.
            ignore_unknown_formats=False,
            # No reference is ever fetched, or a schema could make the server send requests (SSRF).
            offline=True,
            pattern_options=_PATTERNS,
        )
    except jsonschema_rs.ValidationError as error:
        raise SchemaError(error.message[:500], pointers.join(error.instance_path)) from None
    except ValueError as error:
        raise SchemaError(str(error)[:500]) from None


def _size_error(document: Any) -> DocumentError | None:
    if _length(document) > MAX_DOCUMENT_BYTES:
        return DocumentError(
            "", f"The data is larger than {MAX_DOCUMENT_BYTES // 1024**2} MiB.", "size"
        )
    return None


def _length(document: Any) -> int:
    # A lone surrogate is valid in JSON and must be refused later with its place, not fail here.
    return len(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))
