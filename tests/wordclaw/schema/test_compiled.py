"""Compiling schemas of strangers, and validating their documents."""

import json
import resource
import time
from contextlib import suppress
from itertools import product
from typing import Any

import pytest

from wordclaw.schema.artifacts.reading import KNOWN_KEYWORDS
from wordclaw.schema.compiled import compile_schema
from wordclaw.schema.cost import LISTS, MAPS, REFERENCES, SINGLE
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.extensions import (
    ALLOWED_TYPES,
    FIELD_KIND,
    FIELD_KINDS,
    INDEXED,
    LOCALIZATION,
    LOCALIZED,
    PREMIUM,
)
from wordclaw.schema.manifest import FIELD_KEYS, compile_manifest
from wordclaw.schema.patterns import pattern_states

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
    "patterns": {"properties": {f"a{n}": {"pattern": f"a{n}"} for n in range(201)}},
    "large pattern": {"properties": {"a": {"pattern": r"\p{L}{60}"}}},
    "identity inside": {"properties": {"a": {"$id": "https://example.org/a", "$ref": "#"}}},
    "anchor": {"properties": {"a": {"$anchor": "b"}}},
    "reference into an unknown keyword": {
        "x-hidden": {"properties": {"a": {"pattern": "a"}}},
        "$ref": "#/x-hidden",
    },
    "localized field in a localized field": {
        "x-wordclaw-localization": {"supportedLocales": ["en"], "defaultLocale": "en"},
        "properties": {
            "a": {
                "x-wordclaw-localized": True,
                "properties": {"b": {"x-wordclaw-localized": True}},
            }
        },
    },
    "localized fields in many languages": {
        "x-wordclaw-localization": {
            "supportedLocales": [f"en-{n:03}" for n in range(1, 51)],
            "defaultLocale": "en-001",
        },
        "properties": {f"a{n}": {"x-wordclaw-localized": True} for n in range(300)},
    },
    "no object": [],
    "negative length": {"properties": {"a": {"minLength": -1}}},
}


@pytest.mark.parametrize("schema", HOSTILE_SCHEMAS.values(), ids=HOSTILE_SCHEMAS)
def test_hostile_schema_is_refused_quickly(schema: Any):
    start = time.process_time()

    with pytest.raises(SchemaError):
        compile_schema(schema)

    assert time.process_time() - start < PATIENCE


ODD_VALUES = (
    *(None, True, -1, 0.5, 10**300, "", "#", "#/", "x", [], [[]], [{}], ["a", "a"], {}),
    *({"a": []}, {"a": {"a": 1}}, [None], {"": {}}, {"a": ["b"]}, [1, "a", {}]),
)
EXTENSIONS = (LOCALIZATION, LOCALIZED, FIELD_KIND, ALLOWED_TYPES, INDEXED, PREMIUM)
KEYWORDS = sorted({*KNOWN_KEYWORDS, *REFERENCES, *MAPS, *LISTS, *SINGLE, *EXTENSIONS, "$anchor"})


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_keyword_with_any_value_is_compiled_or_refused(keyword: str):
    for value in ODD_VALUES:
        localization = {"supportedLocales": ["en"], "defaultLocale": "en"}
        part = {keyword: value}
        for schema in (part, {"properties": {"a": part}, LOCALIZATION: localization}):
            with suppress(SchemaError):
                compiled_schema = compile_schema(schema)
                for document in ({"a": {"a": ["a"]}}, {"a": None}, {"a": ""}):
                    compiled_schema.errors(document)
                    with suppress(SchemaError):
                        compiled_schema.references(document)


@pytest.mark.parametrize("kind", sorted(FIELD_KINDS))
def test_field_of_a_manifest_with_any_value_is_compiled_or_refused(kind: str):
    for key, value in product(sorted(FIELD_KEYS), ODD_VALUES):
        with suppress(SchemaError):
            compile_schema(compile_manifest({"fields": [{"name": "a", "type": kind, key: value}]}))


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
    "half a character": ({"a": "\ud800"}, "characters"),
    "half a character in a key": ({"\udfff": 1}, "characters"),
    "large number": ({"a": 1e300}, "number"),
    "large integer": ({"a": [-(2**63) - 1]}, "number"),
    "no number": ({"a": float("nan")}, "number"),
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


