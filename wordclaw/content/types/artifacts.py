"""Artifacts of a content type: its schema as code of other languages."""

import json
from collections.abc import Callable
from typing import Any

from wordclaw.content.errors import ArtifactImpossible, ArtifactNotFound
from wordclaw.content.models import ContentType
from wordclaw.content.rules import compiled_schema
from wordclaw.schema.artifacts.python import print_python
from wordclaw.schema.artifacts.typescript import print_typescript, print_zod
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.locales import stored_schema

Printer = Callable[[dict[str, Any], str], str]
PRINTERS: dict[str, Printer] = {
    "jsonschema": lambda schema, _: json.dumps(schema, ensure_ascii=False, indent=2),
    "typescript": print_typescript,
    "zod": print_zod,
    "python": print_python,
}


def print_artifact(content_type: ContentType, kind: str) -> str:
    """Return the code for documents as they are stored, with maps of languages.

    Raises ArtifactNotFound for an unknown kind, and ArtifactImpossible.
    """
    printer = PRINTERS.get(kind)
    if printer is None:
        raise ArtifactNotFound
    schema = compiled_schema(content_type)
    try:
        return printer(stored_schema(schema.schema, schema.localization), content_type.name)
    except SchemaError as error:
        raise ArtifactImpossible(error.message, pointer=error.pointer) from error
