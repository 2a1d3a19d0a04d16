"""Compiling schemas of strangers, and validating their documents."""

import json
import time
from typing import Any

import pytest

from wordclaw.schema.compiled import compile_schema
from wordclaw.schema.errors import SchemaError

pytestmark = pytest.mark.once

# Seconds of processor time. Each input takes a few hundredths; without the limits it takes minutes.
PATIENCE = 2


def doubling_references(levels: int) -> dict[str, Any]:
    """A schema whose references fan out: 2^levels schemas apply to one value."""
    definitions: dict[str, Any] = {
        f"d{level}": {"allOf": [{"$ref": f"#/$defs/d{level + 1}"}] * 2} for level in range(levels)
    }
    definitions[f"d{levels}"] = {"type": "string"}
    return {"$defs": definitions, "$ref": "#/$defs/d0"}


def nested_schema(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"properties": {"a": schema}}
    return schema


HOSTILE_SCHEMAS = {
    "reference to itself": {"$ref": "#"},
    "circle of references": {
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
        "$ref": "#/$defs/a",
    },
    "fan-out": doubling_references(25),
    "fan-out of twelve": doubling_references(12),
    "remote reference": {"$ref": "https://example.org/schema"},
    "file reference": {"$ref": "file:///etc/passwd"},
    "reference to nothing": {"$ref": "#/$defs/none"},
    "depth": nested_schema(3000),
    "width": {"properties": {str(number): {} for number in range(20_000)}},
    "many branches": {"oneOf": [{}] * 6000},
    "look-ahead": {"properties": {"a": {"pattern": "(?=a)"}}},
    "back-reference": {"properties": {"a": {"pattern": r"(a)\1"}}},
    "unknown format": {"properties": {"a": {"format": "nonsense"}}},
    "misspelt type": {"type": "strnig"},
    "no object": [],
    "negative length": {"properties": {"a": {"minLength": -1}}},
}


@pytest.mark.parametrize("schema", HOSTILE_SCHEMAS.values(), ids=HOSTILE_SCHEMAS)
def test_hostile_schema_is_refused_quickly(schema: Any):
    start = time.process_time()

    with pytest.raises(SchemaError):
        compile_schema(schema)

    assert time.process_time() - start < PATIENCE


def test_refusal_points_into_the_schema_as_it_was_sent():
    schema = {
        "type": "object",
        "x-wordclaw-localization": {"supportedLocales": ["en"], "defaultLocale": "en"},
        "properties": {"a/b": {"x-wordclaw-localized": True, "type": "strnig"}},
    }

    with pytest.raises(SchemaError) as refusal:
        compile_schema(schema)

    assert refusal.value.pointer == "/properties/a~1b/type"


@pytest.mark.parametrize("pattern", ["(a+)+$", ".*.*.*=.*", "(x+x+)+y"])
def test_pattern_of_exponential_time_elsewhere_is_linear(pattern: str):
    schema = compile_schema({"type": "object", "properties": {"a": {"pattern": pattern}}})
    start = time.process_time()

    assert schema.errors({"a": "a" * 100_000 + "!"})

    assert time.process_time() - start < PATIENCE


def test_recursive_schema_accepts_a_tree_of_usual_depth():
    tree = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}}
    schema = compile_schema(tree)

    assert schema.errors({"kids": [{"kids": []}]}) == []
    assert schema.errors({"kids": [{"kids": 3}]})[0].pointer == "/kids/0/kids"


def nested_document(levels: int) -> Any:
    document: Any = {}
    for _ in range(levels):
        document = {"kids": [document]}
    return document


HOSTILE_DOCUMENTS = {
    "depth": (nested_document(400), "depth"),
    "size": ({"a": list(range(30_000))}, "size"),
    "bytes": ({"a": "x" * (1024 * 1024)}, "size"),
    "NUL": ({"a": "x\0"}, "characters"),
    "NUL in a key": ({"\0": 1}, "characters"),
    "list": ([], "type"),
    "null": (None, "type"),
    "text": ("{}", "type"),
}


@pytest.mark.parametrize(("document", "keyword"), HOSTILE_DOCUMENTS.values(), ids=HOSTILE_DOCUMENTS)
def test_hostile_document_is_refused_quickly(document: Any, keyword: str):
    schema = compile_schema(
        {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}}
    )
    start = time.process_time()

    errors = schema.errors(document)

    assert [error.keyword for error in errors] == [keyword]
    assert time.process_time() - start < PATIENCE


def test_all_errors_are_reported_at_once_and_capped():
    schema = compile_schema(
        {
            "type": "object",
            "required": ["title"],
            "properties": {"stars": {"type": "integer"}, "mail": {"format": "email"}},
            "additionalProperties": {"type": "string"},
        }
    )

    errors = schema.errors({"stars": "3", "mail": "nobody"})
    many = schema.errors({"title": "x", **{f"n{number}": number for number in range(500)}})

    assert {(error.pointer, error.keyword) for error in errors} == {
        ("", "required"),
        ("/stars", "type"),
        ("/mail", "format"),
    }
    assert len(many) == 100


def test_schema_of_256_kib_is_the_largest():
    largest = {"type": "object", "description": "x" * (256 * 1024)}

    with pytest.raises(SchemaError, match="256 KiB"):
        compile_schema(largest)

    assert len(json.dumps(largest)) > 256 * 1024


REFERENCES = {
    "type": "object",
    "$defs": {"link": {"type": "object", "x-wordclaw-field-kind": "content-ref"}},
    "properties": {
        "one": {"$ref": "#/$defs/link"},
        "many": {
            "type": "array",
            "x-wordclaw-field-kind": "agent-ref-list",
            "items": {"type": "object"},
        },
        "blocks": {
            "type": "array",
            "items": {
                "oneOf": [
                    {
                        "properties": {
                            "blockType": {"const": "picture"},
                            "file": {"x-wordclaw-field-kind": "asset"},
                        }
                    },
                    {
                        "properties": {
                            "blockType": {"const": "code"},
                            "file": {"type": "object"},
                        }
                    },
                ]
            },
        },
    },
}


def test_references_are_at_their_pointers():
    references = compile_schema(REFERENCES).references(
        {
            "one": {"contentItemId": "1"},
            "many": [{"agent": "@ada/coach"}, {"agent": "@ada/cook"}],
            "blocks": [
                {"blockType": "code", "file": {"assetId": "no reference"}},
                {"blockType": "picture", "file": {"assetId": "2"}},
            ],
        }
    )

    assert {(each.pointer, each.kind, each.target) for each in references} == {
        ("/one", "content_item", "1"),
        ("/many/0", "agent", "@ada/coach"),
        ("/many/1", "agent", "@ada/cook"),
        ("/blocks/1/file", "asset", "2"),
    }