def branching_schema() -> dict[str, Any]:
    """A schema whose branches lead into the same part: visits double at each level."""
    branches = [{"properties": {"c": {"$ref": "#/$defs/n"}}, "required": [key]} for key in "yz"]
    return {"$defs": {"n": {"anyOf": branches}}, "$ref": "#/$defs/n"}


def nested_document(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(levels):
        document = {"c": document}
    return document


def list_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {"a": {"items": schema}}}


# Six hundred places that may all match at once: six seconds for a text of 1 MB.
SLOW = "(?:[01]{0,300}1){2}2"
TEXTS = ["x" * 40 + str(number) for number in range(15_000)]
COSTLY_DOCUMENTS = {
    "branches": (branching_schema(), nested_document(60)),
    "branches of a few levels": (branching_schema(), nested_document(14)),
    "patterns": (list_of({"allOf": [{"pattern": f"x*y{n}"} for n in range(150)]}), {"a": TEXTS}),
    "patterns in a long text": (
        {"properties": {"a": {"allOf": [{"pattern": f"x*y{n}"} for n in range(150)]}}},
        {"a": "x" * 900_000},
    ),
    "conditions": (list_of({"anyOf": [{"minLength": 99 + n} for n in range(3_000)]}), {"a": TEXTS}),
    "constants": (list_of({"enum": [f"{n:030}" for n in range(7_000)]}), {"a": TEXTS}),
    "names": (
        {"patternProperties": {f"^k.*{n}z": {} for n in range(150)}},
        {f"k{n}": 1 for n in range(9_000)},
    ),
    "errors": (list_of({"type": "object"}), {"a": TEXTS}),
    "repetitions": ({"properties": {"a": {"pattern": SLOW}}}, {"a": "01" * 450_000}),
    "repetitions in names": ({"patternProperties": {SLOW: {}}}, {"01" * 450_000: 1}),
    "a schema of names": ({"propertyNames": {"anyOf": [{"pattern": SLOW}]}}, {"01" * 450_000: 1}),
}


@pytest.mark.parametrize(("schema", "document"), COSTLY_DOCUMENTS.values(), ids=COSTLY_DOCUMENTS)
def test_costly_document_is_refused_quickly_and_in_little_memory(schema: Any, document: Any):
    compiled_schema = compile_schema(schema)
    start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    (error,) = compiled_schema.errors(document)

    assert error.keyword == "size"
    assert time.process_time() - start < PATIENCE
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 64 * 1024, "KiB"


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("", 1),
        ("^[a-z0-9]+(?:-[a-z0-9]+)*$", 4),
        (SLOW, 605),
        (r"(a|b\{2\}[]x]{3}[^\]]{2,}\p{Lu}){10}", 130),
        (r"((((a{1,1000}){1,1000}){1,1000}){1,1000})", 1_000_000),
        ("{2}[(", 1),
    ],
)
def test_places_of_a_pattern_are_at_most_the_count(pattern: str, count: int):
    assert pattern_states(pattern) == count


def test_large_document_with_unions_and_patterns_fits():
    text = {"properties": {"type": {"const": "text"}, "text": {"pattern": "^x+[0-9]+$"}}}
    other_kinds = [{"properties": {"type": {"const": f"kind{n}"}}} for n in range(8)]
    compiled_schema = compile_schema(list_of({"oneOf": [text, *other_kinds]}))

    assert (
        compiled_schema.errors({"a": [{"type": "text", "text": entry} for entry in TEXTS[:5_000]]})
        == []
    )


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

    assert {(row.pointer, row.kind, row.target) for row in references} == {
        ("/one", "content_item", "1"),
        ("/many/0", "agent", "@ada/coach"),
        ("/many/1", "agent", "@ada/cook"),
        ("/blocks/1/file", "asset", "2"),
    }
